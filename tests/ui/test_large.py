"""An incident with more alerts than anybody reads: few are loaded, and what is done to all is done to all."""

import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.ui.asking import stand, trouble
from tests.ui.looking import Look

pytestmark = pytest.mark.asyncio

DISK = {"alertname": "NodeFilesystemAlmostOutOfSpace", "severity": "critical", "node": "n1"}
POD = {"alertname": "KubePodNotReady", "severity": "warning", "node": "n1", "namespace": "shop"}
LETTERS = "bcdfghjklmn"
PODS = [{**POD, "pod": f"cart-6c9f7d5b84-{one * 4}{other}"} for one in LETTERS for other in LETTERS][:120]


@pytest_asyncio.fixture(loop_scope="session")
async def large(desk, looking):
    """Return the page of an incident with 121 alerts, its number, and what the page asked for."""
    number = await trouble(desk.url, DISK, *PODS)
    asked = []
    page = await looking("about:blank", Look())
    page.on("request", lambda request: asked.append(request.url))
    await page.goto(f"{desk.url}/incidents/{number}")
    await expect(page.locator(".kind-count", has_text="120 / 120")).to_be_visible()
    return page, number, asked


async def test_few_are_loaded_and_more_when_they_are_wanted(large):
    page, _, asked = large
    assert all("each=30" in url for url in asked if "/alerts?" in url)
    await page.locator(".kind-head", has_text="KubePodNotReady").click()
    rows = page.locator(".series-line")
    await expect(rows).to_have_count(30)
    await page.get_by_role("button", name="90 more").click()
    await expect(rows).to_have_count(120)
    await expect(page.get_by_role("button", name="more", exact=False).filter(has_text="90")).to_have_count(0)


async def test_one_that_was_not_loaded_at_first_is_chosen_and_split_off(large, desk):
    page, number, _ = large
    await page.locator(".kind-head", has_text="KubePodNotReady").click()
    await page.get_by_role("button", name="90 more").click()
    await page.locator(".series-line input").nth(100).check()
    await page.locator(".chosen").get_by_role("button", name="Split off").click()
    await expect(page.locator(".notice")).to_contain_text("1 split off")
    assert (await stand(desk.url, number))["counts"]["series"] == 120


async def test_all_of_a_kind_are_dragged_out_though_few_are_loaded(large, desk):
    page, number, _ = large
    await page.locator(".kind-head", has_text="KubePodNotReady").hover()
    await page.mouse.down()
    await page.mouse.move(400, 300, steps=4)
    place = page.locator(".tray-place").first
    await place.hover()
    await place.hover()
    await page.mouse.up()
    await expect(page.locator(".notice")).to_contain_text("120 split off")
    assert (await stand(desk.url, number))["counts"]["series"] == 1


async def test_a_silence_for_all_covers_all(large):
    page, _, _ = large
    await page.keyboard.press("i")
    await expect(page.locator(".cover")).to_contain_text("121 of")


async def test_a_thing_with_many_alerts_shows_its_own(large):
    page, _, asked = large
    await page.get_by_role("button", name="cart").first.press("Enter")
    await expect(page.locator(".kind")).to_have_count(1)
    await expect(page.locator(".kind-count")).to_contain_text("120 / 120")
    await expect(page.locator(".series-line")).to_have_count(30)
    assert sum("series=" in url for url in asked) == 1
