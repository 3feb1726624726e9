"""Say what holds of two groups whatever was weighed: where and when they were, what they share."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from msgspec import Struct

from alertmesh.core.entries import Action
from alertmesh.core.judgement import Judgement, Party
from alertmesh.core.records import Records
from alertmesh.correlate.attributes import Part
from alertmesh.correlate.decisions import Decisions
from alertmesh.correlate.live import Live
from alertmesh.correlate.memory import Memory
from alertmesh.correlate.verdicts import Verdicts
from alertmesh.correlate.words import word_token

_TOLD = 3
_LOOKED_AT = 512
_PARTING = frozenset({Action.SPLIT, Action.UNRELATED, Action.MOVE})


class Between(Struct, frozen=True):
    """How two groups stand to each other, in sentences.

    `shares` says that they have to do with the same thing, `met` that both were active in one scope
    at one time.
    """

    shares: bool
    met: bool
    told: tuple[str, ...]


def between_them(one: Live, other: Live, memory: Memory, called: Callable[[int], str]) -> Between:
    """Return what two groups share or do not, and how far apart they are in place and time."""
    smaller, larger = sorted((one, other), key=lambda live: (len(live.members), live.id))
    first, second = sorted((one, other), key=lambda live: (live.standing.opened_at, live.id))
    shared = [*dict.fromkeys(_values(smaller, larger, memory))]
    scopes = (one.standing.scope, other.standing.scope)
    told = [_shared(shared)]
    if scopes[0] != scopes[1]:
        named = " and ".join(scope or "no cluster" for scope in scopes)
        told.append(f"They are of different clusters, {named}")
    ended = first.standing.cleared_at
    is_over = ended is not None and ended < second.standing.opened_at
    told.append(_times(first, second, called))
    return Between(bool(shared), scopes[0] == scopes[1] and not is_over, tuple(told))


def names_of(live: Live, decisions: Decisions, memory: Memory) -> frozenset[int]:
    """Return the numbers under which a group was weighed: its own, and those that were merged into it."""
    chosen = {decision.group for _, decision in decisions.of_all(live.members)}
    open_now = memory.groups.groups
    return frozenset({live.id, *(group for group in chosen if group and group not in open_now)})


def verdicts(
    one: Live, other: Live, judgements: Records[int, Judgement], parted: Verdicts
) -> tuple[str, ...]:
    """Return what people said against the two being one, the newest first, with who said it."""
    told: list[str] = []
    for number in sorted(judgements, reverse=True):
        judgement = judgements[number]
        if judgement.action in _PARTING and len(told) < _TOLD:
            pair = _parted(judgement, one, other) or _parted(judgement, other, one)
            if pair is not None:
                told.append(f"{judgement.actor} said that {pair} ({judgement.at:%Y-%m-%d %H:%M})")
    smaller, larger = sorted((one, other), key=lambda live: len(live.members))
    if not told and parted.against(larger, smaller.members):
        told.append("People said that series of the two do not belong together")
    return tuple(told)


def _parted(judgement: Judgement, one: Live, other: Live) -> str | None:
    against = judgement.behind if judgement.action is Action.MOVE else judgement.right
    left = next((party for party in judgement.left if party.series in one.members), None)
    right = next((party for party in against if party.series in other.members), None)
    if left is None or right is None:
        return None
    return f"{_named(left)} does not belong with {_named(right)}"


def _named(party: Party) -> str:
    return " on ".join(part for part in (party.name, party.subject) if part) or party.series


def _shared(found: Sequence[str]) -> str:
    if not found:
        return "They share no thing, no place and no call"
    more = f" and {len(found) - _TOLD} more" if len(found) > _TOLD else ""
    return f"Both have to do with {', '.join(found[:_TOLD])}{more}"


def _values(smaller: Live, larger: Live, memory: Memory) -> Iterator[str]:
    for place, series in enumerate(sorted(smaller.members)):
        if place >= _LOOKED_AT:
            return
        for item in sorted(
            smaller.members[series].profile.attributes, key=lambda item: item.part is Part.PLACE
        ):
            if memory.groups.presence(item.token, larger.id) is not None:
                yield f"{item.key} {item.value}"
        belonging = smaller.members[series]
        for word in belonging.words:
            if memory.groups.presence(word_token(belonging.profile.cluster, word), larger.id) is not None:
                yield f"“{word}” in their texts"


def _times(first: Live, second: Live, called: Callable[[int], str]) -> str:
    began, ended = second.standing.opened_at, first.standing.cleared_at
    one, other = called(first.id), called(second.id)
    one, other = one[:1].upper() + one[1:], other[:1].upper() + other[1:]
    if ended is not None and ended < began:
        return f"{one} had been clear for {span(ended, began)} when {called(second.id)} began"
    gap = span(first.standing.opened_at, began)
    return f"{other} began {gap} after {called(first.id)}, which was not over then"


def span(since: datetime, until: datetime) -> str:
    """Return how long it was in words.

    >>> from datetime import timedelta
    >>> start = datetime(2026, 1, 1)
    >>> [span(start, start + timedelta(seconds=s)) for s in (14, 600, 20_000, 400_000)]
    ['14 s', '10 min', '5.6 h', '4.6 days']
    """
    seconds = (until - since).total_seconds()
    if seconds < 90.0:
        return f"{seconds:.0f} s"
    if seconds < 5_400.0:
        return f"{seconds / 60.0:.0f} min"
    return f"{seconds / 3_600.0:.1f} h" if seconds < 172_800.0 else f"{seconds / 86_400.0:.1f} days"
