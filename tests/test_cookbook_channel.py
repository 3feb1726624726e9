"""The channel that the cookbook shows is a package that installs, and keeps the rules of all channels."""

import re
from pathlib import Path

import pytest

from tests.installing import install, run, shown
from tests.source import ROOT

PAGE = (ROOT / "docs" / "cookbook-channel.md").read_text(encoding="utf-8")
TOKEN = {"KLAXON_TOKEN": "hush"}


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with the package of the page installed in it."""
    files = {"pyproject.toml": shown(PAGE, "toml"), "klaxon.py": shown(PAGE, "python")}
    return install(tmp_path_factory, files)


def test_the_package_is_listed_as_a_plugin(installed):
    [line] = [line for line in run(installed, "alertmesh", "plugins").splitlines() if "klaxon" in line]
    assert line.split() == ["alertmesh.notifiers", "klaxon", "klaxon:NOTIFIER"]


def test_the_package_keeps_the_rules_of_channels(installed):
    told = run(installed, "pytest", "-q", "tests/contracts/test_channels.py", "-k", "klaxon", **TOKEN)
    assert int(re.findall(r"(\d+) passed", told)[0]) >= 10


def test_the_configuration_of_the_page_is_valid(installed, tmp_path):
    (tmp_path / "alertmesh.yaml").write_text(shown(PAGE, "yaml"))
    run(installed, "alertmesh", "check", str(tmp_path / "alertmesh.yaml"), **TOKEN)
