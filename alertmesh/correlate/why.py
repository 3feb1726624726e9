"""Say why a series is in its group and why two groups are not one; everything here only looks."""

from collections.abc import Callable
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from alertmesh.core.group import Join, Reason
from alertmesh.core.why import Opinion, Rival, Why, WhyApart
from alertmesh.correlate.choosing import Chooser
from alertmesh.correlate.counterfactual import is_log_odds, kept_out, percent, reproduced, words
from alertmesh.correlate.decisions import PAST, TIME_ALONE, Decision, Decisions, Weighed
from alertmesh.correlate.features import FAMILIES, Newcomer
from alertmesh.correlate.judgement import People
from alertmesh.correlate.live import Belonging, Live
from alertmesh.correlate.memory import Memory
from alertmesh.correlate.reasons import PRIOR
from alertmesh.correlate.tempo import Tempo
from alertmesh.correlate.whyfacts import Between, between_them, names_of, verdicts

_ALONE = "first"
_BARRED = {
    PAST: "all of it was over for more than twice as long as alerts there usually last",
    TIME_ALONE: "nothing but time spoke for it, in a cluster that several systems share",
}

Called = Callable[[int], str]
"""What people know a group by, such as the number of its incident."""


class Sources(Struct, frozen=True):
    """What the answers are taken from, and how groups are named in them."""

    memory: Memory
    decisions: Decisions
    people: People
    tempo: Tempo
    chooser: Chooser
    called: Called


