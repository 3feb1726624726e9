"""Replay a recording and write down each choice that the correlator was given, with the right answer."""

from array import array
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from alertmesh.config import Config
from alertmesh.config.models import ModelFiles
from alertmesh.correlate.choosing import LearnedChooser
from alertmesh.correlate.features import Newcomer
from alertmesh.correlate.judge import Option
from alertmesh.correlate.model import GroupingModel, encode
from alertmesh.recorded import RecordedAlert
from alertmesh.replay import Replay
from alertmesh.training.recording import Recording
from alertmesh.wiring import Wiring


class Rows(NamedTuple):
    """Options that were weighed, one a row: their features, and whether the newcomer belonged there."""

    features: NDArray[np.float32]
    belongs: NDArray[np.int8]


def going_by(config: Config, model: GroupingModel | None) -> Config:
    """Return a configuration with another model, which knows nothing from earlier recordings."""
    files = ModelFiles() if model is None else ModelFiles(encode(model), "the model in training")
    return replace(config, models=files)


def collect(recording: Recording, config: Config, model: GroupingModel) -> Rows:
    """Replay a recording under `model` and return every option that it had to weigh."""
    wiring = Wiring(going_by(config, model), edges=recording.edges)
    witness = _Witness(len(model.features))
    chooser = wiring.pipeline.correlate._chooser
    assert isinstance(chooser, LearnedChooser)  # noqa: S101  # a stage with a model has one
    chooser.trace = witness.saw
    Replay(wiring).run(witness.told(recording))
    return witness.rows()


class _Witness:
    """Knows the truth of the line that is replayed just now, and so the right answer to each choice."""

    def __init__(self, width: int) -> None:
        self._width = width
        self._time: datetime | None = None
        self._truth = ""
        self._truth_of: dict[str, str] = {}
        self._features = array("f")
        self._belongs = array("b")

    def told(self, recording: Recording) -> Iterator[RecordedAlert]:
        """Yield the alerts; the one before was placed when the next is asked for."""
        for alert, truth in zip(recording.alerts, recording.truth, strict=True):
            self._time, self._truth = alert.time, truth
            yield alert

    def saw(self, newcomer: Newcomer, options: Sequence[Option]) -> None:
        """Take the options of a newcomer; what fell due before the line is not of that line."""
        truth = self._truth if newcomer.at == self._time else self._truth_of.get(newcomer.series, "")
        for option in options:
            self._features.extend(option.features)
            self._belongs.append(bool(truth) and self._truth_in(option) == truth)
        self._truth_of[newcomer.series] = truth

    def rows(self) -> Rows:
        """Return all that was seen."""
        features = np.array(self._features, dtype=np.float32).reshape(-1, self._width)
        return Rows(features, np.array(self._belongs, dtype=np.int8))

    def _truth_in(self, option: Option) -> str:
        """Return the incident that most members of a group are of; noise counts for none."""
        known = (self._truth_of.get(series, "") for series in option.live.members)
        counts = Counter(truth for truth in known if truth)
        return max(counts, key=lambda truth: (counts[truth], truth), default="")
