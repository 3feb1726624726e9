"""Which models hold: those shipped, those of a directory, or none."""

import pytest

from alertmesh.config import load
from alertmesh.config.models import NO_MODELS, default_models_dir, models_setting
from alertmesh.core.errors import BadConfig


@pytest.fixture
def beside(tmp_path):
    """Return a configuration file beside a directory of models."""
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "grouping.json").write_bytes(b"trees")
    file = tmp_path / "alertmesh.yaml"
    file.write_text("models: mine\n")
    return file


def test_the_shipped_ones_hold_where_nothing_is_said():
    shipped = default_models_dir() / "grouping.json"
    assert load(None, None, {}).models.grouping == (shipped.read_bytes() if shipped.exists() else b"")


def test_none_is_none():
    assert load(None, None, {"models": "none"}).models == NO_MODELS


def test_a_directory_is_looked_for_beside_the_file(beside):
    found = load(beside, None, {}).models
    assert (found.grouping, found.grouping_path) == (b"trees", str(beside.parent / "mine" / "grouping.json"))


def test_the_command_line_goes_before_the_file(beside):
    assert load(beside, None, models_setting("none")).models == NO_MODELS


def test_a_path_on_the_command_line_is_meant_from_here(beside, monkeypatch):
    monkeypatch.chdir(beside.parent)
    assert load(None, None, models_setting("mine")).models.grouping == b"trees"


def test_a_directory_without_trees_goes_with_the_shipped_ones(tmp_path):
    (tmp_path / "learned.json").write_bytes(b"habits")
    found = load(None, None, models_setting(str(tmp_path))).models
    assert (found.grouping, found.learned) == (load(None, None, {}).models.grouping, b"habits")


@pytest.mark.parametrize("name", ["it's here", "a: b", "#x", "null", "12"])
def test_any_name_of_a_directory_will_do(tmp_path, name):
    (tmp_path / name).mkdir()
    (tmp_path / name / "grouping.json").write_bytes(b"trees")
    assert load(None, None, models_setting(str(tmp_path / name))).models.grouping == b"trees"


def test_a_directory_that_is_not_there_is_named(tmp_path):
    with pytest.raises(BadConfig, match=r"gone:1:1 is no directory of models"):
        load(None, None, models_setting(str(tmp_path / "gone")))


def test_another_model_is_another_version(beside):
    before = load(beside, None, {}).version
    (beside.parent / "mine" / "grouping.json").write_bytes(b"other trees")
    assert load(beside, None, {}).version != before
