"""Read a body that the typed decoder refused, part by part, so that the fault can be named."""

import re
from typing import Any, TypeVar

import msgspec

from alertmesh.core.errors import BadPayload

T = TypeVar("T")

UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What the typed decoder raises for bodies that are not what it expects."""

_PLACE = re.compile(r"(?P<why>.*?)(?: - at `\$\.?(?P<field>[^`\[]*).*`)?", re.DOTALL)
_DATES = frozenset(("startsAt", "endsAt"))
_PAIRS = ("labels", "annotations")
_QUOTED = 120  # characters of the sender's own text that an error repeats at most
_DECODER = msgspec.json.Decoder()


def load(body: bytes) -> Any:
    """Decode JSON of any shape; bytes that are not UTF-8 become U+FFFD.

    Raises BadPayload when it is not JSON or is nested too deep.
    """
    try:
        return _DECODER.decode(body.decode("utf-8", "replace"))
    except RecursionError as error:
        raise BadPayload("nested too deep") from error
    except msgspec.DecodeError as error:
        raise BadPayload(str(error)) from error


def convert(item: object, kind: type[T]) -> T:
    """Turn one decoded alert into `kind`; null counts as absent everywhere, "" as no date.

    Raises BadPayload that names the field at fault.
    """
    if not isinstance(item, dict):
        raise BadPayload(f"expected an object, got {word(item)}")
    known = {
        name: value
        for name, value in item.items()
        if value is not None and not (value == "" and name in _DATES)
    }
    for field in _PAIRS:
        if field in known:
            known[field] = _pairs(known[field], field)
    try:
        return msgspec.convert(known, kind)
    except msgspec.ValidationError as error:
        raise _named(error) from error


def word(value: object) -> str:
    """Return what JSON calls the kind of `value`.

    >>> [word(value) for value in (None, True, 1.5, "x", [], {})]
    ['null', 'a boolean', 'a number', 'text', 'a list', 'an object']
    """
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, int | float):
        return "a number"
    if isinstance(value, str):
        return "text"
    return "a list" if isinstance(value, list) else "an object"


def _pairs(value: object, field: str) -> dict[str, str]:
    if not isinstance(value, dict):
        raise BadPayload(f"expected an object, got {word(value)}", field)
    for name, text in value.items():
        if text is not None and not isinstance(text, str):
            raise BadPayload(f"expected text, got {word(text)}", f"{field}.{name[:_QUOTED]}")
    return {name: text for name, text in value.items() if text is not None}


def _named(error: msgspec.ValidationError) -> BadPayload:
    hit = _PLACE.fullmatch(str(error))
    if hit is None:
        return BadPayload(str(error)[:_QUOTED])
    missing = re.search(r"missing required field `(.*?)`", hit["why"])
    if missing is not None:
        return BadPayload("is required", missing[1])
    return BadPayload(hit["why"][:_QUOTED], hit["field"] or "")
