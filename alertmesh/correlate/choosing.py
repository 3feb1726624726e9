"""Choose the group that a newcomer joins: by what is shared alone, or by the trained model."""

from collections.abc import Sequence
from datetime import datetime
from math import expm1, log1p
from typing import Protocol

from msgspec import Struct
from msgspec.structs import replace

from alertmesh.core.group import Join
from alertmesh.correlate.attributes import pod_attribute
from alertmesh.correlate.decisions import PAST, TIME_ALONE, Decision, Weighed
from alertmesh.correlate.explain import ALONE, Wording
from alertmesh.correlate.features import NAMES, Newcomer
from alertmesh.correlate.judge import Judge, Option, Trace
from alertmesh.correlate.live import Belonging, Live
from alertmesh.correlate.memory import Memory
from alertmesh.correlate.online import Near, Scorer, are_apart, conflicts
from alertmesh.correlate.rarity import Rarity
from alertmesh.correlate.reasons import explained
from alertmesh.correlate.settings import CorrelateSettings
from alertmesh.correlate.weighing import Candidate, Subject

_WEAK = 0.5
_FAINT = 0.15
_CROWD = 0.55
_NEAR = 2.0
_MET, _AFFINITY = NAMES.index("met"), NAMES.index("affinity")
_OFTEN, _TELLING = log1p(3.0), log1p(2.0)
_STEPS, _GAP, _RIVAL = NAMES.index("steps"), NAMES.index("gap"), NAMES.index("rival")
_QUIET = NAMES.index("quiet")
_SPANS, _BRIEF_S = 2.0, 5.0
_PLAIN = 0.6
_MOMENT = log1p(75.0)
_ALIKE = 8
_MANY = 256
_REMEMBERED = 3


class Choice(Struct, gc=False):
    """Where a newcomer goes: into `live`, or a new group when that is None, and why.

    `weak` says that nothing but time speaks for it; `bound` are groups that it makes one with `live`,
    `decision` is what was weighed, to be remembered.
    """

    live: Live | None = None
    join: Join = ALONE
    weak: bool = False
    bound: tuple[tuple[Live, Join], ...] = ()
    decision: Decision | None = None


class Chooser(Protocol):
    """Chooses where a series goes that begins to fire; changes nothing."""

    renews: bool
    """Whether each series that fires again is judged anew."""

    @property
    def threshold(self) -> float:
        """Return the least score that joins."""
        ...

    def opinion(self, newcomer: Newcomer, belonging: Belonging, live: Live) -> Join:
        """Return what speaks for and against a newcomer belonging to one group, whichever it joins."""
        ...

    def choose(self, newcomer: Newcomer, belonging: Belonging) -> Choice:
        """Return the group of a newcomer."""
        ...


class AttributeChooser:
    """Choose by shared attributes, topology and session, without anything learned."""

    renews = False

    def __init__(
        self, settings: CorrelateSettings, memory: Memory, rarity: Rarity, scorer: Scorer, wording: Wording
    ) -> None:
        self._settings = settings
        self._memory = memory
        self._rarity = rarity
        self._scorer = scorer
        self._wording = wording

    @property
    def threshold(self) -> float:
        """Return the least score that joins."""
        return self._settings.threshold

    def opinion(self, newcomer: Newcomer, belonging: Belonging, live: Live) -> Join:
        """Return what a newcomer shares with one group."""
        found = self._scorer.alike(subject_of(belonging), newcomer.at, _MANY)
        shared = next((item for item in found if item.live is live), None)
        return self._wording.joined(shared.evidence, shared.score) if shared is not None else Join(0.0)

    def choose(self, newcomer: Newcomer, belonging: Belonging) -> Choice:
        """Return the group that shares most, if it shares enough."""
        at = newcomer.at
        candidates = self._candidates(newcomer, belonging)
        if not candidates:
            return Choice()
        best = candidates[0]
        bound = [
            (other.live, self._wording.joined(other.evidence, other.score))
            for other in candidates[1:]
            if self._scorer.are_bound(best, other, at)
        ]
        return Choice(best.live, self._wording.joined(best.evidence, best.score), best.weak, tuple(bound))

    def _candidates(self, newcomer: Newcomer, belonging: Belonging) -> list[Candidate]:
        profile, at = belonging.profile, newcomer.at
        judged = self._memory.judged(newcomer.series)
        scope = profile.session
        if profile.cluster and self._rarity.is_one_system(profile.cluster, at):
            scope = f"{profile.cluster}/"
        near = Near(scope, self._memory.session(scope))
        return [
            candidate
            for candidate in self._scorer.candidates(subject_of(belonging), at, near)
            if _is_young(candidate.live, at, self._settings) and not conflicts(judged, candidate.live)
        ]


