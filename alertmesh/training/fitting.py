"""Fit a forest to rows, in the form that the correlator asks."""

from collections.abc import Sequence
from math import log1p
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier  # type: ignore[import-untyped]

from alertmesh.core.errors import BadPayload
from alertmesh.correlate.features import FEATURES, NAMES, TIME
from alertmesh.correlate.forest import Node, Trees
from alertmesh.correlate.model import VERSION, GroupingModel
from alertmesh.training.collecting import Rows
from alertmesh.training.settings import TrainSettings

_DIGITS = 6
_FIRST_GAP_S = 120.0


def bootstrap(threshold: float = 0.5) -> GroupingModel:
    """Return a guess to begin with: what comes soon after the last of a group belongs to it.

    It goes by the first feature that tells time, which is the one since the group last took a series.
    """
    feature = next(place for place, name in enumerate(NAMES) if FEATURES[name] == TIME)
    soon, late = Node(-1, 0.0, 0, 0, 2.0), Node(-1, 0.0, 0, 0, -2.0)
    tree = (Node(feature, log1p(_FIRST_GAP_S), 1, 2, 0.0), soon, late)
    return GroupingModel(
        version=VERSION, features=NAMES, trees=Trees(base=0.0, trees=(tree,)), threshold=threshold
    )


def fit(parts: Sequence[Rows], settings: TrainSettings, threshold: float) -> GroupingModel:
    """Fit a forest; each of `parts` is a recording, and counts by the root of how many rows it has.

    So a long recording tells more than a short one, but does not drown it.
    """
    kept = [_bounded(part, settings, number) for number, part in enumerate(parts)]
    belongs = np.concatenate([part.belongs for part in kept])
    if len(np.unique(belongs)) < 2:
        raise BadPayload("nothing to choose was met: no group that is right, or none that is wrong")
    weight = np.concatenate([np.full(len(part.belongs), max(1, len(part.belongs)) ** -0.5) for part in kept])
    trained = HistGradientBoostingClassifier(
        max_iter=max(1, min(settings.trees, len(belongs) // settings.rows_per_tree)),
        max_leaf_nodes=settings.leaves,
        min_samples_leaf=settings.rows_per_leaf,
        learning_rate=settings.rate,
        l2_regularization=settings.ridge,
        early_stopping=False,
        random_state=settings.seed,
    ).fit(
        np.concatenate([part.features for part in kept]).astype(np.float64),
        belongs,
        sample_weight=weight / weight.mean(),
    )
    # What scikit-learn grew is read node by node: it has no public form, and asking it costs a
    # millisecond a call, whatever the number of rows.
    trees = tuple(_tree(predictors[0].nodes) for predictors in trained._predictors)
    base = round(float(trained._baseline_prediction.ravel()[0]), _DIGITS)
    return GroupingModel(
        version=VERSION, features=NAMES, trees=Trees(base=base, trees=trees), threshold=threshold
    )


def _bounded(rows: Rows, settings: TrainSettings, number: int) -> Rows:
    """Keep at most the share of a recording in the bound, drawn by chance."""
    most = settings.max_rows
    if len(rows.belongs) <= most:
        return rows
    drawn = np.random.default_rng([settings.seed, number]).permutation(len(rows.belongs))[:most]
    drawn.sort()
    return Rows(rows.features[drawn], rows.belongs[drawn])


def _tree(nodes: NDArray[Any]) -> tuple[Node, ...]:
    """Return a tree of scikit-learn, the top first and each node before those that follow it."""
    order: list[int] = []
    worth: dict[int, float] = {}

    def visit(place: int) -> float:
        node = nodes[place]
        order.append(place)
        if node["is_leaf"]:
            worth[place] = float(node["value"])
        else:
            sides = int(node["left"]), int(node["right"])
            values = [visit(side) for side in sides]
            counts = [float(nodes[side]["count"]) for side in sides]
            worth[place] = float(np.average(values, weights=counts))
        return worth[place]

    visit(0)
    position = {place: number for number, place in enumerate(order)}
    return tuple(_node(nodes[place], round(worth[place], _DIGITS), position) for place in order)


def _node(node: Any, worth: float, position: dict[int, int]) -> Node:
    if node["is_leaf"]:
        return Node(-1, 0.0, 0, 0, worth)
    threshold = round(float(node["num_threshold"]), _DIGITS)
    yes, no = position[int(node["left"])], position[int(node["right"])]
    return Node(int(node["feature_idx"]), threshold, yes, no, worth)
