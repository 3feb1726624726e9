"""Read YAML so that every value knows where it stands."""

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from alertmesh.core.errors import BadConfig

Loc = tuple[str | int, ...]
Resolve = Callable[[str], str]


class _Loader(yaml.CSafeLoader):
    """Plain YAML, where only what looks like a number, true, false or null is not text."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012


_PLAIN = (
    ("bool", r"true|false|True|False", "tfTF"),
    ("int", r"-?(?:0|[1-9][0-9]*)", "-0123456789"),
    ("float", r"-?[0-9]+\.[0-9]+(?:[eE][-+]?[0-9]+)?", "-0123456789"),
    ("null", r"~|null|", "~n"),
    ("merge", r"<<", "<"),
)
for _tag, _pattern, _first in _PLAIN:
    _chars = [*_first, ""] if _tag == "null" else list(_first)
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(f"(?:{_pattern})$"), _chars)


class Document:
    """One file: its `data`, where each part of it stands, and which texts were references.

    A file that cannot be read has no data, and `problems` that say why.
    """

    def __init__(self, name: str, data: Any, node: yaml.Node | None = None) -> None:
        self.name = name
        self.data = {} if data is None else data
        self.text = ""
        self.problems: list[str] = []
        self._node = node
        self._references: frozenset[int] = frozenset()
        self._set: set[Loc] = set()
        self._above: Loc = ()

    @classmethod
    def read(cls, path: Path, resolve: Resolve | None = None) -> "Document":
        """Read a file, replacing each text by what `resolve` makes of it.

        What cannot be read is a document without data, with `problems` that say why.
        """
        name = str(path)
        try:
            return cls.parse(name, path.read_text(encoding="utf-8"), resolve)
        except BadConfig as error:
            problems = error.problems
        except OSError as error:
            problems = [f"{name}:1:1 cannot be read: {error.strerror}"]
        except UnicodeDecodeError:
            problems = [f"{name}:1:1 is not UTF-8 text"]
        unread = cls(name, {})
        unread.problems = problems
        return unread

    @classmethod
    def parse(cls, name: str, text: str, resolve: Resolve | None = None) -> "Document":
        """Read a text that is called `name` in messages; raises BadConfig with every fault."""
        try:
            loader = _Loader(text)
            node = loader.get_single_node()
            if node is None:
                return cls._bare(name, text)
            survey = _Survey(name, resolve)
            survey.visit(node)
            if survey.problems:
                raise BadConfig(survey.problems)
            document = cls(name, loader.construct_document(node), node)
        except yaml.MarkedYAMLError as error:
            raise BadConfig([_yaml_fault(name, error)]) from error
        except yaml.YAMLError as error:
            raise BadConfig([f"{name}:1:1 is not YAML: {error}"]) from error
        document.text = text
        document._references = frozenset(survey.references)
        return document

    @classmethod
    def _bare(cls, name: str, text: str) -> "Document":
        """Return a file in which nothing is said, or in comments alone."""
        document = cls(name, {})
        document.text = text
        return document

    def at(self, loc: Sequence[str | int]) -> str:
        """Return `file:line:col` of the value at `loc`, or of the deepest part of it that is there."""
        return self._place(loc, _follow(self._node, loc[len(self._above) :])[0])

    def at_key(self, loc: Sequence[str | int]) -> str:
        """Return `file:line:col` of the key that `loc` ends with."""
        inside, _ = _follow(self._node, loc[len(self._above) : -1])
        keys = inside.value if isinstance(inside, yaml.MappingNode) else ()
        return self._place(loc, next((key for key, _ in keys if key.value == str(loc[-1])), inside))

    def _place(self, loc: Sequence[str | int], node: yaml.Node | None) -> str:
        if any(tuple(loc[: len(path)]) == path for path in self._set):
            return f"--set {'.'.join(map(str, loc))}:1:1"
        if node is None:
            return f"{self.name}:1:1"
        return f"{self.name}:{node.start_mark.line + 1}:{node.start_mark.column + 1}"

    def is_reference(self, loc: Sequence[str | int]) -> bool:
        """Tell whether the text at `loc` was written as a reference to a secret."""
        node, depth = _follow(self._node, loc)
        return node is not None and depth == len(loc) and id(node) in self._references

    def nest(self, key: str) -> None:
        """Put a list that is the whole file under `key`."""
        if isinstance(self.data, list):
            self.data, self._above = {key: self.data}, (key,)

    def cut(self, key: str) -> "Document":
        """Take a key out, and return it as a document of its own that knows where everything stands."""
        part = Document(self.name, {}, self._node)
        if isinstance(self.data, dict) and key in self.data:
            part.data = {key: self.data.pop(key)}
        return part

    def put(self, path: Sequence[str], text: str) -> None:
        """Set a value as if the file said so; `text` is YAML."""
        key = f"--set {'.'.join(path)}"
        inside = self.data
        for step in path[:-1]:
            inside = inside.setdefault(step, {}) if isinstance(inside, dict) else None
        if isinstance(inside, dict):
            inside[path[-1]] = Document.parse(key, f"value: {text}").data["value"]
            self._set.add(tuple(path))
        else:
            self.problems.append(f"{key}:1:1 is inside something that has no keys")


class _Survey:
    """Visit each node once: resolve references, and refuse what YAML lets pass."""

    def __init__(self, name: str, resolve: Resolve | None) -> None:
        self.problems: list[str] = []
        self.references: set[int] = set()
        self._name = name
        self._resolve = resolve
        self._seen: set[int] = set()
        self._open: set[int] = set()

    def visit(self, node: yaml.Node) -> None:
        """Visit a node and all below it."""
        if id(node) in self._open:
            self._fault(node, "an alias cannot contain itself")
        if id(node) in self._seen:
            return
        self._seen.add(id(node))
        self._open.add(id(node))
        if isinstance(node, yaml.ScalarNode):
            self._scalar(node)
        elif isinstance(node, yaml.SequenceNode):
            for item in node.value:
                self.visit(item)
        elif isinstance(node, yaml.MappingNode):
            self._mapping(node)
        self._open.discard(id(node))

    def _scalar(self, node: yaml.ScalarNode) -> None:
        if self._resolve is None or node.tag != "tag:yaml.org,2002:str":
            return
        try:
            text = self._resolve(node.value)
        except BadConfig as error:
            for problem in error.problems:
                self._fault(node, problem)
            return
        if text != node.value:
            self.references.add(id(node))
            node.value = text

    def _mapping(self, node: yaml.MappingNode) -> None:
        names: set[str] = set()
        for key, value in node.value:
            if isinstance(key, yaml.ScalarNode):
                if key.value in names:
                    self._fault(key, f"{key.value!r} is given twice")
                names.add(key.value)
            self.visit(value)

    def _fault(self, node: yaml.Node, text: str) -> None:
        mark = node.start_mark
        self.problems.append(f"{self._name}:{mark.line + 1}:{mark.column + 1} {text}")


def _follow(node: yaml.Node | None, loc: Sequence[str | int]) -> tuple[yaml.Node | None, int]:
    """Go down `loc` as far as there is something; return the node and how many steps were taken."""
    depth = 0
    for step in loc:
        below: yaml.Node | None = None
        if isinstance(node, yaml.MappingNode):
            below = next((value for key, value in node.value if key.value == str(step)), None)
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            below = node.value[step]
        if below is None:
            break
        node, depth = below, depth + 1
    return node, depth


def _yaml_fault(name: str, error: yaml.MarkedYAMLError) -> str:
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    return f"{name}:{line}:{column} is not YAML here: {error.problem or error.context}"


def merged(parts: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the keys of all parts in one; a later part wins, key by key at every depth."""
    out: dict[str, Any] = {}
    for part in parts:
        for key, value in part.items():
            before = out.get(key)
            both = isinstance(before, Mapping) and isinstance(value, Mapping)
            out[key] = merged([before, value]) if both else value  # type: ignore[list-item]
    return out
