"""Try a model on a recording, and hold what it made of it against the truth."""

import tempfile
from datetime import datetime
from pathlib import Path

from msgspec import Struct

from alertmesh.config import Config
from alertmesh.correlate.model import GroupingModel
from alertmesh.replay import Replay
from alertmesh.scoring import read_grouping, score
from alertmesh.training.collecting import going_by
from alertmesh.training.recording import Recording
from alertmesh.wiring import Wiring

_DIGITS = 4


class Trial(Struct, frozen=True, kw_only=True):
    """What a model was worth on one recording; `worth` is the mean of the three figures before it.

    See `scoring.MEANINGS`. The three pull apart: noise taken in costs the first and the last, a group
    torn up the second.
    """

    recording: str
    alerts: int
    incidents: int
    incident_f1: float
    clean_ari: float
    single_ari: float
    worth: float
    noise_only: int


def attempt(
    recording: Recording, config: Config, model: GroupingModel | None, since: datetime | None = None
) -> Trial:
    """Replay a recording and score its lines from `since` on; those before only let it settle."""
    replay = Replay(Wiring(going_by(config, model), edges=recording.edges))
    replay.run(recording.alerts)
    with tempfile.TemporaryDirectory(prefix="alertmesh-train-") as folder:
        file = Path(folder) / "groups.csv"
        replay.write_groups(file)
        found = read_grouping(file)
    judged = recording.between(since, None)
    scores = score(judged.truth, [found[alert.id] for alert in judged.alerts])
    figures = scores.incident_f1, scores.clean_ari, scores.single_ari
    return Trial(
        recording=recording.name,
        alerts=scores.alerts,
        incidents=judged.incidents,
        incident_f1=round(scores.incident_f1, _DIGITS),
        clean_ari=round(scores.clean_ari, _DIGITS),
        single_ari=round(scores.single_ari, _DIGITS),
        worth=round(sum(figures) / len(figures), _DIGITS),
        noise_only=scores.noise_only,
    )
