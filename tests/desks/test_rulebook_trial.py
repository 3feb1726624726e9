"""Rules are tried against the past in a process of its own, beside the server that has the store."""

import asyncio

import pytest

from alertmesh.config import load
from alertmesh.store import SqliteStore
from tests.desks.past import live_through, nights
from tests.desks.rules import house, write
from tests.fakes import NOW

DRAFT = {"incidents.yaml": "watch_priorities: [P1, P2, P3, P4]\nwatch_s: 86400.0\n"}


@pytest.fixture
async def store(tmp_path):
    """Return the store of a server that has some days behind it."""
    config = load(write(tmp_path), tmp_path / "rules", {"store": f"sqlite:///{tmp_path / 'a.db'}"})
    made = SqliteStore(tmp_path / "a.db")
    await made.open()
    await live_through(made, config, nights(NOW, days=3), NOW)
    await made.close()
    file = tmp_path / "alertmesh.yaml"
    file.write_text(file.read_text().replace("memory://", f"sqlite:///{tmp_path / 'a.db'}"))
    return SqliteStore(tmp_path / "a.db")


async def ended(home, trial):
    """Wait until a dry run is over and return it."""
    while trial["state"] == "running":
        await asyncio.sleep(0.05)
        trial = await home.get(f"/rules/dry-run/{trial['id']}")
    return trial


async def test_a_draft_is_held_against_the_rules_in_force(store, tmp_path):
    async with house(tmp_path, store=store) as home:
        status, trial = await home.ask("POST", "/rules/dry-run", {"files": DRAFT})
        assert (status, trial["files"]) == (202, ["incidents.yaml"])
        again, refused = await home.ask("POST", "/rules/dry-run", {"files": DRAFT})
        assert (again, refused["type"]) == (409, "urn:alertmesh:busy")
        trial = await ended(home, trial)
        assert (trial["state"], trial["error"]) == ("done", "")
        outcome = trial["outcome"]
        assert (outcome["then"]["incidents"], outcome["now"]["incidents"]) == (8, 3)
        assert {one["kind"] for one in outcome["differences"]} == {"only then", "page moved"}
        assert outcome["differ"] == len(outcome["differences"]) == 8
        assert list(home.rules.iterdir()) == []


async def test_a_dry_run_is_cancelled(store, tmp_path):
    async with house(tmp_path, store=store) as home:
        _, trial = await home.ask("POST", "/rules/dry-run", {"files": DRAFT})
        status, gone = await home.ask("DELETE", f"/rules/dry-run/{trial['id']}")
        assert (status, gone["state"]) == (200, "cancelled")
        _, other = await home.ask("POST", "/rules/dry-run", {"files": DRAFT})
        assert other["id"] != trial["id"]
        listed = (await home.get("/rules/dry-run"))["trials"]
        assert [one["state"] for one in listed] == ["running", "cancelled"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"files": DRAFT}, "store"),
        ({"files": DRAFT, "from": "2026-11-23T10:00:00Z", "to": "2026-11-22T10:00:00Z"}, "from"),
        ({"files": DRAFT, "from": "2026-01-01T10:00:00Z"}, "from"),
    ],
    ids=["memory", "order", "length"],
)
async def test_what_cannot_be_tried_is_refused(body, field, tmp_path):
    async with house(tmp_path) as home:
        status, refused = await home.ask("POST", "/rules/dry-run", body)
    assert (status, refused["field"]) == (422, field)


async def test_a_draft_with_mistakes_is_not_tried(store, tmp_path):
    async with house(tmp_path, store=store) as home:
        status, refused = await home.ask(
            "POST", "/rules/dry-run", {"files": {"incidents.yaml": "wach_s: 1\n"}}
        )
    assert (status, len(refused["problems"])) == (422, 1)
