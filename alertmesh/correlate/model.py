"""Hold what was learned offline: the trees, what they were trained on, and how good they were."""

from collections import Counter
from typing import Any

import msgspec
from msgspec import Struct

from alertmesh.core.errors import BadConfig
from alertmesh.correlate.features import NAMES
from alertmesh.correlate.forest import Node, Trees

VERSION = 1
MOST_LEAVES = 32


class GroupingModel(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The correlator's trained judgement; `features` are the names that its trees go by.

    `threshold` is the least probability that joins. `card` says from what, how and how well it was
    trained, for people; nothing is decided by it.
    """

    version: int
    features: tuple[str, ...]
    trees: Trees
    threshold: float
    card: dict[str, Any] = {}


def decode(body: bytes, name: str = "grouping.json") -> GroupingModel:
    """Read a model; BadConfig says why it cannot be used."""
    try:
        model = msgspec.json.decode(body, type=GroupingModel)
    except msgspec.DecodeError as error:
        raise BadConfig([f"{name}: {error}"]) from error
    if model.version != VERSION:
        raise BadConfig([f"{name}: version {model.version} of the form, this program reads {VERSION}"])
    if model.features != NAMES:
        unknown = sorted(set(model.features) ^ set(NAMES))
        raise BadConfig([f"{name}: trained on other features ({', '.join(unknown)}); train it anew"])
    if not 0.0 <= model.threshold <= 1.0:
        raise BadConfig([f"{name}: threshold {model.threshold} is no probability"])
    for number, tree in enumerate(model.trees.trees):
        problem = _problem(tree, len(model.features))
        if problem:
            raise BadConfig([f"{name}: tree {number}: {problem}"])
    return model


def encode(model: GroupingModel) -> bytes:
    """Write a model, one tree a line, so that versions can be compared."""
    text = msgspec.json.encode(model)
    return text.replace(b"]],[[", b"]],\n[[") + b"\n"


def _problem(tree: tuple[Node, ...], features: int) -> str:
    """Say what is wrong with a tree: a node that leads nowhere, back, or asks for what is not there."""
    if not tree:
        return "has no nodes"
    reached = Counter[int]()
    for place, node in enumerate(tree):
        if node.feature >= features:
            return f"node {place} asks for feature {node.feature} of {features}"
        if node.feature >= 0 and not (place < node.yes < len(tree) and place < node.no < len(tree)):
            return f"node {place} leads to no later node"
        if node.feature >= 0:
            reached.update((node.yes, node.no))
    astray = next((place for place in range(1, len(tree)) if reached[place] != 1), 0)
    if astray:
        return f"node {astray} is reached in {reached[astray]} ways, not in one"
    leaves = sum(node.feature < 0 for node in tree)
    return f"has {leaves} leaves, at most {MOST_LEAVES} can be asked" if leaves > MOST_LEAVES else ""
