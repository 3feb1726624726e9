"""Signing in: who comes is asked, who guesses waits, and who is back finds what was open."""

import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.ui.looking import EVERY, settled, sound
from tests.ui.quiet import quiet, sign_in

pytestmark = pytest.mark.asyncio


@pytest_asyncio.fixture(loop_scope="session")
async def mesh(built):
    """Return a server with an account."""
    async with quiet() as running:
        await running.account("wang")
        yield running


@pytest.fixture
def looking(mesh, looking):
    """Return what opens pages before the server stops; that a browser logs a refusal is no fault here."""
    looking.expected = ("status of 401", "status of 422", "status of 429")
    return looking


@pytest.mark.parametrize("look", EVERY, ids=str)
async def test_the_form_fits_and_is_usable_by_all(mesh, looking, look):
    page = await looking(f"{mesh.url}/oncall", look)
    assert await sound(page) == []
    await sign_in(page, "wang", "wrong horse")
    await page.wait_for_selector(".signin .error")
    assert await sound(page) == []


async def test_a_wrong_password_is_told_and_the_right_one_leads_to_where_one_was_going(mesh, looking):
    page = await looking(f"{mesh.url}/settings?from=link#views")
    await expect(page.get_by_label("Name")).to_be_focused()
    await sign_in(page, "wang", "wrong horse")
    await expect(page.locator(".signin")).to_contain_text("The name or the password is wrong.")
    await expect(page.get_by_label("Password")).to_have_value("")
    await sign_in(page, "wang")
    await expect(page.get_by_role("heading", name="Settings")).to_be_visible()
    await expect(page.locator(".signin")).to_have_count(0)
    await expect(page).to_have_url(f"{mesh.url}/settings?from=link#views")


async def test_nothing_is_shown_to_who_is_not_signed_in(mesh, looking):
    page = await looking(f"{mesh.url}/settings")
    await expect(page.locator("main")).to_have_count(0)


async def test_when_the_session_ends_what_was_open_waits(mesh, looking):
    page = await looking(f"{mesh.url}/settings")
    await sign_in(page, "wang")
    await page.get_by_role("button", name="Change password").click()
    await page.get_by_label("New password").fill("battery staple")
    await mesh.end_sessions("wang")
    await page.get_by_label("Present password").fill("correct horse")
    await page.get_by_role("button", name="Save").click()
    await expect(page.locator(".signin")).to_contain_text("Your session is over.")
    await page.get_by_label("Password", exact=True).fill("correct horse")
    await page.keyboard.press("Enter")
    await expect(page.locator(".signin")).to_have_count(0)
    await expect(page.get_by_label("New password")).to_have_value("battery staple")


async def test_somebody_else_begins_anew(mesh, looking):
    await mesh.account("li")
    page = await looking(f"{mesh.url}/settings")
    await sign_in(page, "wang")
    await page.get_by_role("button", name="Change password").click()
    await mesh.end_sessions("wang")
    await page.get_by_label("Present password").fill("x")
    await page.get_by_label("New password").fill("battery staple")
    await page.get_by_role("button", name="Save").click()
    await sign_in(page, "li")
    await expect(page.locator(".facts")).to_contain_text("li")
    await expect(page.get_by_role("dialog")).to_have_count(0)


async def test_who_signs_out_is_out(mesh, looking):
    page = await looking(f"{mesh.url}/settings")
    await sign_in(page, "wang")
    await page.get_by_role("button", name="Sign out").click()
    await expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    await page.reload()
    await expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


async def test_who_guesses_waits(mesh, looking):
    page = await looking(mesh.url)
    again = page.get_by_role("button", name="Sign in")
    told = page.locator(".signin:has([type=submit]:disabled)", has_text="The next try counts in")
    tries = 0
    while not await told.count():  # who guesses slowly waits for it anyway; the more tries, the longer
        assert (tries := tries + 1) <= 12
        await expect(again).to_be_enabled()
        await sign_in(page, "wang", "wrong horse")
        await page.wait_for_selector(".signin .error")
    assert tries > 5
    await expect(again).to_be_enabled()
    await sign_in(page, "wang")
    await expect(page.locator(".signin")).to_have_count(0)


async def test_the_language_of_the_form_is_the_one_to_work_in(mesh, looking):
    page = await looking(f"{mesh.url}/settings")
    await page.get_by_role("button", name="中文").click()
    await expect(page.get_by_role("heading", name="登录")).to_be_visible()
    await sign_in(page, "wang")
    await expect(page.get_by_role("heading", name="设置")).to_be_visible()
    other = await looking(f"{mesh.url}/settings")
    await sign_in(other, "wang")
    await expect(other.get_by_role("heading", name="设置")).to_be_visible()


async def test_another_password_is_taken_and_a_weak_one_is_not(mesh, looking):
    page = await looking(f"{mesh.url}/settings")
    await sign_in(page, "wang")
    await page.get_by_role("button", name="Change password").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Present password").fill("correct horse")
    await dialog.get_by_label("New password").fill("aaaaaaaaaaaa")
    await dialog.get_by_role("button", name="Save").click()
    await expect(dialog).to_contain_text("Too short or too simple")
    await dialog.get_by_label("New password").fill("battery staple")
    await dialog.get_by_role("button", name="Save").click()
    await expect(page.locator(".notice")).to_contain_text("You have a new password")
    await page.reload()
    await settled(page)
    await expect(page.get_by_role("heading", name="Settings")).to_be_visible()


async def test_where_there_is_a_token_and_no_account_it_is_said_how_to_make_one(mesh, looking):
    await mesh.token()
    await mesh.remove("wang")
    page = await looking(mesh.url)
    await expect(page.locator(".signin")).to_contain_text("alertmesh user add NAME --role admin")
