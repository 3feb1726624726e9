"""What each rule against noise did is counted as it is decided, and survives a restart."""

from datetime import timedelta

import pytest

from alertmesh.config import load
from alertmesh.core.alert import Priority
from alertmesh.core.entries import SilenceSet
from alertmesh.core.silence import Condition, Silence
from alertmesh.store import MemoryStore
from tests.desks.past import episode, live_through, nights
from tests.desks.rules import house, write
from tests.fakes import NOW


@pytest.fixture
async def store(tmp_path):
    """Return the store of a server that has nine days behind it."""
    made = MemoryStore()
    await made.open()
    await live_through(made, load(write(tmp_path), tmp_path / "rules", {}), nights(NOW), NOW)
    return made


async def test_the_funnel_of_a_week(store, tmp_path):
    async with house(tmp_path, store=store) as home:
        found = await home.get("/noise")
    funnel = found["funnel"]
    # Ten kinds of noise a day besides one outage, each of which Prometheus repeats eight times.
    assert (funnel["series"], funnel["incidents"]) == (93, 7)
    assert funnel["changes"] == 2 * funnel["series"]
    assert funnel["alerts"] == 9 * funnel["series"]
    rules = {one["name"]: one for one in found["mechanisms"]}
    assert rules["repeats"]["compressed"] == funnel["alerts"] - funnel["changes"]
    assert rules["routine"]["marked"] == 6
    assert rules["chronic"]["compressed"] > 100
    assert all(
        sum(one["parts"]) == (one["compressed"] or one["marked"]) for one in rules.values() if one["marked"]
    )


async def test_a_short_time_is_told_by_the_hour(store, tmp_path):
    async with house(tmp_path, store=store) as home:
        found = await home.get("/noise?from=2026-11-22T00:30:00Z&to=2026-11-22T06:00:00Z")
    routine = next(one for one in found["mechanisms"] if one["name"] == "routine")
    assert (found["from"], len(found["moments"])) == ("2026-11-22T00:00:00Z", 6)
    assert routine["parts"] == [0, 0, 2, 0, 0, 0]


async def test_a_week_of_long_ago_is_told_by_its_end_alone(tmp_path):
    async with house(tmp_path) as home:
        found = await home.get("/noise?to=2025-03-10T06:00:00Z")
    assert (found["from"], found["since"]) == ("2025-03-03T06:00:00Z", None)


async def test_what_was_held_and_ended_without_a_page(tmp_path):
    store = MemoryStore()
    await store.open()
    begin = NOW - timedelta(days=1)
    alone = [
        entry
        for turn in range(12)
        for entry in episode("JobSlow", "job-1", begin + timedelta(hours=turn), timedelta(minutes=2))
    ]
    await live_through(store, load(write(tmp_path), tmp_path / "rules", {}), alone, NOW)
    async with house(tmp_path, store=store) as home:
        found = await home.get("/noise")
    heal = next(one for one in found["mechanisms"] if one["name"] == "selfheal")
    assert heal["rules"]["HEAL-1"] == heal["rules"]["HEAL-4"] == heal["marked"]
    assert heal["held"] == heal["unpaged"]


async def test_what_a_silence_held_and_what_of_it_ended_without_a_page(tmp_path):
    store, begin = MemoryStore(), NOW - timedelta(days=1)
    await store.open()
    quiet = Silence(
        id="q",
        matchers=(Condition("team", "=", "storage"),),
        starts_at=begin,
        ends_at=begin + timedelta(hours=5),
        created_by="ann",
        comment="",
        updated_at=begin,
    )
    entries = [
        SilenceSet(silence=quiet, at=begin),
        *episode("JobSlow", "job-1", begin + timedelta(hours=1), timedelta(minutes=10), Priority.P1),
        *episode("DiskFull", "db-1", begin + timedelta(hours=4), timedelta(hours=2), Priority.P1),
    ]
    await live_through(store, load(write(tmp_path), tmp_path / "rules", {}), entries, NOW)
    async with house(tmp_path, store=store) as home:
        found = await home.get("/noise")
    silences = next(one for one in found["mechanisms"] if one["name"] == "silences")
    assert (silences["held"], silences["unpaged"]) == (2, 1), "the second outlasts it"


async def test_counting_goes_on_after_a_restart(tmp_path):
    store = MemoryStore()
    body = [{"labels": {"alertname": "A", "instance": "i"}}]
    for _ in range(2):
        async with house(tmp_path, store=store) as home:
            await home.post("/api/v2/alerts", body)
            await home.server.runtime.journal.settle(5)
            funnel = (await home.get("/noise"))["funnel"]
    assert (funnel["alerts"], funnel["changes"]) == (2, 1)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("from=x", "from"),
        ("from=2026-11-23T10:00:00Z&to=2026-11-23T10:00:00Z", "from"),
        ("from=2020-01-01T00:00:00Z", "from"),
        ("to=0001-01-02T00:00:00Z", "to"),
    ],
)
async def test_a_bad_time_is_refused(query, field, tmp_path):
    async with house(tmp_path) as home:
        status, refused = await home.ask("GET", f"/noise?{query}")
    assert (status, refused["field"]) == (400, field)
