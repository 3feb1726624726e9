"""Compute the identity of a label set."""

from collections.abc import Mapping
from functools import lru_cache

_FNV_OFFSET = 0xCBF29CE484222325
_FNV_PRIME = 0x100000001B3
_MASK = 0xFFFFFFFFFFFFFFFF
_SEPARATOR = b"\xff"
_KNOWN = 8192
_LONG, _TAIL = 20, 5


def fingerprint(labels: Mapping[str, str]) -> str:
    """Return Alertmanager's fingerprint: FNV-1a 64 over the sorted labels, as 16 hex digits.

    Each name and each value is followed by the byte 0xFF, so the same alert has the same
    fingerprint whichever door it came through.

    >>> fingerprint({"b": "2", "a": "1"}) == fingerprint({"a": "1", "b": "2"})
    True
    """
    value = _FNV_OFFSET
    for name in sorted(labels):
        text = labels[name]
        if len(text) <= _LONG:
            factor, term = _label(name, text, value & 0xFF)
        else:
            # What tells pods of one workload apart is the end of the name.
            factor, term = _head(name, text[:-_TAIL], value & 0xFF)
            value = (value * factor + term) & _MASK
            factor, term = _tail(text[-_TAIL:], value & 0xFF)
        value = (value * factor + term) & _MASK
    return f"{value:016x}"


@lru_cache(maxsize=_KNOWN)
def _label(name: str, text: str, low: int) -> tuple[int, int]:
    return _linear(name.encode() + _SEPARATOR + text.encode() + _SEPARATOR, low)


@lru_cache(maxsize=_KNOWN)
def _head(name: str, text: str, low: int) -> tuple[int, int]:
    return _linear(name.encode() + _SEPARATOR + text.encode(), low)


def _tail(text: str, low: int) -> tuple[int, int]:
    return _linear(text.encode() + _SEPARATOR, low)


def _linear(data: bytes, low: int) -> tuple[int, int]:
    """Return what `data` does to a hash that ends in the byte `low`: times the first, plus the second.

    A byte that is mixed in changes only the lowest byte before the multiplication, and that one
    depends on earlier lowest bytes alone. So over any run of bytes a hash goes through a linear
    function that is the same for all hashes with this lowest byte, and what many alerts share
    is gone through byte by byte only once.
    """
    value = low
    for byte in data:
        value = ((value ^ byte) * _FNV_PRIME) & _MASK
    factor = pow(_FNV_PRIME, len(data), _MASK + 1)
    return factor, (value - low * factor) & _MASK
