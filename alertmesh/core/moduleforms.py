"""Check what people fill in by a module's own description, and a module's pages by theirs."""

import math
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from alertmesh.core.errors import BadPayload
from alertmesh.core.module import Field, FieldType, Given, Module, ModuleAction, ModulePage, ModuleRoute
from alertmesh.core.sheet import (
    Block,
    Button,
    Buttons,
    Chart,
    Column,
    Figure,
    Figures,
    Link,
    Sheet,
    Table,
    Type,
    Words,
)

SCOPES = ("read", "ingest", "respond", "admin")
"""What a page, action or hook may ask of a token."""

_LONGEST = 10_000
_ROWS = 1_000
_POINTS = 5_000
_MOST = 10**18  # that much fits a number of any store
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,31}")
_YES, _NO = frozenset({"true", "yes", "on", "1"}), frozenset({"false", "no", "off", "0"})
_NUMBERS = frozenset({Type.NUMBER, Type.BYTES, Type.DURATION, Type.PERCENT})


def checked(fields: Sequence[Field], given: Mapping[str, Any], people: Collection[str]) -> Given:
    """Return what was filled in, by the fields; BadPayload names the field that is wrong.

    Values may be typed as text, as in a query. An unknown field is refused, for a slip in a name would
    else be taken for nothing. `people` are those whom a field of a person may name.
    """
    known = {field.name for field in fields}
    for name in given:
        if name not in known:
            raise BadPayload(f"is not known; known are {', '.join(sorted(known)) or 'none'}", str(name)[:64])
    return Given(
        {field.name: _value(field, given.get(field.name, field.default), people) for field in fields}
    )


def _value(field: Field, raw: Any, people: Collection[str]) -> str | int | float | bool | datetime | None:
    if raw is None or (isinstance(raw, str) and not raw.strip()):
        if field.required:
            raise BadPayload("is required", field.name)
        return False if field.type is FieldType.FLAG else None
    if field.type in (FieldType.CHOICE, FieldType.PERSON):
        return _one_of(field, raw, people)
    return _READS.get(field.type, _text)(field, raw)


def _one_of(field: Field, raw: Any, people: Collection[str]) -> str:
    known = [choice.name for choice in field.choices] if field.type is FieldType.CHOICE else sorted(people)
    if raw not in known:
        raise BadPayload(f"is one of {', '.join(known[:50])}", field.name)
    return str(raw)


def _text(field: Field, raw: Any) -> str:
    if not isinstance(raw, str):
        raise BadPayload("must be a text", field.name)
    if field.type is not FieldType.LINES and not raw.isprintable():
        raise BadPayload("must be one line of characters that can be printed", field.name)
    most = int(field.most or _LONGEST)
    if len(raw) > most or len(raw) < (field.least or 0):
        raise BadPayload(f"must have {int(field.least or 0)} to {most} characters", field.name)
    return raw


def _whole(field: Field, raw: Any) -> int:
    if isinstance(raw, str):
        raw = int(raw) if re.fullmatch(r"-?[0-9]{1,18}", raw.strip()) else raw
    if isinstance(raw, bool) or not isinstance(raw, int) or abs(raw) >= _MOST:
        raise BadPayload("must be a whole number", field.name)
    return int(_within(field, raw))


def _number(field: Field, raw: Any) -> float:
    try:
        found = float(raw) if isinstance(raw, str | int | float) and not isinstance(raw, bool) else math.nan
    except (ValueError, OverflowError):
        found = math.nan
    if not math.isfinite(found):
        raise BadPayload("must be a number", field.name)
    return _within(field, found)


def _within(field: Field, found: float) -> float:
    least = -math.inf if field.least is None else field.least
    most = math.inf if field.most is None else field.most
    if not least <= found <= most:
        parts = [f"from {field.least:g} on" if field.least is not None else ""]
        parts.append(f"up to {field.most:g}" if field.most is not None else "")
        raise BadPayload(f"must be {' and '.join(filter(None, parts))}", field.name)
    return found


def _flag(field: Field, raw: Any) -> bool:
    word = str(raw).strip().lower()
    if word not in _YES | _NO:
        raise BadPayload("must be true or false", field.name)
    return word in _YES


def _moment(field: Field, raw: Any) -> datetime:
    try:
        found = datetime.fromisoformat(raw.strip().replace(" ", "+")) if isinstance(raw, str) else None
        if found is not None and found.tzinfo is not None:
            return found.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise BadPayload("must be a moment such as 2026-11-23T04:00:00Z", field.name)


_READS: Mapping[FieldType, Callable[[Field, Any], str | int | float | bool | datetime]] = {
    FieldType.WHOLE: _whole,
    FieldType.NUMBER: _number,
    FieldType.FLAG: _flag,
    FieldType.MOMENT: _moment,
}


