"""Whatever stands in the file, an import is refused with a place or makes rules that load."""

import copy
import random

import pytest
import yaml

from alertmesh.config import load
from alertmesh.config.document import Document
from alertmesh.core.errors import BadConfig
from alertmesh.importing.alertmanager import convert
from tests.importing.samples import SHOP

JUNK = [
    None,
    5,
    True,
    "x",
    "",
    "值班 'a\"\n",
    [],
    {},
    ["x"],
    {"a": 1},
    [{}],
    [[]],
    "9" * 40,
    "file:/etc/passwd",
]


def places(node, path=()):
    """Yield the path of every part of a configuration."""
    yield path
    for key, below in (
        node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    ):
        yield from places(below, (*path, key))


def spoilt(seed):
    """Return the sample with one part replaced by something odd."""
    chance = random.Random(seed)
    data = copy.deepcopy(yaml.safe_load(SHOP))
    *way, last = chance.choice([path for path in places(data) if path])
    inside = data
    for step in way:
        inside = inside[step]
    inside[last] = chance.choice(JUNK)
    return yaml.safe_dump(data, allow_unicode=True)


def attempt(text):
    """Return what an import makes of a text, or why it is refused."""
    try:
        return convert(Document.parse("am.yml", text)), []
    except BadConfig as refused:
        return None, refused.problems


@pytest.mark.parametrize("seed", range(150))
def test_odd_parts_are_refused_or_make_rules_that_load(tmp_path, seed):
    found, problems = attempt(spoilt(seed))
    assert [problem for problem in problems if not problem.startswith("am.yml:")] == []
    if found is None:
        assert problems
        return
    for name, content in {**found.files, **found.secrets, "alertmesh.yaml": "rules: rules\n"}.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    assert load(tmp_path / "alertmesh.yaml", None, {}).oncall.policies