class LearnedChooser:
    """Choose by the trained model. `trace` is shown what was weighed."""

    renews = True

    def __init__(
        self, settings: CorrelateSettings, memory: Memory, scorer: Scorer, judge: Judge, wording: Wording
    ) -> None:
        self._settings = settings
        self._memory = memory
        self._scorer = scorer
        self._judge = judge
        self._wording = wording
        own = settings.learned.threshold
        self.threshold = judge.threshold if own is None else own
        self.trace: Trace | None = None

    def opinion(self, newcomer: Newcomer, belonging: Belonging, live: Live) -> Join:
        """Return what the model thinks of one group beside those that it would look at."""
        own = belonging.group
        alike = self._scorer.alike(subject_of(belonging), newcomer.at, _MANY)
        first = sorted((one for one in alike if one.live.id != own), key=lambda one: one.live is not live)
        options = self._judge.options(newcomer, first[:_ALIKE], (live,))
        return next(
            explained(newcomer, option, self._judge.prior) for option in options if option.live is live
        )

    def choose(self, newcomer: Newcomer, belonging: Belonging) -> Choice:
        """Return the likeliest group, if it is likely enough."""
        alike = self._scorer.alike(subject_of(belonging), newcomer.at, _ALIKE)
        judged = self._memory.judged(newcomer.series)
        options = [
            option
            for option in self._judge.options(newcomer, alike)
            if _is_young(option.live, newcomer.at, self._settings) and not conflicts(judged, option.live)
        ]
        if self.trace is not None:
            self.trace(newcomer, options)
        one_system = self._scorer.is_one_system(newcomer.profile.cluster, newcomer.at)
        bars = [_bar(newcomer, option, one_system) for option in options]
        open_to = [option for option, bar in zip(options, bars, strict=True) if not bar]
        joins = bool(open_to) and open_to[0].probability >= self.threshold
        into = open_to[0].live.id if joins else 0
        decision = _decision(newcomer, options, bars, into, self._judge.weights)
        if not joins:
            return self._at_a_place(newcomer, open_to, decision)
        best, prior = open_to[0], self._judge.prior
        bound = [
            (other.live, explained(newcomer, other, prior))
            for other in open_to[1:]
            if self._are_bound(best, other, newcomer.at)
        ]
        join = explained(newcomer, best, prior)
        return Choice(best.live, join, _is_faint(best), tuple(bound), decision)

    def _at_a_place(self, newcomer: Newcomer, options: Sequence[Option], decision: Decision) -> Choice:
        """Return the largest group that lies where the newcomer does, or that alone shares much with it.

        The model has not seen a hundred hosts of a rack go down within a second. What is shared is
        reason enough then, for a series that does not come by itself all day.
        """
        if expm1(newcomer.habit.own) >= 1.0:
            return Choice(decision=decision)
        there = [option for option in options if _is_crowded(option.likeness) or _is_plain(option)]
        if not there:
            return Choice(decision=decision)
        best = min(there, key=lambda option: (-len(option.live.members), option.live.id))
        join = self._shared(best.likeness)
        return Choice(best.live, join, decision=replace(decision, group=best.live.id))

    def _shared(self, likeness: Candidate | None) -> Join:
        return self._wording.joined(likeness.evidence, likeness.score) if likeness is not None else ALONE

    def _are_bound(self, one: Option, other: Option, at: datetime) -> bool:
        """Tell whether a newcomer that belongs to both groups makes them one.

        What shares much with the one must share something with the other too: time alone ties no two.
        """
        settings = self._settings.learned
        if not _is_weak(one) and other.likeness is None:
            return False
        if min(one.probability, other.probability) < settings.bind:
            return False
        if min(len(one.live.members), len(other.live.members)) > settings.bind_series:
            return False
        opened = min(one.live.standing.opened_at, other.live.standing.opened_at)
        return (at - opened).total_seconds() <= settings.bind_age_s and not are_apart(one.live, other.live)


