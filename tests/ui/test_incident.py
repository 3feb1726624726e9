"""The page of one incident: read at a glance, acted on with one hand, and right when others act meanwhile."""

import asyncio
import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.async_api import Locator, Page, expect

from alertmesh.core.entries import Proposed
from alertmesh.core.ports import Batch
from alertmesh.core.regrouping import Regrouping, RegroupKind
from alertmesh.core.topology import Service
from tests.fakes import until
from tests.scenarios.people import staffed
from tests.ui.asking import asked, posted, stand, trouble
from tests.ui.looking import EVERY, Look, sound
from tests.ui.quiet import quiet, sign_in

DISK = {
    "alertname": "NodeFilesystemAlmostOutOfSpace",
    "severity": "critical",
    "node": "n1",
    "summary": "/var on n1 is full",
}
POD = {"alertname": "KubePodNotReady", "severity": "warning", "node": "n1", "namespace": "shop"}
PODS = [{**POD, "pod": f"cart-6c9f7d5b84-{one * 5}"} for one in "bcd"]
TROUBLE = [DISK, *PODS]


async def numbered(url: str, word: str) -> int:
    """Return the number of the storm's incident that has an alert of that name."""
    for one in (await asked(url, "incidents"))["incidents"]:
        kinds = (await asked(url, f"incidents/{one['id']}/alerts?limit=1"))["kinds"]
        if any(kind["name"] == word for kind in kinds) and not one["archived"]:
            return int(one["id"])
    raise AssertionError(f"nothing has {word}")


def standing(page: Page) -> Locator:
    return page.locator(".now")


async def press(page: Page, name: str) -> None:
    await page.get_by_role("button", name=name, exact=True).first.click()


async def choose(page: Page, name: str) -> None:
    """Take something from the menu of what else can be done."""
    await press(page, "More to do")
    await page.get_by_role("menuitem", name=name).click()


# Read


@pytest.mark.asyncio
@pytest.mark.parametrize("look", EVERY, ids=str)
@pytest.mark.parametrize("kind", ["HighErrorRate", "SwitchDown", "NodeFilesystemAlmostOutOfSpace"])
async def test_every_incident_fits_and_is_usable_by_all(storm, looking, look, kind):
    page = await looking(f"{storm.url}/incidents/{await numbered(storm.url, kind)}", look)
    await expect(page.locator(".graph .node").first).to_be_attached()
    await page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    await page.locator(".kind-head").first.click()
    await page.locator(".series-line .chip").first.click()
    assert await sound(page) == []


@pytest.mark.asyncio
async def test_one_glance_tells_what_where_since_when_how_bad_and_why(storm, looking):
    number = await numbered(storm.url, "SwitchDown")
    page = await looking(f"{storm.url}/incidents/{number}")
    await expect(page.locator("h1")).to_contain_text("switch tor-3 does not answer")
    await expect(page.locator("h1")).to_contain_text("101 alerts")
    await expect(page.locator(".cause").first).to_contain_text("tor-3.mgmt")
    await expect(page.locator(".book").first).to_contain_text("A switch or link is down")
    await expect(page.locator(".kind").first).to_contain_text("SwitchDown")
    await expect(standing(page)).to_contain_text("Nobody has it yet")


@pytest.mark.asyncio
async def test_each_page_stands_with_what_became_of_it(storm, looking):
    page = await looking(f"{storm.url}/incidents/{await numbered(storm.url, 'SwitchDown')}")
    first = page.locator(".entry.pages", has_text="wang (ops, step 1").first
    await expect(first.locator(".receipts")).to_contain_text("demo")
    await expect(first.locator(".receipts")).to_contain_text("sent")
    await page.get_by_role("button", name="Pages").click()
    await expect(page.locator(".entry.alerts")).to_have_count(0)
    await expect(first).to_be_visible()


@pytest.mark.asyncio
async def test_an_incident_that_never_was_is_told(desk, looking):
    looking.expected = ("404",)
    page = await looking(f"{desk.url}/incidents/99999")
    await expect(page.get_by_role("alert")).to_contain_text("there is no incident 99999")


