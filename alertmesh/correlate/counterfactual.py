"""Work out what would have kept a series out of its group, from the reasons that are stored with it."""

from collections.abc import Mapping, Sequence
from math import exp, log, prod

from alertmesh.core.group import Reason
from alertmesh.correlate.features import HABIT, LIKENESS, RELATION, SHAPE, TIME
from alertmesh.correlate.reasons import PRIOR

_TOLD = 3
_SIDE = frozenset({PRIOR, "inhibited"})  # they say nothing of whether the two belong together
_WORDS = {
    TIME: "the time between them",
    LIKENESS: "what they share or do not",
    HABIT: "how often these alerts come by themselves",
    RELATION: "how often such alerts came together before",
    SHAPE: "how large the group is",
}


def words(feature: str) -> str:
    """Return what a family of evidence looks at; of another feature its name."""
    return _WORDS.get(feature, feature.replace("_", " "))


def is_log_odds(reasons: Sequence[Reason]) -> bool:
    """Tell whether the weights of reasons are log-odds, which add up, or shares of the doubt."""
    return any(reason.feature == PRIOR for reason in reasons)


def reproduced(reasons: Sequence[Reason]) -> float:
    """Return the score that stored reasons stand for, as the chooser came to it.

    >>> reproduced([Reason("same_thing", "", 0.75), Reason("session", "", 0.5)])
    0.875
    """
    counting = [reason.weight for reason in reasons if reason.feature != "inhibited"]
    if is_log_odds(reasons):
        return 1.0 / (1.0 + exp(-sum(counting)))
    return 1.0 - prod(1.0 - weight for weight in counting)


def kept_out(
    reasons: Sequence[Reason], threshold: float, rival: Mapping[str, float], called: str
) -> tuple[str, ...]:
    """Return in sentences what would have kept a series out; `rival` are the terms of the next best group.

    First each single family of evidence without which it would not have joined, then those that
    would have been too little had they spoken as they did for the rival.
    """
    speaking = sorted(
        (one for one in reasons if one.weight > 0 and one.feature not in _SIDE),
        key=lambda one: (-one.weight, one.feature),
    )
    told = []
    for one in speaking:
        left = reproduced([other for other in reasons if other is not one])
        if left < threshold:
            told.append(_without([one], left, threshold))
    told = told[:_TOLD] or _together(reasons, speaking, threshold)
    return (*told, *_like_the_rival(reasons, threshold, rival, called))


def _together(reasons: Sequence[Reason], speaking: Sequence[Reason], threshold: float) -> list[str]:
    """Return the fewest pieces of evidence, strongest first, that it takes to fall short."""
    for count in range(2, len(speaking) + 1):
        gone = speaking[:count]
        left = reproduced([other for other in reasons if other not in gone])
        if left < threshold:
            return [f"No single piece of evidence decides it. {_without(gone, left, threshold)}"]
    return ["Nothing that was weighed would have kept it out by being absent"]


def _without(gone: Sequence[Reason], left: float, threshold: float) -> str:
    named = " and ".join(f"“{one.text}”" for one in gone)
    return f"Without {named} it would have been {percent(left)}, and it takes {percent(threshold)}"


def _like_the_rival(
    reasons: Sequence[Reason], threshold: float, rival: Mapping[str, float], called: str
) -> list[str]:
    told = []
    for one in reasons:
        there = rival.get(one.feature)
        if there is None or there >= one.weight:
            continue
        left = reproduced([other for other in reasons if other is not one] + [_with(one, there)])
        if left < threshold:
            text = f"Had {words(one.feature)} been as for {called}"
            told.append((one.weight - there, f"{text}, it would have been {percent(left)}"))
    return [text for _, text in sorted(told, key=lambda item: (-item[0], item[1]))[:1]]


def _with(one: Reason, weight: float) -> Reason:
    return Reason(one.feature, one.text, weight)


def percent(share: float) -> str:
    """Return a probability as people read it: never 0 % or 100 % where it is neither.

    >>> percent(0.934), percent(0.9999), percent(0.0001), percent(1.0)
    ('93 %', 'over 99 %', 'under 1 %', '100 %')
    """
    if 0.995 <= share < 1.0:
        return "over 99 %"
    return "under 1 %" if 0.0 < share < 0.005 else f"{share * 100:.0f} %"


def odds(share: float) -> float:
    """Return the log-odds of a probability, kept finite.

    >>> round(odds(0.5), 3), round(odds(1.0), 1)
    (0.0, 11.5)
    """
    held = min(max(share, 1e-5), 1.0 - 1e-5)
    return log(held / (1.0 - held))
