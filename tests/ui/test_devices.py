"""A slow server, a network that fails, other tabs, devices and people: what is shown is right still."""

import asyncio

import pytest
from playwright.async_api import expect

from tests.ui.asking import posted, trouble
from tests.ui.looking import TAPPED, Look
from tests.ui.quiet import sign_in

pytestmark = pytest.mark.asyncio
SHOWN = """async () => {
  while (!(await registration.getNotifications()).length) await new Promise((past) => setTimeout(past, 20));
}"""


@pytest.fixture
def looking(desk, looking):
    """Return what opens pages before the servers stop; that a browser logs a refusal is no fault here."""
    looking.expected = ("status of 401", "status of 502", "status of 503")
    return looking


async def settings(looking, mesh, look=None):
    """Return the settings page of somebody who just signed in."""
    page = await looking(f"{mesh.url}/settings", look or Look())
    await sign_in(page, "wang")
    await expect(page.locator(".facts")).to_contain_text("wang")
    return page


def kept(page):
    """Return what waits until the server has a setting that is changed meanwhile."""
    return page.expect_response("**/api/v1/session/settings")


async def test_what_one_tab_does_holds_for_the_other(mesh, looking):
    await mesh.account("li")
    page = await settings(looking, mesh)
    other = await page.context.new_page()
    await other.goto(f"{mesh.url}/settings")
    await other.get_by_role("button", name="Sign out").click()
    await expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    await expect(page.locator("main")).to_have_count(0)
    await sign_in(other, "li")
    await expect(page.locator(".facts")).to_contain_text("li")


async def test_a_page_that_is_brought_back_by_the_browser_asks_who_looks(mesh, looking):
    page = await settings(looking, mesh)
    await mesh.end_sessions("wang")
    await page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))")
    await expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    await expect(page.locator("main")).to_have_count(0)


async def test_who_looks_is_asked_until_it_is_told(mesh, looking):
    page = await looking(mesh.url)
    await sign_in(page, "wang")
    await expect(page.locator(".standing")).to_contain_text("wang")
    async with page.expect_response("**/api/v1/session"):
        await page.route("**/api/v1/session", lambda route: route.fulfill(status=502), times=1)
        await page.reload()
    await expect(page.locator(".standing")).to_contain_text("wang")


async def test_what_another_device_set_meanwhile_stays(mesh, looking):
    page, phone = await settings(looking, mesh), await settings(looking, mesh, Look(phone=True))
    async with kept(phone):
        await phone.get_by_label("Play a sound").check()
    async with kept(page):
        await page.get_by_role("radio", name="Dark").check(force=True)
    await expect(page.get_by_label("Play a sound")).to_be_checked()
    await phone.reload()
    await expect(phone.get_by_label("Play a sound")).to_be_checked()
    await expect(phone.locator("html[data-theme=dark]")).to_have_count(1)


async def test_what_could_not_be_kept_is_taken_back(mesh, looking):
    page = await settings(looking, mesh)
    await page.route("**/api/v1/session/settings", lambda route: route.fulfill(status=503), times=1)
    await page.get_by_role("radio", name="Dark").check(force=True)
    await page.get_by_role("radio", name="Roomy").check(force=True)
    await expect(page.get_by_role("alert")).to_contain_text("as it was before")
    await expect(page.locator("html[data-theme=light][data-density=roomy]")).to_have_count(1)


async def test_a_tap_leads_to_the_console_that_was_loaded_again_and_to_no_other_page(mesh, looking):
    page = await settings(looking, mesh)
    await page.context.grant_permissions(["notifications"])
    await page.reload()
    async with page.context.expect_event("serviceworker") as begun:
        await page.get_by_role("button", name="Show one").click()
    worker = await begun.value
    await worker.evaluate(SHOWN)
    await page.goto(f"{mesh.url}/oncall")
    other = await page.context.new_page()
    await other.goto(f"{mesh.url}/api/docs")
    await worker.evaluate(TAPPED)
    await page.wait_for_url("**/settings")


async def test_that_a_silence_could_not_be_made_is_seen_before_its_form(desk, looking):
    page = await looking(f"{desk.url}/silences?new=cluster%3D%22west%22", Look(phone=True))
    await page.route("**/api/v1/silences?*", lambda route: route.fulfill(status=503, body="{}"))
    form = page.locator("dialog")
    await form.get_by_label("Why").fill("works")
    await form.get_by_role("button", name="Silence for").click()
    notice = page.get_by_role("alert")
    await expect(notice).to_be_visible()
    await notice.get_by_role("button", name="Close").tap()
    await expect(notice).to_have_count(0)
    await expect(form).to_be_visible()


async def test_what_happens_while_the_timeline_is_read_is_in_it(desk, looking):
    number = await trouble(desk.url, {"alertname": "Full", "severity": "critical", "node": "n1"})
    page = await looking(f"{desk.url}/incidents/{number}")
    is_read, may_come = asyncio.Event(), asyncio.Event()

    async def held(route):
        answer = await route.fetch()
        is_read.set()
        await may_come.wait()
        await route.fulfill(response=answer)

    await page.route("**/timeline*", held)
    await posted(desk.url, f"v1/incidents/{number}/note", {"text": "the first"})
    await is_read.wait()
    # With what changed the page asks for the incident, and for the timeline at the same time.
    async with page.expect_request(f"**/incidents/{number}?*"):
        await posted(desk.url, f"v1/incidents/{number}/note", {"text": "the second"})
    may_come.set()
    await expect(page.locator("#timeline")).to_contain_text("the second")
