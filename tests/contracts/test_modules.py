"""What every registered PaaS module must keep."""

import random
import re
from collections.abc import Iterator
from importlib.metadata import entry_points
from typing import Any

import msgspec
import pytest

from alertmesh.core.module import Field, FieldType, Module
from alertmesh.core.moduleforms import module_faults
from alertmesh.core.sheet import Words
from tests.paas.fakes import House

MODULES: dict[str, Module] = {point.name: point.load() for point in entry_points(group="alertmesh.modules")}
PAGES = [(name, page) for name, module in sorted(MODULES.items()) for page in module.pages]
ACTIONS = [(name, action) for name, module in sorted(MODULES.items()) for action in module.actions]
FIELDS = [(name, action, field) for name, action in ACTIONS for field in action.fields]
WRONG = {
    FieldType.WHOLE: "many",
    FieldType.NUMBER: "much",
    FieldType.FLAG: "perhaps",
    FieldType.MOMENT: "yesterday",
    FieldType.CHOICE: "neither",
    FieldType.PERSON: "nobody",
}
CHINESE = re.compile(r"[一-鿿]")
ODD = [
    "",
    " ",
    "0",
    "-1",
    "1",
    "9" * 40,
    "1e309",
    "nan",
    "事件",
    "a\nb",
    "\x00",
    "'\";--",
    "%00",
    "true",
    "../",
    "2026-11-23",
]
each_module = pytest.mark.parametrize("name", sorted(MODULES))


def named(*parts: Any) -> str:
    return "-".join(getattr(part, "name", str(part)) for part in parts)


def words_in(part: Any) -> Iterator[Words]:
    """Yield every text for people in a description or sheet."""
    if isinstance(part, Words):
        yield part
    elif isinstance(part, msgspec.Struct):
        for name in part.__struct_fields__:
            yield from words_in(getattr(part, name))
    elif isinstance(part, dict):
        for value in part.values():
            yield from words_in(value)
    elif isinstance(part, list | tuple):
        for value in part:
            yield from words_in(value)


def is_told_twice(words: Words) -> bool:
    """Tell whether a text stands in both languages: a name may be the same in each."""
    if not words.en.strip() or not words.zh.strip() or CHINESE.search(words.en):
        return False
    return bool(CHINESE.search(words.zh)) or words.en == words.zh


def right(field: Field) -> str:
    """Return something that a required field takes."""
    least = f"{field.least or 0:g}"
    made = {FieldType.WHOLE: least, FieldType.NUMBER: least, FieldType.FLAG: "true", FieldType.PERSON: "wang"}
    made |= {FieldType.MOMENT: "2026-11-23T04:00:00Z"}
    return field.default or (field.choices[0].name if field.choices else made.get(field.type, "x"))


@each_module
def test_it_registers_under_its_own_name_and_is_well_described(name):
    assert isinstance(MODULES[name], Module)
    assert (MODULES[name].name, module_faults(MODULES[name])) == (name, [])


@each_module
def test_its_words_are_there_in_both_languages(name):
    assert [words for words in words_in(MODULES[name]) if not is_told_twice(words)] == []


@pytest.mark.parametrize(("name", "page"), PAGES, ids=named)
async def test_a_page_is_drawn_as_it_says_in_both_languages(name, page):
    async with House() as house:
        for _ in range(2):  # with nothing measured yet, and with something
            status, body = await house.get(f"modules/{name}/pages/{page.name}")
            assert (status, bool(body["sheet"]["blocks"])) == (200, True), body
            sheet = await house.desk.draw(name, page.name, {})
            assert [words for words in words_in(sheet) if not is_told_twice(words)] == []
            await house.work()


@pytest.mark.parametrize(("name", "page"), PAGES, ids=named)
async def test_no_query_breaks_a_page(name, page):
    dice = random.Random(f"{name} {page.name}")
    names = [field.name for field in page.fields] or ["x"]
    async with House() as house:
        await house.work()
        for _ in range(200):
            query = {
                dice.choice([*names, "stray"]): dice.choice([*ODD, str(dice.random())]) for _ in range(3)
            }
            status, body = await house.get(f"modules/{name}/pages/{page.name}", query)
            assert status == 200 or (status == 400 and body["field"] in query), (query, body)


@each_module
async def test_its_tasks_go_well(name):
    async with House() as house:
        await house.work()
        assert {trouble for (module, _), trouble in house.desk.troubles.items() if module == name} == set()


@pytest.mark.parametrize(("name", "action"), ACTIONS, ids=named)
async def test_a_stray_field_of_an_action_is_named(name, action):
    async with House() as house:
        status, body = await house.post(f"modules/{name}/actions/{action.name}", {"stray": 1})
        assert (status, body["field"]) == (422, "stray")


@pytest.mark.parametrize(("name", "action", "field"), FIELDS, ids=named)
async def test_a_wrong_field_of_an_action_is_named(name, action, field):
    wrong = [WRONG.get(field.type, 7), *([""] if field.required else [])]
    others = {one.name: right(one) for one in action.fields if one.required}
    async with House() as house:
        for value in wrong:
            path = f"modules/{name}/actions/{action.name}"
            status, body = await house.post(path, {**others, field.name: value})
            assert (status, body["field"]) == (422, field.name), (value, body)
        assert house.store.newest_audit(None, 9) == []
