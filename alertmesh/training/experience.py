"""Learn from recordings what needs no truth."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from heapq import merge
from pathlib import Path

from alertmesh.config import Config
from alertmesh.core.errors import BadPayload
from alertmesh.correlate.settings import CorrelateSettings
from alertmesh.learned import Learned, snapshot
from alertmesh.recorded import RecordedAlert, read_recorded
from alertmesh.replay import Replay
from alertmesh.training.collecting import going_by
from alertmesh.wiring import Wiring, grouping_model


def learn(files: Sequence[Path], config: Config) -> Learned:
    """Replay recordings as one, in order of time, and return what was learned of kinds and habits."""
    wiring = Wiring(going_by(config, grouping_model(config)))
    last = _Last(merge(*(read_recorded(file) for file in files), key=lambda alert: alert.time))
    Replay(wiring).run(last)
    if last.time is None:
        raise BadPayload(f"{files[0].name} has no alerts: there is nothing to learn from it")
    window_s = float(config.section("correlate").get("rarity_window_s", CorrelateSettings().rarity_window_s))
    return snapshot(wiring.pipeline.correlate, last.time, window_s, last.count)


class _Last:
    """Passes alerts on and remembers when the last one was, and how many there were."""

    def __init__(self, alerts: Iterator[RecordedAlert]) -> None:
        self._alerts = alerts
        self.time: datetime | None = None
        self.count = 0

    def __iter__(self) -> Iterator[RecordedAlert]:
        for alert in self._alerts:
            self.time, self.count = alert.time, self.count + 1
            yield alert
