"""Take the pictures of the documents anew: `python -m tests.ui.pictures`, then look at each of them."""

import asyncio
import shutil
import sys

from playwright.async_api import Browser, Page, async_playwright

from alertmesh.demo.world import World
from tests.ui.conftest import stormy
from tests.ui.looking import PHONE as PHONE_SIZE
from tests.ui.looking import Look, Looking
from tests.ui.paths import ROOT
from tests.ui.quiet import quiet
from tests.ui.test_pageview import code_of

PICTURES = ROOT / "docs/pictures"
DESK, NIGHT, PHONE = Look(), Look(dark=True), Look(phone=True, dark=True)
TAKEN: dict[str, tuple[str, Look]] = {
    "incidents": ("/", DESK),
    "incidents-storm": ("/?view=storm", NIGHT),
    "incident": ("/incidents/1", DESK),
    "incident-zh": ("/incidents/1", Look(language="zh-CN", dark=True)),
    "oncall": ("/oncall", DESK),
    "delivery": ("/delivery", DESK),
    "silences": ("/silences", DESK),
    "noise": ("/noise", DESK),
    "rules": ("/rules", DESK),
    "sources": ("/sources", DESK),
    "reports": ("/reports", DESK),
    "first": ("/first", DESK),
    "settings": ("/settings", DESK),
    "module": ("/m/system/overview", DESK),
    "phone": ("/", PHONE),
    "phone-incident": ("/incidents/1", PHONE),
    "phone-zh": ("/", Look(phone=True, language="zh-CN")),
}


async def take(names: list[str]) -> None:
    """Take the named pictures, or all."""
    chromium = shutil.which("chromium")
    async with stormy() as storm, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        looking = Looking(browser)
        for name in [name for name in names or TAKEN if name in TAKEN]:
            path, look = TAKEN[name]
            page = await looking(storm.url + path, look)
            await _still(page)
            await page.screenshot(path=PICTURES / f"{name}.png")
            await page.close()
        if not names or "page" in names:
            await _page_view(storm, browser)
        if not names or "signin" in names:
            await _sign_in(looking)
        await browser.close()


async def _page_view(storm: World, browser: Browser) -> None:
    code, _ = await code_of(storm)
    context = await browser.new_context(viewport=PHONE_SIZE, color_scheme="dark")
    page = await context.new_page()
    await page.goto(f"{storm.url}/p/{code}")
    await page.screenshot(path=PICTURES / "page.png")
    await context.close()


async def _sign_in(looking: Looking) -> None:
    async with quiet() as server:
        await server.account("wang")
        page = await looking(server.url, DESK)
        await page.screenshot(path=PICTURES / "signin.png")
        await page.close()


async def _still(page: Page) -> None:
    """Wait for what is drawn after the words are there: charts, and the picture of the things involved."""
    await page.wait_for_timeout(1_000)


if __name__ == "__main__":
    PICTURES.mkdir(exist_ok=True)
    asyncio.run(take(sys.argv[1:]))
