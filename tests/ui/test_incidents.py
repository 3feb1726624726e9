"""The list of incidents: found, taken and put away by whoever works with it, while more keep coming."""

import asyncio
import itertools
import re
from collections.abc import AsyncIterator
from urllib.parse import parse_qs, quote, urlsplit

import pytest
import pytest_asyncio
from playwright.async_api import Page, Route, expect

from tests.ui.asking import posted, stand, trouble
from tests.ui.looking import EVERY, Look, settled, sound
from tests.ui.quiet import Quiet, quiet, sign_in

STORIES = itertools.count(1)
FILTER = "#incidents-filter"
ROW = "[data-incident]"


def row(page: Page, number: int):
    return page.locator(f'[data-incident="{number}"]')


async def numbers(page: Page) -> list[int]:
    """Return the numbers of the incidents in sight, in order."""
    await page.wait_for_selector(ROW)
    found = await page.eval_on_selector_all(ROW, "all => all.map(one => Number(one.dataset.incident))")
    return [int(one) for one in found]


async def order(url: str, number: int, action: str, **body: object) -> None:
    """Do something to an incident as somebody else would."""
    await posted(url, f"v1/incidents/{number}/{action}", body)


class Story:
    """Incidents that are of one story alone, beside those of others."""

    def __init__(self, url: str) -> None:
        self._url = url
        self.name = f"story{next(STORIES)}"
        self.sight = f"{url}/?filter=story%3D%22{self.name}%22"

    async def fire(self, count: int) -> list[int]:
        """Have so many more incidents come, and return their numbers."""
        alert = {"alertname": "Down", "severity": "critical", "story": self.name, "summary": "all is down"}
        return await asyncio.gather(*(trouble(self._url, alert) for _ in range(count)))


@pytest.fixture
def story(desk: Quiet) -> Story:
    """Return the story that is played in a test."""
    return Story(desk.url)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def long_story(built: None) -> AsyncIterator[Story]:
    """Return a story of more incidents than fit into a list, on a server of its own."""
    async with quiet() as running:
        story = Story(running.url)
        await story.fire(60)
        yield story


async def untaken(page: Page) -> list[int]:
    """Return the numbers of those that nobody has."""
    await page.wait_for_selector(f"{ROW}.untaken")
    all_of = "all => all.map(one => Number(one.dataset.incident))"
    return [int(one) for one in await page.eval_on_selector_all(f"{ROW}.untaken", all_of)]


async def at_the_end(page: Page) -> None:
    """Wait until a page was scrolled to its end, and two pictures more: then the rows there are drawn."""
    below = "document.documentElement.scrollHeight - innerHeight - scrollY"
    for _ in range(200):
        if await page.evaluate(below) <= 1:
            break
        await asyncio.sleep(0.05)  # a wheel tells of nothing that could be waited for
    await page.evaluate("new Promise(told => requestAnimationFrame(() => requestAnimationFrame(told)))")


async def away(page: Page) -> None:
    """Take the pointer off the list."""
    await page.mouse.move(2, 2)


@pytest.mark.asyncio
@pytest.mark.parametrize("look", EVERY, ids=str)
@pytest.mark.parametrize("query", ["", "?view=storm", "?view=past", "?view=open&group=cluster&show=cards"])
async def test_every_view_fits_and_is_usable_by_all(storm, looking, look, query):
    page = await looking(f"{storm.url}/{query}", look)
    await page.wait_for_selector(".lines, .nothing")
    assert await sound(page) == []


@pytest.mark.asyncio
async def test_a_filter_is_completed_shared_by_its_address_and_taken_away(storm, looking):
    page = await looking(storm.url)
    everything = await numbers(page)
    await page.press("body", "/")
    await expect(page.locator(FILTER)).to_be_focused()
    await page.keyboard.type("serv")
    await expect(page.locator(".filter").get_by_role("option", name="service").first).to_be_visible()
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await page.keyboard.type("check")
    await expect(page.get_by_role("option", name="checkout")).to_be_visible()
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await expect(page.locator(".filter-chip")).to_have_text("service=checkout")
    some = await numbers(page)
    assert 0 < len(some) < len(everything)
    await page.wait_for_url(lambda url: parse_qs(urlsplit(url).query).get("filter") == ['service="checkout"'])

    other = await looking(page.url, Look(language="zh-CN"))
    assert await numbers(other) == some
    await other.get_by_role("button", name="去掉").click()
    await expect(other.locator(".filter-chip")).to_have_count(0)
    await expect(other.locator(ROW)).to_have_count(len(everything))


