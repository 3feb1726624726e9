"""What people do to incidents while the network is slow or gone, others act as well, and hands are quick."""

import asyncio

import pytest
from playwright.async_api import Locator, Page, Route, expect

from tests.ui.asking import asked, posted, stand, trouble
from tests.ui.looking import Look
from tests.ui.quiet import quiet, sign_in

DOWN = {"alertname": "Down", "severity": "critical", "summary": "all is down"}


class Held:
    """Orders that are sent and neither arrive nor fail until that is decided; they are counted."""

    def __init__(self) -> None:
        self._end = asyncio.Event()
        self._is_lost = False
        self.seen: list[str] = []

    async def __call__(self, route: Route) -> None:
        self.seen.append(route.request.url)
        await self._end.wait()
        await (route.abort() if self._is_lost else route.continue_())

    def arrive(self) -> None:
        self._end.set()

    def lose(self) -> None:
        self._is_lost = True
        self._end.set()


async def held(page: Page, order: str) -> Held:
    gate = Held()
    await page.route(f"**/api/v1/incidents/*/{order}", gate)
    return gate


async def order(url: str, number: int, action: str, **body: object) -> None:
    """Do something to an incident as somebody else would."""
    await posted(url, f"v1/incidents/{number}/{action}", body)


def row(page: Page, number: int) -> Locator:
    return page.locator(f'[data-incident="{number}"]')


def standing(page: Page) -> Locator:
    return page.locator(".now")


async def press(page: Page, name: str) -> None:
    await page.get_by_role("button", name=name, exact=True).last.click()


async def hide(page: Page) -> None:
    """Have the page told that it is hidden, as when a phone is locked."""
    await page.evaluate(
        "Object.defineProperty(document, 'visibilityState', {get: () => 'hidden', configurable: true});"
        "document.dispatchEvent(new Event('visibilitychange'))"
    )


async def lines_of(url: str, number: int, kind: str) -> list[str]:
    found = (await asked(url, f"incidents/{number}/timeline?limit=500"))["timeline"]
    return [line["text"] for line in found if line["kind"] == kind]


# What was guessed


@pytest.mark.asyncio
async def test_two_guesses_that_both_failed_leave_what_the_server_said(desk, looking):
    looking.expected = ("ERR_FAILED",)
    number = await trouble(desk.url, DOWN)
    page = await looking(desk.url)
    gate = await held(page, "*")
    line = row(page, number)
    await line.get_by_role("button", name=f"Ack #{number}").click()
    await expect(line).to_contain_text("local")
    await line.get_by_role("button", name=f"More for #{number}").click()
    await page.get_by_role("menuitem", name="15").click()
    await expect(line).to_contain_text("snoozed")
    gate.lose()
    await expect(page.locator(".notice.bad")).to_have_count(2)
    await expect(line).to_contain_class("untaken")
    await expect(line).not_to_contain_text("local")


@pytest.mark.asyncio
async def test_what_others_did_while_an_order_was_lost_is_shown(desk, looking):
    looking.expected = ("ERR_FAILED",)
    number = await trouble(desk.url, DOWN)
    page, listed = [await looking(f"{desk.url}{where}") for where in (f"/incidents/{number}", "/")]
    gates = [await held(one, "ack") for one in (page, listed)]
    await page.keyboard.press("a")
    await row(listed, number).get_by_role("button", name=f"Ack #{number}").click()
    await expect(standing(page)).to_contain_text("You have it")
    async with page.expect_response(f"**/api/v1/incidents/{number}?*"):
        await order(desk.url, number, "escalate")
    for gate in gates:
        gate.lose()
    await expect(standing(page)).to_contain_text("paging R&D")
    await expect(standing(page)).to_contain_text("Nobody has it yet")
    await expect(row(listed, number)).to_contain_class("untaken")
    await expect(row(listed, number)).to_contain_text("paging R&D")
    await expect(row(listed, number)).not_to_contain_text("local")


# What is done twice


@pytest.mark.asyncio
async def test_a_second_tap_pages_nobody_further(desk, looking):
    number = await trouble(desk.url, DOWN)
    page = await looking(f"{desk.url}/incidents/{number}", Look(phone=True))
    gate = await held(page, "unack")
    for _ in range(2):
        await press(page, "I cannot")
    gate.arrive()
    await expect(page.locator(".notice")).to_contain_text("Given back")
    assert len(gate.seen) == 1
    assert len(await lines_of(desk.url, number, "unack")) == 1


@pytest.mark.asyncio
async def test_a_key_that_is_held_down_escalates_once(desk, looking):
    number = await trouble(desk.url, DOWN)
    page = await looking(f"{desk.url}/incidents/{number}")
    for _ in range(3):
        await page.keyboard.down("e")
        await expect(page.locator(".notice").first).to_contain_text("R&D is called")
    await page.keyboard.up("e")
    assert len(await lines_of(desk.url, number, "escalate")) == 1


@pytest.mark.asyncio
async def test_what_waits_is_not_waited_for_twice_and_is_sent_when_the_phone_is_locked(desk, looking):
    number = await trouble(desk.url, DOWN)
    page = await looking(desk.url)
    await row(page, number).locator("[data-first]").focus()
    for _ in range(2):
        await page.keyboard.press("e")
    await expect(page.locator(".notice")).to_have_count(1)
    async with page.expect_response("**/escalate"):
        await hide(page)
    assert (await stand(desk.url, number))["tier"] == "rnd"
    await expect(page.locator(".notice")).to_contain_text(f"Escalated #{number}")
    await expect(row(page, number)).not_to_contain_class("pending")
    assert len(await lines_of(desk.url, number, "escalate")) == 1


