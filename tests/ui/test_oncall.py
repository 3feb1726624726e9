"""On call: who has it, when it is mine, cover in two taps, and the hand-over."""

import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import ClientSession
from playwright.async_api import Page, expect

from tests.ui.looking import EVERY, Look, sound
from tests.ui.team import team

VIEWS = ["now", "calendar", "cover", "load", "handover"]
AHEAD = re.compile(r"\bin \d")
ZH = Look(phone=True, language="zh-CN")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def crew(built: None) -> AsyncIterator[str]:
    """Return the address of a team that takes turns; what a test changes it puts back."""
    async with team() as url:
        yield url


async def ask(url: str, method: str, path: str, **body: Any) -> Any:
    async with ClientSession() as session, session.request(method, url + path, json=body or None) as answer:
        assert answer.status < 400, await answer.text()
        return await answer.json()


async def duty(url: str, roster: str = "ops") -> Any:
    return (await ask(url, "GET", f"/api/v1/oncall?roster={roster}"))["oncall"][0]


async def idle(url: str) -> str:
    """Return somebody of operations who is neither first nor second."""
    return str((await duty(url))["others"][0])


async def cover(page: Page, name: str) -> None:
    """Wait until a card of a roster names somebody as the first."""
    await page.wait_for_selector(f".roster:has(h2:text-is('ops')) .who.first strong:has-text('{name}')")


@pytest.mark.asyncio
@pytest.mark.parametrize("look", EVERY, ids=str)
@pytest.mark.parametrize("view", VIEWS)
async def test_every_view_fits_and_is_usable_by_all(crew, looking, view, look):
    page = await looking(f"{crew}/oncall?as=wang&view={view}", look)
    await page.wait_for_selector(".gaps")
    assert await sound(page) == []


@pytest.mark.asyncio
async def test_who_has_it_now_next_and_why_and_a_gap_ahead_in_red(crew, looking):
    now = await duty(crew)
    page = await looking(f"{crew}/oncall")
    card = page.locator(".roster", has=page.locator("h2", has_text="ops"))
    users = {one["name"]: one["display"] for one in (await ask(crew, "GET", "/api/v1/users"))["users"]}
    named = [users[name] for name in (now["primary"], now["secondary"], now["next"]["primary"])]
    for word in (*named, f"layer {now['layer']}", "stdout", "number ends in", "tier 1"):
        await expect(card).to_contain_text(word)
    await expect(page.locator(".gaps")).to_contain_text("dba: from")
    await expect(page.locator(".roster:has(h2:text-is('dba')) .then.bad")).to_contain_text("nobody")


@pytest.mark.asyncio
@pytest.mark.parametrize("look", [Look(), ZH], ids=str)
async def test_take_over_in_two_taps_and_undo(crew, looking, look):
    me, before = await idle(crew), await duty(crew)
    page = await looking(f"{crew}/oncall?as={me}", look)
    card = page.locator(".roster", has=page.locator("h2", has_text="ops"))
    await card.get_by_role("button").click()
    await page.locator("dialog .duty-choices .main").click()
    await page.locator(".roster", has_text="ops").locator(".who.first .tag.accent").wait_for()
    now = await duty(crew)
    assert (now["primary"], now["until"]) == (me, before["until"])
    await page.locator(".notice button.small").first.click()
    await page.locator(".roster", has_text="ops").locator(".who.first .tag.accent").wait_for(state="detached")
    assert (await duty(crew))["primary"] == before["primary"]


@pytest.mark.asyncio
async def test_somebody_takes_mine_asked_here_and_accepted_there(crew, looking):
    me = await idle(crew)
    page = await looking(f"{crew}/oncall?as={me}")
    row = page.locator(".shifts > li", has_text="first").filter(has_text=AHEAD).first
    await row.get_by_role("button", name="Find cover").click()
    await page.locator("dialog").get_by_role("button", name="Ask anybody").click()
    await page.wait_for_selector(".notice.done")
    [asked] = (await ask(crew, "GET", "/api/v1/oncall/overrides?state=asked"))["overrides"]
    assert (asked["covered"], asked["person"], asked["created_by"]) == (me, "", me)
    other = await looking(f"{crew}/oncall?as=li", ZH)
    await other.locator(".asked").get_by_role("button", name="我来值").click()
    await other.locator(".asked").wait_for(state="detached")
    found = await ask(crew, "GET", f"/api/v1/oncall/overrides/{asked['id']}")
    assert (found["state"], found["person"], found["answered_by"]) == ("agreed", "li", "li")
    await other.goto(f"{crew}/oncall?as=li&view=calendar")
    await other.locator(".days .mine", has_text="代").first.wait_for()
    await page.goto(f"{crew}/oncall?as=li&view=cover")
    await page.get_by_role("button", name="End").click()
    await page.locator(".notice.done", has_text="Ended").wait_for()


