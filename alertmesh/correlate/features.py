"""Describe how a newcomer stands to an open group, in the numbers that the model was trained on."""

from datetime import datetime
from math import log1p

from msgspec import Struct

from alertmesh.core.alert import Priority
from alertmesh.correlate.attributes import Profile
from alertmesh.correlate.live import Live
from alertmesh.correlate.relations import BESIDE, OWN, SCOPE, Relations
from alertmesh.correlate.tempo import Habit
from alertmesh.correlate.topology import DIRECT, SAME, TWO_STEPS, Topology

TIME, LIKENESS, HABIT, RELATION, SHAPE = "time", "likeness", "habit", "relation", "shape"
"""The families of features; what those of one family add up to is one reason."""

FEATURES: dict[str, str] = {
    "gap": TIME,  # seconds since the group last took a series
    "quiet": TIME,  # seconds since nothing of it fires any more
    "firing": TIME,  # which part of it fires
    "age": TIME,  # seconds since it was opened
    "rank": TIME,  # how many groups took a series later
    "span": TIME,  # how long alerts of the scope usually last, in seconds
    "attributes": LIKENESS,  # the score of what they share
    "rival": LIKENESS,  # the best such score of another group
    "same_thing_gap": LIKENESS,  # seconds since its last alert about the same thing
    "same_kind": LIKENESS,  # which part of it is of the same kind
    "same_namespace": LIKENESS,
    "own_group": LIKENESS,  # whether the series was in it before
    "steps": LIKENESS,  # steps in the topology to the nearest of its things
    "own": HABIT,  # see tempo.Habit
    "since": HABIT,
    "kind": HABIT,
    "lately": HABIT,
    "scope": HABIT,
    "known": HABIT,
    "usual": HABIT,  # how often the members of the group came before, in the mean
    "newest": HABIT,  # the same of the rarest of its latest
    "affinity": RELATION,  # the best log lift between the kinds
    "met": RELATION,  # how often these kinds met
    "members": SHAPE,
    "things": SHAPE,
    "groups": SHAPE,  # how many groups were weighed
    "priority": SHAPE,
    "about_host": SHAPE,
}
NAMES = tuple(FEATURES)
FAMILIES = (TIME, LIKENESS, HABIT, RELATION, SHAPE)

_FAR = 3.0
_NEVER = 12.0
_HOPS = {0.0: OWN, 1.0: BESIDE}


class Newcomer(Struct, frozen=True, gc=False):
    """The series that is judged: what it is about, when it came, and what was known of it."""

    series: str
    name: str
    kind: str
    profile: Profile
    priority: Priority
    at: datetime
    habit: Habit
    home: int = 0


class Crowd(Struct, frozen=True, gc=False):
    """How one group stands among those weighed: its likeness, the best other one, its rank, how many."""

    attributes: float
    rival: float
    rank: int
    groups: int


class Reader:
    """Read the features of newcomers; looks at groups, topology and relations, changes nothing."""

    def __init__(self, topology: Topology, relations: Relations) -> None:
        self._topology = topology
        self._relations = relations

    def read(self, newcomer: Newcomer, live: Live, crowd: Crowd) -> list[float]:
        """Return the features in the order of `NAMES`; durations are log1p of seconds."""
        at, habit, standing = newcomer.at, newcomer.habit, live.standing
        profile = newcomer.profile
        members = len(live.members) or 1
        quiet = 0.0 if live.firing or standing.cleared_at is None else _since(at, standing.cleared_at)
        same = live.lately.get(profile.subject)
        steps, affinity, met = self._nearest(newcomer, live)
        return [
            _since(at, standing.active_at),
            quiet,
            live.firing / members,
            _since(at, standing.opened_at),
            float(crowd.rank),
            habit.span,
            crowd.attributes,
            crowd.rival,
            _since(at, same[0]) if same is not None else _NEVER,
            live.names.get(newcomer.name, 0) / members,
            _namespace(profile, live),
            float(live.id == newcomer.home),
            steps,
            habit.own,
            habit.since,
            habit.kind,
            habit.lately,
            habit.scope,
            habit.known,
            live.usual / members,
            min((latest[3] for latest in live.lately.values()), default=0.0),
            affinity,
            met,
            log1p(members),
            log1p(len(live.subjects)),
            float(crowd.groups),
            float(newcomer.priority),
            float(profile.level in ("node", "host")),
        ]

    def _nearest(self, newcomer: Newcomer, live: Live) -> tuple[float, float, float]:
        """Return the steps to the nearest thing, the best affinity to a kind, and its support."""
        profile, nearest, best, support = newcomer.profile, _FAR, -_NEVER, 0.0
        for subject, (_, _, kind, _) in live.lately.items():
            steps = self._steps(profile, subject)
            nearest = min(nearest, steps)
            lift, met = self._relations.affinity(kind, newcomer.kind, _HOPS.get(steps, SCOPE))
            if lift > best:
                best, support = lift, met
        return nearest, best, log1p(support)

    def _steps(self, profile: Profile, subject: str) -> float:
        if profile.subject == subject:
            return 0.0
        if profile.node == subject or any(item.value == subject for item in profile.attributes):
            return 1.0
        distance = self._topology.distance(profile.cluster, profile.subject, subject)
        return {SAME: 0.0, DIRECT: 1.0, TWO_STEPS: 2.0}.get(distance, _FAR)


def _since(at: datetime, then: datetime) -> float:
    seconds = (at - then).total_seconds()
    return log1p(seconds) if seconds > 0.0 else 0.0


def _namespace(profile: Profile, live: Live) -> float:
    """Return whether the group is of the same namespace: 1 yes, 0 no, a half where either has none."""
    if not profile.namespace or not live.namespaces or "" in live.namespaces:
        return 0.5
    return float(profile.namespace in live.namespaces)