def subject_of(belonging: Belonging) -> Subject:
    """Return a series as it is weighed: its profile and every value that it carries."""
    profile = belonging.profile
    pod = (pod_attribute(belonging.pod, profile),) if belonging.pod else ()
    return Subject(profile, belonging.name, (*pod, *profile.attributes), belonging.words)


def _bar(newcomer: Newcomer, option: Option, one_system: bool) -> str:
    """Return what keeps a newcomer out of a group, however likely the model finds it; empty for nothing."""
    if _is_past(newcomer, option):
        return PAST
    return "" if one_system or _says_more_than_time(newcomer, option) else TIME_ALONE


def _says_more_than_time(newcomer: Newcomer, option: Option) -> bool:
    """Tell whether anything but time speaks for a group: likeness, a short way, habit together, or namespace.

    Where a cluster holds many systems, two troubles that begin in the same second are still two.
    """
    profile, live = newcomer.profile, option.live
    if option.likeness is not None or live.id == newcomer.home or profile.subject in live.lately:
        return True
    if option.features[_STEPS] <= _NEAR:
        return True
    if option.features[_MET] >= _OFTEN and option.features[_AFFINITY] >= _TELLING:
        return True
    return profile.namespace in live.namespaces if profile.namespace else not profile.cluster


def _is_past(newcomer: Newcomer, option: Option) -> bool:
    """Tell whether a group was over for much longer than alerts of the newcomer's scope usually last.

    What is a long silence depends on who speaks: events that are over in seconds begin something new
    after half a minute, alerts that stand for minutes do not.
    """
    return expm1(option.features[_QUIET]) > max(_BRIEF_S, _SPANS * expm1(newcomer.habit.span))


def _is_plain(option: Option) -> bool:
    """Tell whether a newcomer calls, carries or lies on what a group is about, and no other one half as much.

    The group must have taken a series a moment ago. How alerts about one thing follow each other, the
    model has seen often enough.
    """
    if option.likeness is None or option.likeness.score < _PLAIN:
        return False
    if option.likeness.strongest.feature == "same_thing":
        return False
    return option.features[_GAP] <= _MOMENT and option.features[_RIVAL] <= option.likeness.score / 2


def _is_crowded(likeness: Candidate | None) -> bool:
    """Tell whether a newcomer and a group lie at a place where many other things fire as well."""
    return likeness is not None and any(
        item.feature == "shared_place" and item.weight >= _CROWD for item in likeness.evidence
    )


def _is_faint(option: Option) -> bool:
    return option.likeness is None or option.likeness.score < _FAINT


def _is_weak(option: Option) -> bool:
    return option.likeness is None or option.likeness.score < _WEAK


def _is_young(live: Live, at: datetime, settings: CorrelateSettings) -> bool:
    return (at - live.standing.opened_at).total_seconds() <= settings.max_age_s


def _decision(
    newcomer: Newcomer,
    options: Sequence[Option],
    bars: Sequence[str],
    into: int,
    weights: tuple[float, ...],
) -> Decision:
    weighed = tuple(
        Weighed(
            option.live.id,
            round(option.probability, 4),
            tuple(round(term, 2) for term in option.terms),
            bar,
        )
        for option, bar in zip(options[:_REMEMBERED], bars, strict=False)
    )
    return Decision(newcomer.at, into, weighed, weights)
