"""Ask a forest of small decision trees, all trees and all candidates at once.

A tree of at most 32 leaves is kept as one bit mask for each of its questions: a question answered
with no strikes out the leaves on its yes side, and the first leaf left over is where the tree ends.
After Lucchese et al., "QuickScorer: a fast algorithm to rank documents with additive ensembles of
regression trees", SIGIR 2015.
"""

from collections.abc import Sequence

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

Matrix = NDArray[np.float64]
_MOST_LEAVES = 32


class Node(Struct, frozen=True, array_like=True):
    """A question, `value of feature <= threshold?`, or a leaf, whose `feature` is -1.

    `yes` and `no` are positions in the tree; `worth` is the mean log-odds of what came here.
    """

    feature: int
    threshold: float
    yes: int
    no: int
    worth: float


class Trees(Struct, frozen=True, kw_only=True):
    """A trained forest: log-odds are `base` plus what each tree says. The first node is the top."""

    base: float
    trees: tuple[tuple[Node, ...], ...]


class Forest:
    """Compile trees once, then ask them many times.

    `families` tells of each feature to which family it counts, as a number from 0. Walking down a tree,
    what a question changes in the mean log-odds is put down to the family of its feature: so the terms
    of a row add up, with `base`, to its log-odds.

    >>> stump = (Node(0, 0.5, 1, 2, 0.5), Node(-1, 0.0, 0, 0, -1.0), Node(-1, 0.0, 0, 0, 2.0))
    >>> forest = Forest(Trees(base=0.25, trees=(stump,)), [0])
    >>> forest.base, forest.terms(np.array([[0.0], [1.0]])).tolist()
    (0.75, [[-1.5], [1.5]])
    """

    def __init__(self, trained: Trees, families: Sequence[int]) -> None:
        plan = _Plan(families)
        starts: list[int] = []
        firsts: list[int] = []
        for tree in trained.trees:
            starts.append(len(plan.questions))
            firsts.append(len(plan.leaves))
            plan.compile(tree)
        self.base = trained.base + sum(tree[0].worth for tree in trained.trees)
        self._width = max(families, default=0) + 1
        # A tree that is a single leaf asks nothing; its worth is in `base` already.
        asking = [place for place, tree in enumerate(trained.trees) if len(tree) > 1]
        self._starts = np.array([starts[place] for place in asking], dtype=np.intp)
        self._firsts = np.array([firsts[place] for place in asking], dtype=np.intp)
        # Many trees ask the same question: it is answered once.
        asked = sorted({(feature, threshold) for feature, threshold, _ in plan.questions})
        place = {question: number for number, question in enumerate(asked)}
        self._features = np.array([feature for feature, _ in asked], dtype=np.intp)
        self._thresholds = np.array([threshold for _, threshold in asked])
        self._asked = np.array([place[question[:2]] for question in plan.questions], dtype=np.intp)
        self._masks = np.array([mask for _, _, mask in plan.questions], dtype=np.uint32)
        self._leaves = np.array(plan.leaves).reshape(len(plan.leaves), self._width)

    def terms(self, rows: Matrix) -> Matrix:
        """Return what each family adds to the log-odds of each row of features."""
        if not len(self._starts):
            return np.zeros((len(rows), self._width))
        answers = np.take(rows, self._features, axis=1) <= self._thresholds
        asked = np.take(np.negative(answers.astype(np.uint32)), self._asked, axis=1)  # yes: all bits are set
        left = np.bitwise_and.reduceat(np.bitwise_or(asked, self._masks, out=asked), self._starts, axis=1)
        first = np.frexp((left & (~left + _ONE)).astype(np.float64))[1] - 1
        return np.asarray(np.take(self._leaves, first + self._firsts, axis=0).sum(axis=1))


_ONE = np.uint32(1)


class _Plan:
    """Collects the questions of all trees, each with the mask of its yes side, and the leaves' terms."""

    def __init__(self, families: Sequence[int]) -> None:
        self.questions: list[tuple[int, float, int]] = []
        self.leaves: list[list[float]] = []
        self._families = families
        self._width = max(families, default=0) + 1

    def compile(self, tree: Sequence[Node]) -> None:
        first = len(self.leaves)
        self._walk(tree, 0, [0.0] * self._width, first)
        count = len(self.leaves) - first
        if count > _MOST_LEAVES:
            raise ValueError(f"a tree has {count} leaves; at most {_MOST_LEAVES} can be asked at once")

    def _walk(self, tree: Sequence[Node], place: int, terms: list[float], first: int) -> None:
        node = tree[place]
        if node.feature < 0:
            self.leaves.append(terms)
            return
        mine = len(self.questions)
        self.questions.append((node.feature, node.threshold, 0))
        begin = len(self.leaves) - first
        self._walk(tree, node.yes, self._on(node, tree[node.yes], terms), first)
        struck = (1 << (len(self.leaves) - first)) - (1 << begin)
        self.questions[mine] = (node.feature, node.threshold, ~struck & 0xFFFFFFFF)
        self._walk(tree, node.no, self._on(node, tree[node.no], terms), first)

    def _on(self, node: Node, following: Node, terms: list[float]) -> list[float]:
        there = list(terms)
        there[self._families[node.feature]] += following.worth - node.worth
        return there
