"""Weigh a new series against the open groups that share something with it."""

from datetime import datetime

from msgspec import Struct

from alertmesh.correlate.attributes import Attribute, Part, Profile
from alertmesh.correlate.explain import Evidence, combined, match, strength
from alertmesh.correlate.live import Live, LiveGroups, Presence
from alertmesh.correlate.rarity import Rarity
from alertmesh.correlate.settings import CorrelateSettings
from alertmesh.correlate.topology import Topology

_SAME = {"pod": 0.9, "node": 0.8, "app": 0.75}
_SAME_GLOBAL = 0.95
_BY_MATCH = {
    "depends_on": 0.7,
    "depended_on": 0.7,
    "shared_callee": 0.55,
    "runs_there": 0.65,
    "carries": 0.65,
}
_BY_OTHERS = (0.0, 0.2, 0.4, 0.6, 0.7)  # how many other things at the same place fire as well
_NEIGHBOUR = 0.45
_NAMESPACE = 0.12
_KIND = 0.12
_SESSION = 0.5
_FAR = 0.5  # what is left of evidence at the end of the window
_STILL_FIRING = 0.8
_OTHER_NAMESPACE = 0.5
_PARTS = tuple(Part)
_EXPLICIT = ("depends_on", "depended_on", "shared_callee")


class Candidate(Struct, gc=False):
    """A group that a series may join: the evidence, and the score it adds up to."""

    live: Live
    evidence: list[Evidence]
    score: float
    weak: bool = False

    @property
    def strongest(self) -> Evidence:
        """Return the piece of evidence that counts most."""
        return min(self.evidence, key=strength)


class Near(Struct, frozen=True, gc=False):
    """Where time alone is evidence: the scope, and the group that last took a series in it, and when."""

    scope: str
    last: tuple[int, datetime] | None = None


