"""A template language in which no template can do harm: no calls, no assignments, no endless work.

What a template may hold is listed, node by node, and checked when it is read. So what it costs is bounded by
its length and by the lists that it walks, and what it can reach are the facts it is given.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from jinja2 import StrictUndefined, Template, nodes
from jinja2.exceptions import TemplateError, TemplateSyntaxError
from jinja2.meta import find_undeclared_variables
from jinja2.runtime import LoopContext, Undefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from msgspec import Struct

from alertmesh.notify.facts import line
from alertmesh.notify.variables import without_addresses

LONGEST_SOURCE = 16_000
LONGEST_OUTPUT = 16_000
"""How many characters a template may have, and how many it may write."""

FAILURES = (
    TemplateError,
    TypeError,
    ValueError,
    ArithmeticError,
    LookupError,
    AttributeError,
    RecursionError,
)
"""Everything that a template can raise while it is filled in."""

_LONGEST_JOIN = 4_000
_DEEPEST = 2
_LOOP = frozenset({"first", "last", "index", "length"})
_TESTS = frozenset({"none"})
_NODES = frozenset(
    {
        "Template",
        "Output",
        "TemplateData",
        "If",
        "For",
        "Name",
        "Getattr",
        "Const",
        "Filter",
        "Test",
        "Compare",
    }
    | {"Operand", "And", "Or", "Not", "CondExpr", "Concat", "Add", "Sub"}
)


class Fault(Struct, frozen=True):
    """What is wrong with a template, and in which line and column."""

    line: int
    column: int
    text: str


class Faulty(Exception):
    """A template that cannot be used; has every fault."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("; ".join(fault.text for fault in faults))
        self.faults = tuple(faults)


class _Environment(ImmutableSandboxedEnvironment):
    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        return isinstance(obj, LoopContext) and attr in _LOOP


def _joined(values: Sequence[object], between: str = ", ") -> str:
    if isinstance(values, str):
        return values
    return str(between).join(str(value) for value in values)[:_LONGEST_JOIN]


def _cut(value: object, longest: int) -> str:
    """Return at most so many characters; plain text stays plain, for an SMS would cost more parts."""
    text, most = line(str(value), LONGEST_OUTPUT), max(2, int(longest))
    if len(text) <= most or not text.isascii():
        return line(text, most)
    return f"{text[: most - 2].rstrip()}.."


def _default(value: object, other: object = "") -> object:
    return other if isinstance(value, Undefined) or value in (None, "", 0) else value


def _environment() -> _Environment:
    made = _Environment(
        undefined=StrictUndefined, autoescape=False, trim_blocks=True, lstrip_blocks=True, cache_size=0
    )
    made.globals.clear()
    made.filters = {
        "cut": _cut,
        "default": _default,
        "join": _joined,
        "length": len,
        "lower": lambda value: str(value).lower(),
        "plain": lambda value: without_addresses(str(value)),
        "upper": lambda value: str(value).upper(),
    }
    return made


_ENVIRONMENT = _environment()


def compiled(source: str, path: str, known: frozenset[str]) -> Template:
    """Return a template that may use the names `known`; Faulty says what is wrong with it, and where."""
    if len(source) > LONGEST_SOURCE:
        raise Faulty([Fault(1, 1, f"is longer than {LONGEST_SOURCE} characters")])
    try:
        return _compiled(source, path, known)
    except TemplateSyntaxError as error:
        raise Faulty([Fault(error.lineno, 1, error.message or "is no template")]) from error
    except (RecursionError, SyntaxError) as error:
        raise Faulty([Fault(1, 1, "is nested too deeply")]) from error
    except FAILURES as error:
        raise Faulty([Fault(1, 1, str(error))]) from error


def _compiled(source: str, path: str, known: frozenset[str]) -> Template:
    tree = _ENVIRONMENT.parse(source)
    faults = list(_barred(tree, source))
    if not faults:
        faults = [
            Fault(*_place(source, name), f"there is no {name!r} to say; there are {', '.join(sorted(known))}")
            for name in sorted(find_undeclared_variables(tree) - known)
        ]
    if faults:
        raise Faulty(faults)
    return Template.from_code(_ENVIRONMENT, _ENVIRONMENT.compile(tree, path, path), {})


def filled(template: Template, values: dict[str, Any]) -> str:
    """Return what a template comes to; raises one of FAILURES when it comes to nothing usable."""
    parts, size = [], 0
    for part in template.generate(values):
        size += len(part)
        if size > LONGEST_OUTPUT:
            raise ValueError(f"comes to more than {LONGEST_OUTPUT} characters")
        parts.append(part)
    return "".join(parts)


def tried(template: Template, values: dict[str, Any], source: str, path: str) -> Fault | None:
    """Return what goes wrong when a template is filled in, None when nothing does."""
    try:
        filled(template, values)
    except FAILURES as error:
        row = _row_of(error, path)
        text = source.splitlines()[row - 1] if row <= len(source.splitlines()) else ""
        column = 1 + max(text.find("{"), 0)
        return Fault(row, column, str(error) or type(error).__name__)
    return None


def _row_of(error: BaseException, path: str) -> int:
    found, trace = 1, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == path:
            found = trace.tb_lineno
        trace = trace.tb_next
    return found


def _barred(tree: nodes.Node, source: str, depth: int = 0) -> Iterator[Fault]:
    """Yield what a template may not hold."""
    for child in tree.iter_child_nodes():
        name, below = type(child).__name__, depth
        if name not in _NODES:
            yield Fault(*_start(child, source), f"{name.lower()} is not possible in a message")
        elif isinstance(child, nodes.Filter) and child.name not in _ENVIRONMENT.filters:
            known = ", ".join(sorted(_ENVIRONMENT.filters))
            yield Fault(*_start(child, source, child.name), f"{child.name!r} is not one of {known}")
        elif isinstance(child, nodes.Test) and child.name not in _TESTS:
            yield Fault(*_start(child, source, child.name), f"'is {child.name}' is not possible in a message")
        elif isinstance(child, nodes.For):
            below += 1
            if child.recursive or below > _DEEPEST:
                yield Fault(*_start(child, source), f"loops stand at most {_DEEPEST} deep, and do not recur")
            if not isinstance(child.iter, nodes.Name | nodes.Getattr):
                yield Fault(*_start(child, source), "a loop is over something that there is to say")
        yield from _barred(child, source, below)


def _start(node: nodes.Node, source: str, word: str = "{") -> tuple[int, int]:
    rows = source.splitlines()
    text = rows[node.lineno - 1] if node.lineno <= len(rows) else ""
    return node.lineno, 1 + max(text.find(word), 0)


def _place(source: str, name: str) -> tuple[int, int]:
    """Return where a name stands first in a tag."""
    for row, text in enumerate(source.splitlines(), 1):
        for start in range(len(text)):
            opened = text.rfind("{", 0, start) > text.rfind("}", 0, start)
            if text.startswith(name, start) and opened and not text[start - 1 : start].isalnum():
                return row, start + 1
    return 1, 1
