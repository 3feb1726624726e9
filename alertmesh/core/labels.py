"""Compute the identity of a label set."""

from collections.abc import Mapping

_FNV_OFFSET = 0xCBF29CE484222325
_FNV_PRIME = 0x100000001B3
_MASK = 0xFFFFFFFFFFFFFFFF
_SEPARATOR = b"\xff"


def fingerprint(labels: Mapping[str, str]) -> str:
    """Return Alertmanager's fingerprint: FNV-1a 64 over the sorted labels, as 16 hex digits.

    Each name and each value is followed by the byte 0xFF, so the same alert has the same
    fingerprint whichever door it came through.

    >>> fingerprint({"b": "2", "a": "1"}) == fingerprint({"a": "1", "b": "2"})
    True
    """
    value = _FNV_OFFSET
    for name in sorted(labels):
        pair = name.encode() + _SEPARATOR + labels[name].encode() + _SEPARATOR
        for byte in pair:
            value = ((value ^ byte) * _FNV_PRIME) & _MASK
    return f"{value:016x}"
