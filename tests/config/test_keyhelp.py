"""Every key of every rule file is explained, in both languages."""

import re
from collections.abc import Iterator
from functools import reduce
from operator import getitem
from typing import Any

import pytest
import yaml

from alertmesh.config import default_rules_dir, schemas
from alertmesh.config.keyhelp import key_help
from alertmesh.config.shipped import shipped_values

KINDS = sorted(set(schemas()) - {"alertmesh"})
CHINESE = re.compile(r"[\u4e00-\u9fff]")
LONGEST = 260
"""What still fits beside a list of completions, in characters."""


def spread(shape: dict[str, Any], root: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Follow references and alternatives."""
    if "$ref" in shape:
        yield from spread(root["$defs"][shape["$ref"].rpartition("/")[2]], root)
        return
    yield shape
    for word in ("anyOf", "oneOf", "allOf"):
        for one in shape.get(word, ()):
            yield from spread(one, root)


def keys(shape: dict[str, Any], root: dict[str, Any], path: str = "") -> Iterator[str]:
    """Give the path of every key that a schema knows."""
    for plain in spread(shape, root):
        for name, below in plain.get("properties", {}).items():
            own = f"{path}.{name}" if path else name
            yield own
            yield from keys(below, root, own)
        for word, step in (("items", "[]"), ("additionalProperties", ".*")):
            if isinstance(plain.get(word), dict):
                yield from keys(plain[word], root, path + step)


@pytest.mark.parametrize("kind", KINDS)
def test_each_key_is_explained_and_nothing_else(kind):
    assert set(key_help(kind)) == set(keys(schemas()[kind], schemas()[kind]))


@pytest.mark.parametrize("kind", KINDS)
def test_each_text_is_short_and_in_its_language(kind):
    for path, text in key_help(kind).items():
        assert text.endswith("."), path
        assert len(text) <= LONGEST, path
        assert not CHINESE.search(re.sub("`[^`]*`", "", text)), path
    for path, text in key_help(kind, "zh").items():
        assert CHINESE.search(text), path
        assert len(text) <= LONGEST, path


@pytest.mark.parametrize("kind", ["correlate", "incidents", "priority"])
def test_what_the_shipped_rules_have_is_told_as_they_have_it(kind):
    [path] = [*default_rules_dir().glob(f"{kind}.yaml"), *default_rules_dir().glob(f"{kind}/*.yaml")]
    rules = yaml.safe_load(path.read_text(encoding="utf-8"))
    told = shipped_values(kind)
    assert told
    for place, text in told.items():
        assert yaml.safe_load(text) == reduce(getitem, place.split("."), rules), place


def test_an_unknown_kind_and_the_main_file_have_none():
    assert key_help("nothing") == key_help("alertmesh") == {}
