"""The page behind the link of a message, at 4 am: on a phone, by one thumb, on whatever network there is."""

import re
from asyncio import sleep

import pytest
from aiohttp import ClientSession
from playwright.async_api import Browser, Page, Route, expect

from alertmesh.console.static import POLICY
from alertmesh.demo.world import World
from tests.ui.looking import PHONE, Look, sound

LOOKS = [Look(phone=True), Look(phone=True, language="zh-CN", dark=True), Look(dark=True)]
SLOW = {"offline": False, "latency": 800, "downloadThroughput": 6_000, "uploadThroughput": 3_000}
"""A second generation phone network: the first byte takes its time, a second has 6 kB."""


async def code_of(storm: World, tier: str = "ops") -> tuple[str, int]:
    """Return a code of an incident that tier 1 is asked to take, and the incident."""
    for _ in range(200):
        for row in await pages(storm):
            found = storm.server.runtime.incident(row["incident"])
            is_asked = found is not None and found[1] is not None and found[1].state == "t1_paging"
            if row["attempt"]["tier"] == tier and row["attempt"]["state"] == "sent" and is_asked:
                key = row["attempt"]["key"]
                return storm.server.runtime.codes.code(key), row["incident"]
        await sleep(0.1)
    raise AssertionError("nobody of tier 1 was paged")


async def pages(storm: World) -> list:
    async with ClientSession() as session, session.get(f"{storm.url}/api/v1/pages?limit=100") as answer:
        return (await answer.json())["pages"]


async def phone(browser: Browser, look: Look, *, scripts: bool = True) -> Page:
    """Return an empty page of a phone that a message was tapped on."""
    context = await browser.new_context(
        viewport=PHONE,
        locale=look.language,
        color_scheme="dark" if look.dark else "light",
        has_touch=True,
        is_mobile=True,
        java_script_enabled=scripts,
        timezone_id="Asia/Shanghai",
    )
    page = await context.new_page()
    page.set_default_timeout(20_000)
    return page


async def owner(storm: World, incident: int) -> str:
    """Return who has an incident once somebody has it."""
    for _ in range(100):
        found = storm.server.runtime.incident(incident)
        if found and found[1] and found[1].owner:
            return found[1].owner
        await sleep(0.05)
    return ""


@pytest.mark.asyncio
@pytest.mark.parametrize("look", LOOKS, ids=str)
async def test_what_where_since_how_bad_and_what_comes_next(storm, browser, look):
    code, incident = await code_of(storm)
    page = await phone(browser, look)
    heard: list[str] = []
    page.on("console", lambda message: heard.append(message.text))
    await page.goto(f"{storm.url}/p/{code}?lang={look.language[:2]}")
    text = await page.inner_text("main")
    chinese = look.language == "zh-CN"
    for word in (
        ("位置", "开始", "影响", "可能根因", "已通知")
        if chinese
        else ("where", "since", "impact", "likely root")
    ):
        assert word in text
    assert f"#{incident}" in text
    due = page.locator("[data-due]").first
    assert re.search(r"\d\d:\d\d", await due.inner_text())
    assert await page.locator("button").count() == 3
    assert await page.get_attribute(".links a:last-child", "href") == f"../incidents/{incident}"
    assert await sound(page) == []
    assert heard == []
    await page.context.close()


@pytest.mark.asyncio
async def test_the_countdown_counts_down(storm, browser):
    code, _ = await code_of(storm)
    page = await phone(browser, Look(phone=True))
    await page.goto(f"{storm.url}/p/{code}")
    first = await page.inner_text("[data-due]")
    await expect(page.locator("[data-due]")).not_to_have_text(first)
    await page.context.close()


