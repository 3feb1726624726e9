"""Read moments in the ways in which monitors write them."""

import re
from datetime import UTC, datetime

from alertmesh.core.errors import BadPayload

_NUMBER = re.compile(r"[0-9]{1,20}(?:\.[0-9]+)?")
_MILLIS, _MICROS, _NANOS = 1e11, 1e14, 1e17  # as seconds these would be the year 5138 and later
_QUOTED = 64


def moment_of(text: str, field: str) -> datetime | None:
    """Return the moment that `text` means, None for an empty one and for zero.

    It may be ISO 8601, in UTC where it names no offset, or a count of seconds, milli-, micro- or
    nanoseconds since 1970, told apart by size. Raises BadPayload that names `field`.

    >>> str(moment_of("2026-11-23 04:00:00.5", "at")), str(moment_of("1795406400000", "at"))
    ('2026-11-23 04:00:00.500000+00:00', '2026-11-23 04:00:00+00:00')
    """
    text = text.strip()
    if not text:
        return None
    try:
        if _NUMBER.fullmatch(text):
            return _counted(float(text))
        stamp = datetime.fromisoformat(text)
    except (ValueError, OverflowError, OSError) as error:
        raise BadPayload(f"{text[:_QUOTED]!r} is no moment", field) from error
    return stamp.replace(tzinfo=UTC) if stamp.tzinfo is None else stamp


def _counted(number: float) -> datetime | None:
    for least, unit in ((_NANOS, 1e9), (_MICROS, 1e6), (_MILLIS, 1e3)):
        if number >= least:
            number /= unit
            break
    return datetime.fromtimestamp(number, UTC) if number else None
