"""The compiled forest says what one hears who walks down its trees."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alertmesh.correlate.forest import Forest, Node, Trees

WIDTH = 4
FAMILIES = [0, 1, 1, 2]
numbers = st.integers(-8, 8).map(lambda number: number / 4)
STUMP = (Node(0, 0.5, 1, 2, 0.5), Node(-1, 0.0, 0, 0, -1.0), Node(-1, 0.0, 0, 0, 2.0))
LEAF = (Node(-1, 0.0, 0, 0, 1.5),)


@st.composite
def a_tree(draw, most=32):
    """Grow a tree of up to `most` leaves by splitting one leaf after another."""
    nodes = [Node(-1, 0.0, 0, 0, draw(numbers))]
    for _ in range(draw(st.integers(0, most - 1))):
        leaves = [place for place, node in enumerate(nodes) if node.feature < 0]
        place = draw(st.sampled_from(leaves))
        yes, worth = len(nodes), nodes[place].worth
        nodes += [Node(-1, 0.0, 0, 0, draw(numbers)) for _ in range(2)]
        nodes[place] = Node(draw(st.integers(0, WIDTH - 1)), draw(numbers), yes, yes + 1, worth)
    return tuple(nodes)


def walked(tree, row):
    place = 0
    while tree[place].feature >= 0:
        node = tree[place]
        place = node.yes if row[node.feature] <= node.threshold else node.no
    return tree[place].worth


@given(
    trees=st.lists(a_tree(), max_size=5),
    rows=st.lists(st.lists(numbers, min_size=WIDTH, max_size=WIDTH), min_size=1, max_size=8),
)
def test_the_terms_add_up_to_what_the_trees_say(trees, rows):
    forest = Forest(Trees(base=0.25, trees=tuple(trees)), FAMILIES)
    said = forest.base + forest.terms(np.array(rows)).sum(axis=1)
    assert said == pytest.approx([0.25 + sum(walked(tree, row) for tree in trees) for row in rows])


def test_a_term_counts_for_the_family_that_was_asked():
    forest = Forest(Trees(base=0.0, trees=(STUMP,)), [2])
    assert forest.terms(np.array([[0.0], [1.0]])).tolist() == [[0.0, 0.0, -1.5], [0.0, 0.0, 1.5]]


def test_a_tree_that_asks_nothing_is_part_of_the_base():
    forest = Forest(Trees(base=1.0, trees=(LEAF, STUMP)), [0])
    assert (forest.base, forest.terms(np.zeros((1, 1))).tolist()) == (3.0, [[-1.5]])


def test_no_trees_say_nothing():
    assert Forest(Trees(base=1.0, trees=()), [0]).terms(np.zeros((2, 1))).tolist() == [[0.0], [0.0]]


@pytest.mark.parametrize("leaves", [32, 33])
def test_a_tree_with_too_many_leaves_is_refused(leaves):
    chain = [
        node
        for place in range(0, 2 * leaves - 2, 2)
        for node in (Node(0, place, place + 1, place + 2, 0.0), Node(-1, 0.0, 0, 0, 0.0))
    ]
    trees = Trees(base=0.0, trees=((*chain, Node(-1, 0.0, 0, 0, 0.0)),))
    if leaves == 32:
        assert Forest(trees, [0]).terms(np.zeros((1, 1))).tolist() == [[0.0]]
    else:
        with pytest.raises(ValueError, match="33 leaves"):
            Forest(trees, [0])
