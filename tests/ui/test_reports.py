"""Reports: the figures of the server, as charts, as tables and as files."""

import csv
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.ui.looking import EVERY, Look, settled, sound
from tests.ui.team import team

REPORTS = ["response", "load", "noise", "delivery", "coverage"]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def crew(built: None) -> AsyncIterator[str]:
    """Return the address of a team with weeks of work behind it."""
    async with team() as url:
        yield url


@pytest.mark.asyncio
@pytest.mark.parametrize("look", EVERY, ids=str)
@pytest.mark.parametrize("report", REPORTS)
async def test_every_report_fits_and_is_usable_by_all(crew, looking, report, look):
    page = await looking(f"{crew}/reports?report={report}&days=30", look)
    await page.wait_for_selector(".chart canvas")
    assert await sound(page) == []


@pytest.mark.asyncio
async def test_figures_are_those_of_the_server(crew, looking):
    page = await looking(f"{crew}/reports?from=2026-01-01&to=2026-01-02")
    await expect(page.locator("main")).to_contain_text("No incidents in this time")
    async with page.expect_response("**/reports/response?*by=priority*") as heard:
        await page.get_by_role("button", name="30 d").click()
    found = await (await heard.value).json()
    await page.wait_for_selector(".figures")
    shown = await page.locator(".figures > div").all_inner_texts()
    assert any(text.startswith("Paged") and str(found["total"]["paged"]) in text for text in shown)
    await expect(page.locator(".table[aria-label='In parts'] tbody tr")).to_have_count(len(found["parts"]))
    assert len(found["parts"]) == 3
    await page.get_by_role("button", name="Team").click()
    await page.locator("th", has_text="infra").wait_for()
    await expect(page).to_have_url(re.compile("by=team"))


@pytest.mark.asyncio
async def test_a_chart_is_read_by_keyboard_as_a_table_and_as_a_file(crew, looking, tmp_path: Path):
    page = await looking(f"{crew}/reports?report=load&days=30")
    chart = page.locator(".chart").first
    await chart.locator("canvas").wait_for()
    await chart.get_by_role("img").focus()
    await page.keyboard.press("Home")
    await page.keyboard.press("ArrowRight")
    at = chart.locator(".chart-at")
    await expect(at).not_to_be_empty()
    await expect(chart.locator(".legend strong").first).to_have_text(re.compile(r"^\d+$"))
    first = await at.inner_text()
    await page.keyboard.press("End")
    await expect(at).not_to_have_text(first)
    await chart.get_by_role("button", name="As a table").click()
    await expect(chart.locator("tbody tr")).to_have_count(30)
    async with page.expect_download() as saving:
        await page.locator(".card", has_text="By person").get_by_role("button", name="CSV").last.click()
    file = tmp_path / "load.csv"
    await (await saving.value).save_as(file)
    with file.open(encoding="utf-8-sig", newline="") as text:
        rows = list(csv.DictReader(text))
    assert {row["person"] for row in rows} == {"wang", "chen", "zhao", "li"}
    assert all(int(row["pages"]) >= int(row["night_pages"]) for row in rows)


@pytest.mark.asyncio
async def test_days_of_ones_own_are_in_the_address(crew, looking):
    page = await looking(f"{crew}/reports?report=noise", Look(phone=True, language="zh-CN"))
    await page.get_by_role("button", name="其他").click()
    await page.get_by_label("从", exact=True).fill("2026-01-05")
    await page.get_by_label("至", exact=True).fill("2026-01-06")
    await page.get_by_role("button", name="查看").click()
    await page.wait_for_url("**from=2026-01-05&to=2026-01-06**")
    await settled(page)
    await expect(page.locator("main")).to_contain_text("此期间没有事件")
    await page.get_by_role("button", name="7 天").click()
    await page.wait_for_url(lambda url: "from=" not in url)


@pytest.mark.asyncio
async def test_the_storm_has_reports_too(storm, looking):
    page = await looking(f"{storm.url}/reports?report=noise")
    await page.get_by_text("From alerts to pages").wait_for()
    stages = page.locator(".funnel > div")
    await expect(stages).to_have_count(4)
    told = "all => all.map(one => Number(one.querySelector('strong').title.replaceAll(',', '')))"
    counts = await stages.evaluate_all(told)
    drawn = "all => all.map(one => Number(one.querySelector('rect:not(.back)').getAttribute('width')))"
    bars = await stages.evaluate_all(drawn)
    assert bars == pytest.approx([max(0.3, 100 * count / counts[0]) for count in counts])
