"""Read what people said of recorded alerts: CSV with the columns time, action, a and b, for replay."""

import csv
from datetime import UTC, datetime
from pathlib import Path

from msgspec import Struct

from alertmesh.core.entries import Action
from alertmesh.core.errors import BadPayload

_COLUMNS = ("time", "action", "a", "b")
_ACTIONS = {action.value: action for action in (Action.MERGE, Action.SPLIT, Action.ROOT)}


class Remark(Struct, frozen=True):
    """One row: at `time` somebody said something of the alerts of two input lines.

    `a` and `b` are ids of input lines; of a root, `b` is the name of a thing, or empty.
    """

    row: int
    time: datetime
    action: Action
    a: str
    b: str

    def unfit(self, field: str, why: str) -> BadPayload:
        """Return the error that says what is wrong with a field of this row."""
        return _unfit(self.row, field, why)


def read_remarks(path: Path) -> list[Remark]:
    """Read a file of remarks, in order of time; BadPayload names the row and the field that is bad."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as source:
            rows = csv.DictReader(source)
            missing = [name for name in _COLUMNS if name not in (rows.fieldnames or ())]
            if missing:
                raise BadPayload(f"{path.name}: no column {', '.join(missing)}", field=missing[0])
            found = [_remark(number, row) for number, row in enumerate(rows, 1)]
    except (UnicodeDecodeError, csv.Error) as error:
        raise BadPayload(f"{path} cannot be read: {error}") from error
    return sorted(found, key=lambda remark: remark.time)


def _remark(number: int, row: dict[str, str | None]) -> Remark:
    time, action, a, b = ((row[name] or "").strip() for name in _COLUMNS)
    known = _ACTIONS.get(action)
    if known is None:
        raise _unfit(number, "action", f"{action!r} is none of {', '.join(_ACTIONS)}")
    if not a:
        raise _unfit(number, "a", "the id of an input line is missing")
    if not b and known is not Action.ROOT:
        raise _unfit(number, "b", f"{action} needs the id of a second input line")
    return Remark(number, _moment(number, time), known, a, b)


def _moment(number: int, text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise _unfit(number, "time", f"{text!r} is no moment; write 2026-11-23T04:00:00Z") from error
    if moment.tzinfo is None:
        raise _unfit(number, "time", f"{text!r} has no zone; write it with Z")
    return moment.astimezone(UTC)


def _unfit(number: int, field: str, why: str) -> BadPayload:
    return BadPayload(f"feedback row {number}, {field}: {why}", field=field)
