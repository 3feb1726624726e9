"""Somebody who looks at the console: with what, in which language, by day or night."""

from typing import Any

from msgspec import Struct
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, ViewportSize

from tests.ui.paths import AXE

DESK = ViewportSize(width=1280, height=800)
PHONE = ViewportSize(width=360, height=740)
_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
GRAVE = {"serious", "critical"}

TAPPED = """async () => {
  const [notification] = await registration.getNotifications();
  dispatchEvent(new NotificationEvent("notificationclick", { notification }));
}"""
"""What the worker of the console sees when somebody taps on the notification that is shown."""


class Look(Struct, frozen=True):
    """How somebody looks: `phone` or at a desk, language, theme."""

    phone: bool = False
    language: str = "en-GB"
    dark: bool = False

    def __str__(self) -> str:
        parts = ("phone" if self.phone else "desk", self.language[:2], "dark" if self.dark else "light")
        return "-".join(parts)


EVERY = [
    Look(),
    Look(language="zh-CN", dark=True),
    Look(phone=True, language="zh-CN"),
    Look(phone=True, dark=True),
]
"""Desk and phone, both languages, both themes, without every combination of them."""


class Looking:
    """Open pages in contexts of their own; at the end nothing may have gone wrong in any of them."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._contexts: list[BrowserContext] = []
        self.faults: list[str] = []
        self.expected: tuple[str, ...] = ()

    async def __call__(self, url: str, look: Look = Look()) -> Page:  # noqa: B008 (frozen)
        """Return a page of the console that has shown its content."""
        context = await self._browser.new_context(
            viewport=PHONE if look.phone else DESK,
            locale=look.language,
            color_scheme="dark" if look.dark else "light",
            has_touch=look.phone,
            is_mobile=look.phone,
            reduced_motion="reduce",
            timezone_id="Asia/Shanghai",
        )
        self._contexts.append(context)
        page = await context.new_page()
        page.set_default_timeout(30_000)
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        await page.goto(url)
        if url.startswith("http"):
            await settled(page)
        return page

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.faults.append(f"{message.text} ({message.location.get('url', '')})")

    async def close(self) -> None:
        """Close all pages; an error that was logged in one of them and not `expected` fails the test."""
        for context in self._contexts:
            await context.close()
        assert [fault for fault in self.faults if not any(word in fault for word in self.expected)] == []


async def settled(page: Page) -> None:
    """Wait until a page has loaded and shows no grey lines any more."""
    await page.wait_for_selector("main .page, main .nothing, .signin")
    await page.wait_for_selector("main .skeleton", state="detached")


async def overflow(page: Page) -> int:
    """Return by how many pixels the page is wider than the screen."""
    wide = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return int(wide)


async def faults_of_access(page: Page) -> list[str]:
    """Return what the accessibility checker finds serious, as `rule: element`."""
    await page.evaluate(AXE.read_text(encoding="utf-8"))
    found: dict[str, Any] = await page.evaluate(
        "tags => axe.run(document, {resultTypes: ['violations'], runOnly: tags})", _TAGS
    )
    return [
        f"{one['id']}: {node['html'][:200]}"
        for one in found["violations"]
        if one["impact"] in GRAVE
        for node in one["nodes"]
    ]


async def sound(page: Page) -> list[str]:
    """Return what is wrong with a page however it is looked at: too wide, or hard to use for somebody."""
    wide = await overflow(page)
    return ([f"{wide} px too wide"] if wide > 0 else []) + await faults_of_access(page)
