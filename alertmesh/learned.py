"""Carry what needs no truth from a recording into another run: which alerts come with which, and how often.

Only experience of kinds, scopes and values is carried, never who was in a group with whom. Times count
from the end of the recording, so that a run begins as if the recording had ended just now.
"""

import gzip
import zlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct

from alertmesh.core.errors import BadConfig
from alertmesh.core.records import Records
from alertmesh.correlate.relation_counts import STRIDE, KindCount, LagCount
from alertmesh.correlate.spread import Spread
from alertmesh.correlate.stage import CorrelateStage
from alertmesh.correlate.tempo import Beat

VERSION = 1
_KINDS, _LAGS, _BEATS, _VALUES = (
    "correlate_relation",
    "correlate_relation_lag",
    "correlate_beat",
    "correlate_value",
)
_DIGITS = 4


class Learned(Struct, frozen=True, kw_only=True):
    """Experience up to `until`: of kinds of alerts, of lags, of arrivals and of values.

    `window_s` is how long the windows are that `values` counts. `alerts` is from how many all that was
    learned.
    """

    version: int
    until: datetime
    window_s: float
    alerts: int
    kinds: dict[str, KindCount]
    lags: dict[str, LagCount]
    beats: dict[str, Beat]
    values: dict[str, Spread]


def snapshot(stage: CorrelateStage, until: datetime, window_s: float, alerts: int) -> Learned:
    """Take what a correlator learned; of arrivals by kind and scope only, not of each series."""
    tables = _tables(stage)
    beats = tables[_BEATS]
    return Learned(
        version=VERSION,
        until=until,
        window_s=window_s,
        alerts=alerts,
        kinds=_sorted(tables[_KINDS]),
        lags=_sorted(tables[_LAGS]),
        beats={key: beat for key, beat in _sorted(beats).items() if "|" in key},
        values=_sorted(tables[_VALUES]),
    )


def encode(learned: Learned) -> bytes:
    """Write it, compressed; the same experience gives the same bytes."""
    plain = _rounded(msgspec.to_builtins(learned, builtin_types=(datetime,)))
    return gzip.compress(msgspec.json.format(msgspec.json.encode(plain), indent=0) + b"\n", mtime=0)


def decode(body: bytes, name: str = "learned.json.gz") -> Learned:
    """Read it, compressed or not; BadConfig says why it cannot be used."""
    try:
        plain = gzip.decompress(body) if body.startswith(b"\x1f\x8b") else body
        learned = msgspec.json.decode(plain, type=Learned)
    except (msgspec.DecodeError, OSError, EOFError, zlib.error) as error:
        raise BadConfig([f"{name}: {error}"]) from error
    if learned.version != VERSION:
        raise BadConfig([f"{name}: version {learned.version} of the form, this program reads {VERSION}"])
    if learned.until.tzinfo is None:
        raise BadConfig([f"{name}: until has no zone; write it with Z"])
    widths = {len(row.bins) for row in learned.lags.values()}
    widths |= {len(counts) // 3 for row in learned.kinds.values() for counts in row.partners.values()}
    if widths - {STRIDE}:
        raise BadConfig([f"{name}: its counts of lags are of another form; learn it anew"])
    return learned


def lay(learned: Learned, stage: CorrelateStage, at: datetime, window_s: float) -> bool:
    """Let a correlator that knows nothing yet begin at `at` with this; tell whether it did.

    One that has experience of its own keeps to that.
    """
    tables = _tables(stage)
    if any(len(tables[name]) for name in (_KINDS, _LAGS, _BEATS, _VALUES)):
        return False
    by = (at - learned.until).total_seconds()
    for kind, row in learned.kinds.items():
        partners = {name: list(counts) for name, counts in row.partners.items()}
        tables[_KINDS].put(kind, KindCount(row.count, row.at + by, partners, row.rest))
    for hop, lag in learned.lags.items():
        tables[_LAGS].put(hop, LagCount(lag.at + by if lag.at else 0.0, list(lag.bins)))
    for key, beat in learned.beats.items():
        tables[_BEATS].put(key, Beat(beat.count, beat.burst, beat.last + by, beat.first + by, beat.span))
    if learned.window_s == window_s:
        shift = int(at.timestamp() // window_s) - int(learned.until.timestamp() // window_s)
        for token, spread in learned.values.items():
            tables[_VALUES].put(token, Spread(spread.windows, spread.last + shift))
    stage.restored()
    return True


def _tables(stage: CorrelateStage) -> dict[str, Records[Any, Any]]:
    return {table.table: table for table in stage.tables}


def _sorted(table: Records[str, Any]) -> dict[str, Any]:
    return {key: table[key] for key in sorted(table)}


def _rounded(value: Any) -> Any:
    """Cut what is far behind the point: it tells nothing and takes most of the room."""
    if isinstance(value, float):
        return round(value, _DIGITS)
    if isinstance(value, Mapping):
        return {key: _rounded(inside) for key, inside in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(inside) for inside in value]
    return value
