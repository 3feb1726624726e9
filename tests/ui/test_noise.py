"""Noise: what each rule did, and a proposal that becomes a rule with one tap and is taken back likewise."""

import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.desks.rules import House
from tests.ui.lived import lived
from tests.ui.looking import EVERY, Look, Looking, sound

FILE = "routine-BackupLoadHigh-0200.yaml"


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def home(built: None, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    """Return a server that saw a backup every night."""
    async with lived(tmp_path_factory.mktemp("noise")) as running:
        yield running


def planned(home: House) -> set[str]:
    """Return the names of the maintenance windows in force."""
    return {window.name for window in home.server.runtime.config.section("maintenance")["windows"]}


async def test_what_is_left_of_all_alerts_and_what_each_rule_did(looking: Looking, home: House) -> None:
    page = await looking(home.server.url + "/noise", Look())
    found = await home.get("/noise")
    funnel, repeats = found["funnel"], found["mechanisms"][0]
    said = page.locator(".funnel-said")
    await expect(said).to_contain_text(f"{funnel['alerts']} alerts became {funnel['incidents']} incidents")
    row = page.get_by_role("row", name="Repeats")
    await expect(row).to_contain_text(str(repeats["compressed"]))
    await page.get_by_label("Time", exact=True).select_option("30")
    await expect(said).not_to_contain_text(f"{funnel['alerts']} alerts")
    await expect(page.get_by_text("Counted since")).to_be_visible()
    await expect(page).to_have_url(re.compile(r"\?days=30$"))


async def test_a_proposal_is_applied_and_taken_back(looking: Looking, home: House) -> None:
    page = await looking(home.server.url + "/noise", Look())
    proposal = page.locator(".proposal", has_text="BackupLoadHigh")
    await expect(proposal).to_contain_text("Comes at its usual time")
    await proposal.get_by_role("button", name="Look and apply").click()
    await expect(page.locator(".diff")).to_contain_text("name: routine-BackupLoadHigh-0200")
    await page.get_by_role("button", name="Put into force").click()
    await expect(proposal.get_by_role("link", name=FILE)).to_be_visible()
    assert planned(home) == {"routine-BackupLoadHigh-0200"}
    await proposal.get_by_role("button", name="Undo").click()
    await expect(proposal.get_by_role("button", name="Look and apply")).to_be_visible()
    assert planned(home) == set()


async def test_a_proposal_is_put_off(looking: Looking, home: House) -> None:
    page = await looking(home.server.url + "/noise", Look())
    proposal = page.locator(".proposal", has_text="BackupLoadHigh")
    await proposal.get_by_role("button", name="Not now").click()
    await page.get_by_role("menuitem", name="for 7 days").click()
    await expect(proposal).to_have_count(0)
    await page.get_by_role("button", name="Undo").click()
    await expect(proposal).to_be_visible()


@pytest.mark.parametrize("look", EVERY, ids=str)
async def test_noise_is_sound_for_everybody(looking: Looking, home: House, look: Look) -> None:
    page = await looking(home.server.url + "/noise", look)
    assert await sound(page) == []
    await page.locator(".proposal button.main").first.click()
    await page.wait_for_selector(".diff")
    assert await sound(page) == []


async def test_a_proposal_is_not_taken_back_over_what_people_changed_since(
    looking: Looking, home: House
) -> None:
    page = await looking(home.server.url + "/noise", Look())
    proposal = page.locator(".proposal", has_text="BackupLoadHigh")
    await proposal.get_by_role("button", name="Look and apply").click()
    await page.get_by_role("button", name="Put into force").click()
    await expect(proposal.get_by_role("link", name=FILE)).to_be_visible()
    path = f"/rules/maintenance/{FILE}"
    found = await home.get(path)
    text = found["text"] + "# as the backup team wants it\n"
    status, _ = await home.ask("PUT", path, {"text": text, "etag": found["file"]["etag"]})
    assert status == 200
    await proposal.get_by_role("button", name="Undo").click()
    await expect(page.locator(".notice.bad")).to_contain_text("was changed since")
    assert (await home.get(path))["text"] == text
