"""What a part goes by, taken apart to be compared with another; and settings that differ in one value."""

import re
from collections.abc import Iterator
from datetime import date, time, timedelta
from enum import Enum
from types import FunctionType
from typing import Any
from zoneinfo import ZoneInfo

from msgspec import Struct
from msgspec.structs import fields, replace

from alertmesh.core.records import Records
from alertmesh.correlate.model import GroupingModel

_PLAIN = (str, bytes, bool, int, float, type(None), Enum, date, time, timedelta, re.Pattern, ZoneInfo, type)


def held(part: object) -> Any:
    """Return all that a part and those below it hold, as values that are equal for equal parts.

    What was met before is named by its number, so that parts that hold each other come to an end. Models
    and records tell what they are and what they have, not how they do it.
    """
    return _held(part, {})


def _held(one: Any, met: dict[int, int]) -> Any:
    if isinstance(one, _PLAIN):
        return one
    if isinstance(one, FunctionType | GroupingModel):
        return type(one).__name__
    if isinstance(one, frozenset | set):
        return sorted(map(repr, one))
    if isinstance(one, list | tuple):
        return [_held(item, met) for item in one]
    if isinstance(one, dict):
        return [(repr(key), _held(item, met)) for key, item in one.items()]
    if isinstance(one, Records):
        return one.table, [(repr(key), _held(one[key], met)) for key in one]
    if isinstance(one, Struct):
        return type(one).__name__, [_held(getattr(one, field.name), met) for field in fields(one)]
    return _attributes(one, met)


def _attributes(one: Any, met: dict[int, int]) -> Any:
    if id(one) in met:
        return met[id(one)]
    met[id(one)] = len(met)
    owner = getattr(one, "__self__", None)
    if owner is not None:
        return one.__name__, _held(owner, met)
    slots = [name for kind in type(one).__mro__ for name in getattr(kind, "__slots__", ())]
    names = sorted({*getattr(one, "__dict__", {}), *slots} - {"__weakref__", "__dict__"})
    return type(one).__name__, [(name, _held(getattr(one, name, None), met)) for name in names]


def others(settings: Any, examples: dict[str, Any], path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the way to each setting, with the settings in which that one is another.

    `examples` has values for those that cannot be made from what is there.
    """
    for field in fields(settings):
        name, value = f"{path}{field.name}", getattr(settings, field.name)
        if name not in examples and isinstance(value, Struct):
            for below, changed in others(value, examples, f"{name}."):
                yield below, replace(settings, **{field.name: changed})
        else:
            other = examples[name] if name in examples else _other(name, value)
            yield name, replace(settings, **{field.name: other})


def _other(name: str, value: Any) -> Any:
    match value:
        case bool():
            return not value
        case int():
            return value + 1
        case float():
            return value / 2  # what is a share stays one
        case timedelta():
            return value + timedelta(seconds=1)
        case None:
            return 0.25
        case dict():
            return {key: _other(name, one) for key, one in value.items()}
        case tuple() if value:  # fewer of them
            return value[:-1]
    raise TypeError(f"give an example of another {name} than {value!r}")