@pytest.mark.asyncio
async def test_what_was_seen_stays_in_sight_when_the_server_is_gone(desk, looking):
    looking.expected = ("ERR_FAILED", "ERR_INTERNET_DISCONNECTED")
    page = await looking(f"{desk.url}/incidents/{await trouble(desk.url, *TROUBLE)}")
    await page.route("**/api/**", lambda route: route.abort())
    await page.keyboard.press("a")
    await expect(page.get_by_role("alert").first).to_contain_text("cannot be reached")
    await expect(page.locator("h1")).to_contain_text("/var on n1 is full")
    await expect(standing(page)).to_contain_text("Nobody has it yet")


@pytest.mark.asyncio
async def test_who_may_only_look_sees_everything_and_nothing_to_press(looking):
    async with quiet() as closed:
        number = await trouble(closed.url, *TROUBLE)
        await closed.account("ann", "viewer")
        page = await looking("about:blank")
        looking.expected = ("401",)
        await page.goto(f"{closed.url}/incidents/{number}")
        await sign_in(page, "ann")
        await expect(page.locator("h1")).to_contain_text("/var on n1 is full")
        await expect(standing(page)).to_contain_text("sign in as somebody who may respond")
        await page.locator(".kind-head").first.click()
        await expect(page.locator(".series-line")).to_have_count(1)
        pressed = page.locator(".series-line input, #note, .cause .button, .steps input:enabled")
        await expect(pressed).to_have_count(0)
        await page.close()  # before its server goes


# In Chinese

SENTENCE = re.compile(r"[a-z]{2,}(?:,? [a-z]{2,}){2,}")
"""Three English words in a row: no name, and nothing that an alert of these tests says."""


@pytest.mark.asyncio
async def test_in_chinese_nothing_that_the_server_words_is_english(desk, looking):
    number = await trouble(desk.url, *TROUBLE)
    orders = {"escalate": {}, "ack": {}, "root": {"entity": "n1"}, "snooze": {"minutes": 9}}
    for order, body in orders.items():
        await posted(desk.url, f"v1/incidents/{number}/{order}", body)
    page = await looking(f"{desk.url}/incidents/{number}", Look(language="zh-CN"))
    await page.locator(".kind-head").last.click()
    await page.locator(".series-line .chip").last.click()
    reason = re.compile("都与|本事件")
    for part, says in ((".timeline", "要求延后 9 分钟"), (".reasons", reason), ("#causes", "报出")):
        await expect(page.locator(part).first).to_contain_text(says)
        assert SENTENCE.findall(await page.locator(part).first.inner_text()) == []


@pytest.mark.asyncio
async def test_in_chinese_no_line_or_reason_of_a_storm_is_english(storm):
    found = (await asked(storm.url, "incidents"))["incidents"]
    for number in [one["id"] for one in found]:
        lines = (await asked(storm.url, f"incidents/{number}/timeline?limit=500&language=zh"))["timeline"]
        members = (await asked(storm.url, f"incidents/{number}/alerts?language=zh&limit=500"))["alerts"]
        told = [line["text"] for line in lines if line["rule"] != "HEAL-2"]  # that quotes a rule file
        told += [reason["text"] for member in members for reason in member["reasons"]]
        assert [text for text in told if SENTENCE.search(text)] == []


# Take, pass on, put off


@pytest.mark.asyncio
async def test_an_ack_shows_at_once_and_is_taken_back(desk, looking):
    number = await trouble(desk.url, *TROUBLE)
    page = await looking(f"{desk.url}/incidents/{number}")
    await press(page, "I have it")
    await expect(standing(page)).to_contain_text("You have it")
    await expect(standing(page)).to_contain_text("triage ends")
    assert (await stand(desk.url, number))["owner"] == "local"
    await press(page, "Undo")
    await expect(standing(page)).to_contain_text("Nobody has it yet")
    assert (await stand(desk.url, number))["owner"] == ""


@pytest.mark.asyncio
async def test_keys_do_what_the_buttons_do(desk, looking):
    number = await trouble(desk.url, *TROUBLE)
    page = await looking(f"{desk.url}/incidents/{number}")
    await page.keyboard.press("?")
    await expect(page.locator("dialog[open]")).to_contain_text("Write a note")
    await page.keyboard.press("Escape")
    await expect(page.locator("dialog")).to_have_count(0)
    await page.keyboard.press("e")
    await expect(standing(page)).to_contain_text("paging R&D")
    await page.keyboard.press("a")
    await expect(standing(page)).to_contain_text("You have it")
    await page.keyboard.press("b")
    await page.get_by_label("In a few words").fill("the disk is yours")
    await page.locator("dialog").get_by_role("button", name="Back to operations").click()
    await expect(standing(page)).to_contain_text("paging on-call")