@pytest.mark.asyncio
async def test_all_that_waits_is_sent_when_the_page_goes_away(desk, looking):
    some = await asyncio.gather(*(trouble(desk.url, {**DOWN, "story": "leaving"}) for _ in range(8)))
    page = await looking(f"{desk.url}/?filter=story%3D%22leaving%22")
    for key in "*R":
        await page.keyboard.press(key)
    await expect(page.locator(".notice")).to_have_count(1)
    await page.goto("about:blank")
    for _ in range(100):
        left = [one for one in some if (await stand(desk.url, one))["state"] != "resolved"]
        if not left:
            break
        await asyncio.sleep(0.05)  # nobody is there for the answers
    assert not left


# What is taken back


@pytest.mark.asyncio
async def test_an_undo_takes_nothing_from_who_has_it_since(desk, looking):
    looking.expected = ("409",)
    number = await trouble(desk.url, DOWN)
    page = await looking(desk.url)
    await row(page, number).get_by_role("button", name=f"Ack #{number}").click()
    await expect(page.locator(".notice")).to_contain_text(f"Acked #{number}")
    await order(desk.url, number, "assign", person="chen")
    await expect(row(page, number)).to_contain_text("chen")
    before = await stand(desk.url, number)
    await press(page, "Undo")
    await expect(page.get_by_role("dialog")).to_contain_text(f"#{number}")
    assert (await stand(desk.url, number))["epoch"] == before["epoch"]


@pytest.mark.asyncio
async def test_a_snooze_made_longer_is_woken_and_not_given_up(desk, looking):
    number = await trouble(desk.url, DOWN)
    for action, body in (("ack", {}), ("snooze", {"minutes": 9})):
        await order(desk.url, number, action, **body)
    page = await looking(desk.url)
    await row(page, number).get_by_role("button", name=f"More for #{number}").click()
    await page.get_by_role("menuitem", name="15").click()
    await expect(page.locator(".notice")).to_contain_text("Snoozed")
    async with page.expect_response("**/ack"):
        await press(page, "Undo")
    await expect(row(page, number)).not_to_contain_text("snoozed")
    assert (await stand(desk.url, number))["owner"] == "local"


# What is told, and where


@pytest.mark.asyncio
async def test_who_left_the_page_is_told_what_was_not_done_and_led_back(desk, looking):
    looking.expected = ("409",)
    number = await trouble(desk.url, DOWN)
    page = await looking(f"{desk.url}/incidents/{number}")
    gate = await held(page, "ack")
    await page.keyboard.press("a")
    await expect(standing(page)).to_contain_text("You have it")
    await page.locator(".side a[href='/']").first.click()
    await expect(row(page, number)).to_be_visible()
    await order(desk.url, number, "escalate")
    gate.arrive()
    notice = page.locator(".notice.bad")
    await expect(notice).to_contain_text(f"It was not taken: #{number} moved on meanwhile")
    await notice.get_by_role("link", name="Show it").click()
    await expect(standing(page)).to_contain_text("paging R&D")
    await expect(page.locator("dialog")).to_have_count(0)


@pytest.mark.asyncio
async def test_a_form_is_not_taken_from_under_the_hand(desk, looking):
    looking.expected = ("409",)
    number = await trouble(desk.url, DOWN)
    page = await looking(desk.url)
    gate = await held(page, "ack")
    line = row(page, number)
    await line.get_by_role("button", name=f"Ack #{number}").click()
    await line.get_by_role("button", name=f"More for #{number}").click()
    await page.get_by_role("menuitem", name="Silence").click()
    why = page.get_by_role("dialog").get_by_label("Why")
    await why.fill("the rack is being moved")
    await order(desk.url, number, "escalate")
    async with page.expect_response("**/ack"):
        gate.arrive()
    await expect(line).to_contain_class("untaken")
    await expect(why).to_have_value("the rack is being moved")
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_contain_text("moved on meanwhile")


@pytest.mark.asyncio
async def test_a_note_is_kept_whatever_others_did_meanwhile(desk, looking):
    looking.expected = ("ERR_FAILED",)
    number = await trouble(desk.url, DOWN)
    page = await looking("about:blank")
    await page.context.route("**/api/v1/live*", lambda route: route.abort())
    await page.goto(f"{desk.url}/incidents/{number}")
    await expect(standing(page)).to_contain_text("Nobody has it yet")
    await order(desk.url, number, "escalate")
    await page.fill("#note", "the switch is off")
    await press(page, "Add note")
    await expect(page.locator(".notes .quote")).to_contain_text("the switch is off")
    await expect(page.locator("#note")).to_have_value("")
    assert len(await lines_of(desk.url, number, "note")) == 1


@pytest.mark.asyncio
async def test_an_order_waits_for_the_sign_in_that_it_needs(looking):
    looking.expected = ("401",)
    async with quiet() as closed:
        number = await trouble(closed.url, DOWN)
        await closed.account("wang")
        page = await looking("about:blank")
        await page.goto(f"{closed.url}/incidents/{number}")
        await sign_in(page, "wang")
        await expect(standing(page)).to_contain_text("Nobody has it yet")
        gate = await held(page, "ack")
        await page.keyboard.press("a")
        await expect(standing(page)).to_contain_text("You have it")
        await closed.end_sessions("wang")
        gate.arrive()
        await page.wait_for_selector("input[name=username]")
        await sign_in(page, "wang")
        await expect(page.locator(".notice")).to_contain_text("You have it")
        assert closed.server.runtime.incident(number)[1].owner == "wang"
        await page.close()  # before its server goes
