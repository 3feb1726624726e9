"""Silences are made with a look at what they cover, changed, ended and taken back."""

import re

import pytest
import pytest_asyncio
from aiohttp import ClientSession
from playwright.async_api import expect

from tests.fakes import until
from tests.ui.looking import EVERY, Look, sound
from tests.ui.quiet import quiet

pytestmark = pytest.mark.asyncio
ALERTS = [
    {
        "labels": {
            "alertname": "NodeDown",
            "severity": "critical",
            "cluster": cluster,
            "instance": f"n-{number}",
        }
    }
    for cluster in ("east", "west")
    for number in range(3)
]


@pytest_asyncio.fixture(loop_scope="session")
async def mesh(built):
    """Return a server with alerts of two clusters."""
    async with quiet() as running, ClientSession(running.url) as session:
        async with session.post("/api/v2/alerts", json=ALERTS) as answer:
            assert answer.status == 200
        await until(lambda: len(list(running.server.runtime.alerts())) == len(ALERTS))
        yield running


@pytest.fixture
def looking(mesh, looking):
    """Return what opens pages before the server stops."""
    looking.expected = ("status of 422",)
    return looking


async def make(mesh, matchers='cluster="east"', seconds=7_200) -> None:
    """Make a silence as any tool would."""
    body = {"matchers": matchers, "comment": "network works", "duration_s": seconds}
    async with ClientSession(mesh.url) as session, session.post("/api/v1/silences", json=body) as answer:
        assert answer.status == 201


def held(mesh) -> list[tuple[str, int]]:
    """Return the silences that hold: what they silence, and for how many minutes in all."""
    now = mesh.server.runtime.clock.now()
    return [
        (one.matchers[0].value, round((one.ends_at - now).total_seconds() / 60))
        for one, _ in mesh.server.runtime.silences()
        if one.state(now) == "active"
    ]


@pytest.mark.parametrize("look", EVERY, ids=str)
async def test_the_page_and_its_form_fit(mesh, looking, look):
    await make(mesh)
    page = await looking(f"{mesh.url}/silences", look)
    assert await sound(page) == []
    page = await looking(f'{mesh.url}/silences?new=cluster="west"', look)
    await page.wait_for_selector(".cover li")
    await page.locator(".otherwise summary").click()
    assert await sound(page) == []


@pytest.mark.parametrize("phone", [False, True], ids=["desk", "phone"])
async def test_a_silence_is_made_with_a_look_at_what_it_covers(mesh, looking, phone):
    page = await looking(f"{mesh.url}/silences", Look(phone=phone))
    await page.get_by_role("button", name="New silence").click()
    dialog = page.get_by_role("dialog")
    go = dialog.get_by_role("button", name="Silence for")
    await dialog.get_by_label("Which alerts").fill('cluster="east", severity=')
    await expect(dialog.locator(".cover")).to_contain_text("Nothing that fires now is covered")
    await dialog.get_by_label("Which alerts").fill('cluster="east" severity')
    await expect(dialog.get_by_role("alert")).to_contain_text("A comma is missing at character")
    await expect(go).to_be_disabled()
    await dialog.get_by_label("Which alerts").fill('cluster="east"')
    await expect(dialog.locator(".cover")).to_contain_text("Covers 3 of 6 firing alerts.")
    await expect(go).to_be_disabled()
    await dialog.get_by_label("Why").fill("network works")
    await dialog.get_by_role("button", name="4 h").click()
    await go.click()
    await expect(page.locator(".silence")).to_contain_text("network works")
    await expect(page.locator(".silence")).to_contain_text("3 alerts")
    assert held(mesh) == [("east", 240)]


async def test_what_is_made_in_spite_of_warnings_tells_them(mesh, looking):
    page = await looking(f'{mesh.url}/silences?new=cluster="north"', Look())
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Why").fill("a cluster that is being built")
    await dialog.get_by_role("button", name="Silence for").click()
    await expect(dialog).to_contain_text("it matches no alert that fires now")
    await dialog.get_by_role("button", name="Close").last.click()
    await expect(page).not_to_have_url(re.compile("new="))


async def test_a_silence_is_extended_and_that_is_taken_back(mesh, looking):
    await make(mesh)
    page = await looking(f"{mesh.url}/silences", Look())
    await page.get_by_role("button", name="Extend").click()
    await page.get_by_role("menuitem", name="by 4 h").click()
    await expect(page.locator(".notice.done")).to_contain_text("Extended until")
    assert held(mesh) == [("east", 360)]
    await page.get_by_role("button", name="Undo").click()
    await until(lambda: held(mesh) == [("east", 120)])


async def test_a_silence_is_ended_taken_back_and_made_once_more(mesh, looking):
    await make(mesh)
    page = await looking(f"{mesh.url}/silences", Look(phone=True))
    await page.get_by_role("button", name="End now").click()
    await expect(page.get_by_text("Nothing is silenced.")).to_be_visible()
    assert held(mesh) == []
    await page.get_by_role("button", name="Undo").click()
    await expect(page.locator(".silence.active")).to_have_count(1)
    assert held(mesh) == [("east", 120)]
    await page.get_by_role("tab", name="Over").click()
    await page.get_by_role("button", name="Once more").click()
    await expect(page.get_by_role("dialog").get_by_label("Which alerts")).to_have_value('cluster="east"')


async def test_a_change_keeps_what_is_not_changed(mesh, looking):
    await make(mesh)
    page = await looking(f"{mesh.url}/silences", Look())
    await page.get_by_role("button", name="Extend").click()
    await page.get_by_role("menuitem", name="Change").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Why").fill("network works, ticket 4711")
    await dialog.get_by_role("button", name="Silence until").click()
    await expect(page.locator(".silence")).to_contain_text("ticket 4711")
    assert held(mesh) == [("east", 120)]


async def test_silences_are_found_by_their_labels(mesh, looking):
    await make(mesh)
    await make(mesh, 'cluster="west"')
    page = await looking(f"{mesh.url}/silences", Look())
    await expect(page.locator(".silence")).to_have_count(2)
    await page.get_by_label("Filter").fill('cluster="west"')
    await expect(page.locator(".silence")).to_have_count(1)
    await page.reload()
    await expect(page.locator(".silence")).to_contain_text("west")