async def late(route):
    """Have a request arrive after the next one is asked for."""
    await asyncio.sleep(1)
    await route.continue_()


@pytest.mark.asyncio
async def test_what_one_did_a_moment_ago_is_not_held_against_what_one_does_next(desk, looking):
    number = await trouble(desk.url, *TROUBLE)
    page = await looking(f"{desk.url}/incidents/{number}")
    await page.route("**/escalate", late)
    await page.keyboard.press("e")
    await expect(standing(page)).to_contain_text("paging R&D")
    await page.keyboard.press("a")
    await expect(page.locator(".notice", has_text="You have it")).to_be_visible()
    found = await stand(desk.url, number)
    assert (found["tier"], found["owner"]) == ("rnd", "local")
    assert await page.locator("dialog").count() == 0


@pytest.mark.asyncio
async def test_who_cannot_take_it_passes_it_to_the_next(desk, looking):
    page = await looking(f"{desk.url}/incidents/{await trouble(desk.url, *TROUBLE)}", Look(phone=True))
    await press(page, "I cannot")
    await expect(page.locator(".notice")).to_contain_text("Given back")
    await expect(standing(page)).to_contain_text("Nobody has it yet")


@pytest.mark.asyncio
async def test_a_snooze_takes_it_and_is_taken_back(desk, looking):
    number = await trouble(desk.url, *TROUBLE)
    page = await looking(f"{desk.url}/incidents/{number}")
    await page.keyboard.press("s")
    await expect(page.locator("dialog")).to_contain_text("until 8 in the morning")
    await page.locator("dialog").get_by_role("button", name="30 min", exact=True).click()
    await expect(standing(page)).to_contain_text("snoozed")
    await expect(page.locator(".notice").last).to_contain_text("Quiet for 30 min")
    until = (await stand(desk.url, number))["deadlines"]["snooze"]
    assert datetime.fromisoformat(until) - datetime.now(UTC) > timedelta(minutes=29)
    await press(page, "Undo")
    await expect(standing(page)).to_contain_text("Nobody has it yet")


@pytest.mark.asyncio
async def test_somebody_is_found_and_gets_it(desk, looking):
    number = await trouble(desk.url, *TROUBLE)
    page = await looking(f"{desk.url}/incidents/{number}")
    await page.keyboard.press("o")
    await page.get_by_label("Name or team").fill("che")
    await expect(page.locator(".picks li")).to_have_count(1)
    await page.locator(".picks button").click()
    await expect(page.locator(".notice")).to_contain_text("Assigned to chen")
    assert "chen" in (await stand(desk.url, number))["paged"]


@pytest.mark.asyncio
async def test_a_priority_is_set_with_a_word_and_taken_back(desk, looking):
    number = await trouble(desk.url, *TROUBLE)
    page = await looking(f"{desk.url}/incidents/{number}")
    await choose(page, "Set the priority")
    await page.get_by_label("In a few words").fill("a test host")
    await page.locator("dialog").get_by_role("button", name="P3").click()
    await expect(page.locator(".head .priority")).to_have_text("P3")
    await expect(page.locator(".head")).to_contain_text("set by local, alerts say P1")
    await press(page, "Undo")
    await expect(page.locator(".head .priority")).to_have_text("P1")


@pytest.mark.asyncio
async def test_it_is_resolved_with_what_helped_and_closed_with_its_cause(desk, looking):
    number = await trouble(desk.url, *TROUBLE)
    page = await looking(f"{desk.url}/incidents/{number}")
    await page.keyboard.press("r")
    await page.get_by_label("In a few words").fill("made room")
    await page.locator("dialog").get_by_role("button", name="Resolve").click()
    await expect(standing(page)).to_contain_text("It is over")
    await expect(page.locator("dialog")).to_have_count(0)
    await page.keyboard.press("c")
    done = page.locator("dialog").get_by_role("button", name="Close with the cause")
    await expect(done).to_be_disabled()
    await page.get_by_label("In a few words").fill("no rotation of logs")
    await done.click()
    await expect(standing(page)).to_contain_text("closed")


