"""What every test shares: repeatable properties, and the recorded streams where they are named."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("repeatable", derandomize=True, deadline=None, database=None, print_blob=True)
settings.load_profile("repeatable")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let recorded expectations be written anew; the difference is then reviewed like code."""
    parser.addoption(
        "--update-golden", action="store_true", help="rewrite the expected results in tests/golden"
    )


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
