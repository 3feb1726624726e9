"""Put the trained model's terms into reasons: one sentence a family, and together they make the score."""

from math import exp, expm1

from alertmesh.core.group import Join, Reason
from alertmesh.correlate.explain import Wording
from alertmesh.correlate.features import FAMILIES, HABIT, LIKENESS, NAMES, RELATION, SHAPE, TIME, Newcomer
from alertmesh.correlate.judge import Option, probability

PRIOR = "prior"
_AT = {name: place for place, name in enumerate(NAMES)}
_OFTEN = 2.0


def explained(newcomer: Newcomer, option: Option, prior: float) -> Join:
    """Return the join of a newcomer to a group: its reasons' weights, log-odds, add up to the score's."""
    told = {
        TIME: _time(option),
        LIKENESS: _likeness(newcomer, option),
        HABIT: _habit(newcomer, option),
        RELATION: _relation(newcomer, option),
        SHAPE: _shape(option),
    }
    reasons = [
        Reason(family, told[family], round(term, 1))
        for family, term in zip(FAMILIES, option.terms, strict=True)
    ]
    reasons.sort(key=lambda reason: (-abs(reason.weight), reason.feature))
    reasons.append(Reason(PRIOR, "Before anything is known of the two", round(prior, 1)))
    return Join(round(probability(sum(reason.weight for reason in reasons)), 4), tuple(reasons))


def _time(option: Option) -> str:
    gap, quiet = _value(option, "gap"), _value(option, "quiet")
    since = f"The group took its last alert {_span(gap)} before"
    if quiet > 0.0:
        return f"{since} and was quiet for {_span(quiet)}"
    return f"{since} and still fires" if option.live.firing else since


def _likeness(newcomer: Newcomer, option: Option) -> str:
    if option.likeness is not None and option.likeness.evidence:
        return Wording.sentence(option.likeness.strongest)
    steps = _value(option, "steps")
    if steps == 0.0:
        return f"Both are about {newcomer.profile.subject}"
    if steps in (1.0, 2.0):
        return f"{newcomer.profile.subject} is {'one step' if steps == 1.0 else 'two steps'} from the group"
    return "They share no thing and no place"


def _habit(newcomer: Newcomer, option: Option) -> str:
    times = round(expm1(newcomer.habit.own))
    usual = _value(option, "usual")
    crowd = ", as do the alerts of the group" if usual > _OFTEN else ""
    if times:
        return f"This alert comes by itself, about {times} times in the last half day{crowd}"
    return "This alert was not seen in the last half day"


def _relation(newcomer: Newcomer, option: Option) -> str:
    met = round(expm1(_value(option, "met")))
    if not met:
        return f"It is not known yet what {newcomer.name} comes with"
    lift = exp(_value(option, "affinity"))
    return f"{newcomer.name} came with a kind of the group {met} times, {lift:.1f} times what chance gives"


def _shape(option: Option) -> str:
    live = option.live
    return f"The group holds {len(live.members)} series of {len(live.subjects)} things"


def _value(option: Option, name: str) -> float:
    return option.features[_AT[name]]


def _span(log_seconds: float) -> str:
    seconds = expm1(log_seconds)
    if seconds < 1.0:
        return "a moment"
    if seconds < 10.0:
        return "seconds"
    if seconds < 90.0:
        return f"{round(seconds, -1):.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400.0 else f"{seconds / 3600:.0f} h"
