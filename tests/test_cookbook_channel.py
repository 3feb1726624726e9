"""The channel that the cookbook shows is a package that installs, and keeps the rules of all channels."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.source import ROOT

PAGE = (ROOT / "docs" / "cookbook-channel.md").read_text(encoding="utf-8")


def shown(kind: str) -> str:
    """Return the first block of the page in a language."""
    return re.findall(rf"```{kind}\n(.*?)```", PAGE, re.DOTALL)[0]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with the package of the page installed in it."""
    source, target = tmp_path_factory.mktemp("klaxon"), tmp_path_factory.mktemp("site")
    (source / "pyproject.toml").write_text(shown("toml"))
    (source / "klaxon.py").write_text(shown("python"))
    pip = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-build-isolation", "--no-index"]
    subprocess.run([*pip, "--target", target, source], check=True, timeout=120)
    return target


def run(installed: Path, *arguments: str) -> str:
    """Run a Python module where the package is installed, and return what it prints."""
    environment = {**os.environ, "PYTHONPATH": str(installed), "KLAXON_TOKEN": "hush"}
    command = [sys.executable, "-m", *arguments]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_package_is_listed_as_a_plugin(installed):
    [line] = [line for line in run(installed, "alertmesh", "plugins").splitlines() if "klaxon" in line]
    assert line.split() == ["alertmesh.notifiers", "klaxon", "klaxon:NOTIFIER"]


def test_the_package_keeps_the_rules_of_channels(installed):
    told = run(installed, "pytest", "-q", "tests/contracts/test_channels.py", "-k", "klaxon")
    assert int(re.findall(r"(\d+) passed", told)[0]) >= 10


def test_the_configuration_of_the_page_is_valid(installed, tmp_path):
    (tmp_path / "alertmesh.yaml").write_text(shown("yaml"))
    run(installed, "alertmesh", "check", str(tmp_path / "alertmesh.yaml"))