def module_faults(module: Module) -> list[str]:
    """Return what is wrong with how a module describes itself, in words for its author."""
    found = [] if _NAME.fullmatch(module.name) else [f"name {module.name!r} must be {_NAME.pattern}"]
    for kind in ("pages", "actions", "routes", "tasks"):
        names = [one.name for one in getattr(module, kind)]
        found += [f"{kind}: {name!r} must be {_NAME.pattern}" for name in names if not _NAME.fullmatch(name)]
        found += [
            f"{kind}: {name!r} is there twice" for name in sorted({n for n in names if names.count(n) > 1})
        ]
    asked: list[ModulePage | ModuleAction | ModuleRoute] = [*module.pages, *module.actions, *module.routes]
    for part in asked:
        if part.scope not in SCOPES:
            found.append(f"{part.name}: scope {part.scope!r} is none of {', '.join(SCOPES)}")
        if not isinstance(part, ModuleRoute):
            found += [f"{part.name}.{fault}" for field in part.fields for fault in _field_faults(field)]
    return found


def _field_faults(field: Field) -> Iterator[str]:
    if (field.type is FieldType.CHOICE) != bool(field.choices):
        yield f"{field.name}: choices belong to a field of the type choice, and it needs some"
    if field.default and field.type is not FieldType.PERSON:
        try:
            _value(field, field.default, ())
        except BadPayload as error:
            yield f"{field.name}: the default {error}"


def sheet_faults(sheet: Sheet, module: Module) -> list[str]:
    """Return where a sheet is not what it says of itself, in words for the module's author."""
    actions = {action.name for action in module.actions}
    return [
        f"block {place}: {fault}"
        for place, block in enumerate(sheet.blocks, 1)
        for fault in _block_faults(block, actions)
    ]


def _block_faults(block: Block, actions: Collection[str]) -> Iterator[str]:
    if isinstance(block, Figures):
        for figure in block.figures:
            yield from _misfits(figure, figure.value, f"figure {figure.label.en!r}", actions)
    elif isinstance(block, Table):
        yield from _table_faults(block, actions)
    elif isinstance(block, Chart):
        yield from _chart_faults(block)
    elif isinstance(block, Buttons):
        yield from (f"no action {one.action!r}" for one in block.buttons if one.action not in actions)


def _table_faults(table: Table, actions: Collection[str]) -> Iterator[str]:
    if len(table.rows) > _ROWS:
        yield f"has {len(table.rows)} rows, and at most {_ROWS} are shown at once; use `next`"
    if table.next is not None and not table.pager:
        yield "has `next`, but no `pager` that takes it"
    for number, row in enumerate(table.rows, 1):
        if len(row) != len(table.columns):
            yield f"row {number} has {len(row)} cells for {len(table.columns)} columns"
            continue
        for column, cell in zip(table.columns, row, strict=True):
            yield from _misfits(column, cell, f"row {number}, column {column.name!r}", actions)


def _chart_faults(chart: Chart) -> Iterator[str]:
    wanted = len(chart.times) or len(chart.groups)
    if chart.times and chart.groups:
        yield "has times and groups, and can be drawn over one of them only"
    if wanted > _POINTS:
        yield f"has {wanted} points, and at most {_POINTS} are drawn"
    if chart.type not in _NUMBERS:
        yield f"cannot draw values of the type {chart.type}"
    for series in chart.series:
        if len(series.values) != wanted:
            yield f"series {series.label.en!r} has {len(series.values)} values for {wanted} places"


def _misfits(told: Column | Figure, value: Any, place: str, actions: Collection[str]) -> Iterator[str]:
    """Yield what is wrong with a value where `told` says what it should be."""
    if value is None:
        return
    if told.type is Type.STATE and value not in told.states:
        yield f"{place}: {value!r} is none of its states"
    elif told.type is Type.ACTION and (not isinstance(value, Button) or value.action not in actions):
        yield f"{place}: {value!r} is no button of an action that there is"
    elif told.type is Type.LINK and not (isinstance(value, Link) and _leads(value.to)):
        yield f"{place}: {value!r} leads nowhere; a link begins with /, https:// or http://"
    elif not _is_of(told.type, value):
        yield f"{place}: {value!r} is no {told.type}"


def _is_of(type: Type, value: Any) -> bool:
    if type in _NUMBERS:
        return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    if type is Type.MOMENT:
        return isinstance(value, datetime) and value.tzinfo is not None
    return type is not Type.TEXT or isinstance(value, str | Words)


def _leads(to: str) -> bool:
    return (to.startswith("/") and not to.startswith("//")) or to.startswith(("https://", "http://"))
