"""Weigh what speaks for each thing of a group being the root, each piece in 0..1."""

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from alertmesh.correlate.root_scene import CARRIED, Scene, Thing
from alertmesh.correlate.root_view import View
from alertmesh.correlate.root_walk import Matrix, reaching, walk
from alertmesh.correlate.root_words import Kind, Reader

PIECES = (
    *("walk", "down", "resource", "error", "latency", "traffic", "other", "variety", "volume", "early"),
    *("covers", "deepest", "named", "silent", "frontier", "indirect", "node", "carries", "changed"),
)
AT = {name: number for number, name in enumerate(PIECES)}
_RESTART = 0.15
_IN_TIME = 0.3
_EARLY_S = 120.0
_CHANGED_S = 1800.0
_PLACE_LEVELS = frozenset(("node", "host", "place"))


class Evidence(Struct, frozen=True, gc=False):
    """The candidates of a group; for each, in a row, the pieces in the order of `PIECES`.

    `group` is what the group as a whole tells of whether the root is among them: always 1, how much
    of it the best candidate explains, and how bad the worst alert is that tells of a fault of its own.
    `names` are the rows of the candidates by any of their names.
    """

    things: tuple[Thing, ...]
    pieces: Matrix
    group: Matrix
    names: dict[str, int] = {}


def gather(view: View, reader: Reader) -> Evidence:
    """Return what speaks for each candidate of a group; the number of candidates is bounded."""
    scene = Scene(view)
    things = tuple(scene.things)
    pieces = np.zeros((len(things), len(PIECES)))
    if not things:
        return Evidence(things, pieces, np.array([1.0, 0.0, 0.0]))
    pieces[:, AT["down"] : AT["other"] + 1] = scene.kinds
    pieces[:, AT["early"]] = np.exp(-(scene.early - scene.early.min(initial=1e12)) / _EARLY_S)
    _what_it_is(pieces, scene, reader)
    _where_it_stands(pieces, scene)
    pieces[:, AT["walk"]] = walk(
        scene.steps(_indirect(scene, reader)), scene.volume / scene.volume.sum(), _RESTART
    )
    for change in view.changes:
        at = scene.find(change.entity)
        if at is not None:
            pieces[at, AT["changed"]] = max(0.0, 1.0 - change.before_s / _CHANGED_S)
    volume = pieces[:, AT["volume"]]
    explains = volume + (1 - volume) * pieces[:, AT["covers"]]
    own_fault = scene.kinds[:, : Kind.ERROR].max(initial=0.0)
    return Evidence(things, pieces, np.array([1.0, explains.max(), own_fault]), scene.names())


def _what_it_is(pieces: Matrix, scene: Scene, reader: Reader) -> None:
    """Write what a candidate is and how it shows."""
    tells = np.array([thing.tells for thing in scene.things])
    carries = np.array([thing.carries for thing in scene.things])
    named = scene.named.sum(axis=0)
    own_fault = scene.kinds[:, : Kind.ERROR].max(axis=1)
    pieces[:, AT["variety"]] = np.minimum(1.0, (scene.kinds > 0).sum(axis=1) / 3)
    pieces[:, AT["volume"]] = scene.volume / scene.volume.sum()
    pieces[:, AT["named"]] = named / max(1e-9, named.sum())
    pieces[:, AT["silent"]] = (tells == 0) & (named > 0)
    pieces[:, AT["frontier"]] = (tells == 0) & (named == 0) & (carries == 0)
    pieces[:, AT["indirect"]] = _indirect(scene, reader) * (1 - own_fault)
    pieces[:, AT["node"]] = [thing.level in _PLACE_LEVELS for thing in scene.things]
    alerting = max(1, int((scene.volume > 0).sum()))
    failing = 2 * scene.common() / max(1e-9, float(scene.held.sum()))
    share = np.where(carries >= CARRIED, np.minimum(1.0, carries / alerting), 0.0)
    pieces[:, AT["carries"]] = (share + np.minimum(1.0, failing)) / 2


def _where_it_stands(pieces: Matrix, scene: Scene) -> None:
    """Write how much of what others tell a candidate explains, and what beneath it explains its own."""
    named = scene.named.sum(axis=0)
    calls = scene.calls * scene.in_time()
    hurt = scene.inward.sum(axis=0) + scene.outward.sum(axis=0) + scene.peers.sum(axis=1)
    others = np.maximum(1e-9, hurt.sum() - hurt)
    own = scene.held + scene.inward.sum(axis=0) + 0.5 * scene.outward.sum(axis=0) + named
    able = np.where((scene.volume == 0) & (named == 0), 1.0, np.minimum(1.0, 2 * own))
    beneath = scene.lies * ((scene.common() > 0) | (scene.kinds[:, Kind.DOWN] > 0))
    reach = reaching((calls > _IN_TIME) | (beneath > 0))
    failing = scene.held @ beneath
    suffers = (reach * hurt[:, None]).sum(axis=0) - hurt + failing
    pieces[:, AT["covers"]] = able * np.minimum(1.0, suffers / (others + failing))
    pieces[:, AT["deepest"]] = own / np.maximum(1e-9, own + calls @ own + beneath @ (own + scene.common()))


def _indirect(scene: Scene, reader: Reader) -> NDArray[np.bool_]:
    return np.array([reader.is_indirect(thing.name) for thing in scene.things])
