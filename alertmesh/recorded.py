"""Recorded alerts: JSON lines, plain or .gz, that replay, demo, tests and benchmarks share."""

import gzip
import zlib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Literal

import msgspec
import orjson
import xxhash
from msgspec import Struct

from alertmesh.core.alert import Sighting
from alertmesh.core.errors import BadPayload


class RecordedAlert(Struct, kw_only=True, omit_defaults=True):
    """One line: what one alert of one monitor said at `time`."""

    id: str
    time: datetime
    status: Literal["firing", "resolved"]
    labels: dict[str, str]
    source: str = "prometheus"
    annotations: dict[str, str] = {}
    ends_at: datetime | None = None
    starts_at: datetime | None = None
    generator_url: str = ""

    def sighting(self) -> Sighting:
        """Return the line as a door would have seen it."""
        firing = self.status == "firing"
        canonical = orjson.dumps(self.labels, option=orjson.OPT_SORT_KEYS)
        return Sighting(
            identity=xxhash.xxh3_128_intdigest(canonical),
            firing=firing,
            labels=self.labels,
            annotations=self.annotations,
            starts_at=self.starts_at or (self.time if firing else None),
            ends_at=self.ends_at or (None if firing else self.time),
            generator_url=self.generator_url,
        )


_decoder = msgspec.json.Decoder(RecordedAlert)
_encoder = msgspec.json.Encoder()


def read_recorded(path: Path) -> Iterator[RecordedAlert]:
    """Read a recording line by line; BadPayload names the line that cannot be read."""
    for number, line in enumerate(_lines(path), 1):
        if not line.strip():
            continue
        try:
            alert = _decoder.decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise BadPayload(f"{path.name}:{number}: {error}", field=f"line {number}") from error
        for field in ("time", "starts_at", "ends_at"):
            moment = getattr(alert, field)
            if moment is not None and moment.tzinfo is None:
                raise BadPayload(f"{path.name}:{number}: {field} has no zone; write it with Z", field=field)
        yield alert


def _lines(path: Path) -> Iterator[bytes]:
    opener = gzip.open if path.suffix == ".gz" else open
    try:
        with opener(path, "rb") as lines:
            yield from lines
    except (OSError, EOFError, zlib.error) as error:
        raise BadPayload(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}") from error


def write_recorded(path: Path, alerts: Iterator[RecordedAlert]) -> int:
    """Write a recording, compressed when the name ends in .gz; return the number of lines."""
    opener = gzip.open if path.suffix == ".gz" else open
    count = 0
    with opener(path, "wb") as out:
        for alert in alerts:
            out.write(_encoder.encode(alert) + b"\n")
            count += 1
    return count
