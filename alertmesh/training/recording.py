"""Hold a recording together with what is known of it."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from msgspec import Struct

from alertmesh.core.errors import BadPayload
from alertmesh.correlate.topology import Edge
from alertmesh.recorded import RecordedAlert, read_recorded
from alertmesh.replay import read_edges
from alertmesh.scoring import NONE, read_truth


class Recording(Struct, frozen=True, kw_only=True):
    """Alerts in order of time, the true incident of each ('' for none), and known dependencies."""

    name: str
    alerts: Sequence[RecordedAlert]
    truth: Sequence[str]
    edges: Sequence[Edge] = ()

    @property
    def incidents(self) -> int:
        """Return how many true incidents there are."""
        return len(set(self.truth) - {""})

    def between(self, begin: datetime | None, end: datetime | None) -> "Recording":
        """Return the part from `begin` up to but not including `end`."""
        return self.picked(
            [
                place
                for place, alert in enumerate(self.alerts)
                if (begin is None or alert.time >= begin) and (end is None or alert.time < end)
            ]
        )

    def picked(self, places: Sequence[int]) -> "Recording":
        """Return the lines at some places."""
        return Recording(
            name=self.name,
            alerts=[self.alerts[place] for place in places],
            truth=[self.truth[place] for place in places],
            edges=self.edges,
        )

    def cut(self, share: float) -> datetime:
        """Return the moment from which on the last `share` of the time runs.

        Where nothing began in that time, it is when the last share of the incidents begins.
        """
        first, last = self.alerts[0].time, self.alerts[-1].time
        moment = first + (last - first) * (1.0 - share)
        begun: dict[str, datetime] = {}
        for alert, group in zip(self.alerts, self.truth, strict=True):
            if group:
                begun.setdefault(group, alert.time)
        starts = sorted(begun.values())
        if not starts or moment <= starts[-1]:
            return moment
        return starts[int(len(starts) * (1.0 - share))]


def read_recording(file: Path, truth: Path, topology: Path | None = None) -> Recording:
    """Read a recording and its truth; BadPayload names an alert without a line in the truth."""
    known = read_truth(truth)
    alerts = list(read_recorded(file))
    missing = [alert.id for alert in alerts if alert.id not in known]
    if missing:
        raise BadPayload(f"{truth.name}: {len(missing)} alerts of {file.name} are not in it: {missing[0]}")
    groups = [known[alert.id] for alert in alerts]
    true = ["" if group in NONE else group for group in groups]
    if not any(true):
        raise BadPayload(f"{truth.name}: names no incident; there is nothing to learn from it")
    edges = read_edges(topology) if topology is not None else ()
    return Recording(name=file.name, alerts=alerts, truth=true, edges=edges)
