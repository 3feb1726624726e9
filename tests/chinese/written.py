"""Read from its source what a module can say, with a sample in each place that is filled in when it runs."""

import ast
from collections.abc import Iterator, Mapping
from itertools import product
from pathlib import Path
from types import ModuleType

SAMPLES = {
    "tier": "ops",
    "state": "held",
    "kind": "ack",
    "span": "3 min",
    "exact": "3 min 10 s",
    "clock": "10:00 UTC",
    "named": "CPU on N1",
}
"""What stands in a place by the last word of what is filled in there; X in any other."""

Function = ast.FunctionDef | ast.AsyncFunctionDef
_SPECS = {"%": "10:00", "0%": "50%", "f": "3", "d": "1"}


class Source:
    """One module, or its file; `samples` stand in places, beside `SAMPLES`."""

    def __init__(self, module: ModuleType | Path, **samples: str) -> None:
        path = module if isinstance(module, Path) else Path(module.__file__ or "")
        self._tree = ast.parse(path.read_text(encoding="utf-8"))
        self._samples: Mapping[str, str] = {**SAMPLES, **samples}
        self._scopes = [node for node in ast.walk(self._tree) if isinstance(node, Function)]
        self._functions = {scope.name: scope for scope in self._scopes}

    def said(self, *names: str) -> Iterator[tuple[str, str]]:
        """Yield the first two arguments of calls of `names`, as every pair of texts that they can be."""
        for scope in self._scopes:
            for node in ast.walk(scope):
                if isinstance(node, ast.Call) and _called(node) in names and len(node.args) > 1:
                    places = node.args[:2]
                    yield from product(*(self.texts(place, scope) for place in places))

    def given(self, name: str, place: int = 0) -> Iterator[str]:
        """Yield every text that one argument of calls of `name` can be, the first unless told."""
        for scope in self._scopes:
            for node in ast.walk(scope):
                if isinstance(node, ast.Call) and _called(node) == name and len(node.args) > place:
                    yield from self.texts(node.args[place], scope)

    def returned(self, name: str) -> list[str]:
        """Return every text that a function returns or yields."""
        return self._of(self._functions[name])

    def holding(self, mark: str) -> Iterator[str]:
        """Yield every text that is put together and has a mark in it."""
        for scope in self._scopes:
            for node in ast.walk(scope):
                if isinstance(node, ast.JoinedStr):
                    yield from (text for text in self.texts(node, scope) if mark in text)

    def yielded(self, name: str) -> list[str]:
        """Return every text that a function yields."""
        scope = self._functions[name]
        found = [node.value for node in ast.walk(scope) if isinstance(node, ast.Yield) and node.value]
        return [text for value in found for text in self.texts(value, scope)]

    def constants(self, function: str) -> list[str]:
        """Return the sentences that stand in a function as they are."""
        nodes = ast.walk(self._functions[function])
        texts = [node.value for node in nodes if isinstance(node, ast.Constant)]
        return [text for text in texts if isinstance(text, str) and " " in text and text[-1:] == "."]

    def texts_of(self, function: str, name: str) -> list[str]:
        """Return every text that a variable of a function can be."""
        return self._named(name, self._functions[function])

    def texts(self, node: ast.expr, scope: Function) -> list[str]:
        """Return every text that an expression in a function can be."""
        match node:
            case ast.Constant(value=str(text)):
                return [text]
            case ast.Constant(value=None):
                return []
            case ast.JoinedStr(values=values):
                return ["".join(made) for made in product(*(self.texts(one, scope) for one in values))]
            case ast.FormattedValue(format_spec=ast.JoinedStr(values=[ast.Constant(value=spec)])):
                return [self._by_spec(str(spec))]
            case ast.FormattedValue(value=value):
                return self.texts(value, scope)
            case ast.IfExp(body=body, orelse=orelse):
                return self.texts(body, scope) + self.texts(orelse, scope)
            case ast.BoolOp(values=values):
                return [text for one in values for text in self.texts(one, scope)]
            case ast.BinOp(right=ast.Constant(value=int())):
                return ["X"]
            case ast.BinOp(left=left, right=right, op=ast.Add()):
                return [a + b for a in self.texts(left, scope) for b in self.texts(right, scope)]
            case ast.Name(id=name):
                return self._named(name, scope) or [self._samples.get(name, "X")]
            case ast.List(elts=[_, *_] as each):
                return [text for one in each for text in self.texts(one, scope)]
            case ast.Tuple(elts=[*_, last]):
                return self.texts(last, scope)
            case ast.Call() if (name := _called(node)) in self._functions and name not in self._samples:
                return [text for text in self._of(self._functions[name]) if text] or ["X"]
        return [self._samples.get(_called(node), "X")]

    def _of(self, function: Function) -> list[str]:
        found = [node.value for node in ast.walk(function) if isinstance(node, ast.Return) and node.value]
        return [text for value in found for text in self.texts(value, function)]

    def _named(self, name: str, scope: Function) -> list[str]:
        """Return what a variable can be: of the function, or else of the module."""
        inside = [node for node in ast.walk(scope) if _sets(node, name)]
        found = inside or [node for node in self._tree.body if _sets(node, name)]
        first = [node.value for node in found if isinstance(node, ast.Assign)]
        texts = [text for value in first for text in self.texts(value, scope)]
        more = [node.value for node in found if isinstance(node, ast.AugAssign)]
        return texts + [text + end for value in more for text in texts for end in self.texts(value, scope)]

    @staticmethod
    def _by_spec(spec: str) -> str:
        if "%H" in spec or "%Y" in spec:
            return _SPECS["%"]
        return next((sample for end, sample in _SPECS.items() if spec.endswith(end) and end != "%"), "X")


def _called(node: ast.expr) -> str:
    match node:
        case ast.Call(func=function):
            return _called(function)
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return name
    return ""


def _sets(node: ast.AST, name: str) -> bool:
    match node:
        case ast.Assign(targets=[ast.Name(id=found)]) | ast.AugAssign(target=ast.Name(id=found)):
            return found == name
    return False
