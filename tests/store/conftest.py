"""An open store of each kind."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from alertmesh.core.ports import Store
from alertmesh.store import open_store


@pytest.fixture(params=["sqlite", "memory"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    """Yield an empty store, once of each kind."""
    url = "memory://" if request.param == "memory" else f"sqlite:///{tmp_path}/mesh.db"
    opened = open_store(url)
    await opened.open()
    yield opened
    await opened.close()
