"""Read the fields that the alerts of Prometheus and Alertmanager share."""

import re
from datetime import UTC, datetime

import orjson
import xxhash

from alertmesh.core.errors import BadPayload

WIRE_NAMES = {"starts_at": "startsAt", "ends_at": "endsAt", "generator_url": "generatorURL"}
"""How the senders spell our names."""

NO_LABELS = "at least one label pair required"
NO_NAME = 'invalid label set: invalid name ""'

_FINGERPRINT = re.compile(r"[0-9a-f]{16}")
_ZERO_YEAR = 1


def is_fingerprint(text: str) -> bool:
    """Tell whether `text` is a fingerprint as Alertmanager writes it.

    >>> is_fingerprint("0bf39cdaf49193f3"), is_fingerprint("0x")
    (True, False)
    """
    return _FINGERPRINT.fullmatch(text) is not None


def identity(labels: dict[str, str]) -> int:
    """Return a 128-bit key that is equal for equal labels, whatever their order."""
    return xxhash.xxh3_128_intdigest(orjson.dumps(labels, option=orjson.OPT_SORT_KEYS))


def moment(stamp: datetime | None, field: str) -> datetime | None:
    """Return `stamp` as UTC, and None for the year 1, which is how Go writes "not set".

    A stamp without an offset counts as UTC. Raises BadPayload where UTC has no such moment.
    """
    if stamp is None or stamp.year == _ZERO_YEAR:
        return None
    if stamp.tzinfo is UTC:
        return stamp
    if stamp.tzinfo is None:
        return stamp.replace(tzinfo=UTC)
    try:
        return stamp.astimezone(UTC)
    except OverflowError as error:
        raise BadPayload("date out of range", field) from error


def filled(labels: dict[str, str]) -> dict[str, str]:
    """Return `labels` without the empty ones, which by Alertmanager's rule do not exist.

    Raises BadPayload when none is left or one has no name.
    """
    if "" in labels.values():
        labels = {name: value for name, value in labels.items() if value}
    if not labels:
        raise BadPayload(NO_LABELS, "labels")
    if "" in labels:
        raise BadPayload(NO_NAME, "labels")
    return labels