@pytest.mark.asyncio
async def test_words_are_found_anywhere_and_a_fault_is_told_at_its_place(storm, looking):
    page = await looking(storm.url)
    await page.fill(FILTER, "TOR-3 switch")
    await expect(page.locator(ROW)).to_have_count(1)
    await page.fill(FILTER, 'cluster=~"east|("')
    await page.press(FILTER, "Enter")
    fault = page.get_by_role("alert")
    await expect(fault).to_contain_text("at character 11")
    await expect(fault.locator("mark")).to_have_text("east|(")
    await page.fill(FILTER, 'cluster=~"prod-.*"')
    await page.press(FILTER, "Enter")
    await expect(fault).to_have_count(0)


@pytest.mark.asyncio
async def test_groups_fold_and_the_choice_stays(storm, looking):
    page = await looking(storm.url)
    await page.get_by_label("Group by").select_option("cluster")
    head = page.get_by_role("button", name="prod-east")
    await expect(head).to_contain_text("incidents")
    await head.click()
    await expect(page.locator(ROW)).to_have_count(0)
    await head.click()
    await page.wait_for_selector(ROW)
    await page.goto(storm.url)
    await settled(page)
    await expect(page.get_by_role("button", name="prod-east")).to_be_visible()


@pytest.mark.asyncio
async def test_in_a_storm_a_root_is_one_row_and_all_of_it_is_acked_at_once(own_storm, looking):
    page = await looking(own_storm.url)
    first, second, *_ = await untaken(page)
    for number in (first, second):
        await order(own_storm.url, number, "root", entity="core-1")
    await page.get_by_role("tab", name="Storm").click()
    head = page.locator(".line.head", has_text="core-1")
    await expect(head).to_contain_text("2 incidents")
    await expect(head).to_contain_text("2 not taken")
    await expect(row(page, second)).to_have_count(0)
    await head.get_by_role("button", name="Ack all of this root").click()
    await expect(head).to_contain_text("all taken")
    await head.get_by_role("button", name="core-1").click()
    for number in (first, second):
        await expect(row(page, number)).to_contain_text("local")


@pytest.mark.asyncio
async def test_an_ack_shows_at_once_stays_in_place_and_is_undone(storm, looking):
    page = await looking(storm.url)
    number = (await untaken(page))[-1]
    line = row(page, number)
    await line.hover()
    before = await numbers(page)
    await line.get_by_role("button", name=f"Ack #{number}").click()
    await expect(line).to_contain_text("local")
    await expect(page.locator(".notice")).to_contain_text(f"Acked #{number}")
    assert (await stand(storm.url, number))["owner"] == "local"
    assert await numbers(page) == before
    async with page.expect_response(lambda answer: answer.request.method == "POST"):
        await page.get_by_role("button", name="Undo").click()
    await expect(line).to_contain_class("untaken")
    assert (await stand(storm.url, number))["owner"] == ""


@pytest.mark.asyncio
async def test_many_are_selected_as_a_range_and_acked_and_who_fails_is_told_by_number(desk, story, looking):
    looking.expected = ("422", "409")  # too long a snooze; an ack that meets what the snooze left behind
    await story.fire(3)
    page = await looking(story.sight)
    first, *_, last = some = (await untaken(page))[:3]
    await row(page, first).get_by_role("checkbox").click()
    await row(page, last).get_by_role("checkbox").click(modifiers=["Shift"])
    bar = page.get_by_role("toolbar")
    await expect(bar).to_contain_text(f"{len(some)} selected")
    await bar.get_by_role("button", name="Snooze", exact=True).click()
    await page.get_by_role("button", name="240 min").click()
    # More than the policy of a P1 allows: refused for each, by its number.
    fault = page.locator(".notice.bad")
    await expect(fault).to_contain_text(f"#{first}")
    await expect(row(page, first)).not_to_contain_text("snoozed")
    await bar.get_by_role("button", name="Ack", exact=True).click()
    for number in some:
        await expect(row(page, number)).to_contain_text("local")
        assert (await stand(desk.url, number))["owner"] == "local"


