"""Signing in by a real OpenID provider on another site: there and back, refused, and out again."""

import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.real.local import free_port
from tests.ui.looking import EVERY, Look, sound
from tests.ui.openid import provider
from tests.ui.quiet import quiet

pytestmark = pytest.mark.asyncio
ENGLISH = "Sign in with Test SSO"


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def mesh(built):
    """Return a server that people sign in to by a provider alone."""
    port = free_port()
    home = f"http://127.0.0.1:{port}"
    async with (
        provider(home) as settings,
        quiet(listen=f"127.0.0.1:{port}", external_url=home, oidc=settings) as running,
    ):
        yield running


@pytest.fixture
def looking(mesh, looking):
    """Return what opens pages before the server stops; that a browser logs a refusal is no fault here."""
    looking.expected = ("status of 401", "favicon")
    return looking


async def at_the_provider(page, name):
    """Say who one is there, and that AlertMesh may know."""
    await page.get_by_placeholder("Enter any login").fill(name)
    await page.get_by_placeholder("and password").fill("x")
    await page.get_by_role("button", name="Sign-in").click()
    await page.get_by_role("button", name="Continue").click()


async def test_who_signs_in_at_the_provider_is_back_where_they_were_and_out_at_both(mesh, looking):
    page = await looking(f"{mesh.url}/settings?from=link#views")
    await expect(page.get_by_label("Password")).to_have_count(0)
    await expect(page.get_by_role("link", name=ENGLISH)).to_be_focused()
    await page.keyboard.press("Enter")
    await at_the_provider(page, "wang")
    await expect(page.locator(".facts")).to_contain_text("wang")
    await expect(page.locator(".facts")).to_contain_text("Responder")
    await expect(page.locator(".facts")).to_contain_text("a sign-in provider")
    await expect(page.get_by_role("button", name="Change password")).to_have_count(0)
    await expect(page).to_have_url(f"{mesh.url}/settings?from=link#views")
    await page.get_by_role("button", name="Sign out").click()
    await page.get_by_role("button", name="Yes, sign me out").click()
    await page.get_by_role("link", name=ENGLISH).click()
    await expect(page.get_by_placeholder("Enter any login")).to_be_visible()


@pytest.mark.parametrize(
    ("language", "button", "told"),
    [
        ("en-GB", ENGLISH, "but you have no role in AlertMesh. Ask an administrator"),
        ("zh-CN", "使用 Test SSO 登录", "但您在 AlertMesh 中没有角色。请管理员"),
    ],
)
async def test_who_has_no_role_is_told_what_to_do(mesh, looking, language, button, told):
    page = await looking(f"{mesh.url}/oncall", Look(language=language))
    await page.get_by_role("link", name=button).click()
    await at_the_provider(page, "sun")
    await expect(page.get_by_role("alert")).to_contain_text(told)
    await expect(page).to_have_url(f"{mesh.url}/oncall")


async def test_who_turns_back_at_the_provider_can_try_again(mesh, looking):
    page = await looking(f"{mesh.url}/oncall")
    await page.get_by_role("link", name=ENGLISH).click()
    await page.get_by_role("link", name="[ Cancel ]").click()
    await expect(page.get_by_role("alert")).to_contain_text("Test SSO did not let you in.")
    await expect(page.get_by_role("link", name=ENGLISH)).to_be_visible()


@pytest.mark.parametrize("look", EVERY, ids=str)
async def test_every_failure_fits_and_is_usable_by_all(mesh, looking, look):
    for failure in ("taken", "broken", "nonsense"):
        page = await looking(f"{mesh.url}/?signin={failure}", look)
        await page.wait_for_selector(".signin [role=alert]")
        assert await sound(page) == []


async def test_who_has_a_password_finds_both_ways(mesh, looking):
    await mesh.account("li")
    page = await looking(f"{mesh.url}/settings")
    await expect(page.get_by_role("link", name=ENGLISH)).to_be_visible()
    await page.get_by_label("Name").fill("li")
    await page.get_by_label("Password").fill("correct horse")
    await page.keyboard.press("Enter")
    await expect(page.locator(".facts")).to_contain_text("li")
    await mesh.remove("li")