@pytest.mark.asyncio
async def test_it_is_small_and_strict_and_a_preview_of_a_link_acts_not(storm):
    code, incident = await code_of(storm)
    before = storm.server.runtime.incident(incident)
    async with ClientSession() as session:
        for method in ("GET", "HEAD", "GET"):
            async with session.request(method, f"{storm.url}/p/{code}?do=ack&person=wang") as answer:
                body = await answer.text()
                assert answer.headers["Content-Security-Policy"] == POLICY
        sizes = [len(body.encode())]
        for name in re.findall(r'"(look/[^"]+)"', body):
            async with session.get(f"{storm.url}/p/{name}") as answer:
                assert (answer.status, answer.headers["Content-Security-Policy"]) == (200, POLICY)
                sizes.append(len(await answer.read()))
    after = storm.server.runtime.incident(incident)
    assert (before[1].owner, after[1].owner) == ("", "")
    assert len(sizes) == 3
    assert sum(sizes) < 20_000
    assert not re.search(r"<style|<script>| style=| on\w+=", body)


@pytest.mark.asyncio
async def test_a_code_that_is_over_says_so(storm, browser):
    page = await phone(browser, Look(phone=True, language="zh-CN"))
    answer = await page.goto(f"{storm.url}/p/ABCD2345")
    assert answer is not None
    assert answer.status == 404
    assert "短码不存在" in await page.inner_text("main")
    assert await page.locator("button").count() == 0
    await page.context.close()


@pytest.mark.asyncio
async def test_an_ack_by_tap_on_a_slow_network(own_storm, browser):
    code, incident = await code_of(own_storm)
    page = await phone(browser, Look(phone=True, language="zh-CN"))
    line = await page.context.new_cdp_session(page)
    await line.send("Network.enable")
    await line.send("Network.emulateNetworkConditions", SLOW)
    await page.goto(f"{own_storm.url}/p/{code}?lang=zh", wait_until="commit")
    await page.tap("button:has-text('我来处理')")
    await page.wait_for_selector("[role=status]")
    assert f"#{incident}" in await page.inner_text("[role=status]")
    assert await owner(own_storm, incident) in {"wang", "chen"}
    await expect(page.locator("button:has-text('我来处理')")).to_have_count(0)
    await page.context.close()


async def cut_off(route: Route) -> None:
    await route.abort()


@pytest.mark.asyncio
@pytest.mark.parametrize("way", ["without scripts", "with the page alone"])
async def test_it_works_with_one_request_and_without_scripts(own_storm, browser, way):
    code, incident = await code_of(own_storm)
    page = await phone(browser, Look(phone=True), scripts=way != "without scripts")
    if way == "with the page alone":
        await page.route("**/look/*", cut_off)
    await page.goto(f"{own_storm.url}/p/{code}")
    assert "(UTC)" in await page.inner_text("[data-due]")
    # Without its look the page may be wider than the phone, where emulated taps go astray; and a key that
    # is pressed before anything was painted is dropped by the browser.
    await page.screenshot()
    await page.press("button:has-text('Pass it on')", "Enter")
    await page.wait_for_selector("[role=status]")
    found = own_storm.server.runtime.incident(incident)
    assert found[1].tier == "rnd"
    await page.context.close()


@pytest.mark.asyncio
async def test_it_keeps_itself_up_to_date_and_tells_when_it_cannot(own_storm, browser):
    code, incident = await code_of(own_storm)
    page = await phone(browser, Look(phone=True))
    await page.goto(f"{own_storm.url}/p/{code}")
    async with ClientSession() as session:
        url = f"{own_storm.url}/api/v1/incidents/{incident}/ack"
        async with session.post(url, json={}) as answer:
            assert answer.status == 200, await answer.text()
    await page.evaluate("dispatchEvent(new Event('online'))")
    await expect(page.locator("main")).to_contain_text("operations have it")
    await page.route("**/p/*", cut_off)
    await page.evaluate("dispatchEvent(new Event('online'))")
    await page.wait_for_selector(".stale")
    assert "cannot be reached" in await page.inner_text(".stale")
    await page.context.close()
