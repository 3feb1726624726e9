"""Which kinds of alert make incidents that nobody does anything about."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, tzinfo

from msgspec import Struct, field

from alertmesh.reports.account import Account
from alertmesh.reports.figures import day_of

MOST = 500
"""How many names a report holds at most, the noisiest."""

_OWNERS = ("team", "owner", "service", "namespace")


class Part(Struct, frozen=True, kw_only=True, gc=False):
    """A series that was in an incident: the name and labels of its alerts, and how many there were."""

    series: str
    name: str
    labels: Mapping[str, str]
    alerts: int


class NameNoise(Struct, frozen=True, kw_only=True):
    """What the alerts of one name led to.

    An incident of several names counts for each of them. `healed` incidents ended before anybody was
    paged; of the `resolved` ones, `untouched` are those that no person did anything about. `flaps` counts
    how often their incidents fired again. `owner` are those of the labels team, owner, service and
    namespace that were seen first.
    """

    name: str
    owner: dict[str, str]
    alerts: int
    series: int
    incidents: int
    paged: int
    pages: int
    healed: int
    resolved: int
    untouched: int
    flaps: int


class DayNoise(Struct, frozen=True, kw_only=True):
    """What was opened on one day: how many incidents, and as what they counted."""

    day: date
    alerts: int
    incidents: int
    paged: int
    untouched: int


class NoiseReport(Struct, frozen=True, kw_only=True, rename={"start": "from", "end": "to"}):
    """The names behind the incidents opened in a span of time, the noisiest first.

    The counts of `total` are those of the span, not sums over names; its name is empty. `names` are cut
    at 500, `distinct` counts all. `days` are those on which anything was opened.
    """

    start: datetime
    end: datetime
    total: NameNoise
    distinct: int
    names: list[NameNoise]
    days: list[DayNoise]


class _Count(Struct):
    """The noise of one name while it is being counted."""

    name: str = ""
    owner: dict[str, str] = field(default_factory=dict)
    alerts: dict[tuple[int, str], int] = field(default_factory=dict)
    incidents: int = 0
    paged: int = 0
    pages: int = 0
    healed: int = 0
    resolved: int = 0
    untouched: int = 0
    flaps: int = 0

    def add(self, account: Account, parts: Iterable[Part]) -> None:
        """Count an incident with those of its series that have this name."""
        course = account.course
        over = course.resolved_at is not None
        self.incidents += 1
        self.paged += bool(course.pages)
        self.pages += len(course.pages)
        self.resolved += over
        self.healed += over and not course.pages
        self.untouched += over and not course.touched
        self.flaps += course.flaps
        for part in parts:
            self.alerts[course.incident, part.series] = part.alerts
            self.owner = self.owner or {name: part.labels[name] for name in _OWNERS if part.labels.get(name)}

    def of_day(self, day: date) -> DayNoise:
        """Return the counts of one day."""
        return DayNoise(
            day=day,
            alerts=sum(self.alerts.values()),
            incidents=self.incidents,
            paged=self.paged,
            untouched=self.untouched,
        )

    def noise(self) -> NameNoise:
        """Return the counts."""
        return NameNoise(
            name=self.name,
            owner=self.owner,
            alerts=sum(self.alerts.values()),
            series=len({series for _, series in self.alerts}),
            incidents=self.incidents,
            paged=self.paged,
            pages=self.pages,
            healed=self.healed,
            resolved=self.resolved,
            untouched=self.untouched,
            flaps=self.flaps,
        )


def report(
    accounts: Iterable[tuple[Account, Sequence[Part]]], start: datetime, end: datetime, zone: tzinfo = UTC
) -> NoiseReport:
    """Count what each name led to, over the incidents opened in a span of time with their series."""
    total, counts, days = _Count(), dict[str, _Count](), dict[date, _Count]()
    for account, parts in accounts:
        if not start <= account.course.opened_at < end:
            continue
        total.add(account, parts)
        days.setdefault(day_of(account.course.opened_at, zone), _Count()).add(account, parts)
        named: dict[str, list[Part]] = {}
        for part in parts:
            named.setdefault(part.name, []).append(part)
        for name, found in named.items():
            counts.setdefault(name, _Count(name)).add(account, found)
    names = sorted((count.noise() for count in counts.values()), key=_noisiest)
    total.owner = {}
    return NoiseReport(
        start=start,
        end=end,
        total=total.noise(),
        distinct=len(names),
        names=names[:MOST],
        days=[count.of_day(day) for day, count in sorted(days.items())],
    )


def _noisiest(one: NameNoise) -> tuple[int, int, int, str]:
    return (-one.untouched, -one.incidents, -one.alerts, one.name)
