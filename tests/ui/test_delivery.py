"""Delivery health: what is degraded is told in red, what failed is sent again, each try has its answer."""

import re
from datetime import timedelta

import pytest
import pytest_asyncio
from aiohttp import ClientSession
from msgspec import Struct
from playwright.async_api import expect

from alertmesh.core.page import Receipt, ReceiptState
from alertmesh.core.ports import Quota
from alertmesh.runtime import Runtime
from tests.posting import REFUSED, WELL, Post
from tests.ui.looking import EVERY, Look, sound
from tests.ui.quiet import quiet

pytestmark = pytest.mark.asyncio
DEAD = Receipt(state=ReceiptState.DEAD, error="the robot was removed from the group")
ALERT = [{"labels": {"alertname": "DiskFull", "severity": "critical", "instance": "db-1"}}]


class Robot(Post):
    """A channel with a minute to keep, whose every message is for one person."""

    per_minute = 18
    contact = "mobile"
    quotas = (Quota(5, timedelta(hours=1)),)


class Mesh(Struct):
    """A running server, and the one channel of it, which does what it is told."""

    url: str
    runtime: Runtime
    post: Robot


@pytest_asyncio.fixture(loop_scope="session")
async def mesh(built):
    """Return a server with one channel that does what it is told."""
    async with quiet() as running:
        found = Mesh(running.url, running.server.runtime, Robot("console"))
        found.runtime.outbox.adopt(
            {"console": found.post}, found.runtime.wiring.person, "https://am.example.org"
        )
        yield found


@pytest.fixture
def looking(mesh, looking):
    """Return what opens pages before the server stops."""
    return looking


async def alert(mesh) -> None:
    """Have somebody paged."""
    async with ClientSession(mesh.url) as session, session.post("/api/v2/alerts", json=ALERT) as answer:
        assert answer.status == 200


@pytest.mark.parametrize("look", EVERY, ids=str)
async def test_the_page_of_a_storm_fits(storm, looking, look):
    page = await looking(f"{storm.url}/delivery", look)
    await page.wait_for_selector(".receipts-list tbody tr")
    assert await sound(page) == []


@pytest.mark.parametrize("look", EVERY, ids=str)
async def test_what_is_degraded_is_told_in_red(mesh, looking, look):
    mesh.post.answer, mesh.post.health = REFUSED, DEAD
    await alert(mesh)
    runtime = mesh.runtime
    page = await looking(f"{mesh.url}/delivery", look)
    await page.locator(".failures li").first.wait_for(timeout=20_000)
    runtime.outbox.gates("console")[0].pause(runtime.clock.now(), 540, "130101 send too fast")
    await page.reload()
    told = page.locator(".standing-now.bad [role=alert]")
    await expect(told).to_contain_text("130101 send too fast")
    await expect(told).to_contain_text("no such number")
    text = await page.inner_text(".channel")
    assert ("5 in 1 h" in text) or ("1 小时内 5 条" in text)
    assert "/ 18" in text
    assert await sound(page) == []


async def test_what_failed_is_sent_again(mesh, looking):
    mesh.post.answer = REFUSED
    await alert(mesh)
    page = await looking(f"{mesh.url}/delivery", Look())
    failure = page.locator(".failures li").first
    await failure.wait_for(timeout=20_000)
    await expect(failure).to_contain_text("no such number")
    mesh.post.answer = WELL
    await failure.get_by_role("button", name="Send again").click()
    await expect(page.locator(".notice.done")).to_contain_text("1 message is on its way again")
    await page.get_by_role("button", name="Send all again").click()  # whoever was to be told next failed too
    await expect(page.get_by_role("heading", name="Every way to people works")).to_be_visible(timeout=20_000)
    await expect(failure).to_have_count(0)


async def test_a_channel_is_asked_how_it_is(mesh, looking):
    async with ClientSession(mesh.url) as session, session.post("/api/v1/channels/console/probe") as answer:
        assert answer.status == 200
    page = await looking(f"{mesh.url}/delivery", Look())
    ask = page.get_by_role("button", name="Ask how it is")
    await ask.click()
    await expect(page.locator(".notice.done")).to_contain_text("console would take messages")
    mesh.post.health = DEAD
    await ask.click()
    await expect(page.locator(".standing-now [role=alert]")).to_contain_text(
        "the robot was removed from the group"
    )
    await expect(page.locator(".channel .tag").first).to_have_text("degraded")


@pytest.mark.parametrize("phone", [False, True], ids=["desk", "phone"])
async def test_a_test_is_sent_and_followed(mesh, looking, phone):
    page = await looking(f"{mesh.url}/delivery", Look(phone=phone))
    await page.get_by_role("button", name="Send a test").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Person").select_option("wang")
    assert await sound(page) == []
    await dialog.get_by_role("button", name="Send a test").click()
    await expect(page.locator(".receipts-list tbody tr")).to_have_count(1)
    await expect(page).to_have_url(re.compile("page=test-wang-"))
    await expect(page.locator(".receipts-list tbody tr")).to_contain_text("wang")
    await page.get_by_role("button", name="Failed", exact=True).click()
    await expect(page.get_by_text("No try matches.")).to_be_visible()