@pytest.mark.asyncio
async def test_what_moved_on_is_shown_and_done_all_the_same(desk, looking):
    looking.expected = ("409", "ERR_FAILED")
    number = await trouble(desk.url, *TROUBLE)
    page = await looking("about:blank")
    await page.route("**/api/v1/live*", lambda route: route.abort())
    await page.goto(f"{desk.url}/incidents/{number}")
    await expect(standing(page)).to_contain_text("Nobody has it yet")
    await posted(desk.url, f"v1/incidents/{number}/ack", {"text": "it is mine"})
    await page.keyboard.press("e")
    dialog = page.locator("dialog")
    await expect(dialog).to_contain_text("It moved on meanwhile")
    await expect(dialog).to_contain_text("on-call has it")
    await expect(dialog).to_contain_text("it is mine")
    assert await sound(page) == []
    await dialog.get_by_role("button", name="Escalate all the same").click()
    await expect(standing(page)).to_contain_text("paging R&D")


# Alerts


@pytest.mark.asyncio
async def test_alerts_that_are_chosen_become_an_incident_of_their_own(desk, looking):
    number = await trouble(desk.url, *TROUBLE)
    page = await looking(f"{desk.url}/incidents/{number}")
    await page.locator(".kind-head", has_text="KubePodNotReady").click()
    boxes = page.locator(".series-line input")
    await expect(boxes).to_have_count(3)
    for box in await boxes.all():
        await box.check()
    await page.locator(".chosen").get_by_role("button", name="Split off").click()
    await expect(page.locator(".notice")).to_contain_text("3 split off")
    await expect(page.locator(".kind")).to_have_count(1)
    assert (await stand(desk.url, number))["counts"]["series"] == 1


@pytest.mark.asyncio
async def test_alerts_are_moved_by_keyboard_and_back_again(desk, looking):
    number, other = await trouble(desk.url, *TROUBLE), await trouble(desk.url, *TROUBLE)
    page = await looking(f"{desk.url}/incidents/{number}")
    await page.locator(".kind-head", has_text="KubePodNotReady").press("Enter")
    await page.locator(".series-line input").first.press("Space")
    await page.locator("h1").click()
    await page.keyboard.press("v")
    await page.get_by_label("Number, name or service").fill(str(other))
    await expect(page.locator(".picks li").first).to_contain_text(f"#{other}")
    await page.keyboard.press("Enter")
    await expect(page.locator(".notice")).to_contain_text(f"1 moved to #{other}")
    assert (await stand(desk.url, other))["counts"]["series"] == 5
    await press(page, "Undo")
    await expect(page.locator("#alerts .card-head")).to_contain_text("4 of 4 fire")


@pytest.mark.asyncio
async def test_alerts_are_dragged_out(desk, looking):
    number = await trouble(desk.url, *TROUBLE)
    page = await looking(f"{desk.url}/incidents/{number}")
    kind = page.locator(".kind-head", has_text="KubePodNotReady")
    await kind.hover()
    await page.mouse.down()
    await page.mouse.move(400, 300, steps=4)
    place = page.locator(".tray-place").first
    await place.hover()
    await place.hover()
    await page.mouse.up()
    await expect(page.locator(".notice")).to_contain_text("3 split off")


@pytest.mark.asyncio
async def test_the_root_is_named_by_whoever_knows(desk, looking):
    number = await trouble(desk.url, *TROUBLE)
    page = await looking(f"{desk.url}/incidents/{number}")
    await page.locator(".cause").first.get_by_role("button", name="This is the root").click()
    await expect(page.locator(".cause").first).to_contain_text("Named by a person")
    lines = (await asked(desk.url, f"incidents/{number}/timeline"))["timeline"]
    assert [line["actor"] for line in lines if line["kind"] == "root"] == ["local"]


@pytest.mark.asyncio
async def test_why_an_alert_is_here_and_that_it_is_not(desk, looking):
    number = await trouble(desk.url, *TROUBLE)
    page = await looking(f"{desk.url}/incidents/{number}")
    await page.locator(".kind-head", has_text="KubePodNotReady").click()
    await page.locator(".series-line .chip").first.click()
    await expect(page.locator(".series-details").first).to_contain_text("Why it is here")
    await page.get_by_role("button", name="More for").first.click()
    await page.get_by_role("menuitem", name="Does not belong here").click()
    await expect(page.locator(".notice")).to_contain_text("Kept apart")
    await expect(page.locator("#alerts .card-head")).to_contain_text("3 of 3 fire")


