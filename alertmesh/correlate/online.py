"""Find the open groups that a new series may join."""

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct

from alertmesh.correlate.attributes import Attribute, Part
from alertmesh.correlate.explain import Evidence
from alertmesh.correlate.live import Live, LiveGroups
from alertmesh.correlate.rarity import Rarity
from alertmesh.correlate.settings import CorrelateSettings
from alertmesh.correlate.topology import Topology
from alertmesh.correlate.weighing import SESSION, Candidate, Pace, Subject, Weighing
from alertmesh.correlate.witnesses import Witness

_EXPLICIT = ("depends_on", "depended_on", "shared_callee")


class Near(Struct, frozen=True, gc=False):
    """Where time alone is evidence: the scope, and the group that last took a series in it, and when."""

    scope: str
    last: tuple[int, datetime] | None = None


class Scorer:
    """Find and weigh the groups that a series may join; reads state, changes nothing."""

    def __init__(
        self,
        settings: CorrelateSettings,
        groups: LiveGroups,
        rarity: Rarity,
        topology: Topology,
        witnesses: Sequence[Witness] = (),
    ) -> None:
        self._settings = settings
        self._groups = groups
        self._rarity = rarity
        self._topology = topology
        self._witnesses = witnesses
        self._pace = Pace.of(settings)
        self._reach = Pace.within(settings, settings.learned.reach_s)

    def candidates(self, subject: Subject, at: datetime, near: Near) -> list[Candidate]:
        """Return the groups whose score reaches the threshold, best first; ties go to the older group.

        `near` is where time alone may be evidence.
        """
        return self._weighing(self._pace, subject, at).ranked(self._session(at, near))

    def is_one_system(self, cluster: str, at: datetime) -> bool:
        """Tell whether a cluster is known to hold one namespace only: there, all is near all."""
        return bool(cluster) and self._rarity.is_one_system(cluster, at)

    def alike(self, subject: Subject, at: datetime, limit: int) -> list[Candidate]:
        """Return the groups that share most with a series, whether or not that is enough to join."""
        return self._weighing(self._reach, subject, at).alike(limit)

    def _weighing(self, pace: Pace, subject: Subject, at: datetime) -> Weighing:
        weighing = Weighing(pace, subject, at)
        window = self._rarity.window(at)
        active = self._rarity.active(subject.profile.cluster, window)
        for attribute in subject.attributes:
            carrying = self._groups.carrying(attribute.token)
            if carrying and len(carrying) <= self._settings.spread_limit:
                weighing.share(attribute, carrying, self._rarity.of(attribute, active, window))
        for neighbour in self._topology.near(subject.profile):
            words = f"{subject.profile.subject} {neighbour.words}"
            for token in neighbour.tokens:
                carrying = self._groups.carrying(token)
                if len(carrying) <= self._settings.spread_limit:
                    weighing.neighbour(Attribute(Part.OWN, words, neighbour.name, token), carrying)
        for witness in self._witnesses:
            witness.tell(subject, at, weighing)
        return weighing

    def are_bound(self, one: Candidate, other: Candidate, at: datetime) -> bool:
        """Tell whether a series speaks strongly enough for both groups to make them one.

        Both must speak through the same value or through a call that the labels spell out: a
        pod of a bad deploy that also lies on a broken node must not tie the two troubles.
        """
        settings = self._settings
        if min(one.score, other.score) < settings.merge_threshold or one.weak or other.weak:
            return False
        if min(len(one.live.members), len(other.live.members)) > settings.merge_series:
            return False
        opened = min(one.live.standing.opened_at, other.live.standing.opened_at)
        if (at - opened).total_seconds() > settings.merge_age_s or are_apart(one.live, other.live):
            return False
        first, second = one.strongest, other.strongest
        return first.token == second.token or first.feature in _EXPLICIT or second.feature in _EXPLICIT

    def _session(self, at: datetime, near: Near) -> tuple[Live, Evidence] | None:
        if near.last is None:
            return None
        live = self._groups.groups.get(near.last[0])
        gap_s, most_s = (at - near.last[1]).total_seconds(), self._settings.session_s
        if live is None or not most_s or gap_s > most_s:
            return None
        kind = "cluster" if near.scope.endswith("/") else "namespace"
        words = f"{kind} {near.scope.strip('/')}"
        return live, Evidence("session", SESSION, f"{gap_s:.0f}", words, near.scope)


def are_apart(one: Live, other: Live) -> bool:
    """Tell whether people said of series in the two groups that they do not belong together."""
    return conflicts(one.sides, other)


def conflicts(sides: dict[int, int], live: Live) -> bool:
    """Tell whether a group holds the other side of a split that people made."""
    return any(live.sides.get(verdict, side) != side for verdict, side in sides.items())
