"""Weigh what one new series shares with each open group."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from alertmesh.correlate.attributes import Attribute, Part, Profile
from alertmesh.correlate.explain import Evidence, strength
from alertmesh.correlate.live import Live, Presence
from alertmesh.correlate.settings import CorrelateSettings

SESSION = 0.5
"""What it counts that a group had a new alert of the same namespace a moment ago."""

_SAME = {"pod": 0.9, "node": 0.8, "app": 0.75}
_SAME_GLOBAL = 0.95
_BY_OTHERS = (0.0, 0.2, 0.4, 0.6, 0.7)  # how many other things at the same place fire as well
# By how the series stands to a value: what it means that members are it, call it, or lie there, and
# how much that counts at most; 0 where that depends on the value.
_MATCHES: dict[Part, tuple[tuple[str, float], tuple[str, float], tuple[str, float]]] = {
    Part.OWN: (("same_thing", 0.0), ("depended_on", 0.7), ("carries", 0.65)),
    Part.PEER: (("depends_on", 0.7), ("shared_callee", 0.55), ("carries", 0.65)),
    Part.PLACE: (("runs_there", 0.65), ("runs_there", 0.65), ("shared_place", 0.0)),
}
_NEIGHBOUR = 0.45
_NAMESPACE = 0.12
_KIND = 0.12
_LEAST = 0.01
_FAR = 0.5  # what is left of evidence at the end of the window
_STILL_FIRING = 0.8
_OTHER_NAMESPACE = 0.5
_SLACK = 1e-9

_Piece = tuple[float, str, Attribute, float]
"""Evidence before anybody asked for it: weight, feature, the attribute that says it, and share."""


class Candidate(Struct, gc=False):
    """A group that a series may join: the evidence, and how much doubt it leaves, from 1 to 0.

    `weak` says that without time and namespace there would not be enough.
    """

    live: Live
    evidence: list[Evidence]
    doubt: float = 1.0
    weak: bool = False

    @property
    def score(self) -> float:
        """Return the joint strength: each piece takes its share of the doubt that the others left."""
        return 1.0 - self.doubt

    @property
    def strongest(self) -> Evidence:
        """Return the piece of evidence that counts most."""
        return min(self.evidence, key=strength)

    def add(self, item: Evidence) -> None:
        """Take in a piece of evidence."""
        self.evidence.append(item)
        self.doubt *= 1.0 - item.weight


class Subject(Struct, frozen=True, gc=False):
    """The series that is weighed: its profile, its alertname, every value that it carries, telling words."""

    profile: Profile
    name: str
    attributes: Sequence[Attribute]
    words: Sequence[str] = ()


class Pace(Struct, frozen=True, gc=False):
    """How evidence fades with the time since a group's last new series."""

    settings: CorrelateSettings
    session: timedelta
    window: timedelta
    most: timedelta

    @classmethod
    def of(cls, settings: CorrelateSettings) -> "Pace":
        """Return the pace that is set."""
        return cls.within(settings, settings.window_s)

    @classmethod
    def within(cls, settings: CorrelateSettings, window_s: float) -> "Pace":
        """Return the pace that is set, save for the window."""
        spans = (settings.session_s, window_s, settings.max_age_s)
        return cls(settings, *(timedelta(seconds=span) for span in spans))

    def fade(self, live: Live, at: datetime) -> float:
        """Return what is left of evidence, from 1 to 0; 0 when the window is over."""
        idle = at - live.standing.active_at
        if idle <= self.session:
            return 1.0
        if idle > self.window:
            return 0.0
        return 1.0 - (1.0 - _FAR) * ((idle - self.session) / (self.window - self.session))

    def still(self, presence: Presence, at: datetime) -> float:
        """Return what is left, after the window, for the same thing while it still fires."""
        young = at - presence.live.standing.opened_at <= self.most
        return _STILL_FIRING if presence.firing and young else 0.0


