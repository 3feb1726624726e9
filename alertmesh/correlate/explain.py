"""Put evidence into words: each piece says in one sentence what it saw and how much it counted."""

from collections.abc import Sequence

from msgspec import Struct

from alertmesh.core.group import Join, Reason, Role
from alertmesh.correlate.attributes import Attribute, Part


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
    "same_namespace": "same namespace {value}",
    "same_kind": "the group already holds {value}",
    "session": "the group of {value} had a new alert {key} s before",
    "inhibited": "{value}",
    "person": "{value}",
    "first": "nothing open is close enough; it begins a group",
}


def combined(evidence: Sequence[Evidence]) -> float:
    """Return the joint strength: each piece takes its share of the doubt that the others left."""
    doubt = 1.0
    for item in evidence:
        doubt *= 1.0 - item.weight
    return 1.0 - doubt


def match(attribute: Attribute, part: Part) -> str:
    """Name the evidence between a series' attribute and the way a group carries the same value."""
    return _MATCHES[(attribute.part, part)]


_MATCHES = {
    (Part.OWN, Part.OWN): "same_thing",
    (Part.OWN, Part.PEER): "depended_on",
    (Part.OWN, Part.PLACE): "carries",
    (Part.PEER, Part.OWN): "depends_on",
    (Part.PEER, Part.PEER): "shared_callee",
    (Part.PEER, Part.PLACE): "carries",
    (Part.PLACE, Part.OWN): "runs_there",
    (Part.PLACE, Part.PEER): "runs_there",
    (Part.PLACE, Part.PLACE): "shared_place",
}


def joined(evidence: Sequence[Evidence], score: float, limit: int, role: Role = Role.MEMBER) -> Join:
    """Make the join of a series, strongest evidence first, at most `limit` pieces."""
    ranked = sorted(evidence, key=strength)
    return Join(round(score, 4), tuple(_reason(item) for item in ranked[:limit]), role)


def strength(item: Evidence) -> tuple[float, str, str]:
    """Return the sort key that puts the strongest evidence first."""
    return (-item.weight, item.feature, item.token)


def _reason(item: Evidence) -> Reason:
    sentence = _SENTENCES[item.feature].format(key=item.key, value=item.value, share=item.share)
    return Reason(item.feature, sentence[:1].upper() + sentence[1:], round(item.weight, 4))


def alone() -> Join:
    """Make the join of the series that begins a group."""
    return Join(1.0, (_reason(Evidence("first", 1.0, "", "", "")),))


def told(text: str, feature: str = "person") -> Join:
    """Make a join that rests on a person's word or on a rule, not on likeness."""
    return Join(1.0, (Reason(feature, text, 1.0),))
