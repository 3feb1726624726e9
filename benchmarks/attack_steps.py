"""Rate the attack streams by the area below their rates while one setting is swept.

The published protocol for these streams: how many pairs of alerts of one step are together against how
many others are apart, for several values of one setting, as the area below the steps of that curve. It
tells what the setting could give at best, so it stands beside the figures of the one default, not instead.
"""

import tempfile
from collections.abc import Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from benchmarks.scoring import Rates, mean_rates, score, step_area, step_rates
from benchmarks.streams import Laid, Replays, Stream, lay

_WIDTHS = "{:<28} {:>8} {:>7} {:>13} {:>13} {:>10}"
_VIEWS = ("clean", "noise")


class Sweep(NamedTuple):
    """Which setting of `alertmesh replay --set` takes which values."""

    key: str
    values: Sequence[str]


Steps = Mapping[str, Mapping[str, Rates]]  # by view, by step


def print_areas(streams: Sequence[Stream], sweep: Sweep, replays: Replays) -> None:
    """Print the rates of every value, the areas of every stream, and of all those of one composition."""
    print(_WIDTHS.format("stream", "value", "inc-F1", "clean tnr tpr", "noise tnr tpr", "alerts/s"))
    for folder, kin in groupby(streams, key=lambda stream: stream.name.rpartition("/")[0]):
        found = []
        for stream in kin:
            found.append(_swept(stream, sweep, replays))
            _print_area(stream.name, found[-1])
        if len(found) > 1:
            _print_area(f"{folder}, {len(found)} as one", pooled(found))


def areas_of(points: Sequence[Steps]) -> dict[str, float]:
    """Return the area below the points of a sweep, in both views."""
    return {view: step_area(mean_rates(point[view]) for point in points) for view in _VIEWS}


def pooled(found: Sequence[Sequence[Steps]]) -> list[Steps]:
    """Put the steps of several streams together, value by value; each is an instance of its stage."""
    return [
        {
            view: {
                f"{name} of {number}": rates
                for number, steps in enumerate(several)
                for name, rates in steps[view].items()
            }
            for view in _VIEWS
        }
        for several in zip(*found, strict=True)
    ]


def _swept(stream: Stream, sweep: Sweep, replays: Replays) -> list[Steps]:
    with tempfile.TemporaryDirectory() as scratch:
        laid = lay(stream, Path(scratch))
        return [_steps(stream, laid, f"{sweep.key}={value}", replays) for value in sweep.values]


def _steps(stream: Stream, laid: Laid, setting: str, replays: Replays) -> Steps:
    """Replay one stream with one setting and print its line."""
    swept = Replays([*replays.options, "--set", setting], times=1)
    incident, seconds = swept.groups(laid, laid.alerts.parent)
    truth = stream.truth()
    true, found = list(truth.values()), [incident[alert] for alert in truth]
    steps = step_rates(true, found)
    means = {view: mean_rates(steps[view]) for view in _VIEWS}
    pairs = [f"{means[view].tnr:.4f} {means[view].tpr:.4f}" for view in _VIEWS]
    figures = [f"{score(true, found).incident_f1:.3f}", *pairs, f"{len(true) / max(seconds, 1e-9):,.0f}"]
    print(_WIDTHS.format(stream.name, setting.partition("=")[2], *figures), flush=True)
    return steps


def _print_area(name: str, points: Sequence[Steps]) -> None:
    areas = areas_of(points)
    print(f"{name:<28} step area {', '.join(f'{view} {areas[view]:.3f}' for view in _VIEWS)}", flush=True)
