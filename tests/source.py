"""Read the package's own source, for the tests that hold it against the rules of the house."""

import ast
import re
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).parent.parent
PACKAGE = "alertmesh"

# Calls that read a clock or a die, by the dotted name they are reached by.
_IMPURE = (
    "datetime.now",
    "datetime.utcnow",
    "datetime.today",
    "date.today",
    "time.time",
    "time.sleep",
    "random.",
)


class Module:
    """One parsed module: what it imports, calls and defines."""

    def __init__(self, name: str, source: str, is_package: bool = False) -> None:
        self.name = name
        self.source = source
        self.is_package = is_package
        self.tree = ast.parse(source)

    def __repr__(self) -> str:
        return f"Module({self.name})"

    @property
    def layer(self) -> str:
        """Return the first name below the package: `dedup` for alertmesh.dedup.stage."""
        return [*self.name.split("."), ""][1]

    @cached_property
    def imported(self) -> frozenset[str]:
        """Return every dotted name that is imported, `from a import b` as `a.b`, those in functions too."""
        return frozenset(name for node in ast.walk(self.tree) for name in _imported_by(node))

    @property
    def late_imports(self) -> list[int]:
        """Return the lines of imports inside functions."""
        inner = [node for function in self.functions() for node in ast.walk(function)]
        return [node.lineno for node in inner if isinstance(node, ast.Import | ast.ImportFrom)]

    @property
    def broad_excepts(self) -> list[int]:
        """Return the lines that catch every exception and keep it; cleaning up and raising on is no catch."""
        handlers = [node for node in ast.walk(self.tree) if isinstance(node, ast.ExceptHandler)]
        return [node.lineno for node in handlers if _is_broad(node.type) and not _raises_on(node)]

    @property
    def impure_calls(self) -> list[str]:
        """Return the uses of a clock or of chance, as `line name`."""
        origins = {alias: origin for node in ast.walk(self.tree) for alias, origin in _bindings(node)}
        found = []
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Attribute | ast.Name):
                head, _, rest = _dotted(node).partition(".")
                full = ".".join(part for part in (origins.get(head, head), rest) if part)
                if full.removeprefix("datetime.").startswith(_IMPURE):
                    found.append(f"{node.lineno} {full}")
        return found

    def functions(self) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
        """Yield every function and method."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield node


def modules() -> list[Module]:
    """Return every module of the package, in order of name."""
    found = []
    for path in sorted((ROOT / PACKAGE).rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        is_package = parts[-1] == "__init__"
        name = ".".join(parts[:-1] if is_package else parts)
        found.append(Module(name, path.read_text(encoding="utf-8"), is_package))
    return found


def edges(found: list[Module]) -> dict[str, set[str]]:
    """Return which module imports which, by name; an import of a name counts for the module that has it."""
    known = {module.name for module in found}
    graph: dict[str, set[str]] = {}
    for module in found:
        targets = {_owner(name, known) for name in module.imported if name.split(".")[0] == PACKAGE}
        graph[module.name] = targets - {module.name}
    return graph


def cycle(graph: dict[str, set[str]]) -> list[str]:
    """Return one cycle of a graph as a path, or nothing."""
    done: set[str] = set()
    path: list[str] = []

    def visit(node: str) -> list[str]:
        if node in path:
            return [*path[path.index(node) :], node]
        if node in done:
            return []
        path.append(node)
        for target in sorted(graph.get(node, ())):
            if found := visit(target):
                return found
        path.pop()
        done.add(node)
        return []

    return next((found for node in sorted(graph) if (found := visit(node))), [])


def _owner(name: str, known: set[str]) -> str:
    while name not in known:
        name = name.rpartition(".")[0]
    return name


def _imported_by(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        assert node.level == 0, f"line {node.lineno}: write imports from the top of the package"
        return [f"{node.module}.{alias.name}" for alias in node.names]
    return []


def _bindings(node: ast.AST) -> list[tuple[str, str]]:
    if isinstance(node, ast.Import):
        return [(alias.asname or alias.name, alias.name) for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        return [(alias.asname or alias.name, f"{node.module}.{alias.name}") for alias in node.names]
    return []


def _dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def _is_broad(caught: ast.expr | None) -> bool:
    if caught is None:
        return True
    parts = caught.elts if isinstance(caught, ast.Tuple) else [caught]
    return any(isinstance(part, ast.Name) and part.id in ("Exception", "BaseException") for part in parts)


def _raises_on(handler: ast.ExceptHandler) -> bool:
    last = handler.body[-1]
    return isinstance(last, ast.Raise) and last.exc is None


def timeline_kinds(found: list[Module]) -> set[str]:
    """Return the kinds of timeline lines that the source writes."""
    calls = [node for module in found for node in ast.walk(module.tree) if isinstance(node, ast.Call)]
    lines = [call.args[0] for call in calls if _dotted(call.func) == "Line" and call.args]
    entries = [call for call in calls if _dotted(call.func) == "TimelineEntry"]
    lines += [part.value for call in entries for part in call.keywords if part.arg == "kind"]
    return {node.value for node in lines if isinstance(node, ast.Constant)}


def rule_ids(found: list[Module]) -> set[str]:
    """Return the rule ids that stand in the source."""
    constants = [node for module in found for node in ast.walk(module.tree) if isinstance(node, ast.Constant)]
    return {str(node.value) for node in constants if re.fullmatch(r"[A-Z]{3,5}-\d+", str(node.value))}
