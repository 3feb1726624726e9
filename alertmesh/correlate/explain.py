"""Put evidence into words: each piece says in one sentence what it saw and how much it counted."""

from collections.abc import Sequence
from math import prod

from msgspec import Struct

from alertmesh.core.group import Join, Reason, Role

_POOL = 8192


class Evidence(Struct, gc=False):
    """One piece of evidence for a group, before anybody asked for words.

    `feature` names the kind of evidence; `key` and `value` what was shared; `share` is how much
    of the group shares it, from 0 to 1.
    """

    feature: str
    weight: float
    key: str
    value: str
    token: str
    share: float = 1.0


_SENTENCES = {
    "same_thing": "both are about {key} {value}",
    "depends_on": "it calls {value}, which the group is about",
    "depended_on": "alerts of the group call {value}",
    "shared_callee": "it and the group both call {value}",
    "runs_there": "it is on {key} {value}, which the group is about",
    "carries": "alerts of the group are on {key} {value}",
    "shared_place": "{share:.0%} of the group share {key} {value}",
    "neighbour": "{key} {value}, which the group is about",
    "same_words": "both speak of {value}",
    "same_change": "both were touched by the same change {key} before, {value}",
    "same_namespace": "same namespace {value}",
    "same_kind": "the group already holds {value}",
    "session": "the group of {value} had a new alert {key} s before",
    "inhibited": "{value}",
    "person": "{value}",
    "rest": "{value} weaker pieces of evidence",
    "first": "nothing open is close enough; it begins a group",
}


class Wording:
    """Put evidence into words; equal words are kept once, since most joins of a storm say the same."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._reasons: dict[tuple[str, str, str, float, float], Reason] = {}
        self._joins: dict[tuple[object, ...], Join] = {}

    def joined(self, evidence: Sequence[Evidence], score: float) -> Join:
        """Return the join of a series: the strongest evidence first; what is over the limit counts as one."""
        ranked = sorted(evidence, key=strength) if len(evidence) > 1 else evidence
        told = [self._reason(item) for item in ranked[: self._limit]]
        if len(ranked) > self._limit:
            told.append(self._reason(_rest(ranked[self._limit :])))
        return self._join(round(score, 4), tuple(told), Role.MEMBER)

    def hidden(self, join: Join, text: str) -> Join:
        """Return `join` for a series that an inhibition rule hides."""
        reason = self._reason(Evidence("inhibited", 1.0, "", text, ""))
        return self._join(join.score, (reason, *_kept(join)), Role.SUPPRESSED)

    def shown(self, join: Join) -> Join:
        """Return `join` for a series that nothing hides any more."""
        return self._join(join.score, _kept(join) or ALONE.reasons, Role.MEMBER)

    def shared(self, join: Join) -> Join:
        """Return the one join that stands for all equal ones."""
        return self._join(join.score, tuple([self._known(reason) for reason in join.reasons]), join.role)

    @staticmethod
    def sentence(item: Evidence) -> str:
        """Return a piece of evidence in one sentence."""
        return _reason(item.feature, item.key, item.value, item.share, item.weight).text

    def _join(self, score: float, reasons: tuple[Reason, ...], role: Role) -> Join:
        # A join in the pool keeps its reasons alive, so no other reason can have their identities.
        key = (score, role, *map(id, reasons))
        join = self._joins.get(key)
        if join is None:
            if len(self._joins) >= _POOL:
                self._joins.clear()
            join = self._joins[key] = Join(score, reasons, role)
        return join

    def _known(self, reason: Reason) -> Reason:
        key = (reason.feature, "", reason.text, 1.0, reason.weight)
        if len(self._reasons) >= _POOL:
            self._reasons.clear()
        return self._reasons.setdefault(key, reason)

    def _reason(self, item: Evidence) -> Reason:
        share = round(item.share, 2) if item.feature == "shared_place" else 1.0
        key = (item.feature, item.key, item.value, share, round(item.weight, 2))
        reason = self._reasons.get(key)
        if reason is None:
            if len(self._reasons) >= _POOL:
                self._reasons.clear()
            reason = self._reasons[key] = _reason(*key)
        return reason


def strength(item: Evidence) -> tuple[float, str, str]:
    """Return the sort key that puts the strongest evidence first."""
    return (-item.weight, item.feature, item.token)


def told(text: str, feature: str = "person") -> Join:
    """Make a join that rests on a person's word or on a rule, not on likeness."""
    return Join(1.0, (Reason(feature, text, 1.0),))


def linked(join: Join, name: str) -> Join:
    """Make the join of two groups that one new series, an alert called `name`, belongs to as well."""
    link = Reason("link", f"{name} speaks for both groups", join.score)
    return Join(join.score, (link, *join.reasons))


def _rest(evidence: Sequence[Evidence]) -> Evidence:
    """Return what weaker pieces of evidence say together, so that the reasons still make the score."""
    return Evidence("rest", 1.0 - prod(1.0 - item.weight for item in evidence), "", str(len(evidence)), "")


def _kept(join: Join) -> tuple[Reason, ...]:
    return tuple([reason for reason in join.reasons if reason.feature != "inhibited"])


def _reason(feature: str, key: str, value: str, share: float, weight: float) -> Reason:
    sentence = _SENTENCES[feature].format(key=key, value=value, share=share)
    return Reason(feature, sentence[:1].upper() + sentence[1:], weight)


ALONE = Join(1.0, (_reason("first", "", "", 1.0, 1.0),))
"""The join of the series that begins a group."""
