"""A stage with a small model made by hand: close in time, alike, and known to come together."""

from math import log1p

from alertmesh.correlate import CorrelateStage
from alertmesh.correlate.features import NAMES
from alertmesh.correlate.forest import Node, Trees
from alertmesh.correlate.model import VERSION, GroupingModel
from tests.correlate.fakes import Bench

LEAF = -1


def stump(feature: str, threshold: float, low: float, high: float) -> tuple[Node, ...]:
    """Ask one question: `low` up to the threshold, `high` beyond it."""
    leaves = (Node(LEAF, 0.0, 0, 0, low), Node(LEAF, 0.0, 0, 0, high))
    return (Node(NAMES.index(feature), threshold, 1, 2, 0.0), *leaves)


MODEL = GroupingModel(
    version=VERSION,
    features=NAMES,
    trees=Trees(
        base=-1.0,
        trees=(
            stump("gap", log1p(60.0), 2.0, -2.0),
            stump("attributes", 0.3, -1.5, 2.0),
            stump("met", log1p(3.0), -0.3, 1.0),
        ),
    ),
    threshold=0.5,
)
"""Close and alike: 0.94. Close, not alike: 0.31, or 0.62 when the kinds met before. Late: apart."""


class LearnedBench(Bench):
    """A bench whose stage goes by the model."""

    def __init__(self, **settings: object) -> None:
        super().__init__(**settings)
        self._build = (*self._build, MODEL)  # type: ignore[assignment]
        self.stage = CorrelateStage(*self._build)
