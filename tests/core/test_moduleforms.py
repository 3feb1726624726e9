"""Input is checked by the fields, and descriptions by what they say of themselves."""

import math
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from alertmesh.core.errors import BadPayload
from alertmesh.core.module import Choice, Field, FieldType, Module, ModuleAction, ModulePage
from alertmesh.core.moduleforms import checked, module_faults, sheet_faults
from alertmesh.core.sheet import (
    Button,
    Buttons,
    Chart,
    Column,
    Figure,
    Figures,
    Link,
    Series,
    Sheet,
    State,
    Table,
    Type,
    both,
)

FOUR = datetime(2026, 11, 23, 4, tzinfo=UTC)
CHOICES = (Choice("a", both("A")), Choice("b", both("B")))


def field(type: FieldType = FieldType.TEXT, **facts: object) -> Field:
    choices = CHOICES if type is FieldType.CHOICE else ()
    return Field(**{"name": "f", "label": both("F"), "type": type, "choices": choices, **facts})


@pytest.mark.parametrize(
    ("type", "raw", "value"),
    [
        (FieldType.TEXT, "x", "x"),
        (FieldType.LINES, "a\nb", "a\nb"),
        (FieldType.WHOLE, "-7", -7),
        (FieldType.WHOLE, 7, 7),
        (FieldType.NUMBER, "2.5", 2.5),
        (FieldType.FLAG, "true", True),
        (FieldType.FLAG, False, False),
        (FieldType.FLAG, "", False),
        (FieldType.MOMENT, "2026-11-23T12:00:00+08:00", FOUR),
        (FieldType.CHOICE, "b", "b"),
        (FieldType.PERSON, "li", "li"),
        (FieldType.NUMBER, None, None),
    ],
)
def test_what_fits_is_taken(type, raw, value):
    assert checked([field(type)], {"f": raw}, ["li"]).values == {"f": value}


@pytest.mark.parametrize(
    ("wanted", "raw"),
    [
        (field(required=True), " "),
        (field(required=True), None),
        (field(most=3), "four"),
        (field(least=3), "ab"),
        (field(), "a\nb"),
        (field(), 7),
        (field(FieldType.WHOLE), "1.5"),
        (field(FieldType.WHOLE), True),
        (field(FieldType.WHOLE), 10**18),
        (field(FieldType.WHOLE, least=1), 0),
        (field(FieldType.NUMBER, most=1), "2"),
        (field(FieldType.NUMBER), "nan"),
        (field(FieldType.FLAG), "perhaps"),
        (field(FieldType.MOMENT), "2026-11-23T04:00:00"),
        (field(FieldType.CHOICE), "c"),
        (field(FieldType.CHOICE), ["a"]),
        (field(FieldType.PERSON), "nobody"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(wanted, raw):
    with pytest.raises(BadPayload) as caught:
        checked([wanted], {"f": raw}, ["li"])
    assert caught.value.field == "f"


def test_a_stray_field_is_refused_and_a_default_stands_in():
    assert checked([field(default="x")], {}, []).text("f") == "x"
    with pytest.raises(BadPayload) as caught:
        checked([field()], {"g": "x"}, [])
    assert caught.value.field == "g"


anything = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.integers())


@given(st.sampled_from(FieldType), st.booleans(), anything)
def test_anything_is_taken_or_refused_by_name(type, required, raw):
    try:
        taken = checked([field(type, required=required)], {"f": raw}, ["li"])
        named, value = "f", taken.values["f"]
    except BadPayload as error:
        named, value = error.field, ""
    assert named == "f"
    assert not (required and value is None)
    assert not isinstance(value, float) or math.isfinite(value)


async def _nothing(*_: object) -> None:
    raise AssertionError


PAGE = ModulePage(name="one", title=both("One"), draw=_nothing)  # type: ignore[arg-type]
ACTION = ModuleAction(name="act", label=both("Act"), run=_nothing)  # type: ignore[arg-type]
MODULE = Module(name="m", title=both("M"), summary=both("M"), pages=[PAGE], actions=[ACTION])


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"name": "Not so"}, "name 'Not so'"),
        ({"pages": [PAGE, PAGE]}, "'one' is there twice"),
        ({"pages": [replace(PAGE, scope="root")]}, "scope 'root'"),
        ({"pages": [replace(PAGE, fields=[field(FieldType.WHOLE, default="x")])]}, "the default must be"),
        ({"actions": [replace(ACTION, fields=[field(choices=CHOICES)])]}, "choices belong to"),
    ],
)
def test_a_module_that_is_described_badly_is_told(changes, said):
    assert module_faults(MODULE) == []
    assert any(said in fault for fault in module_faults(replace(MODULE, **changes)))


def table(type: Type, *cells: object) -> Table:
    states = {"up": State(both("up"))}
    return Table(columns=[Column(name="c", title=both("C"), type=type, states=states)], rows=[cells])


GOOD = [
    table(Type.TEXT, "x"),
    table(Type.TEXT, both("x")),
    table(Type.NUMBER, 1.5),
    table(Type.MOMENT, FOUR),
    table(Type.STATE, "up"),
    table(Type.LINK, Link("x", "/m/x/y")),
    table(Type.ACTION, Button("act")),
    table(Type.BYTES, None),
    Figures(figures=[Figure(label=both("F"), value=3)]),
    Chart(times=[FOUR], series=[Series(label=both("s"), values=[None])]),
    Buttons(buttons=[Button("act")]),
]
BAD = [
    table(Type.TEXT, 1),
    table(Type.NUMBER, "1"),
    table(Type.NUMBER, True),
    table(Type.NUMBER, math.nan),
    table(Type.MOMENT, FOUR.replace(tzinfo=None)),
    table(Type.STATE, "down"),
    table(Type.LINK, Link("x", "javascript:alert(1)")),
    table(Type.LINK, Link("x", "//elsewhere")),
    table(Type.ACTION, Button("vanish")),
    table(Type.NUMBER, 1, 2),
    replace(table(Type.NUMBER, 1), next="2"),
    Figures(figures=[Figure(label=both("F"), value="x")]),
    Chart(times=[FOUR], series=[Series(label=both("s"), values=[1, 2])]),
    Chart(times=[FOUR], groups=["a"], series=[]),
    Chart(groups=["a"], type=Type.MOMENT, series=[]),
    Buttons(buttons=[Button("vanish")]),
]


@pytest.mark.parametrize("block", GOOD)
def test_a_block_that_is_as_it_says_has_no_fault(block):
    assert sheet_faults(Sheet([block]), MODULE) == []


@pytest.mark.parametrize("block", BAD)
def test_a_block_that_is_not_as_it_says_is_told(block):
    [fault] = sheet_faults(Sheet([block]), MODULE)
    assert fault.startswith("block 1: ")