class Explainer:
    """Answer why; nothing is learned or changed by asking."""

    def __init__(self, sources: Sources) -> None:
        self._memory = sources.memory
        self._decisions = sources.decisions
        self._people = sources.people
        self._tempo = sources.tempo
        self._chooser = sources.chooser
        self._called = sources.called

    def why(self, series: str) -> Why | None:
        """Return why a series is in its group; None for one that is in none."""
        belonging = self._memory.members.get(series)
        if belonging is None or not belonging.group:
            return None
        decision = self._decision(series, belonging)
        rival = _rival(decision, belonging)
        return Why(
            series=series,
            name=belonging.name,
            entity=belonging.profile.subject,
            group=belonging.group,
            joined_at=belonging.joined_at,
            probability=round(reproduced(belonging.join.reasons), 4),
            threshold=self._chooser.threshold,
            log_odds=is_log_odds(belonging.join.reasons),
            reasons=belonging.join.reasons,
            kept_out=self._kept_out(series, belonging, decision, rival),
            rival=Rival(rival.group, rival.probability) if rival is not None else None,
        )

    def apart(self, one: int, other: int) -> WhyApart | None:
        """Return why two open groups are not one; None when one of them is not open."""
        groups = self._memory.groups.groups
        here, there = groups.get(one), groups.get(other)
        if here is None or there is None or here is there:
            return None
        said = verdicts(here, there, self._people.judgements, self._memory.verdicts)
        then, now = self._then(here, there), self._now(here, there)
        between = between_them(here, there, self._memory, self._called)
        return WhyApart(
            groups=(one, other),
            answer=self._answer(said, then, between),
            verdicts=said,
            facts=between.told,
            then=then,
            now=now,
        )

    def _decision(self, series: str, belonging: Belonging) -> Decision | None:
        """Return what was weighed when the series came into its present place."""
        decision = self._decisions.of(series)
        is_this = decision is not None and decision.at == belonging.joined_at
        return decision if is_this else None

    def _kept_out(
        self, series: str, belonging: Belonging, decision: Decision | None, rival: Weighed | None
    ) -> tuple[str, ...]:
        reasons = belonging.join.reasons
        features = {reason.feature for reason in reasons}
        if "person" in features or self._people.is_placed(series):
            return ("People put it here: only another word of theirs takes it out",)
        if "explained" in features:
            return (
                "Without the inhibition rule that names its cause it would have been weighed as others are",
            )
        if _ALONE in features:
            return (self._alone(belonging, decision),)
        terms = dict(zip(FAMILIES, rival.terms, strict=True)) if rival is not None else {}
        named = self._called(rival.group) if rival is not None else ""
        return kept_out(reasons, self._chooser.threshold, terms, named)

    def _alone(self, belonging: Belonging, decision: Decision | None) -> str:
        """Return why a series began a group rather than joining one."""
        if self._memory.groups.groups[belonging.group].standing.opened_at < belonging.joined_at:
            return "It began a group of its own, which became one with this later"
        if decision is None or not decision.weighed:
            return "It began the group: no open group was worth weighing"
        best = decision.weighed[0]
        likely = f"It began the group: {self._called(best.group)} was {percent(best.probability)} likely"
        if best.barred and best.probability >= self._chooser.threshold:
            return f"{likely}, but {_BARRED[best.barred]}"
        return f"{likely}, and it takes {percent(self._chooser.threshold)}"

    def _answer(self, said: tuple[str, ...], then: Opinion | None, between: Between) -> str:
        if said:
            return said[0]
        if then is None:
            return f"Nobody weighed the two: {_why_nobody(between)}"
        likely, takes = percent(then.probability), percent(then.threshold)
        came = f"When {then.name} came, it was {likely} likely to belong to {self._called(then.group)}"
        if then.probability >= then.threshold:
            barred = then.barred and _BARRED[then.barred]
            return f"{came}, but {barred}" if barred else f"{came}, and likelier to belong elsewhere"
        reason = f"; {then.against_it[0].text} spoke most against it" if then.against_it else ""
        return f"{came}, and it takes {takes}{reason}"

    def _then(self, here: Live, there: Live) -> Opinion | None:
        """Return the strongest opinion that was formed of a series of one and the other group."""
        found: list[tuple[float, str, Decision, Weighed]] = []
        for mine, theirs in ((here, there), (there, here)):
            names = names_of(theirs, self._decisions, self._memory)
            for series, decision in self._decisions.of_all(mine.members):
                weighed = decision.about(names)
                if weighed is not None:
                    found.append((-weighed.probability, series, decision, weighed))
        if not found:
            return None
        _, series, decision, weighed = min(found, key=lambda item: item[:2])
        reasons = [
            Reason(family, words(family), round(term, 1))
            for family, term in zip(FAMILIES, weighed.terms, strict=True)
        ]
        opinion = self._opinion(series, weighed.group, decision.at, Join(weighed.probability, tuple(reasons)))
        return replace(opinion, barred=weighed.barred)

    def _now(self, here: Live, there: Live) -> Opinion | None:
        """Return what would be thought of the newest series of the smaller group in the larger one."""
        small, large = sorted((here, there), key=lambda live: (len(live.members), -live.id))
        if not small.members:
            return None
        series = max(small.members, key=lambda one: (small.members[one].began, one))
        belonging = small.members[series]
        at = max(belonging.began, large.standing.active_at)
        join = self._chooser.opinion(self._newcomer(series, belonging, at), belonging, large)
        return self._opinion(series, large.id, at, join)

    def _newcomer(self, series: str, belonging: Belonging, at: datetime) -> Newcomer:
        profile, kind = belonging.profile, belonging.sort
        return Newcomer(
            series=series,
            name=belonging.name,
            kind=kind,
            profile=profile,
            priority=belonging.priority,
            at=at,
            habit=self._tempo.known(series, kind, profile.scope, at.timestamp()),
        )

    def _opinion(self, series: str, group: int, at: datetime, join: Join) -> Opinion:
        reasons = sorted(join.reasons, key=lambda one: (-abs(one.weight), one.feature))
        told = [reason for reason in reasons if reason.feature != PRIOR]
        return Opinion(
            series=series,
            name=self._memory.members[series].name,
            group=group,
            at=at,
            probability=join.score,
            threshold=self._chooser.threshold,
            for_it=tuple(reason for reason in told if reason.weight > 0),
            against_it=tuple(reason for reason in told if reason.weight < 0),
        )


def _rival(decision: Decision | None, belonging: Belonging) -> Weighed | None:
    """Return the likeliest group beside the one that was chosen, save one that has become this one."""
    if decision is None:
        return None
    taken = {decision.group, belonging.group}
    return next((one for one in decision.weighed if one.group not in taken), None)


def _why_nobody(between: Between) -> str:
    if not between.shares and not between.met:
        return "they share nothing and were never active in the same scope at the same time"
    if not between.met:
        return "what they share came too late, or from another scope"
    return "when a series of one came, other groups were nearer"
