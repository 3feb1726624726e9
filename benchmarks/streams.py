"""Find the recorded streams of a data directory and lay them out for a replay.

A stream is called by its path below the directory, `microservices/fleet_busy` or `ait_ads/original/shaw`;
the last part or a leading part is enough to ask for it.
"""

import math
import subprocess
import sys
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import msgspec

from alertmesh.recorded import RecordedAlert, read_recorded, write_recorded
from alertmesh.scoring import read_grouping, read_truth
from benchmarks.convert import convert, convert_topology

_ASIDE = "ait_ads/native"  # days as they were recorded: only when asked for by name
_WEEK = timedelta(weeks=1)
_PAUSE = timedelta(hours=1)
_PAST = "past-"


class Stream(NamedTuple):
    """One recorded stream with its true incidents."""

    name: str
    path: Path

    @property
    def kind(self) -> str:
        """Return what it shares with streams that one may learn from for it."""
        folder, _, name = self.name.rpartition("/")
        return f"{folder}/{name.partition('_')[0]}" if "_" in name else folder

    def truth(self) -> dict[str, str]:
        """Return the true incident of each alert; never an input of what is judged."""
        return read_truth(self.path if self.path.is_file() else self.path / "alerts.csv.gz")


class Laid(NamedTuple):
    """The files that a replay reads."""

    alerts: Path
    topology: Path | None


class Replays(NamedTuple):
    """How the product is run: what is passed on to `alertmesh replay`, and how often."""

    options: Sequence[str]
    times: int = 2

    def groups(self, laid: Laid, home: Path) -> tuple[dict[str, str], float]:
        """Return the incident of each alert and the seconds of the fastest replay."""
        seconds, outputs = [], []
        for number in range(self.times):
            groups, summary = home / f"groups{number}.csv", home / f"summary{number}.json"
            files = ["--groups", str(groups), "--summary", str(summary)]
            topology = ["--topology", str(laid.topology)] if laid.topology else []
            program = Path(sys.executable).with_name("alertmesh")
            words = [str(program), "replay", str(laid.alerts), *topology, *files, *self.options]
            subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
            seconds.append(float(msgspec.json.decode(summary.read_bytes())["seconds"]))
            outputs.append(groups)
        if len({output.read_bytes() for output in outputs}) > 1:
            sys.exit(f"{laid.alerts}: two replays of the same alerts gave different groups")
        return read_grouping(outputs[0]), min(seconds)


def streams(data: Path) -> list[Stream]:
    """Return every stream of `data` that has true incidents, by name."""
    fleets = [path for path in (data / "microservices").glob("*") if path.is_dir()]
    attacks = list((data / "ait_ads").glob("*/*.csv.gz"))
    return sorted(
        Stream(path.relative_to(data).as_posix().removesuffix(".csv.gz"), path) for path in fleets + attacks
    )


def chosen(known: Sequence[Stream], asked: Sequence[str]) -> list[Stream]:
    """Return the streams asked for, all of microservices/ if none is; KeyError names an unknown one."""
    found = []
    for name in asked or ["microservices"]:
        hits = [stream for stream in known if _is_asked(stream, name)]
        if not hits:
            raise KeyError(name)
        found += [stream for stream in hits if stream not in found]
    return found


def _is_asked(stream: Stream, name: str) -> bool:
    if stream.name.startswith(_ASIDE) and not name.startswith(_ASIDE):
        return False
    return f"{stream.name}/".startswith(f"{name}/") or stream.name.rpartition("/")[2] == name


def teacher(stream: Stream, known: Sequence[Stream]) -> Stream | None:
    """Return the stream of the same kind that comes before it, round the end; none if it is alone."""
    kin = [other for other in known if other.kind == stream.kind]
    before = kin[kin.index(stream) - 1]
    return None if before == stream else before


def lay(stream: Stream, home: Path) -> Laid:
    """Write a stream as recorded alerts into `home`."""
    laid = Laid(home / "alerts.jsonl", home / "topology.csv" if stream.path.is_dir() else None)
    convert(stream.path, laid.alerts)
    if laid.topology:
        convert_topology(stream.path, laid.topology)
    return laid


def lay_after(past: Laid, present: Laid, home: Path) -> Laid:
    """Write two streams as one, the past one moved to end before the present one begins.

    It is moved by whole weeks, so that hours and weekdays stay; its ids get a prefix.
    """
    alerts = home / "alerts.jsonl"
    write_recorded(alerts, _joined(past.alerts, present.alerts))
    if past.topology is None or present.topology is None:
        return Laid(alerts, present.topology)
    topology = home / "topology.csv"
    later = present.topology.read_text().partition("\n")[2]
    topology.write_text(past.topology.read_text() + later)
    return Laid(alerts, topology)


def _joined(past: Path, present: Path) -> Iterator[RecordedAlert]:
    begins = next(alert.time for alert in read_recorded(present))
    ends = max(max(alert.time, alert.ends_at or alert.time) for alert in read_recorded(past))
    back = _WEEK * math.ceil((ends + _PAUSE - begins) / _WEEK)
    for alert in read_recorded(past):
        moved = alert.ends_at - back if alert.ends_at else None
        yield msgspec.structs.replace(alert, id=_PAST + alert.id, time=alert.time - back, ends_at=moved)
    yield from read_recorded(present)
