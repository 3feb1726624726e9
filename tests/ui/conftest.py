"""A real server in the middle of the demo's storm, and Debian's Chromium looking at it.

All of it lives on one event loop for the whole session, and the browser starts once. A storm is that of one
module: people are called further and further while nobody answers.
"""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright, expect

from alertmesh.demo.stories import storm as told_storm
from alertmesh.demo.world import QuickClock, World, world
from scripts.build_ui import build
from tests.fakes import until
from tests.real.local import free_port
from tests.ui.looking import Look, Looking
from tests.ui.paths import ROOT
from tests.ui.quiet import Quiet, quiet

MIDDLE = timedelta(minutes=8, seconds=10)
"""How far the storm has come when it reaches the present: everything fires, most of it has been paged."""

_SPEED = 180  # times real time until then

expect.set_options(timeout=20_000)  # a busy machine takes its time, whichever file is run


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run every test here on the loop that the browser lives on."""
    for item in items:
        if item.path.is_relative_to(ROOT / "tests/ui") and item.get_closest_marker("asyncio"):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def built() -> None:
    """Build the console if its sources changed since the last time, unless ALERTMESH_UI names another."""
    if "ALERTMESH_UI" not in os.environ:
        build(ROOT)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Return Debian's Chromium."""
    chromium = shutil.which("chromium")
    assert chromium, "chromium is missing: ./test installs it"
    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield running
        await running.close()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def storm(built: None) -> AsyncIterator[World]:
    """Return a server whose storm has reached the present, for tests that leave it as it was."""
    async with stormy() as running:
        yield running


@pytest_asyncio.fixture(loop_scope="session")
async def own_storm(built: None) -> AsyncIterator[World]:
    """Return such a server for this test alone, to be changed at will."""
    async with stormy() as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def desk(built: None) -> AsyncIterator[Quiet]:
    """Return a server without a storm; each test has troubles of its own there."""
    async with quiet() as running:
        yield running


@pytest_asyncio.fixture(loop_scope="session")
async def mesh(built: None) -> AsyncIterator[Quiet]:
    """Return a server of the test's own, with an account for somebody who can be paged."""
    async with quiet() as running:
        await running.account("wang", "admin")
        yield running


@pytest_asyncio.fixture(loop_scope="session")
async def looking(browser: Browser) -> AsyncIterator[Looking]:
    """Return what opens pages: `await looking(url, Look(...))`; a fault of a page fails the test."""
    eye = Looking(browser)
    yield eye
    await eye.close()


@pytest_asyncio.fixture(loop_scope="session")
async def page(looking: Looking, storm: World) -> Page:
    """Return the list of incidents in English, light, at a desk, live."""
    return await looking(storm.url, Look())


@asynccontextmanager
async def stormy() -> AsyncIterator[World]:
    """Run a storm that has come as far as `MIDDLE` when it is handed over."""
    clock = _Held(_SPEED, MIDDLE)
    async with world(clock, free_port()) as running:
        clock.begin()
        await asyncio.sleep(MIDDLE.total_seconds() / (_SPEED - 1))
        await until(lambda: _is_told(running))
        running.telling.cancel()  # nothing ends while it is looked at, however long that takes
        yield running


class _Held(QuickClock):
    """A quick clock that stands still until it begins: how long a server takes to start tells no storm."""

    _has_begun = False

    def begin(self) -> None:
        """Run from now on."""
        super().__init__(_SPEED, MIDDLE)
        self._has_begun = True

    def _passed_s(self) -> float:
        return super()._passed_s() if self._has_begun else 0.0


def _is_told(storm: World) -> bool:
    """Tell whether all alerts that began by the middle are known and decided on."""
    runtime = storm.server.runtime
    now = runtime.clock.now()
    begun = {frozenset(one.labels.items()) for one in told_storm(now - MIDDLE) if one.time < now}
    return len(list(runtime.alerts())) >= len(begun) and not runtime.bus.depth