@pytest.mark.asyncio
async def test_a_merge_waits_and_can_be_taken_back(desk, story, looking):
    await story.fire(2)
    page = await looking(story.sight)
    into, other = sorted((await untaken(page))[:2])

    async def merge() -> None:
        for number in (other, into):
            await row(page, number).get_by_role("checkbox").check()
        await page.keyboard.press("m")
        await page.get_by_role("button", name=f"Merge into #{into}").click()

    await merge()
    await page.get_by_role("button", name="Undo").click()
    assert (await stand(desk.url, other))["merged_into"] is None
    await merge()
    await expect(row(page, other)).to_contain_text(f"into #{into}")
    await expect(page.get_by_text(f"Merged #{other} into #{into}")).to_be_visible()
    assert (await stand(desk.url, other))["merged_into"] == into


@pytest.mark.asyncio
async def test_a_silence_shows_what_it_covers_before_it_is_made(storm, looking):
    page = await looking(storm.url)
    number = (await untaken(page))[0]
    await row(page, number).get_by_role("button", name=f"More for #{number}").click()
    await page.get_by_role("menuitem", name="Silence").click()
    dialog = page.get_by_role("dialog")
    await expect(dialog.locator(".cover")).to_contain_text("pages nobody")
    narrow = await dialog.locator(".cover strong").inner_text()
    await dialog.get_by_label("Which alerts").fill('cluster="prod-east"')
    await expect(dialog.locator(".cover strong")).not_to_have_text(narrow)
    await dialog.get_by_role("button", name="4 h").click()
    await dialog.get_by_label("Why").fill("the rack is being moved")
    await dialog.get_by_role("button", name="Silence for 4 h").click()
    await expect(row(page, number)).to_contain_text("suppressed")
    await page.get_by_role("button", name="Undo").click()
    await expect(row(page, number)).not_to_contain_text("suppressed")


@pytest.mark.asyncio
async def test_what_moved_on_is_shown_and_asked_again(desk, story, looking):
    await story.fire(1)
    page = await looking(story.sight)
    number = (await untaken(page))[0]
    # The live stream is cut, so that the page does not learn of what somebody else does.
    looking.expected = ("409", "net::ERR_FAILED")
    await page.context.route("**/api/v1/live*", lambda route: route.abort())
    await page.goto(f"{story.sight}&view=open")
    await numbers(page)
    await order(desk.url, number, "ack")
    await row(page, number).get_by_role("button", name=f"Ack #{number}").click()
    dialog = page.get_by_role("dialog")
    await expect(dialog).to_contain_text(f"#{number}")
    await dialog.get_by_role("button", name="Ack all the same").click()
    await expect(page.locator(".notice").first).to_contain_text(f"Acked #{number}")


@pytest.mark.asyncio
async def test_the_row_under_the_pointer_stays_while_others_come(story, looking):
    await story.fire(3)
    page = await looking(story.sight)
    before = await numbers(page)
    target = row(page, before[2])
    await target.hover()
    place = await target.bounding_box()
    await story.fire(3)
    pill = page.locator(".pill")
    await expect(pill).to_contain_text("3 new")
    assert await target.bounding_box() == place
    assert await numbers(page) == before
    await page.keyboard.press(".")
    await expect(pill).to_have_count(0)
    assert len(await numbers(page)) == len(before) + 3


