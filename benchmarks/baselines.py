"""What other ways of grouping make of the same alerts: the usual ones, each in its plainest form.

Each takes recorded alerts in order of time and returns the number of each alert's group. They know
nothing but the alerts, keep no alert back and decide for good. Every alert gets a group.
"""

from collections.abc import Callable, Hashable, Iterator, Sequence
from functools import partial
from typing import NamedTuple

from alertmesh.recorded import RecordedAlert
from benchmarks.baseline_text import dbscan, dbstream, hdbscan

Grouper = Callable[[Sequence[RecordedAlert]], list[int]]
_Tokens = frozenset[tuple[str, str]]
_Recent = dict[_Tokens, tuple[float, int]]  # when it was last told and its group; oldest first

SESSION = "gap 120 s"  # the family that every version of ours has to keep up with

_IDLE_S = 300.0
_GROUP_BY = (
    ("alertname",),
    ("cluster", "alertname"),
    ("cluster",),
    ("cluster", "service"),
    ("host",),
    ("host", "rule"),
)
_NOT_ABOUT = frozenset({"alertname", "severity"})
_DBSTREAM_MOST = 10_000


class Baseline(NamedTuple):
    """One setting of one way of grouping; of a family only the best setting is shown."""

    family: str
    setting: str
    group: Grouper
    most: int | None = None  # alerts above which it takes too long to be run

    @property
    def title(self) -> str:
        return f"{self.family} {self.setting}"


def baselines(alerts: Sequence[RecordedAlert]) -> list[Baseline]:
    """Return every setting that makes sense for these alerts: none that asks for a label nobody has."""
    names = {name for alert in alerts for name in alert.labels}
    place = place_label(names)
    return [
        *(
            Baseline("group_by", f"[{','.join(by)}]", partial(group_by, by=by))
            for by in _GROUP_BY
            if names.issuperset(by)
        ),
        *(
            Baseline(f"gap {wait:.0f} s", f"per {place}", partial(gap, place=place, gap_s=wait))
            for wait in (8.0, 60.0, 120.0, 600.0)
        ),
        *(
            Baseline("Jaccard", f"{least} {wait:.0f} s", partial(jaccard, least=least, gap_s=wait))
            for least, wait in ((0.2, 120.0), (0.3, 120.0), (0.3, 300.0))
        ),
        *(
            Baseline("TF-IDF DBSCAN", f"{eps} {wait:.0f} s", partial(dbscan, eps=eps, window_s=wait))
            for eps, wait in ((0.6, 120.0), (0.7, 120.0), (0.8, 300.0))
        ),
        Baseline("TF-IDF HDBSCAN", "600 s", partial(hdbscan, window_s=600.0)),
        Baseline("river DBSTREAM", "radius 2", dbstream, _DBSTREAM_MOST),
    ]


def place_label(names: set[str]) -> str:
    """Return the label that tells one place from another: the cluster, where there is one, or the host."""
    return "cluster" if "cluster" in names else "host"


def group_by(alerts: Sequence[RecordedAlert], by: Sequence[str]) -> list[int]:
    """Group by equal labels as Alertmanager does; a group ends when all in it was over for five minutes.

    An alert without an end holds for its five minutes from the last time it was told.
    """
    numbers = _Numbers()
    over: dict[Hashable, float] = {}
    found = []
    for alert in alerts:
        key = tuple(alert.labels.get(name, "") for name in by)
        began = alert.time.timestamp()
        if began > over.get(key, began) + _IDLE_S:
            numbers.close(key)
            over[key] = began
        ends = alert.ends_at.timestamp() if alert.ends_at else began
        over[key] = max(over.get(key, ends), ends)
        found.append(numbers.of(key))
    return found


def gap(alerts: Sequence[RecordedAlert], place: str, gap_s: float) -> list[int]:
    """Group what begins at one place until nothing began there for `gap_s`: a session."""
    numbers = _Numbers()
    last: dict[str, float] = {}
    found = []
    for alert in alerts:
        key = alert.labels.get(place, "")
        began = alert.time.timestamp()
        if began - last.get(key, began) >= gap_s:
            numbers.close(key)
        last[key] = began
        found.append(numbers.of(key))
    return found


def jaccard(alerts: Sequence[RecordedAlert], least: float, gap_s: float) -> list[int]:
    """Put an alert with the most alike of the last `gap_s` seconds, if they share `least` of their labels.

    What it says and how bad it is do not count, only what it is about.
    """
    recent: _Recent = {}
    found = []
    groups = 0
    for alert in alerts:
        began = alert.time.timestamp()
        for tokens in list(_outdated(recent, began - gap_s)):
            del recent[tokens]
        tokens = frozenset(item for item in alert.labels.items() if item[0] not in _NOT_ABOUT)
        same = recent.pop(tokens, None)
        group = same[1] if same else _most_alike(tokens, recent, least)
        if group is None:
            group, groups = groups, groups + 1
        recent[tokens] = (began, group)
        found.append(group)
    return found


def _outdated(recent: _Recent, until: float) -> Iterator[_Tokens]:
    for tokens, (at, _) in recent.items():
        if at > until:
            return
        yield tokens


def _most_alike(tokens: _Tokens, recent: _Recent, least: float) -> int | None:
    """Return the group of the most alike; of equals, the latest."""
    best, group = least, None
    for other, (_, number) in recent.items():
        shared = len(tokens & other)
        alike = shared / max(1, len(tokens) + len(other) - shared)
        if alike >= best:
            best, group = alike, number
    return group


class _Numbers:
    """Hand out one number a key until the key is closed."""

    def __init__(self) -> None:
        self._open: dict[Hashable, int] = {}
        self._next = 0

    def of(self, key: Hashable) -> int:
        if key not in self._open:
            self._open[key] = self._next
            self._next += 1
        return self._open[key]

    def close(self, key: Hashable) -> None:
        self._open.pop(key, None)
