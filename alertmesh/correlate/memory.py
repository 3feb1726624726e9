"""Keep who belongs where: the durable tables of the correlator and the indexes over them."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from msgspec import Struct

from alertmesh.core.errors import BadCommand
from alertmesh.core.records import Records
from alertmesh.correlate.attributes import Profile
from alertmesh.correlate.live import Belonging, Live, LiveGroups, Standing
from alertmesh.correlate.settings import CorrelateSettings

_VERDICT_SERIES = 512
LEFT, RIGHT = 0, 1


class Session(Struct, array_like=True):
    """The group that last took a new series in one namespace, and when."""

    group: int
    at: datetime


class Verdict(Struct, array_like=True):
    """People's word that the series on the left do not belong with those on the right."""

    left: tuple[str, ...]
    right: tuple[str, ...]


class Memory:
    """Hold memberships, groups, sessions and people's verdicts, and keep the indexes in step.

    `dropped` counts groups and verdicts forgotten because of a bound.
    """

    def __init__(self, settings: CorrelateSettings) -> None:
        self.members = Records[str, Belonging]("correlate_member", Belonging)
        self.standings = Records[int, Standing]("correlate_group", Standing)
        self.sessions = Records[str, Session]("correlate_session", Session)
        self.verdicts = Records[int, Verdict]("correlate_verdict", Verdict)
        self.counters = Records[str, int]("correlate_counter", int)
        self.groups = LiveGroups()
        self.dropped = 0
        self._settings = settings
        self._judged: dict[str, dict[int, int]] = {}

    def restored(self) -> None:
        """Rebuild the indexes from the tables."""
        self.groups = LiveGroups()
        self._judged = {}
        for number in sorted(self.verdicts):
            self._judge(number)
        for group in sorted(self.standings):
            self.groups.open(self.standings[group])
        for series in sorted(self.members, key=lambda key: (self.members[key].joined_at, key)):
            belonging = self.members[series]
            if belonging.group:
                self._enter(self.groups.groups[belonging.group], series, belonging)

    def open(self, cluster: str, at: datetime) -> Live:
        """Begin a group with the next number."""
        standing = Standing(id=self._next("group"), cluster=cluster, opened_at=at, active_at=at)
        self.standings.put(standing.id, standing)
        return self.groups.open(standing)

    def join(self, live: Live, series: str, belonging: Belonging) -> None:
        """Make a new series a member."""
        live.standing.active_at = belonging.joined_at
        live.standing.cleared_at = None
        self.standings.put(live.id, live.standing)
        self.members.put(series, belonging)
        self._enter(live, series, belonging)
        for name in _sessions(belonging.profile):
            self._note_session(name, live.id, belonging.joined_at)

    def session(self, name: str) -> tuple[int, datetime] | None:
        """Return the group that last took a new series in a session, and when."""
        session = self.sessions.get(name) if name else None
        return (session.group, session.at) if session else None

    def refire(self, series: str, belonging: Belonging, firing: bool, at: datetime) -> None:
        """Note that a member began or stopped firing."""
        live = self.groups.groups[belonging.group]
        self.groups.refire(live, belonging, firing)
        belonging.cleared_at = None if firing else belonging.cleared_at or at
        cleared_at = None if live.firing else at
        if (cleared_at is None) != (live.standing.cleared_at is None):
            live.standing.cleared_at = cleared_at
            self.standings.put(live.id, live.standing)
        self.members.put(series, belonging)

    def leave(self, series: str, belonging: Belonging) -> None:
        """Take a cleared series out of its group, to be judged anew."""
        self.groups.leave(self.groups.groups[belonging.group], series)
        self.members.drop(series)

    def judged(self, series: str) -> dict[int, int]:
        """Return the verdicts that name a series, and on which side."""
        return self._judged.get(series, {})

    def merge(self, winner: Live, loser: Live) -> None:
        """Move everything of one group into another."""
        standing = winner.standing
        standing.opened_at = min(standing.opened_at, loser.standing.opened_at)
        standing.active_at = max(standing.active_at, loser.standing.active_at)
        members = sorted(loser.members.items())
        self._point_sessions(members, loser.id, winner.id)
        self._close(loser)
        for series, belonging in members:
            belonging.group = winner.id
            self.members.put(series, belonging)
            self._enter(winner, series, belonging)
        standing.cleared_at = None if winner.firing else standing.cleared_at
        self.standings.put(winner.id, standing)

    def split(self, live: Live, leaving: Sequence[str], at: datetime) -> Live:
        """Move some members into a new group, and remember that people parted them."""
        part = self.open(live.standing.cluster, at)
        part.standing.active_at = live.standing.active_at
        parted = frozenset(leaving)
        members = sorted(live.members.items())
        self._remember(leaving, [series for series, _ in members if series not in parted])
        self.groups.close(live)
        stay = self.groups.open(live.standing)
        for series, belonging in members:
            into = part if series in parted else stay
            belonging.group = into.id
            self.members.put(series, belonging)
            self._enter(into, series, belonging)
        for held in (part, stay):
            held.standing.cleared_at = None if held.firing else at
            self.standings.put(held.id, held.standing)
        return part

    def reconcile(self, live: Live) -> None:
        """Forget the verdicts that people overruled by putting both sides into this group."""
        overruled = [number for number in sorted(live.sides) if self._sides_in(live, number) == {LEFT, RIGHT}]
        for number in overruled:
            self._overrule(number)
        for number in overruled:
            live.sides.pop(number, None)

    def retire(self, groups: Iterable[int]) -> list[str]:
        """Forget closed groups; return the series that belonged to them."""
        gone: list[str] = []
        for group in groups:
            live = self.groups.groups.get(group)
            if live is not None:
                members = sorted(live.members.items())
                self._point_sessions(members, live.id, None)
                self._close(live)
                for series, _ in members:
                    self.members.drop(series)
                    gone.append(series)
        return gone

    def excess(self) -> list[int]:
        """Return the groups to be forgotten because of the bounds, longest cleared first."""
        groups = self.groups.groups
        many = _surplus(len(groups), self._settings.max_groups)
        series = _surplus(len(self.members), self._settings.max_series)
        chosen: list[int] = []
        for live in sorted(groups.values(), key=_oldest) if many > 0 or series > 0 else ():
            if len(chosen) >= many and series <= 0:
                break
            chosen.append(live.id)
            series -= len(live.members)
        self.dropped += len(chosen)
        return chosen

    def _next(self, name: str) -> int:
        number = (self.counters.get(name) or 0) + 1
        self.counters.put(name, number)
        return number

    def _note_session(self, name: str, group: int, at: datetime) -> None:
        session = self.sessions.get(name)
        if session is None:
            session = Session(group, at)
        elif session.group == group and session.at == at:
            return
        session.group, session.at = group, at
        self.sessions.put(name, session)

    def _enter(self, live: Live, series: str, belonging: Belonging) -> None:
        self.groups.enter(live, series, belonging)
        if series in self._judged:
            live.sides.update(self._judged[series])

    def _close(self, live: Live) -> None:
        self.groups.close(live)
        self.standings.drop(live.id)

    def _point_sessions(self, members: Iterable[tuple[str, Belonging]], group: int, into: int | None) -> None:
        for name in sorted({name for _, belonging in members for name in _sessions(belonging.profile)}):
            session = self.sessions.get(name)
            if session is None or session.group != group:
                continue
            if into is None:
                self.sessions.drop(name)
            else:
                self.sessions.put(name, Session(into, session.at))

    def _remember(self, left: Sequence[str], right: Sequence[str]) -> None:
        number = self._next("verdict")
        verdict = Verdict(tuple(sorted(left)[:_VERDICT_SERIES]), tuple(sorted(right)[:_VERDICT_SERIES]))
        self.verdicts.put(number, verdict)
        self._judge(number)
        if len(self.verdicts) > self._settings.max_verdicts:
            self._overrule(min(self.verdicts))
            self.dropped += 1

    def _judge(self, number: int) -> None:
        verdict = self.verdicts[number]
        for side, named in ((LEFT, verdict.left), (RIGHT, verdict.right)):
            for series in named:
                self._judged.setdefault(series, {})[number] = side

    def _overrule(self, number: int) -> None:
        verdict = self.verdicts[number]
        for series in (*verdict.left, *verdict.right):
            self._judged[series].pop(number, None)
            if not self._judged[series]:
                del self._judged[series]
        self.verdicts.drop(number)

    def _sides_in(self, live: Live, number: int) -> set[int]:
        verdict = self.verdicts.get(number)
        if verdict is None:
            return set()
        both = ((LEFT, verdict.left), (RIGHT, verdict.right))
        return {side for side, named in both if any(series in live.members for series in named)}


def leaving_series(live: Live, text: str) -> list[str]:
    """Read which members a person wants to split off; raise BadCommand for strangers, all or none."""
    leaving = sorted({series.strip() for series in text.split(",")} - {""})
    strangers = [series for series in leaving if series not in live.members]
    if not leaving or strangers:
        raise BadCommand(f"not in this incident: {', '.join(strangers) or 'no series named'}")
    if len(leaving) == len(live.members):
        raise BadCommand("a split must leave something behind")
    return leaving


def _sessions(profile: Profile) -> tuple[str, ...]:
    whole = f"{profile.cluster}/" if profile.cluster else ""
    if not profile.session or profile.session == whole:
        return (whole,) if whole else ()
    return (whole, profile.session) if whole else (profile.session,)


def _surplus(count: int, most: int) -> int:
    """Return how many must go; a twentieth more than needed, so that not every new one makes a search."""
    return count - most * 95 // 100 if count > most else 0


def _oldest(live: Live) -> tuple[bool, datetime, int]:
    standing = live.standing
    return (standing.cleared_at is None, standing.cleared_at or standing.active_at, standing.id)
