"""A model is read as it was written, and one that cannot be used is refused with the reason."""

import pytest
from msgspec.structs import replace

from alertmesh.core.errors import BadConfig
from alertmesh.correlate.features import NAMES
from alertmesh.correlate.forest import Node, Trees
from alertmesh.correlate.model import GroupingModel, decode, encode

LEAF = Node(-1, 0.0, 0, 0, -1.0)
TREE = (Node(0, 0.5, 1, 2, 0.0), LEAF, LEAF)
MODEL = GroupingModel(
    version=1,
    features=NAMES,
    trees=Trees(base=0.25, trees=(TREE, TREE)),
    threshold=0.4,
    card={"date": "2026-11-02"},
)
WIDE = tuple(Node(0, 0.0, place + 1, place + 2, 0.0) if place % 2 == 0 else LEAF for place in range(64))
BAD_TREES = {
    "empty": ((), "has no nodes"),
    "no such feature": ((Node(len(NAMES), 0.5, 1, 2, 0.0), LEAF, LEAF), "asks for feature"),
    "back": ((Node(0, 0.5, 0, 1, 0.0), LEAF), "leads to no later node"),
    "beyond": ((Node(0, 0.5, 1, 3, 0.0), LEAF, LEAF), "leads to no later node"),
    "two ways": ((Node(0, 0.5, 1, 1, 0.0), LEAF), "reached in 2 ways"),
    "no way": ((LEAF, LEAF), "reached in 0 ways"),
    "too wide": ((*WIDE, Node(0, 0.0, 65, 66, 0.0), LEAF, LEAF), "34 leaves"),
}


def refused(model) -> str:
    with pytest.raises(BadConfig) as refusal:
        decode(encode(model), "mine.json")
    [problem] = refusal.value.problems
    assert problem.startswith("mine.json: ")
    return problem


def with_tree(tree):
    return replace(MODEL, trees=Trees(base=0.0, trees=(TREE, tree)))


def test_what_is_written_is_read():
    assert decode(encode(MODEL)) == MODEL


def test_each_tree_has_its_line():
    assert len(encode(MODEL).splitlines()) == 2


@pytest.mark.parametrize("bad", BAD_TREES)
def test_a_bad_tree_is_named(bad):
    tree, problem = BAD_TREES[bad]
    assert "tree 1: " in (said := refused(with_tree(tree)))
    assert problem in said


def test_another_version_is_named():
    assert "version 2" in refused(replace(MODEL, version=2))


def test_other_features_are_named():
    assert NAMES[-1] in refused(replace(MODEL, features=NAMES[:-1]))


def test_a_threshold_is_a_probability():
    assert "threshold 1.5" in refused(replace(MODEL, threshold=1.5))


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b"\xff", b'{"version": "a"}'])
def test_what_is_no_model_is_refused(body):
    with pytest.raises(BadConfig, match=r"^mine\.json"):
        decode(body, "mine.json")