@pytest.mark.asyncio
async def test_a_silence_shows_what_it_covers_and_is_ended_again(desk, looking):
    number = await trouble(desk.url, *TROUBLE)
    page = await looking(f"{desk.url}/incidents/{number}")
    await page.keyboard.press("i")
    cover = page.locator(".cover")
    await expect(cover).to_contain_text("4 of")
    await expect(cover).to_contain_text("pages nobody")
    assert await sound(page) == []
    matchers = page.get_by_label("Which alerts")
    await matchers.fill((await matchers.input_value()) + ', alertname="KubePodNotReady"')
    await expect(cover).to_contain_text("3 of")
    await page.get_by_label("Why", exact=True).fill("known")
    await page.get_by_role("button", name="Silence for 1 h").click()
    await expect(page.locator(".notice")).to_contain_text("Silenced until")
    async with page.expect_response(lambda answer: answer.request.method == "DELETE"):
        await press(page, "Undo")
    await expect(page.locator(".notice")).to_have_count(0)
    await expect(page.locator(".now")).to_contain_text("Nobody has it yet")
    silences = await page.request.get(f"{desk.url}/api/v1/silences?state=active")
    assert (await silences.json())["silences"] == []


@pytest.mark.asyncio
async def test_two_troubles_become_one(desk, looking):
    number, other = await trouble(desk.url, *TROUBLE), await trouble(desk.url, *TROUBLE)
    page = await looking(f"{desk.url}/incidents/{number}")
    await page.keyboard.press("m")
    await page.get_by_label("Number, name or service").fill(str(other))
    await page.locator(".picks button").click()
    await expect(page.locator(".notice")).to_contain_text(f"Merged into #{other}")
    both = {one: await stand(desk.url, one) for one in (number, other)}
    assert sorted(one["counts"]["series"] for one in both.values()) == [4, 8]


@pytest.mark.asyncio
async def test_an_incident_is_told_apart_from_another(desk, looking):
    number, other = await trouble(desk.url, *TROUBLE), await trouble(desk.url, *TROUBLE)
    page = await looking(f"{desk.url}/incidents/{number}")
    await choose(page, "Why is it not one with")
    await page.get_by_label("Number, name or service").fill(str(other))
    await page.locator(".picks button").click()
    await expect(page.locator("dialog")).to_contain_text(f"Why it is not one with #{other}")
    await expect(page.locator("dialog strong")).not_to_be_empty()


@pytest.mark.asyncio
@pytest.mark.parametrize(("answer", "left"), [("Do it", "It goes on as"), ("No", "Nobody has it yet")])
async def test_what_a_second_look_suggests_is_for_people_to_decide(desk, looking, answer, left):
    older, number = await trouble(desk.url, *TROUBLE), await trouble(desk.url, *TROUBLE)
    runtime = desk.server.runtime
    found = [runtime.incident(one) for one in (older, number)]
    regrouping = Regrouping(
        kind=RegroupKind.MERGE,
        groups=tuple(pair[0].group for pair in found),
        series=tuple(one.series.id for each in (older, number) for one in runtime.members(each)),
        confidence=0.85,
        reason="The same alerts began at once in both",
    )
    await runtime.journal.append(Batch(entries=[Proposed(at=datetime.now(UTC), proposals=(regrouping,))]))
    await until(lambda: not runtime.bus.depth)
    page = await looking(f"{desk.url}/incidents/{number}")
    suggestion = page.locator(".suggestion")
    await expect(suggestion).to_contain_text(f"This and #{older} look like one trouble")
    await suggestion.get_by_role("button", name=answer, exact=True).click()
    await expect(suggestion).to_have_count(0)
    await expect(standing(page)).to_contain_text(left)


# Notes, steps, graph, changes, the past


@pytest.mark.asyncio
async def test_a_note_is_written_without_a_mouse(desk, looking):
    page = await looking(f"{desk.url}/incidents/{await trouble(desk.url, *TROUBLE)}")
    await page.keyboard.press("n")
    await page.keyboard.type("磁盘被旧日志写满")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator(".notes .quote")).to_contain_text("磁盘被旧日志写满")
    await expect(page.locator(".timeline .quote")).to_contain_text("磁盘被旧日志写满")
    await expect(page.locator("#note")).to_have_value("")