class Weighing:
    """The evidence for each group, gathered for one series at one moment."""

    __slots__ = ("_at", "_fades", "_found", "_pace", "_subject")

    def __init__(self, pace: Pace, subject: Subject, at: datetime) -> None:
        self._pace = pace
        self._subject = subject
        self._at = at
        self._fades: dict[Live, float] = {}
        self._found: dict[Live, list[_Piece]] = {}

    def share(self, attribute: Attribute, carrying: Collection[Presence], rarity: float) -> None:
        """Weigh for each group that it carries a value of the series."""
        part = attribute.part
        (own_says, own), (peer_says, peer), (place_says, place) = _MATCHES[part]
        if part is Part.PLACE:
            self._lie_together(attribute, carrying, rarity)
        elif part is Part.OWN:
            own = _SAME.get(attribute.key, _SAME_GLOBAL)
        for presence in carrying:
            fade = self._fade(presence.live) if presence.own or presence.peer or place else 0.0
            if presence.own:
                left = self._pace.still(presence, self._at) if not fade and part is Part.OWN else fade
                self._add(presence.live, own * (rarity * left), own_says, attribute)
            if presence.peer and fade:
                part_of = min(1.0, 2 * presence.peer / (presence.live.strong or 1))
                self._add(presence.live, peer * part_of * (rarity * fade), peer_says, attribute)
            if presence.place and place and fade:
                part_of = min(1.0, 2 * presence.place / (presence.live.strong or 1))
                self._add(presence.live, place * part_of * (rarity * fade), place_says, attribute)

    def _lie_together(self, attribute: Attribute, carrying: Collection[Presence], rarity: float) -> None:
        """Weigh for each group that its series lie where this one does: by far the most common likeness."""
        place, found = _BY_OTHERS[self._others(carrying)], self._found
        if not place:
            return
        for presence in carrying:
            live, count = presence.live, presence.place
            fade = self._fade(live) if count else 0.0
            if fade:
                share = count / live.strong if count < live.strong else 1.0
                weight = place * (2 * share if share < 0.5 else 1.0) * (rarity * fade)
                if weight > _LEAST:
                    pieces = found.get(live)
                    if pieces is None:
                        pieces = found[live] = []
                    pieces.append((weight, "shared_place", attribute, share))

    def neighbour(self, told: Attribute, carrying: Collection[Presence]) -> None:
        """Weigh for each group that it is about a thing one step away; `told` has it in words."""
        for presence in carrying:
            if presence.own:
                self._add(presence.live, _NEIGHBOUR * self._fade(presence.live), "neighbour", told)

    def tell(self, live: Live, weight: float, feature: str, told: Attribute) -> None:
        """Weigh for one group what somebody else found; it fades as all evidence does."""
        self._add(live, weight * self._fade(live), feature, told)

    def ranked(self, near: tuple[Live, Evidence] | None) -> list[Candidate]:
        """Return the groups whose score reaches the threshold, best first; ties go to the older group.

        `near` is the group for which time alone speaks, and in which words. Most groups of a busy
        place share too little to get there with all that could still be added: they are left at once.
        """
        here, words = near if near is not None else (None, None)
        threshold = self._pace.settings.threshold
        enough = (1.0 - threshold + _SLACK) / ((1.0 - _NAMESPACE) * (1.0 - _KIND))
        if here is not None:
            self._found.setdefault(here, [])
        ranked = []
        for live, pieces in self._found.items():
            doubt = 1.0
            for piece in pieces:
                doubt *= 1.0 - piece[0]
            if doubt <= enough or live is here:
                candidate = self._candidate(live, pieces, doubt, words if live is here else None)
                if candidate.score >= threshold:
                    ranked.append(candidate)
        if len(ranked) > 1:
            ranked.sort(key=lambda candidate: (-candidate.score, candidate.live.id))
        return ranked

    def alike(self, limit: int) -> list[Candidate]:
        """Return the groups that share anything, the most alike first, no more than `limit`."""
        found = []
        for live, pieces in self._found.items():
            doubt = 1.0
            for piece in pieces:
                doubt *= 1.0 - piece[0]
            found.append((doubt, -live.id, live, pieces))
        found.sort()
        candidates = [self._candidate(live, pieces, doubt, None) for doubt, _, live, pieces in found[:limit]]
        candidates.sort(key=lambda candidate: (-candidate.score, -candidate.live.id))
        return candidates

    def _add(self, live: Live, weight: float, feature: str, told: Attribute) -> None:
        if told.key == "app":
            weight *= self._elsewhere(live)
        if weight > _LEAST:
            self._found.setdefault(live, []).append((weight, feature, told, 1.0))

    def _candidate(self, live: Live, pieces: list[_Piece], doubt: float, near: Evidence | None) -> Candidate:
        """Make a candidate, and add what is no reason to look at a group but speaks for it."""
        subject = self._subject
        evidence = [
            Evidence(feature, weight, told.key, told.value, told.token, share)
            for weight, feature, told, share in pieces
        ]
        candidate = Candidate(live, evidence, doubt)
        if pieces and self._fade(live):
            namespace = subject.profile.namespace
            if namespace and namespace in live.namespaces:
                candidate.add(Evidence("same_namespace", _NAMESPACE, "namespace", namespace, ""))
            if subject.name in live.names:
                candidate.add(Evidence("same_kind", _KIND, "alertname", subject.name, ""))
        if near is not None:
            candidate.weak = candidate.score < SESSION
            candidate.add(near)
        return candidate

    def _others(self, carrying: Collection[Presence]) -> int:
        """Return how many other things are at a place, as far as that makes a difference."""
        most = len(_BY_OTHERS) - 1
        seen: set[str] = set()
        for presence in carrying:
            subjects = presence.subjects
            if subjects and self._fade(presence.live):
                if len(subjects) > most:
                    return most
                seen.update(subjects)
                if len(seen) > most:
                    return most
        seen.discard(self._subject.profile.subject)
        return min(most, len(seen))

    def _fade(self, live: Live) -> float:
        fade = self._fades.get(live)
        if fade is None:
            fade = self._fades[live] = self._pace.fade(live, self._at)
        return fade

    def _elsewhere(self, live: Live) -> float:
        """Return what an app's name still says of a group in which other namespaces have it."""
        namespace = self._subject.profile.namespace
        if not namespace or namespace in live.namespaces or "" in live.namespaces:
            return 1.0
        return _OTHER_NAMESPACE
