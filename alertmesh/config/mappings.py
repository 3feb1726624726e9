"""The form of a file of `rules/mappings`: a source that is described instead of programmed."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    GetJsonSchemaHandler,
    WithJsonSchema,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from alertmesh.config.entries import Placed
from alertmesh.config.values import Duration, Model, Name
from alertmesh.expressions import Expression


def _path(text: str) -> str:
    try:
        Expression(text)
    except ValueError as error:
        raise ValueError(f"{text[:80]!r} {error}") from error
    return text


def _pattern(text: str) -> str:
    try:
        re.compile(text)
    except (re.error, OverflowError, RecursionError) as error:
        raise ValueError(f"is no pattern: {error}") from error
    return text


_NUMBER = re.compile(r"[0-9]{1,20}(?:\.[0-9]+)?")
_LINK = re.compile(r"https?://", re.IGNORECASE)
Path = Annotated[str, Field(max_length=1_000), AfterValidator(_path)]
Pattern = Annotated[str, Field(max_length=1_000), AfterValidator(_pattern)]


class ValueEntry(Model):
    """Where a text comes from, and what is made of it; a path alone may stand for it."""

    value: Path
    extract: Pattern = ""
    host: bool = False
    map: dict[str, str] = Field(default_factory=dict)
    default: str = ""

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        whole = handler.resolve_ref_schema(handler(schema))
        return {"anyOf": [{"type": "string"}, whole]}


def _valued(given: Any) -> Any:
    return {"value": given} if isinstance(given, str | int | float) else given


def _path_or_none(text: str) -> str:
    return _path(text) if text else text


def _positive(lease: timedelta) -> timedelta:
    if lease <= timedelta(0):
        raise ValueError("should be longer than 0")
    return lease


def _whole(values: dict[str, ValueEntry]) -> dict[str, ValueEntry]:
    """Refuse for `*` what is made of one text: it takes fields as they are."""
    every = values.get("*")
    if every is None:
        return values
    extra = [key for key in ("extract", "host", "map", "default") if getattr(every, key)]
    if extra:
        raise ValueError(f"of `*` only `value` counts; leave out {', '.join(f'`{key}`' for key in extra)}")
    if "{{" in every.value:
        raise ValueError("`*` takes the fields of an object, and a text with holes has none; write a path")
    return values


def _with_a_name(labels: dict[str, ValueEntry]) -> dict[str, ValueEntry]:
    if not labels.keys() & {"alertname", "*"}:
        raise ValueError("should hold alertname, or * for all labels that are sent")
    return labels


def _time(entry: ValueEntry) -> ValueEntry:
    """Refuse what would lose a time that is sent, and a default that is none."""
    if entry.host:
        raise ValueError("a time has no scheme, port or path, and is lost with `host`; leave it out")
    if entry.map:
        raise ValueError("with a `map` every time that is not in it is lost; leave it out")
    if entry.default and not _is_moment(entry.default):
        raise ValueError("`default` should be a time such as 2026-11-23T04:00:00Z, or seconds since 1970")
    return entry


def _is_moment(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return _NUMBER.fullmatch(text) is not None
    return True


def _link(entry: ValueEntry) -> ValueEntry:
    """Refuse what could only come to something that is no link."""
    if entry.host and not entry.map:
        raise ValueError("a link without its scheme is not kept; leave out `host`")
    for text in (*entry.map.values(), entry.default):
        if text and not _LINK.match(text):
            raise ValueError(f"{text[:80]!r} is no link; write one that begins with http:// or https://")
    return entry


Value = Annotated[ValueEntry, BeforeValidator(_valued)]
Time = Annotated[Value, AfterValidator(_time)]
Link = Annotated[Value, AfterValidator(_link)]
_Values = Annotated[dict[Annotated[str, Field(min_length=1)], Value], AfterValidator(_whole)]


class ConditionEntry(Model):
    """Whether what stands at `value` is one of `words`, whatever their case."""

    value: Path
    words: tuple[str, ...] = Field(min_length=1)

    @model_validator(mode="before")
    @classmethod
    def _as_words(cls, given: Any) -> Any:
        if isinstance(given, dict) and isinstance(given.get("words"), list):
            return given | {"words": [_word(word) for word in given["words"]]}
        return given


def _word(given: Any) -> Any:
    return str(given).lower() if isinstance(given, bool) else given


class SeenEntry(Model):
    """What an alert of an example should come to; what is not named is not looked at."""

    status: Literal["firing", "resolved"] | None = None
    labels: dict[str, str] | None = None
    annotations: dict[str, str] | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    url: str | None = None
    priority: Literal["P1", "P2", "P3", "P4"] | None = None
    entity: str | None = None


class MappingExampleEntry(Model):
    """A body, and the alerts that should be read from it; `body` is JSON, or its text as it is sent."""

    name: str = Field(min_length=1)
    body: Annotated[Any, WithJsonSchema({"type": ["object", "array", "string"]})]
    expect: tuple[SeenEntry, ...]
    rejected: int = Field(default=0, ge=0)

    def sent(self) -> bytes:
        """Return the body as it is sent."""
        return self.body.encode() if isinstance(self.body, str) else json.dumps(self.body).encode()


class MappingFile(Model):
    """A file of `rules/mappings`."""

    name: Name
    lease: Annotated[Duration, AfterValidator(_positive)] = timedelta(hours=24)
    body: Literal["json", "form"] = "json"
    each: Annotated[str, Field(max_length=1_000), AfterValidator(_path_or_none)] = ""
    skip: ConditionEntry | None = None
    firing: ConditionEntry | None = None
    resolved: ConditionEntry | None = None
    id: tuple[Path, ...] = ()
    labels: Annotated[_Values, AfterValidator(_with_a_name)]
    annotations: _Values = Field(default_factory=dict)
    starts_at: Time | None = None
    ends_at: Time | None = None
    url: Link | None = None
    examples: tuple[MappingExampleEntry, ...] = ()

    def config(self, examples: tuple[Placed[MappingExampleEntry], ...]) -> "MappingConfig":
        """Return it as plain settings, with those of its examples that are to be run."""
        settings = self.model_dump(exclude={"examples"})
        sample = self.examples[0].sent() if self.examples else b""
        return MappingConfig(self.name, settings, sample, examples)


@dataclass(frozen=True, slots=True)
class MappingConfig:
    """One mapping: its settings as plain data, a body to try it with, and its own examples."""

    name: str
    settings: Mapping[str, Any] = field(repr=False)
    sample: bytes = field(default=b"", repr=False)
    examples: tuple[Placed[MappingExampleEntry], ...] = field(default=(), repr=False)
