"""What every test shares: repeatable properties, and the recorded streams where they are named."""

import os
from pathlib import Path

import pytest
from hypothesis import settings
from xdist.scheduler import LoadScopeScheduling

settings.register_profile("repeatable", derandomize=True, deadline=None, database=None, print_blob=True)
settings.load_profile("repeatable")

_LONG = {"tests/ui/": "browsers", "tests/demo/": "browsers", "tests/real/": "servers"}
"""Where tests start real browsers and servers and go by the clock: what is kept together, and begun first."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let recorded expectations be written anew; the difference is then reviewed like code."""
    parser.addoption(
        "--update-golden", action="store_true", help="rewrite the expected results in tests/golden"
    )


def _kind(file: str) -> str | None:
    """Return what a file of tests is kept together with; None for one that runs whenever there is room."""
    return next((kind for folder, kind in _LONG.items() if file.startswith(folder)), None)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest, mostly by waiting; the others fill what is left."""
    items.sort(key=lambda item: _kind(item.nodeid) is None)


class ByFile(LoadScopeScheduling):
    """Share the tests out by file, for runs by several processes.

    What starts browsers stays together, and so does what starts servers: two of a kind at once would be late.
    """

    def _split_scope(self, nodeid: str) -> str:
        """Return what a test is kept together by."""
        file = nodeid.partition("::")[0]
        return _kind(file) or file


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> ByFile:
    """Name what shares the tests out."""
    return ByFile(config, log)


@pytest.fixture(scope="session")
def update_golden(request: pytest.FixtureRequest) -> bool:
    """Tell whether golden files are to be rewritten with what the code gives now."""
    return bool(request.config.getoption("--update-golden"))


@pytest.fixture(scope="session")
def recorded() -> Path:
    """Return the directory of recorded alert streams; without ALERTMESH_DATA the test is skipped."""
    named = os.environ.get("ALERTMESH_DATA", "")
    if not named:
        pytest.skip("ALERTMESH_DATA does not name a directory of recorded alert streams")
    return Path(named)
