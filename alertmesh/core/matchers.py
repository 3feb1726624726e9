"""Match labels the way Alertmanager does: `=`, `!=`, `=~`, `!~`, anchored; a missing label is empty."""

import re
from collections.abc import Callable, Mapping, Sequence

from alertmesh.core.errors import BadPayload
from alertmesh.core.patterns import Pattern

_MATCHER = re.compile(
    r"""\s*(?:"(?P<quoted>(?:\\.|[^"\\])*)"|(?P<name>[^\s=!~",{}]+))\s*
        (?P<op>=~|!~|!=|=)\s*
        (?:"(?P<value>(?:\\.|[^"\\])*)"|(?P<bare>[^\s",{}]*))\s*""",
    re.VERBOSE,
)
_ESCAPE = re.compile(r"\\(.)")
_ESCAPES = {"n": "\n"}


class Matcher:
    """One condition on one label.

    >>> Matcher("severity", "=~", "warning|critical").matches({"severity": "critical"})
    True
    """

    __slots__ = ("_pattern", "fault", "name", "op", "value")

    def __init__(self, name: str, op: str, value: str) -> None:
        self.name = name
        self.op = op
        self.value = value
        self.fault = ""
        try:
            self._pattern = Pattern(value) if op.endswith("~") else None
        except BadPayload as error:
            raise BadPayload(str(error), field=name) from error

    @classmethod
    def kept(cls, name: str, op: str, value: str) -> "Matcher":
        """Return a condition that was taken before; one whose expression is refused by now matches nothing.

        Its `fault` says why. An older version took what Python takes for a regular expression.
        """
        try:
            return cls(name, op, value)
        except BadPayload as error:
            barred = cls(name, "=", value)
            barred.op = op
            barred.fault = str(error)
            return barred

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Tell whether `labels` satisfy this condition."""
        if self.fault:
            return False
        have = labels.get(self.name, "")
        hit = have == self.value if self._pattern is None else self._pattern.fits(have)
        return hit != self.op.startswith("!")

    def __str__(self) -> str:
        value = self.value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
        return f'{self.name}{self.op}"{value}"'

    def __repr__(self) -> str:
        return f"Matcher({self!s})"


def parse_matchers(text: str, made: Callable[[str, str, str], Matcher] = Matcher) -> tuple[Matcher, ...]:
    """Read `{a="b", c=~"d|e"}`; the braces may be missing. `made` is `Matcher.kept` for what is stored.

    >>> [str(m) for m in parse_matchers('severity=~"a|b",team=db')]
    ['severity=~"a|b"', 'team="db"']
    """
    body = text.strip()
    if body.startswith("{") and body.endswith("}"):
        body = body[1:-1].strip()
    found: list[Matcher] = []
    position = 0
    while position < len(body):
        hit = _MATCHER.match(body, position)
        if hit is None:
            raise BadPayload(f"cannot read matcher at character {position + 1} of {text!r}")
        name = hit["name"] if hit["quoted"] is None else _unescape(hit["quoted"])
        value = hit["bare"] if hit["value"] is None else _unescape(hit["value"])
        found.append(made(name, hit["op"], value))
        position = hit.end()
        if position < len(body):
            if body[position] != ",":
                raise BadPayload(f"expected a comma at character {position + 1} of {text!r}")
            position += 1
    return tuple(found)


def _unescape(text: str) -> str:
    return _ESCAPE.sub(lambda hit: _ESCAPES.get(hit[1], hit[1]), text)


def matches_all(matchers: Sequence[Matcher], labels: Mapping[str, str]) -> bool:
    """Tell whether every matcher accepts `labels`; no matchers accept everything."""
    return all(matcher.matches(labels) for matcher in matchers)
