"""Point at a part of a decoded body: JMESPath, with the whole body as `$`, and texts with holes.

`alerts[*].labels`, `host || node`, `'a text'` are paths; `"{{ host }}/{{ service }}"` is a text whose
holes are paths. In a path `$` is the whole body and a bare name a field of the alert at hand.
"""

import json
import re
import warnings
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import jmespath
from jmespath import exceptions, functions
from jmespath.functions import signature

from alertmesh.core.errors import BadPayload
from alertmesh.core.hosts import host_of

Path = Callable[[Any], Any]

BODY = "_body"
"""The field of every scope that holds the whole body."""

_HOLE = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
_TOKEN = re.compile(r"'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\"|`(?:\\.|[^`\\])*`|\$")
_WHERE = re.compile(r"(?:Bad|Invalid) jmespath expression: ", re.IGNORECASE)
_SPACES = re.compile(r" {2,}")  # where a hole between two spaces stayed empty
_PAIR = re.compile(r"\s*(\w[\w.-]*)\s*=\s*([^,{}]*)")
_OPTIONAL_TEXT = {"types": ["string", "null"]}


class _Functions(functions.Functions):  # type: ignore[misc]  # the library has no types
    """JMESPath's own functions, and those that alerts need besides."""

    @signature(_OPTIONAL_TEXT)  # type: ignore[untyped-decorator]
    def _func_host(self, text: str | None) -> str | None:
        return host_of(text.strip()) if text else None

    @signature(_OPTIONAL_TEXT)  # type: ignore[untyped-decorator]
    def _func_lower(self, text: str | None) -> str | None:
        return text.lower() if text else None

    @signature(_OPTIONAL_TEXT, {"types": ["string"]})  # type: ignore[untyped-decorator]
    def _func_split(self, text: str | None, separator: str) -> list[str] | None:
        if not text:
            return None
        return [part.strip() for part in (text.split(separator) if separator else text.split())]

    @signature({"types": ["string", "null", "object", "array"]})  # type: ignore[untyped-decorator]
    def _func_object(self, value: Any) -> dict[str, Any] | None:
        return _object(value)


_OPTIONS = jmespath.Options(custom_functions=_Functions())


class Expression:
    """A path, or a text with paths in it. Raises ValueError, saying why, for what is neither."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._texts: list[str] = []
        if "{{" in text:
            pieces = _HOLE.split(text)
            self._texts, holes = pieces[::2], pieces[1::2]
            if any("{{" in piece or "}}" in piece for piece in self._texts):
                raise ValueError("has a hole {{ … }} that is not closed")
            self._paths = [_compiled(hole) for hole in holes]
        else:
            self._paths = [_compiled(text)]

    def find(self, scope: Any) -> Any:
        """Return what the expression points at in `scope`; None where there is nothing.

        A text with holes is nothing if all of them are. Raises BadPayload when a function is
        given what it cannot take.
        """
        try:
            found = [path(scope) for path in self._paths]
        except exceptions.JMESPathError as error:
            raise BadPayload(_said(error)) from error
        except RecursionError as error:
            raise BadPayload("nested too deep") from error
        if not self._texts:
            return found[0]
        holes = [text_of(value) for value in found]
        if not any(holes):
            return None
        between = zip(self._texts, [*holes, ""], strict=True)
        return _SPACES.sub(" ", "".join(text + hole for text, hole in between)).strip()


def text_of(value: object) -> str:
    """Return a plain value as text, and plain values of a list with commas; empty for nothing.

    Raises BadPayload for an object and for a list that holds more than plain values.

    >>> text_of(3.0), text_of(True), text_of(None), text_of(["a", 1])
    ('3', 'true', '', 'a,1')
    """
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, list) and not any(isinstance(item, dict | list) for item in value):
        return ",".join(text_of(item) for item in value)
    raise BadPayload(f"expected text, got {'a list' if isinstance(value, list) else 'an object'}")


def _compiled(text: str) -> Path:
    path = _TOKEN.sub(lambda hit: BODY if hit[0] == "$" else hit[0], text.strip())
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", PendingDeprecationWarning)
            parsed = jmespath.compile(path)
    except PendingDeprecationWarning as error:
        raise ValueError("write a literal text as 'text', not between backticks") from error
    except exceptions.JMESPathError as error:
        raise ValueError(_said(error)) from error
    except RecursionError as error:
        raise ValueError("is nested too deep") from error
    _know_functions(parsed.parsed)
    return _quick(parsed.parsed) or partial(parsed.search, options=_OPTIONS)


def _quick(node: Mapping[str, Any]) -> Path | None:
    """Return a plain function for what most paths are made of, which the library walks ten times as slow.

    None for a path that has anything but fields, alternatives and literals in it.
    """
    parts = [_quick(child) for child in node.get("children", ()) if isinstance(child, dict)]
    known = [part for part in parts if part is not None]
    if len(known) < len(parts):
        return None
    match node["type"]:
        case "field":
            return partial(_field, node["value"])
        case "literal":
            return partial(_literal, node["value"])
        case "subexpression":
            return partial(_chain, known)
        case "or_expression":
            return partial(_first, *known)
    return None


def _field(name: str, scope: Any) -> Any:
    return scope.get(name) if isinstance(scope, dict) else None


def _literal(value: Any, _scope: Any) -> Any:
    return value


def _chain(parts: list[Path], scope: Any) -> Any:
    for part in parts:
        if scope is None:
            return None
        scope = part(scope)
    return scope


def _first(one: Path, other: Path, scope: Any) -> Any:
    found = one(scope)
    # What counts as nothing is JMESPath's: zero does not.
    return other(scope) if found is None or found is False or found in ("", [], {}) else found


def _know_functions(node: Mapping[str, Any]) -> None:
    """Refuse a function that does not exist, which the library would find only when it is called."""
    if node.get("type") == "function_expression" and node["value"] not in _Functions.FUNCTION_TABLE:
        known = ", ".join(sorted(_Functions.FUNCTION_TABLE))
        raise ValueError(f"there is no function {node['value']!r}; known: {known}")
    for child in node.get("children", ()):
        if isinstance(child, dict):
            _know_functions(child)


def _object(value: Any) -> dict[str, Any] | None:
    """Return an object that is written as text: JSON, a list with one in it, or `{a=1, b=2}`."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return dict(_PAIR.findall(value)) or None
    if isinstance(value, list) and value:
        value = value[0]
    return value if isinstance(value, dict) else None


def _said(error: Exception) -> str:
    first = _WHERE.sub("", str(error).strip().splitlines()[0]).removesuffix(", for expression:")
    known = isinstance(error, exceptions.ParseError)
    return f"is no path: {first.rstrip(':')}"[:200] if known else first[:200]
