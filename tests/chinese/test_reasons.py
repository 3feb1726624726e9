"""Whatever escalation gives as a reason is told in the reader's language."""

import ast
import re
from collections.abc import Iterator, Set
from itertools import product
from pathlib import Path

import pytest

import alertmesh.escalate
from alertmesh.chinese.reasons import is_handover, reason_in

_SOURCE = Path(alertmesh.escalate.__file__).parent
_SAYING = {"Tell", "Closing", "Hears", "resolve", "_raise", "_page"}
_KEYWORDS = frozenset({"reason", "why"})
_NAMES = frozenset({"reason", "_NEW_ROOT"})
_TEXTS = frozenset({"people.py", "condition.py", "joining.py", "timers.py"})  # `text` is what is told there
_PARTS = frozenset({"likely", "unsure", "gap", "series", "why"})
_OTHERS = frozenset({"analysis.py", "shifts.py", "standins.py", "machine.py", "commands.py", "stage.py"})


class Source:
    """One module of escalation; `parts` are texts that stand in others."""

    def __init__(self, path: Path) -> None:
        self._module = ast.parse(path.read_text(encoding="utf-8"))
        self._names = _NAMES | ({"text"} if path.name in _TEXTS else set())
        self._saying = _SAYING | ({"Line"} if path.name == "priorities.py" else set())
        self._parts = {name: list(self._assigned({name})) for name in _PARTS}

    def sentences(self) -> Iterator[str]:
        """Yield every text that can be a reason, with x for each part that is not known."""
        for node in ast.walk(self._module):
            if isinstance(node, ast.Call):
                name = getattr(node.func, "id", getattr(node.func, "attr", ""))
                said = [word.value for word in node.keywords if word.arg in _KEYWORDS]
                for value in said + (node.args[-1:] if name in self._saying else []):
                    yield from self._texts(value)
        for value in self._assigned(self._names):
            yield from self._texts(value)

    def _assigned(self, names: Set[str]) -> Iterator[ast.expr]:
        for node in ast.walk(self._module):
            if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") in names:
                yield node.value

    def _texts(self, value: ast.expr) -> list[str]:
        match value:
            case ast.Constant(value=text):
                return [str(text)]
            case ast.JoinedStr(values=values):
                return ["".join(made) for made in product(*map(self._texts, values))]
            case ast.FormattedValue(value=ast.Name(id=name)) if self._parts.get(name):
                return [text for one in self._parts[name] for text in self._texts(one)]
            case ast.FormattedValue(value=ast.Call(func=ast.Name(id="_Owner")) | ast.Name(id="owner")):
                return ["owner of x", "owner of x, which needs x"]
            case ast.IfExp(body=body, orelse=orelse):
                return self._texts(body) + self._texts(orelse)
            case ast.BoolOp(values=values):
                return [text for one in values for text in self._texts(one)]
            case ast.BinOp(left=left, right=right):
                return [a + b for a in self._texts(left) for b in self._texts(right)]
        return ["x"]


def written() -> list[str]:
    """Return every reason that the source of escalation words."""
    paths = [path for path in sorted(_SOURCE.glob("*.py")) if path.name not in _OTHERS]
    found = {text for path in paths for text in Source(path).sentences()}
    return sorted(text for text in found if re.search("[a-z]{2}", text))


def test_the_reasons_are_found_in_the_source():
    known = {"operations did not answer", "hand-over from x", "x escalated: x", "now Px"}
    assert known | {"x: nobody is known to own x, the likely root (x)", "x is hit, 1 series fires"} <= set(
        written()
    )


@pytest.mark.parametrize("reason", written())
def test_a_reason_of_escalation_is_told_in_chinese(reason):
    assert re.findall("[a-z]{2,}", reason_in("zh-CN", reason)) == []


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        ("wang escalated: db; I cannot", "wang 升级：db; I cannot"),
        ("no answer; db: owner of cart", "上一步无人应答；db：负责 cart"),
        ("HighLoad on shop/cart", "HighLoad on shop/cart"),
        ("", ""),
    ],
    ids=["what a person wrote stays", "with the team", "no form", "none"],
)
def test_only_known_reasons_are_told_anew(reason, told):
    assert reason_in("zh", reason) == told


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        ("hand-over from wang", True),
        ("nobody on duty did not take it over from wang", True),
        ("li did not take it over from sun; dba: owner of cart", True),
        ("wang escalated: see the notes; hand-over from li", False),
        ("no answer", False),
    ],
)
def test_a_hand_over_is_known_by_its_reason(reason, expected):
    assert is_handover(reason) is expected


def test_english_stays_as_it_is():
    assert reason_in("en", "no answer") == "no answer"
