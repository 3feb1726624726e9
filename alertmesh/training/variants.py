"""Make more of a recording: parts of it as other systems and other monitors would have told them.

A model that sees each recording only whole learns how long that recording lasts, how many clusters tell of
trouble there and how noisy they are. So each part differs in these: it is a stretch of time, some of the
clusters, with some of the noise left out for good (by series: what is noisy at one place is quiet at
another), and with moments as a monitor has them that looks once a minute. Some parts are several lain on top
of each other, as in a place where much happens at the same time: there time alone must not join.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import numpy as np
from msgspec.structs import replace

from alertmesh.correlate.topology import Edge
from alertmesh.recorded import RecordedAlert
from alertmesh.training.recording import Recording
from alertmesh.training.settings import TrainSettings

T = TypeVar("T")
_CLUSTER = "cluster"
_SEVERITY = "severity"
_KEPT = frozenset({"alertname", _SEVERITY})
_ONE = "one"
_NEVER = datetime.max.replace(tzinfo=UTC)


def variants(recording: Recording, settings: TrainSettings, part: Sequence[int]) -> Iterator[Recording]:
    """Yield the whole recording, then its parts; `part` is the seed, the round, and its number."""
    yield recording
    chance = np.random.default_rng(part)
    for number in range(settings.variants):
        layers = settings.layers[number % len(settings.layers)]
        varied = (
            _part(recording, settings, chance) if layers < 2 else layered(recording, layers, settings, chance)
        )
        varied = _gridded(varied, _one_of(settings.grids_s, chance))
        if len(varied.alerts) >= settings.least_alerts:
            yield varied.picked(range(min(len(varied.alerts), settings.most_alerts)))


def _part(recording: Recording, settings: TrainSettings, chance: np.random.Generator) -> Recording:
    """Return a stretch of time of some clusters, with some of the noise."""
    part = _stretch(recording, _one_of(settings.stretches_h, chance), chance)
    part = _of_clusters(part, _one_of(settings.clusters, chance), chance)
    return _thinned(part, _one_of(settings.noise, chance), chance)


def _stretch(recording: Recording, hours: float, chance: np.random.Generator) -> Recording:
    """Return a stretch of time; the whole of a recording that is no longer than that."""
    lasts = timedelta(hours=hours)
    first, last = recording.alerts[0].time, recording.alerts[-1].time
    begin = first + max(timedelta(), last - first - lasts) * float(chance.random())
    return recording.between(begin, begin + lasts)


def _of_clusters(recording: Recording, wanted: int, chance: np.random.Generator) -> Recording:
    known = sorted({alert.labels.get(_CLUSTER, "") for alert in recording.alerts})
    if not wanted or wanted >= len(known):
        return recording
    taken = set(chance.permutation(known)[:wanted].tolist())
    return recording.picked(
        [n for n, alert in enumerate(recording.alerts) if alert.labels.get(_CLUSTER, "") in taken]
    )


def _thinned(recording: Recording, share: float, chance: np.random.Generator) -> Recording:
    """Leave out some of the series that tell of no incident."""
    if share >= 1.0:
        return recording
    names = [_series(alert.labels) for alert in recording.alerts]
    noise = sorted({name for name, group in zip(names, recording.truth, strict=True) if not group})
    kept = {name for name, drawn in zip(noise, chance.random(len(noise)), strict=True) if drawn < share}
    return recording.picked([n for n, name in enumerate(names) if recording.truth[n] or name in kept])


def layered(
    recording: Recording, count: int, settings: TrainSettings, chance: np.random.Generator
) -> Recording:
    """Lay stretches of single clusters on top of each other, as of one cluster, or as if there were none.

    Things of different layers get different names, so that it is only time that they share.
    """
    hours, named = min(settings.stretches_h), bool(chance.integers(2))
    lines: list[tuple[RecordedAlert, str]] = []
    edges: list[Edge] = []
    for layer in range(count):
        part = _of_clusters(_stretch(recording, hours, chance), 1, chance)
        part = _thinned(part, _one_of(settings.noise, chance), chance)
        places = {"", *(alert.labels.get(_CLUSTER, "") for alert in part.alerts[:1])}
        begin = part.alerts[0].time if part.alerts else recording.alerts[0].time
        by = recording.alerts[0].time - begin
        lines += [
            (_moved(alert, by, layer, named), group and f"{layer}-{group}")
            for alert, group in zip(part.alerts, part.truth, strict=True)
        ]
        edges += [
            Edge(_renamed(edge.a, layer), _renamed(edge.b, layer), edge.kind, _ONE if named else "")
            for edge in recording.edges
            if edge.cluster in places
        ]
    lines.sort(key=lambda line: line[0].time)
    alerts, truth = [alert for alert, _ in lines], [group for _, group in lines]
    return Recording(name=recording.name, alerts=alerts, truth=truth, edges=list(dict.fromkeys(edges)))


def _moved(alert: RecordedAlert, by: timedelta, layer: int, named: bool) -> RecordedAlert:
    labels = {
        name: value if name in _KEPT else _renamed(value, layer)
        for name, value in alert.labels.items()
        if name != _CLUSTER
    }
    return replace(
        alert,
        id=_renamed(alert.id, layer),
        time=alert.time + by,
        labels=labels | ({_CLUSTER: _ONE} if named else {}),
        ends_at=None if alert.ends_at is None else alert.ends_at + by,
        starts_at=None if alert.starts_at is None else alert.starts_at + by,
    )


def _renamed(name: str, layer: int) -> str:
    return f"l{layer}-{name}"


def _gridded(recording: Recording, grid_s: int) -> Recording:
    """Tell of everything at moments that are `grid_s` apart, as a monitor with that interval does."""
    if not grid_s:
        return recording
    moved = [_on_grid(alert, grid_s) for alert in recording.alerts]
    order = sorted(range(len(moved)), key=lambda place: moved[place].time)
    return replace(recording, alerts=[moved[n] for n in order], truth=[recording.truth[n] for n in order])


def _on_grid(alert: RecordedAlert, grid_s: int) -> RecordedAlert:
    time = _floored(alert.time, grid_s)
    ends = alert.ends_at
    if ends is not None:
        lasted = (ends - alert.time).total_seconds()
        length = timedelta(seconds=max(0 if lasted <= 0 else grid_s, round(lasted / grid_s) * grid_s))
        ends = time + min(length, _NEVER - time)
    starts = None if alert.starts_at is None else _floored(alert.starts_at, grid_s)
    return replace(alert, time=time, ends_at=ends, starts_at=starts)


def _floored(moment: datetime, grid_s: int) -> datetime:
    return datetime.fromtimestamp(moment.timestamp() // grid_s * grid_s, UTC)


def _series(labels: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((name, value) for name, value in labels.items() if name != _SEVERITY))


def _one_of(choices: Sequence[T], chance: np.random.Generator) -> T:
    return choices[int(chance.integers(len(choices)))]
