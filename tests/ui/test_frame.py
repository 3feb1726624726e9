"""What stands around every page: the shell is light, safe and found at every address."""

import re

import pytest
from aiohttp import ClientSession
from playwright.async_api import expect

from alertmesh.console.static import PAGES, POLICY
from tests.ui.looking import EVERY, Look, settled, sound
from tests.ui.paths import ROOT

AREAS = ["", *(page for page in PAGES if page not in {"incidents", "m"})]
ADDRESSES = ROOT / "alertmesh/console/ui/src/areas.ts"


@pytest.mark.asyncio
@pytest.mark.parametrize("look", EVERY, ids=str)
@pytest.mark.parametrize("area", AREAS, ids=lambda area: area or "incidents")
async def test_every_page_fits_and_is_usable_by_all(storm, looking, area, look):
    page = await looking(f"{storm.url}/{area}", look)
    assert await sound(page) == []
    assert await page.evaluate("document.documentElement.lang") == look.language.replace("en-GB", "en")


def test_the_server_knows_every_address_of_the_console():
    said = re.findall(r'\bat: "/(\w*)', ADDRESSES.read_text(encoding="utf-8"))
    assert set(said) == {"", *PAGES}


@pytest.mark.asyncio
async def test_every_address_is_the_console_and_nothing_of_others_is_loaded(storm):
    async with ClientSession() as session:
        for area in ("", *PAGES, "incidents/7", "m/system/overview"):
            async with session.get(f"{storm.url}/{area}") as answer:
                assert (answer.status, answer.headers["Content-Security-Policy"]) == (200, POLICY)
                assert answer.headers["Cache-Control"] == "no-cache"


@pytest.mark.asyncio
@pytest.mark.parametrize("language", ["en-GB", "zh-CN"])
async def test_the_first_load_is_at_most_80_kb(storm, looking, language):
    """All that is fetched until the list of incidents is there, packed as it comes, but what it lists."""
    page = await looking("about:blank", Look(language=language))
    sizes: dict[str, int] = {}
    urls: dict[str, str] = {}
    line = await page.context.new_cdp_session(page)
    await line.send("Network.enable")
    line.on("Network.responseReceived", lambda it: urls.update({it["requestId"]: it["response"]["url"]}))
    line.on("Network.loadingFinished", lambda it: sizes.update({it["requestId"]: it["encodedDataLength"]}))
    await page.goto(storm.url)
    await settled(page)
    counted = {url: sizes[name] for name, url in urls.items() if "/api/" not in url and name in sizes}
    assert any(url.endswith(".js") for url in counted)
    assert sum(counted.values()) <= 80_000


@pytest.mark.asyncio
async def test_g_and_a_letter_go_to_an_area_and_a_question_mark_tells_so(page, storm):
    await page.keyboard.press("?")
    await expect(page.locator("dialog")).to_contain_text("Go to On call")
    await page.keyboard.press("Escape")
    await page.keyboard.type("go")  # the pause between the two may be a second at most
    await page.wait_for_url("**/oncall")
    await settled(page)
    await page.go_back()
    await page.wait_for_url(f"{storm.url}/")
