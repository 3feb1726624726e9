"""Whatever is asked, the answer is one that the description of the API tells of; nothing breaks."""

import asyncio
import sys
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from alertmesh.demo.world import QuickClock, World, world
from tests.real.local import free_port

TOOL = Path(sys.executable).parent / "schemathesis"
CHECKS = [
    "content_type_conformance",
    "not_a_server_error",
    "response_schema_conformance",
    "status_code_conformance",
]
PAST = timedelta(minutes=9)


@pytest.fixture
async def storm() -> AsyncIterator[World]:
    """Return a server with incidents, people and messages."""
    async with world(QuickClock(90, PAST), free_port()) as running:
        await asyncio.sleep(PAST.total_seconds() / 89)
        yield running


async def test_no_request_is_answered_in_a_way_that_is_not_told(storm, tmp_path):
    options = {
        "--checks": ",".join(CHECKS),
        "--exclude-path": "/api/v1/live",
        "--generation-database": "none",
        "--max-examples": "6",
        "--max-time": "40",
        "--phases": "fuzzing",
        "--seed": "7",
    }
    fuzz = await asyncio.create_subprocess_exec(
        TOOL,
        "run",
        f"{storm.url}/api/openapi.json",
        *(part for option in options.items() for part in option),
        cwd=tmp_path,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    told, _ = await fuzz.communicate()
    assert fuzz.returncode == 0, told.decode()[-8_000:]
