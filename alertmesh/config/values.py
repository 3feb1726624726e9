"""The kinds of value that settings have."""

import re
from datetime import timedelta
from typing import Annotated, Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from alertmesh.core.errors import BadPayload
from alertmesh.core.matchers import parse_matchers

_UNITS = {"ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3_600.0, "d": 86_400.0, "w": 604_800.0}
_PART = r"[0-9]+(?:ms|[smhdw])"
_DURATION = re.compile(rf"(?:{_PART})+")
_PARTS = re.compile(r"([0-9]+)(ms|[smhdw])")
_LONGEST = timedelta(days=3_650)


class Model(BaseModel):
    """Base of all: no unknown keys, never changed, and no value repeated in an error."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        coerce_numbers_to_str=True,
        hide_input_in_errors=True,
        allow_inf_nan=False,
    )


def parse_duration(value: Any) -> timedelta:
    """Read `30s`, `5m`, `8h`, `1d` or parts of these in a row.

    >>> parse_duration("1h30m")
    datetime.timedelta(seconds=5400)
    """
    if isinstance(value, timedelta):
        return value
    text = str(value)
    if text == "0":
        return timedelta(0)
    if isinstance(value, bool) or not _DURATION.fullmatch(text):
        raise ValueError("should be a duration such as 30s, 5m, 8h or 1d")
    seconds = sum(int(number) * _UNITS[unit] for number, unit in _PARTS.findall(text))
    if seconds > _LONGEST.total_seconds():
        raise ValueError("should be a duration of ten years at most")
    return timedelta(seconds=seconds)


def write_duration(value: timedelta) -> str:
    """Return a duration as `parse_duration` reads it.

    >>> write_duration(timedelta(days=1, minutes=30)), write_duration(timedelta(0))
    ('1d30m', '0')
    """
    left, found = round(value.total_seconds() * 1_000), ""
    for unit in ("d", "h", "m", "s", "ms"):
        count, left = divmod(left, round(_UNITS[unit] * 1_000))
        found += f"{count}{unit}" if count else ""
    return found or "0"


def _seconds(value: Any) -> Any:
    return parse_duration(value).total_seconds() if isinstance(value, str) else value


def _matchers(text: str) -> str:
    try:
        parse_matchers(text)
    except BadPayload as error:
        raise ValueError(f'{error}; write matchers as severity=~"warning|critical", team="db"') from error
    return text


def _not_empty(matchers: str) -> str:
    """Refuse what would accept every alert: more likely a key that was forgotten than what is meant."""
    if not matchers.strip(" {}"):
        raise ValueError('should say which alerts, for example cluster="east"')
    return matchers


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"{name!r} is no time zone; write one such as Asia/Shanghai or UTC") from error
    return name


def _address(text: str) -> str:
    host, colon, port = text.rpartition(":")
    bracketed = ":" not in host or (host.startswith("[") and host.endswith("]"))
    if not colon or not bracketed or not port.isdecimal() or int(port) > 65_535:
        raise ValueError("should be HOST:PORT, such as 127.0.0.1:9393 or [::1]:9393")
    return text


def _url(text: str) -> str:
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host = None
    if text and (not host or parts.scheme not in {"http", "https"}):
        raise ValueError("should be an address such as https://alerts.example.com")
    return text.rstrip("/")


Duration = Annotated[
    timedelta,
    BeforeValidator(parse_duration),
    WithJsonSchema({"type": "string", "pattern": f"^(?:0|(?:{_PART})+)$", "examples": ["30s", "5m", "8h"]}),
]
Seconds = Annotated[float, BeforeValidator(_seconds), Field(ge=0, le=_LONGEST.total_seconds())]
Matchers = Annotated[str, AfterValidator(_matchers)]
SomeMatchers = Annotated[Matchers, AfterValidator(_not_empty)]
Zone = Annotated[str, AfterValidator(_zone)]
Address = Annotated[str, AfterValidator(_address)]
Url = Annotated[str, AfterValidator(_url)]
Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=64)]
Count = Annotated[int, Field(ge=1)]