class Scorer:
    """Find and weigh the groups that a series may join; reads state, changes nothing."""

    def __init__(
        self, settings: CorrelateSettings, groups: LiveGroups, rarity: Rarity, topology: Topology
    ) -> None:
        self._settings = settings
        self._groups = groups
        self._rarity = rarity
        self._topology = topology

    def candidates(self, profile: Profile, name: str, at: datetime, near: Near) -> list[Candidate]:
        """Return the groups with any direct evidence, best first; ties go to the older group.

        `near` is where time alone may be evidence.
        """
        found: dict[int, list[Evidence]] = {}
        window = self._rarity.window(at)
        for attribute in profile.attributes:
            self._shared(attribute, profile, at, window, found)
        self._near(profile, at, found)
        ranked = [
            self._candidate(self._groups.groups[group], profile, name, at, found[group]) for group in found
        ]
        recent = self._session(at, near)
        if recent is not None:
            _add_session(ranked, *recent)
        ranked.sort(key=lambda candidate: (-candidate.score, candidate.live.id))
        return ranked

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

    def _shared(
        self,
        attribute: Attribute,
        profile: Profile,
        at: datetime,
        window: int,
        found: dict[int, list[Evidence]],
    ) -> None:
        carrying = self._groups.carrying(attribute.token)
        if not carrying or len(carrying) > self._settings.spread_limit:
            return
        rarity = self._rarity.of(attribute, profile.cluster, window)
        others = self._others(carrying, profile.subject, at) if attribute.part is Part.PLACE else 0
        for group, presence in carrying.items():
            live = self._groups.groups[group]
            for part in _PARTS:
                if presence.parts[part]:
                    weight, share = self._weight(attribute, part, presence, live, others)
                    weight *= rarity * self._fade(live, at, part is attribute.part is Part.OWN and presence)
                    weight *= self._elsewhere(attribute, profile, live)
                    if weight > 0.01:
                        item = Evidence(
                            match(attribute, part),
                            weight,
                            attribute.key,
                            attribute.value,
                            attribute.token,
                            share,
                        )
                        found.setdefault(group, []).append(item)

    @staticmethod
    def _weight(
        attribute: Attribute, part: Part, presence: Presence, live: Live, others: int
    ) -> tuple[float, float]:
        share = min(1.0, presence.parts[part] / max(1, live.strong))
        if attribute.part is part is Part.OWN:
            return _SAME.get(attribute.key, _SAME_GLOBAL), share
        if attribute.part is part is Part.PLACE:
            return _BY_OTHERS[others] * min(1.0, 2 * share), share
        base = _BY_MATCH[match(attribute, part)]
        return (base if part is Part.OWN else base * min(1.0, 2 * share)), share

    def _others(self, carrying: dict[int, Presence], subject: str, at: datetime) -> int:
        seen: set[str] = set()
        for group, presence in carrying.items():
            if self._is_recent(self._groups.groups[group], at):
                for other in presence.subjects:
                    if other != subject:
                        seen.add(other)
                    if len(seen) == len(_BY_OTHERS) - 1:
                        return len(seen)
        return len(seen)

    def _near(self, profile: Profile, at: datetime, found: dict[int, list[Evidence]]) -> None:
        for neighbour in self._topology.near(profile):
            for token in neighbour.tokens:
                carrying = self._groups.carrying(token)
                if len(carrying) > self._settings.spread_limit:
                    continue
                for group, presence in carrying.items():
                    weight = _NEIGHBOUR * self._fade(self._groups.groups[group], at, None)
                    if presence.parts[Part.OWN] and weight > 0.01:
                        words = f"{profile.subject} {neighbour.words}"
                        item = Evidence("neighbour", weight, words, neighbour.name, token)
                        found.setdefault(group, []).append(item)

    def _candidate(
        self, live: Live, profile: Profile, name: str, at: datetime, evidence: list[Evidence]
    ) -> Candidate:
        if self._is_recent(live, at):
            if profile.namespace and profile.namespace in live.namespaces:
                evidence.append(Evidence("same_namespace", _NAMESPACE, "namespace", profile.namespace, ""))
            if name in live.names:
                evidence.append(Evidence("same_kind", _KIND, "alertname", name, ""))
        return Candidate(live, evidence, combined(evidence))

    def _session(self, at: datetime, near: Near) -> tuple[Live, Evidence] | None:
        if near.last is None:
            return None
        live = self._groups.groups.get(near.last[0])
        gap_s = (at - near.last[1]).total_seconds()
        if live is None or gap_s > self._settings.session_s:
            return None
        kind = "cluster" if near.scope.endswith("/") else "namespace"
        words = f"{kind} {near.scope.strip('/')}"
        return live, Evidence("session", _SESSION, f"{gap_s:.0f}", words, near.scope)

    def _is_recent(self, live: Live, at: datetime) -> bool:
        return (at - live.standing.active_at).total_seconds() <= self._settings.window_s

    def _fade(self, live: Live, at: datetime, same: Presence | bool | None) -> float:
        settings = self._settings
        idle_s = (at - live.standing.active_at).total_seconds()
        if idle_s <= settings.session_s:
            return 1.0
        if idle_s <= settings.window_s:
            return 1.0 - (1.0 - _FAR) * (idle_s - settings.session_s) / (
                settings.window_s - settings.session_s
            )
        age_s = (at - live.standing.opened_at).total_seconds()
        if isinstance(same, Presence) and same.firing and age_s <= settings.max_age_s:
            return _STILL_FIRING
        return 0.0

    @staticmethod
    def _elsewhere(attribute: Attribute, profile: Profile, live: Live) -> float:
        if attribute.key != "app" or not profile.namespace or profile.namespace in live.namespaces:
            return 1.0
        return 1.0 if "" in live.namespaces else _OTHER_NAMESPACE


def are_apart(one: Live, other: Live) -> bool:
    """Tell whether people said of series in the two groups that they do not belong together."""
    return conflicts(one.sides, other)


def conflicts(sides: dict[int, int], live: Live) -> bool:
    """Tell whether a group holds the other side of a split that people made."""
    return any(live.sides.get(verdict, side) != side for verdict, side in sides.items())


def _add_session(ranked: list[Candidate], live: Live, item: Evidence) -> None:
    for candidate in ranked:
        if candidate.live is live:
            before = candidate.score
            candidate.evidence.append(item)
            candidate.score = combined(candidate.evidence)
            candidate.weak = before < _SESSION
            return
    ranked.append(Candidate(live, [item], combined([item]), weak=True))
