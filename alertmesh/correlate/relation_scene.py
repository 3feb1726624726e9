"""Name where an alert is, as relations are learned by: the thing itself, then what is one step away."""

from collections.abc import Iterable

from alertmesh.correlate.attributes import Part, Profile
from alertmesh.correlate.graph import Neighbour

_SHORT = 2


def scene(profile: Profile, near: Iterable[Neighbour]) -> tuple[str, ...]:
    """Return the tokens of what a series is about, where that lies, what it calls, and its neighbours.

    A thing has one token whatever label named it, so that all that alerts about it meets there.
    """
    cluster, subject = profile.cluster, profile.subject
    names = [profile.node] if profile.node else []
    names += [item.value for item in profile.attributes if item.part is Part.PEER]
    names += [neighbour.name for neighbour in near]
    further = dict.fromkeys(name for name in names if name != subject)
    return (f"{cluster}|{subject}", *(f"{cluster}|{name}" for name in further))


def kind(name: str, *things: str) -> str:
    """Return an alert name without the names of what it is about, which some monitors write into it.

    >>> kind("No traffic on cart-5d4f-x2x9z", "cart-5d4f-x2x9z", "cart")
    'No traffic on *'
    """
    for thing in things:
        if len(thing) > _SHORT and thing in name and thing != name:
            name = name.replace(thing, "*")
    return name
