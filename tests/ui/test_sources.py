"""Sources: who reports and how it stands, what was refused and why, and a payload that is only tried."""

import json
import re

import pytest
import pytest_asyncio
from aiohttp import ClientSession
from playwright.async_api import expect

from tests.ui.looking import EVERY, Look, sound
from tests.ui.quiet import quiet

pytestmark = pytest.mark.asyncio
GOOD = {"labels": {"alertname": "NodeDown", "severity": "critical", "instance": "web-01:9100"}}
JSON = {"Content-Type": "application/json"}
BAD = {"labels": {"alertname": ""}}


@pytest_asyncio.fixture(loop_scope="session")
async def mesh(built):
    """Return a server that heard one sender well and another not at all."""
    async with quiet() as running, ClientSession(running.url) as session:
        async with session.post("/api/v2/alerts", json=[GOOD, BAD]):
            pass
        async with session.post("/api/v1/ingest/grafana", data=b"{", headers=JSON):
            pass
        yield running


@pytest.fixture
def looking(mesh, looking):
    """Return what opens pages before the server stops; that a browser logs a refusal is no fault here."""
    looking.expected = ("status of 4",)
    return looking


@pytest.mark.parametrize("look", EVERY, ids=str)
async def test_the_page_fits_with_all_that_it_shows(mesh, looking, look):
    page = await looking(f"{mesh.url}/sources?try=prometheus", look)
    refusals = page.locator(".refusals summary")
    await expect(refusals).not_to_have_count(0)
    for summary in await refusals.all():
        await summary.click()
    await page.locator(".source-trial .main").click()
    await page.wait_for_selector(".tried li")
    assert await sound(page) == []


async def test_who_cannot_be_read_comes_first_with_the_reason(mesh, looking):
    page = await looking(f"{mesh.url}/sources", Look())
    senders = page.locator(".sender")
    await expect(senders).to_have_count(2)
    first, second = await senders.all()
    await expect(first).to_contain_text("grafana")
    await expect(first.locator(".tag").first).to_have_text("cannot be read")
    await first.locator("summary").click()
    await expect(first.locator(".refusals li")).to_contain_text("whole body")
    await expect(second.locator(".tag").first).to_have_text("reports")
    await second.locator("summary").click()
    await expect(second.locator(".refusals li")).to_contain_text("at least one label pair required")


async def test_a_payload_is_tried_and_nothing_of_it_taken(mesh, looking):
    page = await looking(f"{mesh.url}/sources?try=prometheus", Look())
    fresh = {"labels": {**GOOD["labels"], "instance": "web-02:9100"}}
    await page.get_by_role("textbox", name="Payload").fill(json.dumps([GOOD, BAD, fresh]))
    await page.get_by_role("button", name="Try it").first.click()
    outcome = page.locator(".outcome")
    await expect(outcome).to_contain_text("2 alerts would be taken, 1 of them news.")
    await expect(outcome).to_contain_text("Alert 2 would be refused")
    await expect(outcome.locator(".tried > li").nth(0)).to_contain_text("repeat")
    await expect(outcome.locator(".tried > li").nth(1)).to_contain_text("web-02")
    assert len(list(mesh.server.runtime.alerts())) == 1


async def test_a_payload_that_cannot_be_read_says_where(mesh, looking):
    page = await looking(f"{mesh.url}/sources?try=prometheus", Look(phone=True))
    await page.get_by_role("textbox", name="Payload").fill('[{"labels": 7}]')
    await page.get_by_role("button", name="Try it").first.click()
    await expect(page.get_by_text("0.labels: expected an object")).to_be_visible()
    await page.get_by_label("Kind of source").select_option("nagios")
    await page.get_by_role("button", name="Try it").first.click()
    await expect(page.locator(".outcome")).to_contain_text("Alert 1 would be refused")
    await expect(page).to_have_url(re.compile("try=nagios"))


async def test_a_test_alert_is_let_through(mesh, looking):
    page = await looking(f"{mesh.url}/sources?try=prometheus", Look())
    await page.get_by_label("Let a test alert through").check()
    await page.get_by_role("button", name="Try the sample").click()
    await expect(page.locator(".outcome [role=status]")).to_contain_text("was let through")


async def test_nobody_yet_leads_to_the_first_steps(built, looking):
    async with quiet() as empty:
        page = await looking(empty.url + "/sources", Look())
        await page.get_by_role("link", name="How to point a monitor here").click()
        await page.wait_for_url("**/first")
        await page.context.close()  # before its server goes
