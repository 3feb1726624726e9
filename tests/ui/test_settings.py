"""Settings hold at once and on every device; tests by one's channels, saved views, and the alarm."""

import asyncio

import pytest
from aiohttp import ClientSession
from playwright.async_api import expect

from tests.ui.looking import TAPPED, Look, sound
from tests.ui.quiet import sign_in

pytestmark = pytest.mark.asyncio
RUNG = """
window.AudioContext = class extends AudioContext {
  createOscillator() { document.documentElement.dataset.rung = "yes"; return super.createOscillator(); }
};
"""
SHOWN = """async () => {
  const [worker] = await navigator.serviceWorker.getRegistrations();
  return worker ? (await worker.getNotifications()).map((one) => `${one.title} | ${one.tag}`) : [];
}"""


@pytest.fixture
def looking(mesh, looking):
    """Return what opens pages before the server stops; that a browser logs a refusal is no fault here."""
    looking.expected = ("status of 401",)
    return looking


async def settings(looking, mesh, look=None, name="wang"):
    """Return the settings page of somebody who just signed in."""
    page = await looking(f"{mesh.url}/settings", look or Look())
    await sign_in(page, name)
    await page.wait_for_selector(".settings")
    return page


def kept(page):
    """Return what waits until the server has a setting that is changed meanwhile."""
    return page.expect_response("**/api/v1/session/settings")


@pytest.mark.parametrize("look", [Look(), Look(phone=True, language="zh-CN", dark=True)], ids=str)
async def test_the_page_of_who_is_signed_in_fits(mesh, looking, look):
    page = await settings(looking, mesh, look)
    await page.wait_for_selector(".settings-channel")
    assert await sound(page) == []


async def test_another_language_holds_at_once_and_on_the_next_device(mesh, looking):
    page = await settings(looking, mesh)
    async with kept(page):
        await page.get_by_role("radio", name="中文").check(force=True)
    await expect(page.get_by_role("heading", name="设置")).to_be_visible()
    assert await page.evaluate("document.documentElement.lang") == "zh-CN"
    other = await settings(looking, mesh)
    await expect(other.get_by_role("heading", name="设置")).to_be_visible()


async def test_colours_density_and_zone_hold_at_once(mesh, looking):
    page = await settings(looking, mesh)
    for choice in ("Dark", "Roomy"):
        async with kept(page):
            await page.get_by_role("radio", name=choice).check(force=True)
    await expect(page.locator("html[data-theme=dark][data-density=roomy]")).to_have_count(1)
    there = page.get_by_text("there now.")
    shanghai = await there.inner_text()
    async with kept(page):
        await page.get_by_label("Time zone").select_option("America/New_York")
    await expect(there).not_to_contain_text(shanghai[:24])
    await page.reload()
    await expect(page.get_by_label("Time zone")).to_have_value("America/New_York")
    await expect(page.locator("html[data-theme=dark][data-density=roomy]")).to_have_count(1)


async def test_a_test_message_goes_out_and_what_became_of_it_is_told(mesh, looking):
    page = await settings(looking, mesh)
    await page.get_by_role("button", name="Send me a test").click()
    await expect(page.locator(".settings-channel")).to_contain_text("sent")


async def test_who_cannot_be_paged_is_told_so(mesh, looking):
    await mesh.account("boss", "viewer")
    page = await settings(looking, mesh, name="boss")
    await expect(page.locator("#channels")).to_contain_text("None of them is called boss")
    await expect(page.locator(".facts")).to_contain_text("Viewer")


async def test_saved_views_are_shared_deleted_and_brought_back(mesh, looking):
    page = await settings(looking, mesh)
    save = """query => fetch("/api/v1/views/Databases", {method: "PUT", body: JSON.stringify({query}),
        headers: {"Content-Type": "application/json"}}).then(answer => answer.status)"""
    assert await page.evaluate(save, "filter=team%3Ddb") == 201
    await page.reload()
    views = page.locator("#views")
    await expect(views.get_by_role("link", name="Databases")).to_have_attribute("href", "/?filter=team%3Ddb")
    await views.get_by_role("button", name="Share").click()
    await expect(views.get_by_role("button", name="Keep to myself")).to_be_visible()
    await views.get_by_role("button", name="Delete the view Databases").click()
    await expect(views.get_by_role("link")).to_have_count(0)
    await page.get_by_role("button", name="Undo").click()
    await expect(views.get_by_role("link", name="Databases")).to_be_visible()


async def test_a_new_p1_is_heard_and_seen_and_a_tap_leads_to_it(mesh, looking):
    page = await settings(looking, mesh)
    await page.context.grant_permissions(["notifications"])
    await page.context.add_init_script(RUNG)
    for label in ("Play a sound", "Show a notification of the browser"):
        async with kept(page):
            await page.get_by_label(label).check()
    await page.reload()
    await expect(page.get_by_label("Play a sound")).to_be_checked()
    await page.mouse.click(5, 5)
    await expect(page.get_by_text("Live", exact=True)).to_be_visible()
    secret = await mesh.token()
    await told(mesh, secret, "Warm", "warning")
    await told(mesh, secret, "Down", "critical")
    await expect(page.locator("html[data-rung=yes]")).to_have_count(1)
    [shown] = await notifications(page, some=True)
    assert "Down" in shown
    incident = shown.rpartition("-")[2]
    assert shown.endswith(f"| incident-{incident}")
    [worker] = page.context.service_workers
    await worker.evaluate(TAPPED)
    await page.wait_for_url(f"**/incidents/{incident}")
    assert await notifications(page, some=False) == []


async def notifications(page, *, some):
    """Return the notifications that the browser shows, once there are `some` or none any more."""
    for _ in range(200):
        shown = await page.evaluate(SHOWN)
        if bool(shown) == some:
            break
        await asyncio.sleep(0.05)  # the browser shows them and takes them away at its own pace
    return shown


async def told(mesh, secret, name, severity):
    """Have an alert come in."""
    alert = [{"labels": {"alertname": name, "severity": severity, "instance": name}}]
    headers = {"Authorization": f"Bearer {secret}"}
    address = f"{mesh.url}/api/v2/alerts"
    async with ClientSession(headers=headers) as session, session.post(address, json=alert) as answer:
        assert answer.status == 200
