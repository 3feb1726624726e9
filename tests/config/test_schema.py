"""The schemas on disk are those of the models."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema_rs import validator_for

from alertmesh.config import default_rules_dir, schemas
from alertmesh.config.folder import SECTIONS


@pytest.mark.parametrize("name", sorted(schemas()))
def test_the_file_is_up_to_date(name: str, update_golden: bool) -> None:
    path = default_rules_dir() / "schema" / f"{name}.json"
    if update_golden:
        path.write_text(json.dumps(schemas()[name], indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    assert json.loads(path.read_text(encoding="utf-8")) == schemas()[name]


def with_default(node: Any, place: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every part of a schema that has a default, with its place."""
    if isinstance(node, list):
        for number, one in enumerate(node):
            yield from with_default(one, f"{place}/{number}")
    elif isinstance(node, dict):
        if "default" in node:
            yield place, node
        for key in node.keys() - {"default", "examples"}:
            yield from with_default(node[key], f"{place}/{key}")


@pytest.mark.parametrize("name", sorted(schemas()))
def test_every_default_is_valid(name: str) -> None:
    schema = schemas()[name]
    found = dict(with_default(schema))
    wrong = {
        place: part["default"]
        for place, part in found.items()
        if not validator_for({**part, "$defs": schema.get("$defs", {})}).is_valid(part["default"])
    }
    assert (wrong, bool(found)) == ({}, True)


def test_no_file_is_left_over() -> None:
    assert {path.stem for path in (default_rules_dir() / "schema").iterdir()} == set(schemas())


def test_every_section_of_the_rules_has_a_schema() -> None:
    assert set(schemas()) == {*SECTIONS, "alertmesh"}


@pytest.mark.parametrize("name", sorted(schemas()))
def test_every_setting_is_explained(name: str) -> None:
    page = (default_rules_dir().parent / "docs" / "configuration.md").read_text(encoding="utf-8")
    schema = schemas()[name]
    models = [schema, *schema.get("$defs", {}).values()]
    settings = {key for model in models for key in model.get("properties", {})}
    assert {key for key in settings if f"`{key}`" not in page} == set()
