"""Hold what two replays of a made-up week did against the truth about it."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta

from msgspec import Struct, field

from alertmesh.core.labels import fingerprint
from alertmesh.core.page import PageKind
from alertmesh.core.series import Mark
from alertmesh.tally import Account, Firing, Tally
from benchmarks.cluster_ground import PRIORITY, Episode, moment
from benchmarks.cluster_week import Week

NOISE = ("healing", "routine", "flapping", "chronic")
MARKS = (Mark.FLAPPING, Mark.HEALING, Mark.ROUTINE, Mark.CHRONIC)
_TRUE_MARK = {
    "flapping": Mark.FLAPPING,
    "healing": Mark.HEALING,
    "routine": Mark.ROUTINE,
    "chronic": Mark.CHRONIC,
}
_FLAPPED = "flapper stays down"
_COMES_AND_GOES = "comes and goes"
_BOUND = {1: timedelta(0), 2: timedelta(minutes=5), 3: timedelta(minutes=30), 4: timedelta(minutes=30)}
_SLACK = timedelta(seconds=1)
_AFTER_END = timedelta(minutes=10)


Case = tuple[str, str]
"""The kind of an episode, and the case within the kind."""


class Noise(Struct):
    """What noise of one kind came to. Pages ask for an ack; messages are all that people got.

    `due_before` and `due_after` are those of the pages that no wait within the bound can avoid: they
    are about what fires for longer.
    """

    episodes: int = 0
    firings: int = 0
    pages_before: int = 0
    pages_after: int = 0
    messages_after: int = 0
    due_before: int = 0
    due_after: int = 0

    @property
    def changes(self) -> int:
        """Return how many messages there would be with one for each begin and each end."""
        return 2 * self.firings

    def __add__(self, other: "Noise") -> "Noise":
        return Noise(*(getattr(self, name) + getattr(other, name) for name in self.__struct_fields__))


class Verdict(Struct):
    """One thing that somebody had to be told, and after how many seconds each run told it.

    None means never. `late` means later than the bound of its priority allows, and later than
    without rules; `lost` means told without rules only.
    """

    case: str
    before: float | None
    after: float | None
    bound: float

    @property
    def lost(self) -> bool:
        """Tell whether the rules kept it from everybody."""
        return self.before is not None and self.after is None

    @property
    def late(self) -> bool:
        """Tell whether the rules delayed it past the bound."""
        return self.after is not None and self.after > max(self.bound, self.before or 0.0) + 1.0


class Judged(Struct, kw_only=True):
    """One or more weeks against their truth.

    `left` counts the pages about noise that the rules let pass; `marks` holds right, wrong and
    missed for each mark.
    """

    lines: int
    events: int
    changes_after: int
    held: int
    pages_before: int
    pages_after: int
    covered: int
    noise_firings: int
    seconds: tuple[float, float]
    rules: Counter[str]
    left: Counter[Case]
    noise: dict[str, Noise]
    marks: dict[Mark, tuple[int, int, int]]
    wrong_on: Counter[tuple[Mark, str]]
    verdicts: list[Verdict] = field(default_factory=list)

    def __add__(self, other: "Judged") -> "Judged":
        numbers = ("lines", "events", "changes_after", "held", "pages_before", "pages_after", "covered")
        sums = {name: getattr(self, name) + getattr(other, name) for name in (*numbers, "noise_firings")}
        return Judged(
            **sums,
            seconds=(self.seconds[0] + other.seconds[0], self.seconds[1] + other.seconds[1]),
            rules=self.rules + other.rules,
            left=self.left + other.left,
            wrong_on=self.wrong_on + other.wrong_on,
            noise={kind: self.noise[kind] + other.noise[kind] for kind in NOISE},
            marks={mark: _sum(self.marks[mark], other.marks[mark]) for mark in MARKS},
            verdicts=self.verdicts + other.verdicts,
        )


class Truth:
    """The episodes of a week that count, by the firings they consist of."""

    def __init__(self, week: Week) -> None:
        self.episodes = [one for one in week.episodes if one.end >= week.shape.begin]
        self.counted = [
            one for one in self.episodes if one.start >= week.shape.begin or one.kind == "chronic"
        ]
        self.by_firing = {firing: one for one in self.episodes for firing in firings(one)}
        self.outlives = {
            firing
            for one in self.episodes
            for firing, alarm in zip(firings(one), one.alarms, strict=True)
            if timedelta(seconds=alarm.end - alarm.start) >= _BOUND[PRIORITY[alarm.labels["severity"]]]
        }


def firings(episode: Episode) -> list[Firing]:
    """Return the firings of an episode, as a count names them."""
    return [Firing(fingerprint(alarm.labels), moment(alarm.start)) for alarm in episode.alarms]


def judge(week: Week, before: Tally, after: Tally, seconds: tuple[float, float]) -> Judged:
    """Compare a run without rules and one with them."""
    truth = Truth(week)
    accounts = before.accounts(), after.accounts()
    noise = {kind: _noise(truth, kind) for kind in NOISE}
    pages_before, due_before, _ = _noise_messages(truth, accounts[0])
    pages_after, due_after, messages_after = _noise_messages(truth, accounts[1])
    for kind in NOISE:
        noise[kind].pages_before = _of_kind(pages_before, kind)
        noise[kind].pages_after = _of_kind(pages_after, kind)
        noise[kind].messages_after = _of_kind(messages_after, kind)
        noise[kind].due_before = _of_kind(due_before, kind)
        noise[kind].due_after = _of_kind(due_after, kind)
    marks, wrong_on = _marks(truth, after)
    return Judged(
        lines=2 * sum(len(one.alarms) for one in week.episodes),
        events=sum(len(one.alarms) for one in truth.counted),
        changes_after=after.changes.total(),
        held=after.held,
        pages_before=sum(len(account.pages) for account in accounts[0]),
        pages_after=sum(len(account.pages) for account in accounts[1]),
        covered=_covered(truth, accounts[1]),
        noise_firings=sum(item.firings for item in noise.values()),
        seconds=seconds,
        rules=after.rules,
        left=pages_after,
        noise=noise,
        marks=marks,
        wrong_on=wrong_on,
        verdicts=_verdicts(truth, accounts),
    )


def _noise(truth: Truth, kind: str) -> Noise:
    own = [one for one in truth.counted if one.kind == kind]
    return Noise(episodes=len(own), firings=sum(len(one.alarms) for one in own))


def _noise_messages(
    truth: Truth, accounts: Iterable[Account]
) -> tuple[Counter[Case], Counter[Case], Counter[Case]]:
    """Count pages, those that no wait avoids, and all messages, of incidents without any real trouble.

    Each is put down to what fired last before it.
    """
    pages: Counter[Case] = Counter()
    due: Counter[Case] = Counter()
    messages: Counter[Case] = Counter()
    for account in accounts:
        known = sorted(
            (firing.at, episode.kind, episode.case, firing in truth.outlives)
            for firing in account.firings
            if (episode := truth.by_firing.get(firing)) is not None
        )
        if not known or any(kind == "trouble" for _, kind, _, _ in known):
            continue
        times = [at for at, _, _, _ in known]
        for page in account.messages:
            _, kind, name, outlives = known[max(0, bisect_right(times, page.at) - 1)]
            messages[kind, name] += 1
            pages[kind, name] += page.kind is PageKind.PAGE
            due[kind, name] += page.kind is PageKind.PAGE and outlives
    return pages, due, messages


def _of_kind(counted: Counter[Case], kind: str) -> int:
    return sum(count for (found, _), count in counted.items() if found == kind)


def _covered(truth: Truth, accounts: Iterable[Account]) -> int:
    """Count the firings of noise that share an incident with real trouble."""
    total = 0
    for account in accounts:
        kinds = [truth.by_firing[firing].kind for firing in account.firings if firing in truth.by_firing]
        if "trouble" in kinds:
            total += sum(1 for kind in kinds if kind != "trouble")
    return total


def _verdicts(truth: Truth, accounts: tuple[list[Account], list[Account]]) -> list[Verdict]:
    homes = [_homes(found) for found in accounts]
    verdicts = []
    for episode in truth.counted:
        for demand in episode.demands:
            told = [_told(home, episode, moment(demand.at)) for home in homes]
            bound = _BOUND[demand.priority].total_seconds()
            verdicts.append(Verdict(episode.case, told[0], told[1], bound))
    return verdicts


def _homes(accounts: Iterable[Account]) -> dict[Firing, Account]:
    return {firing: account for account in accounts for firing in account.firings}


def _told(homes: dict[Firing, Account], episode: Episode, at: datetime) -> float | None:
    """Return how long after `at` somebody was paged; 0 when paged since the episode began."""
    own = {account.incident.id: account for firing in firings(episode) if (account := homes.get(firing))}
    start, end = moment(episode.start), moment(episode.end) + _AFTER_END
    times = [page.at for account in own.values() for page in account.pages if start <= page.at <= end]
    later = [time for time in times if time >= at]
    if later and not any(time < at for time in times):
        return (min(later) - at).total_seconds()
    return 0.0 if times else None


def _marks(truth: Truth, tally: Tally) -> tuple[dict[Mark, tuple[int, int, int]], Counter[tuple[Mark, str]]]:
    """Count right, wrong and missed marks by episode, and what the wrong ones are on."""
    wrong_on: Counter[tuple[Mark, str]] = Counter()
    found = {mark: [0, 0, 0] for mark in MARKS}
    homes = tally.homes()
    for episode in truth.counted:
        carried = _carried(episode, tally, homes)
        wanted = _TRUE_MARK.get(episode.kind) if episode.case != _FLAPPED else Mark.FLAPPING
        for mark in MARKS:
            if mark is wanted:
                found[mark][0 if mark in carried else 2] += 1
            elif mark in carried and not _is_fair(mark, episode):
                found[mark][1] += 1
                wrong_on[mark, episode.case] += 1
    return {mark: (right, wrong, missed) for mark, (right, wrong, missed) in found.items()}, wrong_on


def _is_fair(mark: Mark, episode: Episode) -> bool:
    """Tell whether a mark that is not the episode's own is no mistake either.

    Noise may have cleared alone; and what comes and goes every half hour for a whole week changes
    as often as the documents call flapping, whatever else it is.
    """
    if mark is Mark.FLAPPING:
        return episode.case == _COMES_AND_GOES
    return mark is Mark.HEALING and not episode.demands


def _carried(episode: Episode, tally: Tally, homes: dict[Firing, str]) -> set[Mark]:
    """Return the marks that the series of an episode carried while it lasted."""
    start, end = moment(episode.start), moment(episode.end)
    carried: set[Mark] = set()
    for series in {homes[firing] for firing in firings(episode) if firing in homes}:
        spans = tally.spans.get(series, ())
        for number, span in enumerate(spans):
            until = spans[number + 1].at if number + 1 < len(spans) else None
            if span.at <= end and (until is None or until > start):
                carried.update(span.marks)
    return carried


def _sum(one: tuple[int, int, int], other: tuple[int, int, int]) -> tuple[int, int, int]:
    return one[0] + other[0], one[1] + other[1], one[2] + other[2]
