"""A forest of ours is fitted to rows, and nothing is made of rows without a choice."""

import numpy as np
import pytest

from alertmesh.core.errors import BadPayload
from alertmesh.correlate.features import NAMES
from alertmesh.correlate.forest import Forest
from alertmesh.correlate.model import decode, encode
from alertmesh.training import TrainSettings
from alertmesh.training.collecting import Rows
from alertmesh.training.fitting import bootstrap, fit

SETTINGS = TrainSettings(rows_per_leaf=5, trees=20)
EMPTY = Rows(np.zeros((0, len(NAMES)), np.float32), np.zeros(0, np.int8))


def drawn(count, seed=1):
    """Return rows in which what counts is that both of the first two features are large."""
    features = np.random.default_rng(seed).random((count, len(NAMES)), dtype=np.float32)
    return Rows(features, ((features[:, 0] > 0.5) & (features[:, 1] > 0.5)).astype(np.int8))


def said(model, rows):
    forest = Forest(model.trees, [0] * len(NAMES))
    return forest.base + forest.terms(rows.features.astype(np.float64)).sum(axis=1)


def test_a_crossing_is_learned():
    model = fit([drawn(2000)], SETTINGS, 0.5)
    unseen = drawn(500, seed=2)
    assert ((said(model, unseen) > 0) == unseen.belongs.astype(bool)).mean() > 0.95


def test_what_is_fitted_can_be_read():
    model = fit([drawn(500)], SETTINGS, 0.5)
    assert decode(encode(model)) == model


@pytest.mark.parametrize(("rows", "trees"), [(500, 5), (50, 1), (4000, 20)])
def test_few_rows_make_few_trees(rows, trees):
    assert len(fit([drawn(rows)], SETTINGS, 0.5).trees.trees) == trees


def test_a_recording_without_a_choice_does_not_matter():
    assert fit([drawn(500), EMPTY], SETTINGS, 0.5) == fit([drawn(500)], SETTINGS, 0.5)


@pytest.mark.parametrize("belongs", [0, 1])
def test_where_there_was_nothing_to_choose_nothing_is_fitted(belongs):
    same = Rows(drawn(50).features, np.full(50, belongs, np.int8))
    with pytest.raises(BadPayload, match="nothing to choose"):
        fit([same, EMPTY], SETTINGS, 0.5)


def test_the_first_guess_is_a_model():
    assert decode(encode(bootstrap())) == bootstrap()