@pytest.mark.asyncio
async def test_far_down_the_list_every_row_tells_of_itself_and_the_focus_is_at_no_other(long_story, looking):
    page = await looking(long_story.sight)
    first, second, *_ = await numbers(page)
    await row(page, first).locator("[data-first]").focus()
    await row(page, second).get_by_role("checkbox").check()
    await row(page, first).locator("[data-first]").focus()
    await page.mouse.move(640, 500)
    for _ in range(3):
        await page.mouse.wheel(0, 800)
        await asyncio.sleep(0.1)  # a wheel tells of nothing that could be waited for
    await expect(row(page, first)).to_have_count(0)
    await at_the_end(page)
    for number in await numbers(page):
        line = row(page, number)
        await expect(line).to_contain_text(f"#{number}")
        await expect(line.locator("[data-first]")).to_have_attribute("href", f"/incidents/{number}")
        await expect(line.get_by_role("checkbox")).not_to_be_checked()
    at = "document.activeElement.closest('[data-incident]')?.dataset.incident ?? null"
    assert await page.evaluate(at) in (None, str(first))
    await page.mouse.wheel(0, -4000)
    await expect(row(page, second).get_by_role("checkbox")).to_be_checked()


@pytest.mark.asyncio
async def test_the_menu_of_a_row_lies_above_the_rows_below(long_story, looking):
    page = await looking(long_story.sight)
    number = (await untaken(page))[0]
    await row(page, number).get_by_role("button", name=f"More for #{number}").click()
    await page.get_by_role("menuitem", name="Silence").click()
    await expect(page.get_by_role("dialog")).to_be_visible()


@pytest.mark.asyncio
async def test_what_ended_stays_grey_until_it_is_taken_away(desk, story, looking):
    await story.fire(2)
    page = await looking(story.sight)
    number = (await untaken(page))[0]
    await row(page, number).hover()
    await order(desk.url, number, "resolve")
    await expect(page.locator(".pill")).to_have_text("1 ended")
    await expect(row(page, number)).to_contain_text("resolved")
    await page.locator(".pill").click()
    await expect(row(page, number)).to_have_count(0)


@pytest.mark.asyncio
async def test_with_nobody_at_it_the_list_follows_by_itself(desk, story, looking):
    await story.fire(1)
    page = await looking(desk.url)
    before = await numbers(page)
    await away(page)
    await story.fire(1)
    await expect(page.locator(ROW)).to_have_count(len(before) + 1)
    waiting = len(await untaken(page))
    await expect(page).to_have_title(f"({waiting}) Incidents · AlertMesh")


@pytest.mark.asyncio
async def test_everything_is_done_by_keyboard_alone(storm, looking):
    page = await looking(storm.url)
    first, second, *_ = await numbers(page)
    for key in "jxjX":
        await page.keyboard.press(key)
    await expect(page.get_by_role("toolbar")).to_contain_text("2 selected")
    await page.keyboard.press("a")
    for number in (first, second):
        await expect(row(page, number)).to_contain_text("local")
    await expect(page.locator(".notice")).to_contain_text("Acked 2 incidents")
    await page.keyboard.press("u")
    await expect(row(page, second)).not_to_contain_text("local")
    await page.keyboard.press("k")
    await expect(row(page, first).locator("[data-first]")).to_be_focused()
    await page.keyboard.press("Enter")
    await page.wait_for_url(f"**/incidents/{first}")
    await page.go_back()
    await numbers(page)
    await page.keyboard.press("c")
    await expect(page.locator(".incident-card").first).to_be_visible()
    await page.keyboard.press("?")
    await expect(page.get_by_role("dialog")).to_contain_text("Take in what is new")


@pytest.mark.asyncio
async def test_a_view_is_saved_under_a_name_and_found_again(desk, story, looking):
    await story.fire(2)
    page = await looking(f"{story.sight}&view=open&group=service")
    some = await numbers(page)
    await page.keyboard.press("v")
    await page.get_by_label("Save what is shown as").fill("the shop")
    await page.get_by_role("button", name="Save", exact=True).click()
    await expect(page.locator(".notice")).to_contain_text("the shop")
    other = await looking(desk.url)
    await other.get_by_role("button", name="Saved views").click()
    await other.get_by_role("button", name="the shop", exact=True).click()
    await expect(other.locator(".filter-chip")).to_have_text(f"story={story.name}")
    assert await numbers(other) == some


