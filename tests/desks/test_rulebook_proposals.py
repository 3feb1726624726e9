"""What the digest proposes is shown as a difference, written with one tap, and taken back likewise."""

from datetime import timedelta

import pytest

from alertmesh.config import load
from alertmesh.core.clock import ManualClock
from alertmesh.store import MemoryStore
from tests.desks.past import live_through, nights
from tests.desks.rules import house, write
from tests.fakes import NOW

FILE = "maintenance/routine-BackupLoadHigh-0200.yaml"


@pytest.fixture
async def store(tmp_path):
    """Return the store of a server that saw a backup every night, and a link that flaps."""
    made = MemoryStore()
    await made.open()
    await live_through(made, load(write(tmp_path), tmp_path / "rules", {}), nights(NOW), NOW)
    return made


async def proposed(home, query=""):
    """Return the proposals by the name of the alert."""
    return {one["name"]: one for one in (await home.get(f"/digest{query}"))["proposals"]}


def planned(home):
    """Return the names of the maintenance windows in force."""
    return {window.name for window in home.server.runtime.config.section("maintenance")["windows"]}


async def test_a_proposal_is_applied_and_taken_back(store, tmp_path):
    async with house(tmp_path, store=store) as home:
        at = f"/digest/{(await proposed(home))['BackupLoadHigh']['id']}"
        _, preview = await home.ask("POST", f"{at}/preview")
        assert (preview["path"], preview["verdict"]["faults"]) == (FILE, [])
        assert preview["copies"] == ["maintenance/default.yaml"]
        assert "+  - name: routine-BackupLoadHigh-0200\n" in preview["diff"]
        status, saved = await home.ask("POST", f"{at}/apply")
        assert (status, saved["version"]["how"]) == (200, "proposal")
        assert planned(home) == {"routine-BackupLoadHigh-0200"}
        shown = (await proposed(home))["BackupLoadHigh"]
        assert (shown["state"], shown["applied"]["path"]) == ("applied", FILE)
        await home.ask("DELETE", f"/rules/{FILE}?etag={saved['file']['etag']}")
        status, again = await home.ask("POST", f"{at}/recall")
        assert (status, again["state"]) == (200, "open")
        assert "routine-BackupLoadHigh-0200" not in {
            plan.window.name for plan in home.server.runtime.maintenance()
        }


async def test_what_no_rule_can_mend_is_told_so(store, tmp_path):
    async with house(tmp_path, store=store) as home:
        at = f"/digest/{(await proposed(home))['LinkDown']['id']}"
        status, refused = await home.ask("POST", f"{at}/apply")
    assert (status, refused["field"]) == (422, "series")
    assert "a rule that waits" in refused["detail"]


async def test_a_name_that_is_taken_gets_a_longer_one(store, tmp_path):
    async with house(tmp_path, store=store) as home:
        (home.rules / "maintenance").mkdir()
        (home.rules / FILE).write_text("windows: []\n")
        one = (await proposed(home))["BackupLoadHigh"]
        _, preview = await home.ask("POST", f"/digest/{one['id']}/preview")
    name = f"routine-BackupLoadHigh-0200-{one['series'][:8]}"
    assert (preview["path"], preview["verdict"]["faults"]) == (f"maintenance/{name}.yaml", [])
    assert f"  - name: {name}\n" in preview["after"]


async def test_a_proposal_is_dismissed_for_some_days(store, tmp_path):
    clock = ManualClock(NOW)
    async with house(tmp_path, store=store, clock=clock) as home:
        at = f"/digest/{(await proposed(home))['BackupLoadHigh']['id']}"
        status, shown = await home.ask("POST", f"{at}/dismiss", {"days": 3})
        assert (status, shown["state"]) == (200, "dismissed")
        assert "BackupLoadHigh" not in await proposed(home)
        assert "BackupLoadHigh" in await proposed(home, "?state=dismissed")
    async with house(tmp_path, store=store, clock=ManualClock(NOW + timedelta(days=3))) as home:
        assert "BackupLoadHigh" in await proposed(home)


@pytest.mark.parametrize("days", [0, -1, 91, 10**12, -(10**20)])
async def test_a_proposal_is_not_dismissed_for_ever(days, store, tmp_path):
    async with house(tmp_path, store=store) as home:
        at = f"/digest/{(await proposed(home))['BackupLoadHigh']['id']}"
        status, refused = await home.ask("POST", f"{at}/dismiss", {"days": days})
    assert (status, refused["field"]) == (422, "days")
