"""Turn a batch into what a table holds, and back."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import msgspec
from msgspec import Struct

from alertmesh.core.entries import LogEntry
from alertmesh.core.errors import StoreUnavailable
from alertmesh.core.incident import TimelineEntry
from alertmesh.core.page import Attempt
from alertmesh.core.ports import AuditEntry, Batch, Count

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_UNWRITABLE = (TypeError, ValueError, OverflowError, AttributeError, RecursionError)

Key = str | int
LogTuple = tuple[int, bytes]
LineTuple = tuple[int, int, bytes]
RowTuple = tuple[str, Key, bool, bytes]
AttemptTuple = tuple[str, int, str, str, int, int | None, str, bytes]
CountTuple = tuple[str, int, int]
AuditTuple = tuple[int, str, bytes]

encode_body = msgspec.msgpack.Encoder().encode
decode_entry = msgspec.msgpack.Decoder(LogEntry).decode
decode_line = msgspec.msgpack.Decoder(TimelineEntry).decode
decode_attempt = msgspec.msgpack.Decoder(Attempt).decode
decode_audit = msgspec.msgpack.Decoder(AuditEntry).decode


class Encoded(Struct):
    """A batch, or several in a row, as the tables take it.

    `drops` are deleted before `rows` are put; a key that is put again after its deletion stands
    in both. Within `rows`, `attempts` and `counts` the last word on a key is the only one kept.
    """

    entries: list[LogTuple]
    cursor: int | None
    drops: dict[tuple[str, Key], None]
    rows: dict[tuple[str, Key], RowTuple]
    timeline: list[LineTuple]
    attempts: dict[str, AttemptTuple]
    counts: dict[str, CountTuple]
    audit: list[AuditTuple]

    def append(self, later: "Encoded") -> None:
        """Take in a later batch, as if both had been one."""
        self.entries += later.entries
        if later.cursor is not None:
            self.cursor = later.cursor
        for key in later.drops:
            self.drops[key] = None
            self.rows.pop(key, None)
        self.rows.update(later.rows)
        self.timeline += later.timeline
        self.attempts.update(later.attempts)
        self.counts.update(later.counts)
        self.audit += later.audit


def nothing() -> Encoded:
    """Return a batch without content, to append others to."""
    return Encoded([], None, {}, {}, [], {}, {}, [])


def encode(batch: Batch) -> Encoded:
    """Return what the tables are to take of `batch`; StoreUnavailable when a part cannot be written."""
    try:
        drops, rows = _rows(batch)
        return Encoded(
            entries=[(to_micros(entry.at), encode_body(entry)) for entry in batch.entries],
            cursor=batch.cursor,
            drops=drops,
            rows=rows,
            timeline=[(line.incident, to_micros(line.at), encode_body(line)) for line in batch.timeline],
            attempts=_attempts(batch.attempts),
            counts={c.fingerprint: (c.fingerprint, c.repeats, to_micros(c.last_seen)) for c in batch.counts},
            audit=[(to_micros(entry.at), entry.actor, encode_body(entry)) for entry in batch.audit],
        )
    except _UNWRITABLE as error:
        raise StoreUnavailable(f"the batch cannot be written: {error}") from error


def to_micros(moment: datetime) -> int:
    """Return whole microseconds since 1970; raises TypeError for a datetime without a zone."""
    return (moment - _EPOCH) // _MICROSECOND


def from_micros(micros: int) -> datetime:
    """Return the moment that `to_micros` turned into a number.

    >>> from_micros(to_micros(datetime(2026, 1, 1, microsecond=7, tzinfo=UTC))).isoformat()
    '2026-01-01T00:00:00.000007+00:00'
    """
    return _EPOCH + timedelta(microseconds=micros)


def no_counts(batch: Encoded) -> list[str]:
    """Return the fingerprints whose counters are zero, so that none has to be kept."""
    return [fingerprint for fingerprint, repeats, _ in batch.counts.values() if not repeats]


def to_count(row: CountTuple) -> Count:
    """Return the counter that a row of the table stands for."""
    return Count(row[0], row[1], from_micros(row[2]))


def _rows(batch: Batch) -> tuple[dict[tuple[str, Key], None], dict[tuple[str, Key], RowTuple]]:
    drops: dict[tuple[str, Key], None] = {}
    puts: dict[tuple[str, Key], RowTuple] = {}
    for row in batch.rows:
        place = (row.table, _checked(row.key))
        if row.body is None:
            drops[place] = None
            puts.pop(place, None)
        else:
            puts[place] = (row.table, row.key, row.live, row.body)
    return drops, puts


def _checked(key: Key) -> Key:
    """Return a key that every store can hold; raises OverflowError, TypeError or UnicodeError else."""
    if isinstance(key, int):
        if not -(2**63) <= key < 2**63:
            raise OverflowError(f"the key {key} is too large")
    elif not isinstance(key, str):
        raise TypeError(f"{key!r} is no key")
    elif not key.isascii():
        key.encode()
    return key


def _attempts(attempts: Iterable[Attempt]) -> dict[str, AttemptTuple]:
    return {
        attempt.id: (
            attempt.id,
            attempt.page.incident,
            attempt.channel,
            attempt.state.value,
            to_micros(attempt.due_at),
            None if attempt.claimed_at is None else to_micros(attempt.claimed_at),
            attempt.key,
            encode_body(attempt),
        )
        for attempt in attempts
    }
