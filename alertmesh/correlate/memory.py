"""Keep who belongs where: the durable tables of the correlator and the indexes over them."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from heapq import nsmallest
from typing import Any

from msgspec import Struct

from alertmesh.core.records import Records
from alertmesh.correlate.attributes import Profile
from alertmesh.correlate.live import Belonging, Live, LiveGroups, Standing
from alertmesh.correlate.settings import CorrelateSettings
from alertmesh.correlate.strays import Strays
from alertmesh.correlate.verdicts import Verdicts

_WINDOW_MS = "rarity_window_ms"


class Session(Struct, array_like=True):
    """The group that last took a new series in one namespace, and when."""

    group: int
    at: datetime


class Memory:
    """Hold memberships, groups, sessions and people's verdicts, and keep the indexes in step."""

    def __init__(self, settings: CorrelateSettings) -> None:
        self.members = Records[str, Belonging]("correlate_member", Belonging)
        self.standings = Records[int, Standing]("correlate_group", Standing)
        self.sessions = Records[str, Session]("correlate_session", Session)
        self.counters = Records[str, int]("correlate_counter", int)
        self.groups = LiveGroups()
        self.verdicts = Verdicts(settings.max_verdicts, self.next, self.home)
        self.strays = Strays(settings.max_series)
        self._forgotten = 0
        self._settings = settings

    @property
    def tables(self) -> tuple[Records[Any, Any], ...]:
        """Return the durable state."""
        own = (self.members, self.standings, self.sessions, self.counters)
        return (*own, self.verdicts.table, self.strays.table)

    def adopt(self, settings: CorrelateSettings) -> None:
        """Go by other settings from here on; a smaller bound holds from the next series on."""
        self._settings = settings
        self.verdicts.most, self.strays.most = settings.max_verdicts, settings.max_series

    def repaced(self) -> float:
        """Return how many times as long rarity windows were when this was asked last; 1 the first time."""
        length_ms = round(self._settings.rarity_window_s * 1_000)
        before_ms = self.counters.get(_WINDOW_MS)
        if before_ms != length_ms:
            self.counters.put(_WINDOW_MS, length_ms)
        return (before_ms or length_ms) / length_ms

    @property
    def dropped(self) -> int:
        """Return how many groups, members and verdicts were forgotten because of a bound."""
        return self._forgotten + self.verdicts.dropped + self.strays.dropped

    def restored(self) -> None:
        """Rebuild the indexes from the tables."""
        self.groups = LiveGroups()
        self.verdicts.restored()
        self.strays.restored()
        for group in sorted(self.standings):
            self.groups.open(self.standings[group])
        for standing in sorted(self.standings.values(), key=lambda one: (one.active_at, one.id)):
            self.groups.touch(self.groups.groups[standing.id])
        for series in sorted(self.members, key=lambda key: (self.members[key].joined_at, key)):
            belonging = self.members[series]
            if belonging.group:
                self._enter(self.groups.groups[belonging.group], series, belonging)

    def jump(self, by: timedelta) -> None:
        """Move every moment by `by`; the indexes follow with `restored`."""
        self.members.rewrite(lambda one: one.moved(by))
        self.standings.rewrite(lambda one: one.moved(by))
        self.sessions.rewrite(lambda one: Session(one.group, one.at + by))
        self.verdicts.jump(by)

    def next(self, name: str) -> int:
        """Return the next number of a kind: no number is given twice."""
        number = (self.counters.get(name) or 0) + 1
        self.counters.put(name, number)
        return number

    def home(self, series: str) -> Live | None:
        """Return the open group of a series."""
        belonging = self.members.get(series)
        return self.groups.groups.get(belonging.group) if belonging is not None else None

    def old_home(self, home: int, belonging: Belonging, at: datetime) -> Live | None:
        """Return the group that a series had for itself alone, if it left it a moment ago.

        What comes and goes all day is no trouble that goes on: for that the moment is a short one.
        """
        live = self.groups.groups.get(home)
        if live is None or live.members or live.standing.cleared_at is None:
            return None
        learned = self._settings.learned
        habitual = belonging.times >= learned.habit_times
        quiet_s = (at - live.standing.cleared_at).total_seconds()
        return live if quiet_s <= (learned.brief_s if habitual else learned.home_s) else None

    def open(self, cluster: str, at: datetime, scope: str = "") -> Live:
        """Begin a group with the next number."""
        number = self.next("group")
        standing = Standing(id=number, cluster=cluster, opened_at=at, active_at=at, scope=scope)
        self.standings.put(standing.id, standing)
        return self.groups.open(standing)

    def join(self, live: Live, series: str, belonging: Belonging) -> None:
        """Make a new series a member."""
        live.standing.active_at = belonging.began
        live.standing.cleared_at = None
        self.standings.put(live.id, live.standing)
        self.members.put(series, belonging)
        self._enter(live, series, belonging)
        self.groups.touch(live)
        for name in _sessions(belonging.profile):
            self._note_session(name, live.id, belonging.began)

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
        self._exit(self.groups.groups[belonging.group], series)
        self.members.drop(series)

    def judged(self, series: str) -> dict[int, int]:
        """Return the verdicts that name a series, and on which side."""
        return self.verdicts.of(series)

    def merge(self, winner: Live, loser: Live) -> None:
        """Move everything of one group into another."""
        standing = winner.standing
        standing.opened_at = min(standing.opened_at, loser.standing.opened_at)
        standing.active_at = max(standing.active_at, loser.standing.active_at)
        members = sorted(loser.members.items())
        self._point_sessions(members, loser.id, winner.id)
        self._close(loser)
        self.strays.merged(loser.id, winner.id)
        for series, belonging in members:
            belonging.group = winner.id
            self.members.put(series, belonging)
            self._enter(winner, series, belonging)
        standing.cleared_at = None if winner.firing else standing.cleared_at
        self.standings.put(winner.id, standing)
        self.groups.touch(winner)

    def part_of(self, live: Live, at: datetime) -> Live:
        """Begin a group that takes up what leaves `live`."""
        part = self.open(live.standing.cluster, at, live.standing.scope)
        part.standing.active_at = live.standing.active_at
        self.groups.touch(part)
        return part

    def transfer(self, leaving: Sequence[str], live: Live, into: Live, at: datetime) -> None:
        """Move some members, but not all, into another group."""
        for series in sorted(leaving):
            belonging = self._exit(live, series)
            belonging.group = into.id
            self.members.put(series, belonging)
            self._enter(into, series, belonging)
        for held in (into, live):
            held.standing.cleared_at = None if held.firing else held.standing.cleared_at or at
            self.standings.put(held.id, held.standing)

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
        """Return the groups to be forgotten because of the bounds, longest cleared first.

        For the sake of the bound on series only those go that are clear as a whole.
        """
        groups = self.groups.groups
        many = _surplus(len(groups), self._settings.max_groups)
        series = _surplus(len(self.members), self._settings.max_series)
        chosen: list[int] = []
        for live in sorted(groups.values(), key=_oldest) if many > 0 or series > 0 else ():
            if len(chosen) >= many and (series <= 0 or live.standing.cleared_at is None):
                break
            chosen.append(live.id)
            series -= len(live.members)
        self._forgotten += len(chosen)
        return chosen

    def overflow(self) -> list[str]:
        """Return the members over the bound on series: clear for longest first, firing ones last."""
        over = _surplus(len(self.members), self._settings.max_series)
        self._forgotten += over
        return nsmallest(over, self.members, key=self._age) if over else []

    def let_go(self, series: Iterable[str]) -> list[int]:
        """Forget members, whatever their groups; return the groups that are left empty."""
        leaving: dict[int, dict[str, Belonging]] = {}
        for one in series:
            leaving.setdefault(self.members[one].group, {})[one] = self.members[one]
            self.members.drop(one)
        emptied: list[int] = []
        for group in sorted(leaving):
            live = self.groups.groups.get(group)
            if live is None:
                continue
            self.groups.leave_all(live, leaving[group])
            held = {belonging.profile.session for belonging in live.members.values()}
            gone = [item for item in leaving[group].items() if item[1].profile.session not in held]
            self._point_sessions(gone, group, None)
            for one in leaving[group]:
                self.verdicts.left(live, one)
            if not live.members:
                emptied.append(group)
            elif not live.firing and live.standing.cleared_at is None:
                live.standing.cleared_at = max(
                    belonging.cleared_at or belonging.began for belonging in live.members.values()
                )
                self.standings.put(group, live.standing)
        return emptied

    def _age(self, series: str) -> tuple[bool, datetime, str]:
        belonging = self.members[series]
        return (
            belonging.firing,
            belonging.began if belonging.firing else belonging.cleared_at or belonging.began,
            series,
        )

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
        self.verdicts.entered(live, series)

    def _exit(self, live: Live, series: str) -> Belonging:
        belonging = self.groups.leave(live, series)
        self.verdicts.left(live, series)
        return belonging

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
