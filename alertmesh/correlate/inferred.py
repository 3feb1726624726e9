"""Conclude from alerts which things belong together: those that begin to alert together again and again."""

from datetime import datetime, timedelta
from math import exp, log
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from alertmesh.core.records import Records
from alertmesh.core.topology import Edge, EdgeKind
from alertmesh.correlate.attributes import Profile
from alertmesh.correlate.edges import EdgeBook
from alertmesh.correlate.graph import DIRECT, Graph
from alertmesh.correlate.topologysettings import TopologySettings

_PAUSE = 5  # a thing begins anew after no new alert for so many times `together_s`
_REFRESH = 0.25
_FALLEN = 0.7  # a link is taken back below this part of the share that made it
_SEPARATOR = "\x1f"


class Habit(Struct, array_like=True):
    """How often a thing began to alert, fading, and how often others did so beside it.

    `partners` holds pairs under the name that comes first in order; both fade from `at` on.
    """

    last: datetime
    at: datetime
    cases: float = 0.0
    partners: dict[str, float] = {}


class Front(Struct, array_like=True):
    """What began in a cluster a moment ago; `since` is when the cluster was first heard.

    Of `begun` the first `counted` are counted and wait for what begins beside them. `times` are
    those of the last things to begin, one more than a crowd has.
    """

    since: datetime
    begun: list[tuple[datetime, str]] = []
    counted: int = 0
    times: list[datetime] = []


class Companions:
    """Count cases and pairs, and link what is together far more often than chance would have it.

    A case is the beginning of a thing's alerts after a pause. It is counted once its moment is
    over, and only if the moment was no crowd: in a storm everything is beside everything.
    """

    def __init__(self, settings: TopologySettings, book: EdgeBook, graph: Graph) -> None:
        self.settings = settings
        self.habits = Records[str, Habit]("correlate_habit", Habit)
        self.fronts = Records[str, Front]("correlate_front", Front)
        self.dropped = 0
        self._book = book
        self._graph = graph

    def jump(self, by: timedelta) -> None:
        """Let everything have begun as long ago as it did."""
        self.habits.rewrite(lambda habit: replace(habit, last=habit.last + by, at=habit.at + by))
        self.fronts.rewrite(
            lambda front: replace(
                front,
                since=front.since + by,
                begun=[(moment + by, name) for moment, name in front.begun],
                times=[moment + by for moment in front.times],
            )
        )

    def learn(self, profile: Profile, at: datetime) -> None:
        """Note that a series begins to fire; what is in the middle of its alerts costs a look."""
        settings = self.settings
        if not settings.support or profile.level not in ("node", "pod", "service") or not profile.subject:
            return
        key = _key(profile.cluster, profile.subject)
        habit = self.habits.get(key)
        pause = timedelta(seconds=_PAUSE * settings.together_s)
        if habit is not None and at - habit.last < pause:
            if at - habit.last > pause * _REFRESH:
                habit.last = at
                self.habits.put(key, habit)
            return
        self.habits.put(key, Habit(at, at) if habit is None else replace(habit, last=at))
        self._begin(profile.cluster, profile.subject, at)
        self._bound()

    def _begin(self, cluster: str, name: str, at: datetime) -> None:
        front = self.fronts.get(cluster) or Front(at)
        self.fronts.put(cluster, front)
        self._settle(cluster, front, at)
        front.times = [*front.times[-self.settings.crowd :], at]
        if len(front.times) > self.settings.crowd and at - front.times[0] <= self._window:
            front.begun, front.counted = [], 0
        else:
            front.begun.append((at, name))

    def _settle(self, cluster: str, front: Front, at: datetime) -> None:
        """Count what began a moment ago and is over now, each with what began within a moment before it."""
        begun, window = front.begun, self._window
        while front.counted < len(begun) and at - begun[front.counted][0] > window:
            moment, name = begun[front.counted]
            self._faded(_key(cluster, name), moment).cases += 1.0
            beside = {other: None for when, other in begun[: front.counted] if moment - when <= window}
            for other in beside:
                if other != name:
                    self._pair(cluster, front, tuple(sorted((name, other))), moment)
            front.counted += 1
        over = sum(at - moment > 2 * window for moment, _ in begun[: front.counted])
        front.begun, front.counted = begun[over:], front.counted - over

    def _pair(self, cluster: str, front: Front, names: tuple[str, ...], at: datetime) -> None:
        """Count that two things began together, and link them or take the link back."""
        one, other = (self._faded(_key(cluster, name), at) for name in names)
        partners, most = one.partners, self.settings.max_partners
        while names[1] not in partners and len(partners) >= most:
            del partners[min(partners, key=lambda name: (partners[name], name))]
        together = partners[names[1]] = partners.get(names[1], 0.0) + 1.0
        cases = max(together, min(one.cases, other.cases))
        edge = Edge(names[0], names[1], EdgeKind.LINKED, cluster)
        share, settings = together / cases, self.settings
        if share < settings.together_share * _FALLEN:
            self._book.uninfer(edge)
        elif share >= settings.together_share and together >= settings.support:
            chance = one.cases * other.cases * 2 * settings.together_s / self._heard(front, at)
            if together >= settings.lift * chance and not self._is_told(edge):
                words = f"alerted together in {together:.0f} of {cases:.0f} cases with"
                self._book.infer(edge, words, at)

    def _is_told(self, edge: Edge) -> bool:
        """Tell whether the two are known to be neighbours without what was concluded here."""
        far = self._graph.distance(edge.cluster, edge.a, edge.b) != DIRECT
        return not far and not self._book.is_inferred(edge)

    def _faded(self, key: str, at: datetime) -> Habit:
        habit = self.habits.get(key) or Habit(at, at)
        passed = (at - habit.at).total_seconds()
        if passed > 0:
            left = _left(passed, self.settings.half_life_s)
            habit.at = at
            habit.cases *= left
            habit.partners = {name: count * left for name, count in habit.partners.items()}
        self.habits.put(key, habit)
        return habit

    def _heard(self, front: Front, at: datetime) -> float:
        """Return for how many seconds the cluster was heard, fading as the cases do."""
        half_life = self.settings.half_life_s
        age = max(2 * self.settings.together_s, (at - front.since).total_seconds())
        return half_life / log(2) * (1.0 - _left(age, half_life))

    @property
    def _window(self) -> timedelta:
        return timedelta(seconds=self.settings.together_s)

    def _bound(self) -> None:
        """Forget the things and clusters that were quiet for longest, a tenth of them at once."""
        most = self.settings.max_things
        if len(self.habits) > most:
            self._drop(self.habits, {key: self.habits[key].last for key in self.habits}, most)
        if len(self.fronts) > most:
            self._drop(self.fronts, {key: self.fronts[key].times[-1] for key in self.fronts}, most)

    def _drop(self, table: Records[str, Any], last: dict[str, datetime], most: int) -> None:
        quiet = sorted(last, key=lambda key: (last[key], key))
        for key in quiet[: len(quiet) - most + most // 10]:
            table.drop(key)
            self.dropped += 1


def _key(cluster: str, name: str) -> str:
    return f"{cluster}{_SEPARATOR}{name}"


def _left(passed: float, half_life: float) -> float:
    return exp(-log(2) * passed / half_life)
