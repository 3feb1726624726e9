"""First steps: what is to be copied works as it stands, and the first alert shows by itself."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.real.zabbix import Zabbix
from tests.ui.looking import EVERY, sound
from tests.ui.quiet import quiet, sign_in

pytestmark = pytest.mark.asyncio


@pytest_asyncio.fixture(loop_scope="session")
async def mesh(built):
    """Return a server that heard nothing yet, and where nobody has to sign in."""
    async with quiet() as running:
        yield running


@pytest.fixture
def looking(mesh, looking):
    """Return what opens pages before the server stops; that a browser logs a refusal is no fault here."""
    looking.expected = ("status of 401",)
    return looking


async def copied(page, label: str) -> str:
    """Return what a snippet says."""
    return await page.get_by_label(label).inner_text()


def run(command: str) -> str:
    """Type something into a shell; return what it said."""
    ours = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
    done = subprocess.run(
        ["bash", "-c", command],
        env=os.environ | {"PATH": ours},
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("look", EVERY, ids=str)
async def test_the_first_alert_turns_the_page_green_while_one_looks(mesh, looking, look):
    page = await looking(f"{mesh.url}/first", look)
    await page.wait_for_selector(".first-pulse")
    command = await page.locator(".snippet pre").last.inner_text()
    await asyncio.to_thread(run, command)
    await page.wait_for_selector(".first-tick.done")
    await expect(page.locator(".first-tick")).to_contain_text("prometheus")
    assert await sound(page) == []


async def test_with_accounts_the_command_takes_a_token(mesh, looking):
    await mesh.account("wang")
    page = await looking(f"{mesh.url}/first")
    await sign_in(page, "wang")
    command = await copied(page, "Command that sends an alert")
    await asyncio.to_thread(run, command.replace("TOKEN", await mesh.token()))
    await page.wait_for_selector(".first-tick.done")


async def test_an_empty_list_leads_here_and_the_steps_say_how_things_stand(mesh, looking):
    page = await looking(mesh.url)
    await page.locator("main").get_by_role("link", name="Point a monitor here").click()
    steps = page.locator(".first-next")
    await expect(steps).to_contain_text("wang (ops)")
    await expect(steps).to_contain_text("alertmesh user add NAME --role admin")


@pytest.mark.prometheus
@pytest.mark.parametrize("token", [False, True], ids=["open", "with a token"])
async def test_the_monitors_own_tools_take_the_lines(mesh, looking, tmp_path, token):
    if token:
        await mesh.account("wang")
    page = await looking(f"{mesh.url}/first")
    if token:
        await sign_in(page, "wang")
    file = tmp_path / "lines.yml"
    for name, check in (("Prometheus", "promtool check config"), ("Alertmanager", "amtool check-config")):
        await page.get_by_role("tab", name=name, exact=True).click()
        text = await copied(page, f"Lines for {name}")
        assert mesh.url.removeprefix("http://") in text
        assert ("TOKEN" in text) == token
        file.write_text(text)
        assert "SUCCESS" in await asyncio.to_thread(run, f"{check} {file} 2>&1")


@pytest.fixture(scope="module")
def zabbix():
    """Return a Zabbix that nobody has set up."""
    with Zabbix() as running:
        yield running


@pytest.mark.zabbix
@pytest.mark.parametrize("token", [False, True], ids=["open", "with a token"])
async def test_the_lines_for_zabbix_set_it_up_and_its_problem_turns_the_page_green(
    zabbix, mesh, looking, token
):
    if token:
        await mesh.account("wang")
    page = await looking(f"{mesh.url}/first")
    if token:
        await sign_in(page, "wang")
    await page.get_by_role("tab", name="Zabbix", exact=True).click()
    lines = await copied(page, "Lines for Zabbix")
    assert ("TOKEN=TOKEN" in lines) == token
    lines = (
        lines.replace("ZABBIX_PASSWORD=...", f"ZABBIX_PASSWORD={zabbix.password}")
        .replace("https://zabbix.example/zabbix", zabbix.url)
        .replace("--check", f"--check --sender 127.0.0.1:{zabbix.trapper_port}")
    )
    if token:
        lines = lines.replace("TOKEN=TOKEN", f"TOKEN={await mesh.token()}")
    assert "the way is open" in await asyncio.to_thread(run, lines)
    await page.wait_for_selector(".first-tick.done")
    await expect(page.locator(".first-tick")).to_contain_text("zabbix")
