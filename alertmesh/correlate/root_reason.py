"""Say in one sentence why something may be the root of a group."""

from msgspec import Struct

from alertmesh.correlate.root_evidence import AT
from alertmesh.correlate.root_scene import Thing
from alertmesh.correlate.root_walk import Matrix

_TELLING = 0.15
_ALL = 0.999
_MOST = 4


class Grounds(Struct, frozen=True, gc=False):
    """A candidate with its pieces of evidence and what each added to its odds."""

    thing: Thing
    pieces: Matrix
    added: Matrix


def sentence(grounds: Grounds) -> str:
    """Return the reason: the thing, then what speaks most for it."""
    thing = grounds.thing
    said = f"{thing.level} {thing.name} {_opening(grounds)}"
    return ", ".join((said, *_facts(grounds)))


def _opening(grounds: Grounds) -> str:
    thing = grounds.thing
    if thing.tells:
        more = f" and {thing.tells - 1} more" if thing.tells > 1 else ""
        return f"tells of {thing.worst}{more}"
    if grounds.pieces[AT["named"]] > 0:
        return "does not alert itself but is called by what does"
    if thing.carries:
        return "does not alert itself but carries what does"
    return "does not alert but is called by what does"


def _facts(grounds: Grounds) -> list[str]:
    """Return what speaks for a candidate, the strongest first, left out what hardly counts."""
    pieces, thing = grounds.pieces, grounds.thing
    if pieces[AT["walk"]] > _ALL:
        return []
    worded = {
        "covers": f"stands behind {min(1.0, pieces[AT['covers']]):.0%} of what the others tell",
        "walk": f"{pieces[AT['walk']]:.0%} of the blame ends at it",
        "named": f"{pieces[AT['named']]:.0%} of the alerts about calls are about calls to it",
        "deepest": "nothing that it calls explains it" if pieces[AT["deepest"]] > 0.9 else "",
        "carries": f"{thing.carries} things that alert lie on it",
        "changed": "it was changed shortly before",
    }
    telling = sorted(
        (name for name in worded if worded[name] and grounds.added[AT[name]] > _TELLING),
        key=lambda name: (-grounds.added[AT[name]], name),
    )
    return [worded[name] for name in telling[:_MOST]]
