"""Groups for the tests of the search for roots, in a few words each."""

from collections.abc import Sequence
from itertools import pairwise

from alertmesh.correlate.root_view import Changed, Link, Told, View
from alertmesh.correlate.root_words import Reader, RootWords
from alertmesh.correlate.rootcause import Ranker

READER = Reader(RootWords())
RANKER = Ranker()


def tells(
    entity: str, name: str, onset: float = 0.0, *, to: str = "", on: str = "", level: str = "service"
) -> Told:
    """Make what one thing tells: of itself, or of its calls `to` another, lying `on` a node."""
    said = READER.read(name)
    return Told(
        series=f"{name}@{entity}{to}",
        entity=entity,
        level=level,
        name=name,
        kind=said.kind,
        outward=said.outward,
        onset=onset,
        peers=(to,) if to else (),
        places=(on,) if on else (),
    )


def group(*told: Told, calls: str = "", changes: Sequence[Changed] = (), links: Sequence[Link] = ()) -> View:
    """Make a group; `calls` are chains such as `web>cart>store web>mail`."""
    pairs = [chain.split(">") for chain in calls.split()]
    edges = {(a, b) for names in pairs for a, b in pairwise(names)}
    return View(
        told=told, calls=tuple(sorted(edges)), changes=tuple(changes), links=tuple(links), size=len(told)
    )


def ranked(view: View, limit: int = 5) -> list[str]:
    """Return the candidates in their order."""
    return [cause.entity for cause in RANKER.causes(view, limit)]
