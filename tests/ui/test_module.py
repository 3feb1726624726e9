"""Pages of modules are drawn by their description alone: every kind of block, filters, paging, actions."""

import re

import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.ui.looking import EVERY, Look, sound
from tests.ui.quiet import quiet
from tests.ui.showroom import SHOWROOM

pytestmark = pytest.mark.asyncio


@pytest_asyncio.fixture(loop_scope="session")
async def url(built):
    """Return the address of a server with a module that shows everything, besides its own."""
    async with quiet() as mesh:
        desk = mesh.server.runtime.desks.modules
        desk.known = {**desk.known, "showroom": SHOWROOM}
        yield mesh.url


@pytest.fixture
def looking(url, looking):
    """Return what opens pages before the server stops; that a browser logs a refusal is no fault here."""
    looking.expected = ("status of 4", "status of 502")
    return looking


async def showroom(looking, url, query="", look=None):
    """Return the page that shows everything."""
    return await looking(f"{url}/m/showroom/everything{query}", look or Look())


@pytest.mark.parametrize("look", EVERY, ids=str)
async def test_every_kind_of_block_is_drawn(looking, url, look):
    page = await showroom(looking, url, look=look)
    await page.wait_for_selector(".uplot canvas")
    assert await sound(page) == []
    text = await page.inner_text("main")
    words = ["97%", "3.4 GB", "04:07 line 7", "kubectl get nodes", "kube-system", "pod-11"]
    words += (
        ["1 天 2 小时", "每秒", "故障", "重启"]
        if look.language == "zh-CN"
        else ["1 d 2 h", "per second", "down"]
    )
    assert [word for word in words if word not in text] == []


@pytest.mark.parametrize("name", ["overview", "audit", "access", "plugins"])
@pytest.mark.parametrize("look", EVERY, ids=str)
async def test_the_pages_of_alertmesh_itself_fit(looking, url, name, look):
    page = await looking(f"{url}/m/system/{name}", look)
    assert await sound(page) == []


async def test_modules_stand_in_the_navigation(looking, url):
    page = await looking(f"{url}/oncall", Look(language="zh-CN"))
    await page.get_by_role("navigation").get_by_role("link", name="展示").click()
    await expect(page.get_by_role("heading", name="展示 · 全部")).to_be_visible()
    here = page.locator("nav.side a[aria-current=page]")
    await expect(here).to_have_text("展示")


async def test_a_table_is_sorted_by_what_is_pressed(looking, url):
    page = await showroom(looking, url)
    first = page.locator(".table.sorted tbody tr").first
    memory = page.get_by_role("columnheader", name="Memory")
    await memory.get_by_role("button").click()
    await expect(memory).to_have_attribute("aria-sort", "ascending")
    await expect(first).to_contain_text("pod-0")
    await memory.get_by_role("button").click()
    await expect(first).to_contain_text("pod-11")
    state = page.get_by_role("columnheader", name="State")
    await state.get_by_role("button").click()
    await state.get_by_role("button").click()
    await expect(first).to_contain_text("down")


async def test_a_table_goes_on_and_the_address_tells_where(looking, url):
    page = await showroom(looking, url)
    await page.get_by_role("button", name="Further").click()
    await expect(page.locator(".table.sorted tbody tr").first).to_contain_text("pod-12")
    await expect(page).to_have_url(re.compile(r"\?after=12$"))
    await page.go_back()
    await expect(page.locator(".table.sorted tbody tr").first).to_contain_text("pod-0")


async def test_what_is_chosen_is_in_the_address_and_a_failure_is_told_in_words(looking, url):
    page = await showroom(looking, url)
    await page.get_by_role("button", name="failure").click()
    await expect(page.locator("main [role=alert]")).to_contain_text(
        "RuntimeError: the cluster does not answer"
    )
    await expect(page).to_have_url(re.compile("show=fail"))
    await page.get_by_role("button", name="all", exact=True).click()
    await expect(page.get_by_text("pod-11")).to_be_visible()


async def test_an_unknown_page_says_so(looking, url):
    page = await looking(f"{url}/m/showroom/nothing", Look())
    await expect(page.locator("main [role=alert]")).to_contain_text("There is no page nothing")


async def test_an_action_of_a_row_is_asked_about_and_done(looking, url):
    page = await showroom(looking, url)
    row = page.locator("tr", has_text="pod-5")
    await row.get_by_role("button", name="Restart").click()
    dialog = page.get_by_role("dialog")
    await expect(dialog).to_contain_text("Restart this pod?")
    await expect(dialog.get_by_label("Pod")).to_have_value("pod-5")
    assert await sound(page) == []
    await dialog.get_by_role("button", name="Restart").click()
    await expect(page.locator(".notice.done")).to_contain_text("pod-5 restarts")
    await expect(dialog).to_have_count(0)


async def test_an_action_that_cannot_be_done_says_why(looking, url):
    page = await showroom(looking, url)
    await page.locator("tr", has_text="pod-3").get_by_role("button", name="Restart").click()
    await page.get_by_role("dialog").get_by_role("button", name="Restart").click()
    await expect(page.locator(".notice.bad")).to_contain_text("pod-3 is being drained")


@pytest.mark.parametrize("phone", [False, True], ids=["desk", "phone"])
async def test_a_form_names_the_field_that_is_wrong(looking, url, phone):
    page = await showroom(looking, url, look=Look(phone=phone))
    await page.get_by_role("button", name="Scale").click()
    dialog = page.get_by_role("dialog")
    replicas = dialog.get_by_label("Replicas")
    go = dialog.get_by_role("button", name="Scale")
    await go.click()
    await expect(dialog.get_by_role("alert")).to_have_text("is required")
    for wrong, why in (("99", "must be from 0 on and up to 50"), ("7", "has room for 5 at most")):
        await replicas.fill(wrong)
        await go.click()
        await expect(dialog.get_by_role("alert")).to_have_text(why)
        await expect(replicas).to_have_attribute("aria-invalid", "true")
    assert await sound(page) == []
    await replicas.fill("3")
    await go.click()
    await expect(dialog.get_by_role("status")).to_have_text("cart has 3 replicas")
    await dialog.get_by_role("link", name="See it").click()
    await page.wait_for_url("**/m/showroom/everything?show=all")