@pytest.mark.asyncio
async def test_with_one_thumb_an_incident_is_taken_and_many_are_selected(desk, story, looking):
    await story.fire(2)
    page = await looking(story.sight, Look(phone=True, language="zh-CN"))
    first, second, *_ = await untaken(page)
    card = row(page, first)
    await card.get_by_role("button", name=f"认领 #{first}").tap()
    await expect(card).to_contain_text("local")
    await card.get_by_role("button", name="升级").tap()
    await page.get_by_role("button", name="撤销").last.tap()
    await row(page, second).get_by_role("checkbox").tap()
    bar = page.get_by_role("toolbar")
    await expect(bar).to_contain_text("已选 1 个")
    box = await bar.bounding_box()
    assert box is not None
    assert box["y"] > 740 / 2
    assert await sound(page) == []
    await bar.get_by_role("button", name="认领", exact=True).tap()
    await expect(row(page, second)).to_contain_text("local")
    assert (await stand(desk.url, first))["state"] != "t2_paging"


@pytest.mark.asyncio
async def test_what_is_over_is_in_the_past_and_a_filter_holds_there_too(storm, looking):
    page = await looking(f"{storm.url}/?view=past")
    everything = await numbers(page)
    await page.goto(f'{storm.url}/?view=past&filter=namespace%3D"batch"')
    some = await numbers(page)
    assert 0 < len(some) <= len(everything)


@pytest.mark.asyncio
async def test_open_and_past_do_not_mix_while_the_past_is_read(desk, story, looking):
    is_open, is_over = await story.fire(2)
    await order(desk.url, is_over, "resolve", text="made room")
    page = await looking(story.sight)
    assert await numbers(page) == [is_open]
    released = asyncio.Event()

    async def hold(route: Route) -> None:
        await released.wait()
        await route.continue_()

    await page.route("**/incidents/rows?state=*", hold)
    await page.get_by_role("tab", name="Past").click()
    await expect(page.locator(ROW)).to_have_count(0)
    await page.get_by_role("tab", name="Open").click()
    async with page.expect_response("**/incidents/rows?state=*"):
        released.set()
    assert await numbers(page) == [is_open]


@pytest.mark.asyncio
async def test_where_nothing_of_a_page_of_the_past_fits_there_is_a_way_to_older_ones(desk, story, looking):
    older, newer = sorted(await story.fire(2))
    for number in (older, newer):
        await order(desk.url, number, "resolve", text="made room")
    page = await looking("about:blank")
    few = re.compile("/incidents/rows.*limit=100")
    await page.route(few, lambda route: route.continue_(url=route.request.url.replace("=100", "=1")))
    title = (await stand(desk.url, older))["title"]
    await page.goto(f"{story.sight}&view=past&q={quote(title)}")
    await expect(page.get_by_text("None of the newest 1 fits")).to_be_visible()
    await page.get_by_role("button", name="Older ones").click()
    await expect(row(page, older)).to_be_visible()
    await expect(page.locator(ROW)).to_have_count(1)


@pytest.mark.asyncio
async def test_the_past_is_read_once_however_it_is_arranged(storm, looking):
    page = await looking(f"{storm.url}/")
    read: list[str] = []
    page.on("request", lambda asked: read.append(asked.url) if "state=resolved" in asked.url else None)
    await page.goto(f"{storm.url}/?view=past")
    shown = await numbers(page)
    await page.get_by_label("Group by").select_option("cluster")
    await page.wait_for_selector(".head")
    assert sorted(await numbers(page)) == sorted(shown)
    assert len(read) == 1


@pytest.mark.asyncio
async def test_who_was_told_nothing_yet_is_led_to_the_first_steps(looking):
    async with quiet() as running:
        page = await looking(running.url)
        await page.get_by_role("link", name="Point a monitor here").click()
        await page.wait_for_url(f"{running.url}/first")
        await page.close()


@pytest.mark.asyncio
@pytest.mark.parametrize(("phone", "tab"), [(True, "Mine"), (False, "Open")], ids=["phone", "desk"])
async def test_on_a_phone_ones_own_come_first(looking, phone, tab):
    async with quiet() as running:
        number = await trouble(running.url, {"alertname": "Down", "severity": "critical"})
        await running.account("wang")
        page = await looking("about:blank", Look(phone=phone))
        looking.expected = ("401",)
        await page.goto(running.url)
        await sign_in(page, "wang")
        await expect(row(page, number)).to_be_visible()
        await expect(page.get_by_role("tab", selected=True)).to_contain_text(tab)
        await page.close()
