"""The ground on which a made-up week happens: nodes, pods, chance, and what fires when."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from random import Random

from msgspec import Struct, field

from benchmarks.cluster_facts import DAY_S, RACK_NODES

EPOCH = datetime(2026, 1, 5, tzinfo=UTC)
PRIORITY = {"critical": 1, "error": 2, "warning": 3, "info": 4}
_GAP_S = 60  # that lies at least between two firings of the same label set by different causes


class Alarm(Struct, frozen=True):
    """One firing of one label set, in seconds since the beginning of the recording."""

    labels: dict[str, str]
    start: int
    end: int


class Demand(Struct, frozen=True):
    """From `at` on somebody has to be told, as urgently as the priority says."""

    at: int
    priority: int


class Episode(Struct):
    """Some firings of one cause. Without `demands` nobody needs to be woken."""

    id: str
    kind: str
    case: str
    alarms: list[Alarm]
    demands: list[Demand] = field(default_factory=list)

    @property
    def start(self) -> int:
        """Return when its first alarm fired."""
        return min(alarm.start for alarm in self.alarms)

    @property
    def end(self) -> int:
        """Return when its last alarm ended."""
        return max(alarm.end for alarm in self.alarms)


class Shape(Struct, frozen=True):
    """How large and how long. The evaluated week begins after `warmup_days`."""

    nodes: int = 2000
    days: int = 7
    warmup_days: int = 21

    @property
    def begin(self) -> int:
        """Return the first second that counts."""
        return self.warmup_days * DAY_S

    @property
    def end(self) -> int:
        """Return the second in which the recording stops."""
        return (self.warmup_days + self.days) * DAY_S

    def share(self, per_day: float) -> int:
        """Return how many happen in the evaluated time, of so many a day on 2,000 nodes."""
        return max(1, round(per_day * self.days * self.nodes / 2000))


class Ground:
    """Collect episodes; everything by chance comes from one seed."""

    def __init__(self, seed: int, shape: Shape) -> None:
        self.shape = shape
        self.random = Random(seed)
        self.episodes: list[Episode] = []
        self._busy: dict[tuple[tuple[str, str], ...], list[tuple[int, int]]] = {}

    def add(self, kind: str, case: str, alarms: list[Alarm], demands: Iterable[Demand] = ()) -> None:
        """Take an episode, unless one of its label sets already fires at that time."""
        wanted = list(demands)
        free = [alarm for alarm in alarms if wanted or self._is_free(alarm)]
        for alarm in free:
            self._busy.setdefault(_key(alarm), []).append((alarm.start - _GAP_S, alarm.end + _GAP_S))
        if free:
            self.episodes.append(Episode(f"e{len(self.episodes) + 1:06d}", kind, case, free, wanted))

    def _is_free(self, alarm: Alarm) -> bool:
        taken = self._busy.get(_key(alarm), ())
        return not any(start < alarm.end and alarm.start < end for start, end in taken)

    def moment(self) -> int:
        """Return a second of the evaluated time that leaves room for what begins then."""
        room = min(8 * 3600, (self.shape.end - self.shape.begin) // 4)
        return self.random.randint(self.shape.begin, self.shape.end - room)

    @property
    def racks(self) -> int:
        """Return how many racks there are."""
        return max(1, self.shape.nodes // RACK_NODES)

    def node(self, number: int | None = None) -> dict[str, str]:
        """Return the labels of a node, any or the one of that number."""
        chosen = self.random.randrange(self.shape.nodes) if number is None else number
        return {"node": f"node-{chosen:04d}", "rack": f"rack-{chosen // RACK_NODES:02d}"}

    def pod(self) -> dict[str, str]:
        """Return the labels of any pod, on any node."""
        number = self.random.randrange(300)
        service = f"svc-{number:03d}"
        pod = f"{service}-7d4f8c7b9d-{self.random.randrange(8)}bxkz"
        return {
            "namespace": f"team-{number % 60:02d}",
            "service": service,
            "pod": pod,
            "node": self.node()["node"],
        }


def moment(second: int) -> datetime:
    """Return a second of the recording as a time."""
    return EPOCH + timedelta(seconds=second)


def stamp(second: int) -> str:
    """Return a second of the recording as text."""
    return f"{moment(second):%Y-%m-%dT%H:%M:%SZ}"


def labels_of(alert: str, severity: str, **place: str) -> dict[str, str]:
    """Return the labels of an alert of the cluster."""
    return {"alertname": alert, "severity": severity, "cluster": "prod-1", **place}


def _key(alarm: Alarm) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(alarm.labels.items()))