@pytest.mark.asyncio
async def test_a_swap_is_declined_and_a_refusal_stands_at_its_field(crew, looking):
    me = await idle(crew)
    looking.expected = ("422",)
    page = await looking(f"{crew}/oncall?as={me}")
    await page.locator(".shifts > li", has_text=AHEAD).first.get_by_role("button").click()
    dialog = page.locator("dialog")
    other = next(name for name in ("wang", "chen", "zhao") if name != me)
    await dialog.get_by_label("Who").select_option(other)
    back = dialog.get_by_label("In return you take")
    await back.select_option(index=1)
    until = dialog.get_by_label("Until")
    good = await until.input_value()
    await until.fill("2020-01-01T00:00")
    await dialog.get_by_role("button", name="Ask ").click()
    await dialog.locator(".field .error").wait_for()
    await until.fill(good)
    await dialog.get_by_role("button", name="Ask ").click()
    await dialog.wait_for(state="detached")
    theirs = await looking(f"{crew}/oncall?as={other}&view=cover")
    await theirs.get_by_role("button", name="I cannot").click()
    await theirs.locator(".notice.done", has_text="Declined").wait_for()
    [one] = (await ask(crew, "GET", f"/api/v1/oncall/overrides?state=declined&person={me}"))["overrides"]
    assert (one["person"], one["in_return"] is not None) == (other, True)


@pytest.mark.asyncio
async def test_what_is_typed_to_find_cover_stays_when_somebody_elses_duty_changes(crew, looking):
    me = await idle(crew)
    page = await looking("about:blank")
    await page.clock.install()
    await page.goto(f"{crew}/oncall?as={me}")
    await page.locator(".shifts").get_by_role("button", name="Find cover").first.click()
    comment = page.get_by_label("Comment")
    await comment.fill("at the dentist")
    now = await duty(crew, "rnd")
    other = now["others"][0] if now["others"] else now["secondary"]
    taken = {"roster": "rnd", "covered": now["primary"], "person": other, "created_by": other}
    made = await ask(crew, "POST", "/api/v1/oncall/overrides", **taken, state="agreed", ends_at=now["until"])
    async with page.expect_response("**/oncall/rnd/shifts*"):
        await page.clock.fast_forward(31_000)
    await expect(comment).to_have_value("at the dentist")
    await ask(crew, "DELETE", f"/api/v1/oncall/overrides/{made['id']}")


@pytest.mark.asyncio
async def test_the_calendar_is_a_grid_at_a_desk_and_a_list_on_a_phone(crew, looking):
    desk = await looking(f"{crew}/oncall?view=calendar&as=wang")
    rows, today = desk.locator(".week tbody tr"), desk.locator(".week .today")
    await expect(rows).to_have_count(6)  # three rosters in two weeks
    assert await desk.locator(".slot.gap").count() > 5
    assert await desk.locator(".slot.mine").count() > 5
    await desk.get_by_role("button", name="Two weeks later").click()
    await desk.wait_for_url("**from=**")
    await expect(today).to_have_count(0)
    await expect(rows).to_have_count(6)
    assert await today.count() == 0
    phone = await looking(f"{crew}/oncall?view=calendar&as=wang", ZH)
    await expect(phone.locator(".days > li")).to_have_count(14)
    await expect(phone.locator(".week").first).to_be_hidden()


@pytest.mark.asyncio
async def test_the_hand_over_is_drafted_and_accepted(crew, looking):
    me = await idle(crew)
    page = await looking(f"{crew}/oncall?as={me}&view=handover&roster=ops")
    await expect(page.locator("main")).to_contain_text("Still open")
    notes = page.get_by_label("Notes for the next shift")
    await expect(notes).to_have_value(re.compile("ops: the shift of"))
    await notes.fill("watch the disk of n9")
    for roster in ("rnd", "ops"):
        await page.get_by_role("button", name=roster, exact=True).click()
        await expect(notes).to_have_value(re.compile(f"{roster}: the shift of|watch the disk of n9"))
    await expect(notes).to_have_value("watch the disk of n9")
    await page.get_by_role("button", name="I take over from").click()
    await page.wait_for_selector(".notice.done")
    last = (await ask(crew, "GET", "/api/v1/oncall/ops/handover"))["last"]
    assert (last["incoming"], last["text"]) == (me, "watch the disk of n9")
    await page.locator("pre", has_text="watch the disk").wait_for()


@pytest.mark.asyncio
async def test_who_nobody_knows_sees_who_has_it_and_is_asked_who_they_are(storm, looking):
    page = await looking(f"{storm.url}/oncall", ZH)
    await expect(page.locator(".roster").first).to_contain_text("Wang Wei (ops)")
    assert await page.get_by_role("button", name="我来接班").count() == 0
    await page.get_by_label("您是").select_option("chen")
    await page.get_by_role("button", name="我来接班").first.wait_for()
    await expect(page.locator(".duty-now")).to_contain_text("副值")
