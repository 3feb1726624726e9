"""Make a source of a mapping: a description, in a rule file, of where a monitor's bodies say what."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Literal, TypeVar
from urllib.parse import parse_qsl

import msgspec
from msgspec import Struct

from alertmesh.core.alert import Parsed, Rejected, Sighting
from alertmesh.core.errors import BadPayload
from alertmesh.core.labels import fingerprint
from alertmesh.core.ports import Source
from alertmesh.expressions import BODY, Expression, text_of
from alertmesh.ingest import fields, salvage
from alertmesh.ingest.stamps import moment_of

T = TypeVar("T")

EVERYTHING = "*"
"""The label, or annotation, whose path leads to an object all of whose fields are taken."""

_MOST = 5_000  # alerts of one body: each costs as many searches as its mapping has paths
_LONGEST = 8_192  # characters of a text that a pattern is held against
_FORM_FIELDS = 1_000
_QUOTED = 64


class Value(Struct, frozen=True):
    """Where a text comes from, and what is made of it, in this order.

    `extract` is a pattern: the text becomes its group `value`, else its first group, else the
    whole hit, and nothing when there is no hit. `host` drops scheme, port and path. `map`
    replaces whole texts, whatever their case. `default` stands in for nothing, and with a `map`
    for a text that is not in it.
    """

    value: str
    extract: str = ""
    host: bool = False
    map: dict[str, str] = {}
    default: str = ""


class Condition(Struct, frozen=True):
    """Whether the text at `value` is one of some words, whatever their case."""

    value: str
    words: tuple[str, ...]


class Mapping(Struct, frozen=True, kw_only=True):
    """A source as a file describes it; see docs/cookbook-source.md for what the keys mean."""

    name: str
    lease: timedelta = timedelta(hours=24)
    body: Literal["json", "form"] = "json"
    each: str = ""
    skip: Condition | None = None
    firing: Condition | None = None
    resolved: Condition | None = None
    id: tuple[str, ...] = ()
    labels: dict[str, Value] = {}
    annotations: dict[str, Value] = {}
    starts_at: Value | None = None
    ends_at: Value | None = None
    url: Value | None = None


def source(mapping: Mapping, sample: bytes = b"") -> Source:
    """Return the source that a mapping describes. Raises ValueError for a path that is none."""
    reader = _Reader(mapping)
    return Source(
        mapping.name, mapping.lease, reader.parse, forms=mapping.body == "form", mapped=True, sample=sample
    )


class _Words:
    """A condition, ready to be asked."""

    def __init__(self, condition: Condition) -> None:
        self._path = Expression(condition.value)
        self._words = frozenset(word.lower() for word in condition.words)
        self.text = condition.value

    def found(self, scope: Any) -> str:
        """Return the text that stands there."""
        return _named(self.text, partial(_plain, self._path, scope)).strip()

    def holds(self, scope: Any) -> bool:
        """Tell whether it is one of the words."""
        return self.found(scope).lower() in self._words


class _Reading:
    """A value, ready to be read."""

    def __init__(self, value: Value) -> None:
        self._path = Expression(value.value)
        self._pattern = re.compile(value.extract) if value.extract else None
        self._host = Expression("host(@)") if value.host else None
        self._map = {word.lower(): text for word, text in value.map.items()}
        self._default = value.default

    def raw(self, scope: Any) -> Any:
        """Return what stands there, of whatever kind."""
        return self._path.find(scope)

    def text(self, scope: Any, write: Callable[[Any], str] = text_of) -> str:
        """Return what is made of what stands there, as text; empty for nothing."""
        text = write(self.raw(scope)).strip()
        if self._pattern is not None:
            text = _extracted(self._pattern, text[:_LONGEST])
        if self._host is not None and text:
            text = self._host.find(text) or ""
        if self._map:
            return self._map.get(text.lower(), self._default)
        return text or self._default


class _Reader:
    """A mapping, compiled once."""

    def __init__(self, mapping: Mapping) -> None:
        self._name = mapping.name
        self._form = mapping.body == "form"
        self._each = Expression(mapping.each) if mapping.each else None
        self._each_text = mapping.each
        self._skip = _Words(mapping.skip) if mapping.skip else None
        self._firing = _Words(mapping.firing) if mapping.firing else None
        self._resolved = _Words(mapping.resolved) if mapping.resolved else None
        self._id = [Expression(part) for part in mapping.id]
        self._labels = {name: _Reading(value) for name, value in mapping.labels.items()}
        self._annotations = {name: _Reading(value) for name, value in mapping.annotations.items()}
        self._starts_at = _Reading(mapping.starts_at) if mapping.starts_at else None
        self._ends_at = _Reading(mapping.ends_at) if mapping.ends_at else None
        self._url = _Reading(mapping.url) if mapping.url else None

    def parse(self, body: bytes, received: datetime) -> Parsed:
        """Turn a body into sightings; an alert that cannot be read does not harm the others.

        Raises BadPayload when the body cannot be read or holds no alerts where they should be.
        """
        whole = _form(body) if self._form and body.lstrip()[:1] not in (b"{", b"[") else salvage.load(body)
        parsed = Parsed([], [], [])
        sightings: list[Sighting] = []
        positions: list[int] = []
        for index, item in enumerate(self._items(whole)):
            try:
                if not isinstance(item, dict):
                    raise BadPayload(f"expected an object, got {salvage.word(item)}")
                scope = {**item, BODY: whole}
                if self._skip is None or not self._skip.holds(scope):
                    sightings.append(self._sighting(scope, received))
                    positions.append(index)
            except BadPayload as error:
                parsed.rejected.append(Rejected(index, error.placed))
        parsed.sightings, parsed.positions = sightings, positions
        return parsed

    def _items(self, whole: Any) -> list[Any]:
        if not isinstance(whole, dict | list):
            raise BadPayload(f"expected an object or a list, got {salvage.word(whole)}")
        if self._each is None:
            items = whole
        else:
            scope = {**whole, BODY: whole} if isinstance(whole, dict) else {BODY: whole}
            items = self._each.find(scope)
        if items is None:
            raise BadPayload("is required", self._each_text)
        if not isinstance(items, list):
            return [items]
        if len(items) > _MOST:
            raise BadPayload(f"at most {_MOST} alerts in one body")
        return items

    def _sighting(self, scope: dict[str, Any], received: datetime) -> Sighting:
        firing = self._is_firing(scope)
        labels = fields.filled(_texts(self._labels, "labels", scope, text_of))
        identity = self._identity(scope)
        return Sighting(
            identity=identity or fields.identity(labels),
            firing=firing,
            labels=labels,
            annotations=_texts(self._annotations, "annotations", scope, _shown),
            starts_at=_moment(self._starts_at, "starts_at", scope),
            ends_at=self._end(scope, firing, received),
            generator_url=_named("url", partial(self._url.text, scope)) if self._url else "",
            keyed=bool(identity),
            revision=labels.get("severity", "") if identity else "",
            local=bool(identity),
        )

    def _is_firing(self, scope: Any) -> bool:
        """Tell whether the alert fires; with one condition alone, whatever is not it is the other."""
        if self._firing is not None and self._firing.holds(scope):
            return True
        if self._resolved is not None and self._resolved.holds(scope):
            return False
        if self._firing is not None and self._resolved is not None:
            said = self._firing.found(scope)[:_QUOTED]
            raise BadPayload(f"{said!r} says neither firing nor resolved", self._firing.text)
        return self._firing is None

    def _identity(self, scope: Any) -> str:
        """Return the fingerprint that the sender's own names make; empty where it names nothing."""
        parts = [_named(part.text, partial(_plain, part, scope)) for part in self._id]
        if not any(parts):
            return ""
        return fingerprint({"source": self._name} | {f"{place}": part for place, part in enumerate(parts)})

    def _end(self, scope: Any, firing: bool, received: datetime) -> datetime | None:
        ends_at = _moment(self._ends_at, "ends_at", scope)
        if firing:
            # An end that lies behind us contradicts the status, which is what people see.
            return ends_at if ends_at is not None and ends_at > received else None
        return received if ends_at is None else min(ends_at, received)


