"""The module that the documents show is a package that installs, and keeps the rules of all modules."""

import importlib
import re
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from alertmesh.core.module import Module
from tests.fakes import until
from tests.installing import install, run, shown
from tests.paas.fakes import House
from tests.source import ROOT

PAGE = (ROOT / "docs" / "modules.md").read_text(encoding="utf-8")
DONE = {"name": "orders-db", "bytes": 52_428_800}


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with the package of the page installed in it."""
    files = {"pyproject.toml": shown(PAGE, "toml"), "backups.py": shown(PAGE, "python")}
    return install(tmp_path_factory, files)


@pytest.fixture
def backups(installed: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Module]:
    """The module of the page."""
    monkeypatch.syspath_prepend(installed)
    yield importlib.import_module("backups").MODULE
    sys.modules.pop("backups")


def test_the_package_is_listed_as_a_plugin(installed):
    [line] = [line for line in run(installed, "alertmesh", "plugins").splitlines() if "backups" in line]
    assert line.split() == ["alertmesh.modules", "backups", "backups:MODULE"]


def test_the_package_keeps_the_rules_of_modules(installed):
    told = run(installed, "pytest", "-q", "tests/contracts/test_modules.py", "-k", "backups")
    assert int(re.findall(r"(\d+) passed", told)[0]) >= 6


def test_the_configuration_of_the_page_is_valid(installed, tmp_path):
    (tmp_path / "alertmesh.yaml").write_text(shown(PAGE, "yaml"))
    run(installed, "alertmesh", "check", str(tmp_path / "alertmesh.yaml"))


async def test_a_backup_that_is_overdue_becomes_an_alert_until_it_is_forgotten(backups):
    async with House(backups) as house:
        assert (await house.post("modules/backups/hooks/done", DONE))[0] == 202
        assert (await house.post("modules/backups/hooks/done", {"name": 7}))[1]["field"] == "body"
        await house.work()
        assert not [one for one, ended in house.runtime.alerts() if ended is None]
        house.clock.advance(timedelta(hours=27))
        await house.work()
        [alert] = await until(lambda: [one for one, ended in house.runtime.alerts() if ended is None])
        assert (alert.labels["job"], alert.source) == ("orders-db", "module")
        assert (await house.post("modules/backups/actions/forget", {"name": "orders"}))[0] == 409
        status, told = await house.post("modules/backups/actions/forget", {"name": "orders-db"})
        assert (status, told["text"]["zh"]) == (200, "orders-db 已移除。")
        await until(lambda: all(ended for _, ended in house.runtime.alerts()))
