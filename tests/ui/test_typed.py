"""What somebody types is sent when they mean it, and is there until it was."""

import pytest
from playwright.async_api import Page, expect

from tests.ui.asking import posted, stand, trouble
from tests.ui.quiet import quiet, sign_in

DOWN = {"alertname": "ServiceDown", "severity": "critical", "node": "n1", "summary": "all is down"}
WORDS = "In a few words"


async def opened(looking, url: str, number: int, deaf: bool = False) -> Page:
    """Return the page of an incident; one that is `deaf` does not hear what others do meanwhile."""
    page = await looking("about:blank")
    if deaf:
        await page.route("**/api/v1/live*", lambda route: route.abort())
    await page.goto(f"{url}/incidents/{number}")
    await expect(page.locator(".now")).to_contain_text("Nobody has it yet")
    return page


async def choose(page: Page, name: str) -> None:
    """Take something from the menu of what else can be done."""
    await page.get_by_role("button", name="More to do", exact=True).first.click()
    await page.get_by_role("menuitem", name=name).click()


@pytest.mark.asyncio
@pytest.mark.parametrize("key", [{"isComposing": True}, {"keyCode": 229}], ids=["composed", "safari"])
async def test_the_enter_that_takes_over_pinyin_merges_nothing(desk, looking, key):
    number, other = await trouble(desk.url, DOWN), await trouble(desk.url, DOWN)
    page = await opened(looking, desk.url, number)
    await choose(page, "Merge")
    find = page.get_by_label("Number, name or service")
    await find.fill(str(other))
    await expect(page.locator(".picks li").first).to_contain_text(f"#{other}")
    await find.dispatch_event("keydown", {"key": "Enter", "bubbles": True, **key})
    await expect(find).to_have_value(str(other))
    assert (await stand(desk.url, number))["merged_into"] is None
    await find.press("Enter")
    await expect(page.locator(".now")).to_contain_text(f"#{other}")


@pytest.mark.asyncio
async def test_what_could_not_be_sent_is_still_there(desk, looking):
    looking.expected = ("ERR_FAILED",)
    number = await trouble(desk.url, DOWN)
    page = await opened(looking, desk.url, number)
    await page.route("**/resolve", lambda route: route.abort())
    await choose(page, "Resolve")
    await page.get_by_label(WORDS).fill("made room on n1")
    send = page.locator("dialog").get_by_role("button", name="Resolve")
    await send.click()
    await expect(page.locator(".notice.bad")).to_be_visible()
    await expect(page.get_by_label(WORDS)).to_have_value("made room on n1")
    await page.unroute("**/resolve")
    await send.click()
    await expect(page.locator(".now")).to_contain_text("It is over")
    await expect(page.locator("dialog")).to_have_count(0)


@pytest.mark.asyncio
async def test_who_leaves_it_because_it_moved_on_has_the_text_still(desk, looking):
    looking.expected = ("409", "ERR_FAILED")
    number = await trouble(desk.url, DOWN)
    page = await opened(looking, desk.url, number, deaf=True)
    await posted(desk.url, f"v1/incidents/{number}/ack", {})
    await choose(page, "Resolve")
    await page.get_by_label(WORDS).fill("made room on n1")
    send = page.locator("dialog").get_by_role("button", name="Resolve", exact=True)
    await send.click()
    await page.get_by_role("button", name="Leave it").click()
    await expect(page.get_by_label(WORDS)).to_have_value("made room on n1")
    await posted(desk.url, f"v1/incidents/{number}/unack", {})
    await send.click()
    await page.get_by_role("button", name="Resolve all the same").click()
    await expect(page.locator(".now")).to_contain_text("It is over")
    await expect(page.locator("dialog")).to_have_count(0)


@pytest.mark.asyncio
async def test_text_that_is_selected_to_beside_the_dialog_does_not_close_it(desk, looking):
    page = await opened(looking, desk.url, await trouble(desk.url, DOWN))
    await choose(page, "Resolve")
    text = page.get_by_label(WORDS)
    await text.fill("made room on n1")
    await text.hover()
    await page.mouse.down()
    await page.mouse.move(5, 5)
    await page.mouse.up()
    await expect(text).to_have_value("made room on n1")
    await page.mouse.click(5, 5)
    await expect(page.locator("dialog")).to_have_count(0)


@pytest.mark.asyncio
async def test_a_note_is_there_still_after_a_look_elsewhere(desk, looking):
    number = await trouble(desk.url, DOWN)
    page = await opened(looking, desk.url, number)
    note = page.locator("#note")
    await note.fill("n1 is out of the rack")
    await page.get_by_role("link", name="On call").first.click()
    await page.wait_for_url("**/oncall")
    await page.go_back()
    await expect(note).to_have_value("n1 is out of the rack")
    await page.reload()  # a sign-in by a provider does so, too
    await expect(note).to_have_value("n1 is out of the rack")
    await page.get_by_role("button", name="Add").click()
    await expect(page.locator(".notes .quote")).to_contain_text("n1 is out of the rack")
    await expect(note).to_have_value("")


@pytest.mark.asyncio
async def test_what_was_typed_is_there_still_when_one_signs_in_in_another_language(looking):
    looking.expected = ("401",)
    async with quiet() as closed:
        number = await trouble(closed.url, DOWN)
        await closed.account("li")
        page = await looking(f"{closed.url}/incidents/{number}")
        await sign_in(page, "li")
        await choose(page, "Resolve")
        text = page.locator("dialog textarea")
        await text.fill("made room on n1")
        await closed.end_sessions("li")
        await page.locator("dialog").get_by_role("button", name="Resolve", exact=True).click()
        await page.get_by_role("button", name="中文").click()
        await page.wait_for_selector(".signin h1:has-text('登录')")
        await expect(text).to_have_value("made room on n1")
        await page.close()  # before its server goes