def _form(body: bytes) -> dict[str, str]:
    """Return the fields of a form; of a field that is there more than once, the last."""
    try:
        pairs = parse_qsl(
            body.decode("ascii").strip(),
            keep_blank_values=True,
            strict_parsing=True,
            errors="replace",
            max_num_fields=_FORM_FIELDS,
        )
        if not pairs:
            raise ValueError("no fields")
    except ValueError as error:
        raise BadPayload("is no form, nor JSON") from error
    return dict(pairs)


def _texts(
    readings: dict[str, _Reading], what: str, scope: Any, write: Callable[[Any], str]
) -> dict[str, str]:
    """Return the texts that are there; those named singly stand in for those of `*`."""
    found: dict[str, str] = {}
    for name, reading in readings.items():
        if name == EVERYTHING:
            found = {**_all(reading, what, scope, write), **found}
            continue
        text = _named(f"{what}.{name}", partial(reading.text, scope, write))
        if text:
            found[name] = text
    return found


def _all(reading: _Reading, what: str, scope: Any, write: Callable[[Any], str]) -> dict[str, str]:
    whole = _named(what, partial(reading.raw, scope))
    if whole is None:
        return {}
    if not isinstance(whole, dict):
        raise BadPayload(f"expected an object, got {salvage.word(whole)}", what)
    return {
        name: _named(f"{what}.{name[:_QUOTED]}", partial(write, value))
        for name, value in whole.items()
        if name and name != BODY and value is not None
    }


def _plain(path: Expression, scope: Any) -> str:
    return text_of(path.find(scope))


def _shown(value: Any) -> str:
    """Return any value as text for people: JSON where it is more than a plain value."""
    if isinstance(value, dict) or (
        isinstance(value, list) and any(isinstance(v, dict | list) for v in value)
    ):
        return msgspec.json.encode(value).decode()
    return text_of(value)


def _moment(reading: _Reading | None, field: str, scope: Any) -> datetime | None:
    if reading is None:
        return None
    return fields.moment(moment_of(_named(field, partial(reading.text, scope)), field), field)


def _named(field: str, read: Callable[[], T]) -> T:
    """Read, and name the field in what is raised."""
    try:
        return read()
    except BadPayload as error:
        raise BadPayload(str(error), error.field or field) from error


def _extracted(pattern: re.Pattern[str], text: str) -> str:
    hit = pattern.search(text)
    if hit is None:
        return ""
    if "value" in pattern.groupindex:
        return hit["value"] or ""
    return (hit[1] if pattern.groups else hit[0]) or ""