@pytest.mark.asyncio
async def test_a_step_that_one_ticks_the_other_sees(desk, looking):
    number = await trouble(desk.url, *TROUBLE)
    one, other = [await looking(f"{desk.url}/incidents/{number}") for _ in range(2)]
    await one.locator(".steps input").first.check()
    await expect(one.locator(".book").first).to_contain_text("1 of 6 done")
    await expect(other.locator(".steps .ticked")).to_contain_text("local")
    await other.locator(".steps input").first.uncheck()
    await expect(one.locator(".book").first).to_contain_text("0 of 6 done")


@pytest.mark.asyncio
async def test_whom_to_ask_about_a_service_and_where_to_read_stands_with_the_runbooks(looking):
    wiki = "https://wiki.example.com/cart"
    cart = Service(name="cart", match='namespace="shop"', owner="Li Wei", runbooks=(wiki,))
    sections = {**staffed("console").sections, "services": {"services": [cart]}}
    async with quiet(sections=sections) as running:
        number = await trouble(running.url, *TROUBLE)
        page = await looking(f"{running.url}/incidents/{number}")
        note = page.get_by_role("group", name="cart", exact=True)
        await expect(note).to_contain_text("ask Li Wei")
        await expect(note.get_by_role("link")).to_have_attribute("href", wiki)
        await page.locator(".steps input").first.check()
        await expect(note).to_be_visible()
        assert await sound(page) == []
        await page.close()  # before its server goes


@pytest.mark.asyncio
async def test_a_thing_of_the_graph_shows_its_alerts_alone(desk, looking):
    page = await looking(f"{desk.url}/incidents/{await trouble(desk.url, *TROUBLE)}")
    nodes = page.locator(".graph .node")
    await expect(nodes).to_have_count(2)
    await expect(nodes.first).to_have_attribute("aria-label", re.compile("^node n1, likely root"))
    await nodes.first.focus()
    for key in ("ArrowRight", "ArrowLeft", "ArrowUp", "ArrowDown"):
        await page.keyboard.press(key)
        if "cart" in await page.evaluate("document.activeElement.getAttribute('aria-label')"):
            break
    await page.keyboard.press("Enter")
    await expect(page.locator(".kind")).to_have_count(1)
    await expect(page.locator(".kind")).to_contain_text("KubePodNotReady")
    await press(page, "Show all")
    await expect(page.locator(".kind")).to_have_count(2)
    await page.get_by_role("tab", name="Table").click()
    await expect(page.get_by_role("row", name="cart")).to_contain_text("runs on n1")


@pytest.mark.asyncio
async def test_what_was_changed_and_what_it_is_like_are_told(desk, looking):
    changed = {
        "kind": "deploy",
        "service": "cart",
        "actor": "li",
        "summary": "cart v2",
        "time": (datetime.now(UTC) - timedelta(minutes=5)).isoformat(),
    }
    await posted(desk.url, "v1/ingest/changes", [changed])
    page = await looking(f"{desk.url}/incidents/{await trouble(desk.url, *TROUBLE)}")
    await expect(page.locator(".changes").first).to_contain_text("5 min")
    await expect(page.locator(".changes").first).to_contain_text("cart v2")
    await expect(page.locator("#past")).to_contain_text("Nothing like it is remembered")


# On a phone


@pytest.mark.asyncio
@pytest.mark.parametrize("language", ["en-GB", "zh-CN"])
async def test_three_big_buttons_are_within_reach_of_a_thumb(desk, looking, language):
    look = Look(phone=True, language=language)
    page = await looking(f"{desk.url}/incidents/{await trouble(desk.url, *TROUBLE)}", look)
    await page.evaluate("scrollTo(0, 600)")
    bar = page.locator(".now-bar > button")
    await expect(bar).to_have_count(3)
    boxes = [await one.bounding_box() for one in await bar.all()]
    assert all(box and box["height"] >= 48 and box["width"] >= 80 and box["y"] > 500 for box in boxes)
    await expect(page.locator("details#alerts")).not_to_have_attribute("open", "")
    await bar.first.tap()
    await expect(standing(page)).to_contain_text("You have it" if language == "en-GB" else "由你处理")
