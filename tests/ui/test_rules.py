"""Rules are read, written, tried and taken back by somebody at a browser, on a real server."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Page, Route, expect

from alertmesh.config.keyhelp import key_help
from tests.desks.rules import House
from tests.ui.lived import lived
from tests.ui.looking import EVERY, Look, Looking, sound

WINDOW = """windows:
  - {name: tried, matchers: 'alertname="ServiceDown"', begins: "10:50", ends: "11:40"}
"""
STORM = "/rules?file=dedup%2Fstorm.yaml"


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def home(built: None, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    """Return a server with some days behind it and a directory of rules of its own."""
    async with lived(tmp_path_factory.mktemp("rules")) as running:
        yield running


async def opened(looking: Looking, home: House, path: str, look: Look = Look()) -> Page:  # noqa: B008 (frozen)
    """Return the page of a rule file, with its editor."""
    page = await looking(home.server.url + path, look)
    await page.wait_for_selector(".rule-editor:not(.loading)")
    return page


async def write(page: Page, line: str, text: str) -> None:
    """Put a text in place of the line that begins with `line`."""
    await page.locator(".cm-line", has_text=line).first.click()
    await page.keyboard.press("Home")
    await page.keyboard.press("Shift+End")
    await page.keyboard.type(text)
    await page.keyboard.press("Escape")


async def add(page: Page, text: str) -> None:
    """Put a text at the end of the file."""
    await page.locator(".cm-content").click()
    await page.keyboard.press("Control+End")
    await page.keyboard.insert_text(text)


async def put_into_force(page: Page, path: str) -> None:
    """Save the draft that is shown."""
    await page.get_by_role("button", name="Save…").click()
    await page.get_by_role("button", name="Put into force").click()
    await expect(page.locator("dialog")).to_have_count(0)
    await expect(page.get_by_text(f"{path} is in force").first).to_be_visible()


async def test_a_mistake_is_marked_where_it_is_and_the_mended_text_is_in_force(
    looking: Looking, home: House
) -> None:
    looking.expected = ("status of 422",)
    page = await opened(looking, home, STORM)
    await write(page, "enabled: true", "enabled: maybe")
    fault = page.get_by_role("button", name="Line 5")
    await expect(fault).to_contain_text("storm.enabled: should be a valid boolean")
    await expect(page.locator(".cm-lintRange-error")).to_have_text("maybe")
    await page.locator(".cm-line").first.click()
    await fault.click()
    await expect(page.locator(".cm-activeLine")).to_contain_text("enabled: maybe")
    await write(page, "enabled: maybe", "enabled: false")
    await expect(page.get_by_text("No mistakes found")).to_be_visible()
    await page.get_by_role("button", name="Save…").click()
    await expect(page.locator(".diff .new")).to_contain_text("enabled: false")
    await page.get_by_role("button", name="Put into force").click()
    await expect(page.get_by_text("dedup/storm.yaml is in force")).to_be_visible()
    assert home.server.runtime.config.section("dedup")["storm"]["enabled"] is False
    await write(page, "enabled: false", "enabled: true")
    await page.get_by_role("button", name="Save…").click()
    await page.get_by_role("button", name="Put into force").click()
    await page.get_by_role("button", name="History (2)").click()
    await page.get_by_role("button", name="Version 1").click()
    await page.get_by_role("button", name="Take version 1 back").click()
    await expect(page.locator(".cm-line", has_text="enabled: false")).to_be_visible()
    assert home.server.runtime.config.section("dedup")["storm"]["enabled"] is False


async def test_a_file_is_made_deleted_and_taken_back(looking: Looking, home: House) -> None:
    page = await looking(home.server.url + "/rules", Look())
    await page.get_by_role("button", name="New file").click()
    await page.get_by_label("What it is about").select_option(label="Inhibition")
    await page.get_by_label("Name").fill("ours")
    await page.get_by_role("button", name="Begin").click()
    await page.locator(".cm-content").click()
    await page.keyboard.type("[]")
    await expect(page.get_by_text("No mistakes found")).to_be_visible()
    await page.get_by_role("button", name="Save…").click()
    await page.get_by_role("button", name="Put into force").click()
    await expect(page.get_by_role("button", name="History (1)")).to_be_visible()
    assert {path.name for path in (home.rules / "inhibit").iterdir()} == {"kubernetes.yaml", "ours.yaml"}
    await page.get_by_role("button", name="More").click()
    await page.get_by_role("menuitem", name="Delete").click()
    await page.get_by_role("button", name="Delete").click()
    await page.get_by_role("link", name="ours.yaml deleted").click()
    await page.get_by_role("button", name="History (2)").click()
    await page.get_by_role("button", name="Version 1").click()
    await page.get_by_role("button", name="Take version 1 back").click()
    await expect(page.get_by_role("button", name="History (3)")).to_be_visible()
    assert (home.rules / "inhibit" / "ours.yaml").read_text() == "[]"


async def test_keys_are_completed(looking: Looking, home: House) -> None:
    page = await opened(looking, home, "/rules?file=maintenance%2Fplanned.yaml")
    await page.locator(".cm-content").click()
    await page.keyboard.type("win")
    await page.get_by_role("option", name="windows").click()
    await page.keyboard.type("na")
    await page.get_by_role("option", name="name").click()
    await page.keyboard.type("nightly")
    await expect(page.locator(".cm-content")).to_contain_text("windows:")
    await expect(page.locator(".cm-line", has_text="- name: nightly")).to_be_visible()
    await expect(page.get_by_text("matchers: is missing")).to_be_visible()


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_a_key_is_explained_in_the_language_of_the_reader(
    looking: Looking, home: House, language: str
) -> None:
    look = Look(language="zh-CN" if language == "zh" else "en-GB")
    page = await opened(looking, home, "/rules?file=dedup%2Fflap.yaml", look)
    await page.locator(".cm-line", has_text="min_changes: 5").hover(position={"x": 40, "y": 8})
    await expect(page.locator(".about-help")).to_have_text(key_help("dedup", language)["flap.min_changes"])


async def test_a_draft_is_tried_on_the_last_days(looking: Looking, home: House) -> None:
    page = await opened(looking, home, "/rules?file=maintenance%2Ftried.yaml")
    await page.locator(".cm-content").click()
    await page.keyboard.insert_text(WINDOW)
    await expect(page.get_by_text("No mistakes found")).to_be_visible()
    await page.get_by_role("button", name="Dry run").click()
    await page.get_by_role("button", name="Run", exact=True).click()
    row = page.get_by_role("row", name="Incidents paged")
    await expect(row).to_contain_text(re.compile("−[67]"), timeout=60_000)  # by the time of day
    await expect(page.locator(".differences li").first).to_contain_text("ServiceDown on web-")
    assert not (home.rules / "maintenance").exists()


async def test_what_somebody_else_saved_meanwhile_is_not_written_over(looking: Looking, home: House) -> None:
    looking.expected = ("status of 409",)
    page = await opened(looking, home, "/rules?file=priority.yaml")
    etag = (await home.get("/rules/priority.yaml"))["file"]["etag"]
    await write(page, "unknown:", "unknown: P4")
    await expect(page.get_by_text("No mistakes found")).to_be_visible()
    status, _ = await home.ask("PUT", "/rules/priority.yaml", {"text": "unknown: P2\n", "etag": etag})
    assert status == 200
    await page.get_by_role("button", name="Save…").click()
    await page.get_by_role("button", name="Put into force").click()
    await expect(page.get_by_role("alert")).to_contain_text("was changed meanwhile")
    assert (home.rules / "priority.yaml").read_text() == "unknown: P2\n"


async def test_a_draft_that_was_left_does_not_write_over_what_came_meanwhile(
    looking: Looking, home: House
) -> None:
    page = await opened(looking, home, "/rules?file=priority.yaml")
    await add(page, "# mine\n")
    await page.get_by_role("link", name="aliases.yaml").click()
    etag = (await home.get("/rules/priority.yaml"))["file"]["etag"]
    status, _ = await home.ask("PUT", "/rules/priority.yaml", {"text": "unknown: P3\n", "etag": etag})
    assert status == 200
    await page.reload()  # a sign-in by a provider does so, too
    await page.get_by_role("link", name="priority.yaml").click()
    await expect(page.locator(".cm-line", has_text="# mine")).to_be_visible()
    await expect(page.get_by_text("was changed since this draft was begun")).to_be_visible()
    await page.get_by_role("button", name="Save…").click()
    await expect(page.locator(".diff .new")).to_contain_text("unknown: P3")
    await page.get_by_role("button", name="Keep the draft").click()
    assert (home.rules / "priority.yaml").read_text() == "unknown: P3\n"
    await put_into_force(page, "priority.yaml")
    assert (home.rules / "priority.yaml").read_text().endswith("# mine\n")


async def test_what_is_typed_while_the_file_is_saved_stays_a_draft(looking: Looking, home: House) -> None:
    page = await opened(looking, home, "/rules?file=aliases.yaml")
    await add(page, "# one\n")
    released = asyncio.Event()

    async def hold(route: Route) -> None:
        await released.wait()
        await route.continue_()

    await page.route("**/rules/aliases.yaml?*", hold)
    await page.get_by_role("button", name="Save…").click()
    await page.get_by_role("button", name="Put into force").click()
    await page.keyboard.press("Escape")
    await add(page, "# two\n")
    released.set()
    await expect(page.get_by_text("aliases.yaml is in force")).to_be_visible()
    assert (home.rules / "aliases.yaml").read_text().endswith("# one\n")
    await put_into_force(page, "aliases.yaml")
    assert (home.rules / "aliases.yaml").read_text().endswith("# one\n# two\n")


async def test_what_was_changed_on_the_disk_is_loaded_with_one_tap(looking: Looking, home: House) -> None:
    file = home.rules / "aliases.yaml"
    file.write_text("# nothing by another name\n")
    page = await opened(looking, home, "/rules?file=aliases.yaml")
    await expect(page.get_by_text("is not in force as it stands")).to_be_visible()
    await page.get_by_role("button", name="Load now").click()
    await expect(page.get_by_text("The rules on the disk are in force")).to_be_visible()
    await expect(page.get_by_text("is not in force as it stands")).to_have_count(0)


async def test_shipped_rules_say_how_to_get_ones_own(looking: Looking, built: None, tmp_path: Path) -> None:
    async with lived(tmp_path, shipped=True) as home:
        page = await opened(looking, home, STORM)
        await expect(page.get_by_text("alertmesh serve --rules DIR")).to_be_visible()
        await expect(page.get_by_role("button", name="Save…")).to_have_count(0)
        await expect(page.locator(".cm-content")).to_have_attribute("aria-readonly", "true")
        await page.close()  # before its server goes


@pytest.mark.parametrize("look", EVERY, ids=str)
async def test_rules_are_sound_for_everybody(looking: Looking, home: House, look: Look) -> None:
    page = await looking(home.server.url + "/rules", look)
    assert await sound(page) == []
    page = await opened(looking, home, STORM, look)
    assert await sound(page) == []
