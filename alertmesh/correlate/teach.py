"""Turn people's judgements into lessons: what was weighed then, and what people say is right."""

from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct

from alertmesh.core.entries import Action
from alertmesh.core.judgement import Judgement, Party
from alertmesh.correlate.adapt import Adapter
from alertmesh.correlate.counterfactual import odds
from alertmesh.correlate.decisions import Decision, Decisions, Weighed
from alertmesh.correlate.features import FAMILIES

MOST_LESSONS = 8
"""How many decisions one judgement teaches from: one click on a large incident must not swing it all."""

REHEARSED = 16
"""How many other decisions are gone over again for each lesson."""


class Lesson(Struct, frozen=True, gc=False):
    """What was thought of one series and one group, and whether people say that it belongs there."""

    series: str
    decision: Decision
    weighed: Weighed
    belongs: bool

    @property
    def disagreement(self) -> float:
        """Return how far from people's word the decision was, 0 to 1."""
        return abs(float(self.belongs) - self.weighed.probability)


class Teacher:
    """Teach the adapter from judgements by way of the decisions that are remembered."""

    def __init__(self, decisions: Decisions, adapter: Adapter) -> None:
        self._decisions = decisions
        self._adapter = adapter

    def learn(self, judgement: Judgement) -> None:
        """Learn from one judgement: from the decisions that were furthest from it, a bounded number.

        A decision that was right already teaches little, since little is to be corrected. People speak
        of mistakes only, so each lesson goes with some decisions that nobody objected to, to be thought
        of as before: else a hundred splits would teach that nothing ever belongs together.
        """
        lessons = sorted(self._lessons(judgement), key=lambda one: (-one.disagreement, one.series))
        for lesson in lessons:
            self._decisions.contradict(lesson.series)
        del lessons[MOST_LESSONS:]
        others = self._decisions.unopposed(REHEARSED * len(lessons)) if lessons else []
        for place, lesson in enumerate(lessons):
            terms, prior = _evidence(lesson.decision, lesson.weighed)
            self._adapter.learn(terms, lesson.belongs, prior)
            for decision in others[place * REHEARSED : (place + 1) * REHEARSED]:
                likeliest = decision.weighed[0]
                terms, prior = _evidence(decision, likeliest)
                self._adapter.rehearse(terms, likeliest.probability, prior)

    def _lessons(self, judgement: Judgement) -> Iterator[Lesson]:
        left, right = _ids(judgement.left), _ids(judgement.right)
        here, there = judgement.groups
        match judgement.action:
            case Action.MERGE:
                yield from self._about(left, self._names(right, there), True)
                yield from self._about(right, self._names(left, here), True)
            case Action.SPLIT | Action.UNRELATED if here == there:
                yield from self._within(left, right, here)
            case Action.SPLIT | Action.UNRELATED:
                yield from self._about(left, self._names(right, there), False)
                yield from self._about(right, self._names(left, here), False)
            case Action.MOVE:
                yield from self._within(left, _ids(judgement.behind), here)
                yield from self._about(left, self._names(right, there), True)
            case _:
                return

    def _within(self, leaving: Sequence[str], staying: Sequence[str], group: int) -> Iterator[Lesson]:
        """Yield what led to series being together that do not belong so.

        Those that leave were put with those that stay if they came after one of them; and if they were
        there first, the first of those that stay was put with them.
        """
        names = self._names((*leaving, *staying), group)
        came = [decision.at for _, decision in self._decisions.of_all(staying)]
        if not came:
            yield from self._about(leaving, names, False)
            return
        first = min(came)
        before = False
        for series, decision in self._decisions.of_all(leaving):
            weighed = decision.about(names)
            if decision.at < first or not decision.group:
                before = True
            elif weighed is not None:
                yield Lesson(series, decision, weighed, False)
        if before:
            newest = sorted((decision.at, series) for series, decision in self._decisions.of_all(staying))
            yield from self._about([newest[0][1]], names, False)

    def _about(self, series: Iterable[str], groups: frozenset[int], belongs: bool) -> Iterator[Lesson]:
        for one, decision in self._decisions.of_all(frozenset(series)):
            weighed = decision.about(groups)
            if weighed is not None:
                yield Lesson(one, decision, weighed, belongs)

    def _names(self, series: Sequence[str], group: int) -> frozenset[int]:
        """Return under which numbers the group of some series was weighed, as far as it is remembered."""
        chosen = {decision.group for _, decision in self._decisions.of_all(frozenset(series))}
        return frozenset({*chosen, group} - {0})


def _evidence(decision: Decision, weighed: Weighed) -> tuple[dict[str, float], float]:
    """Return what each family said before it was weighted, and what held before the evidence."""
    *weights, bias = decision.weights or (*(1.0 for _ in FAMILIES), 0.0)
    raw = [term / weight for term, weight in zip(weighed.terms, weights, strict=True)]
    return dict(zip(FAMILIES, raw, strict=True)), odds(weighed.probability) - sum(weighed.terms) - bias


def _ids(parties: Iterable[Party]) -> tuple[str, ...]:
    return tuple(party.series for party in parties)
