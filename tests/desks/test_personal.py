"""What belongs to one person stays theirs, within bounds."""

import asyncio
from datetime import timedelta

import pytest
from msgspec import UNSET
from msgspec.structs import replace

from alertmesh.core.clock import ManualClock
from alertmesh.desks.personal import MOST_VIEWS, Personal, SavedView, Settings, Unfit
from alertmesh.store import MemoryStore
from tests.fakes import NOW


class TakingItsTime(MemoryStore):
    """A store that lets others have their turn before it writes, as one on a disk does."""

    async def write(self, batch):
        await asyncio.sleep(0)
        return await super().write(batch)


@pytest.fixture
async def store():
    store = TakingItsTime()
    await store.open()
    return store


@pytest.fixture
def desk(store):
    return Personal(store, ManualClock(NOW))


def a_view(**changes):
    return replace(SavedView(owner="wang", name="db", query="filter=team%3Ddb", changed_at=NOW), **changes)


async def test_settings_are_kept_for_each(desk):
    wanted = {"language": "zh", "zone": "Asia/Shanghai", "theme": "dark", "sound": True, "density": "roomy"}
    mine = await desk.change("wang", wanted)
    assert (mine, desk.settings("wang"), desk.settings("li")) == (Settings(**wanted), mine, Settings())


async def test_two_devices_change_different_settings_at_once(desk):
    await asyncio.gather(
        desk.change("wang", {"sound": True}), desk.change("wang", {"theme": "dark", "zone": UNSET})
    )
    assert desk.settings("wang") == Settings(sound=True, theme="dark")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("language", "de"),
        ("theme", "pink"),
        ("density", ""),
        ("zone", "Mars/Olympus"),
        ("zone", "../etc/passwd"),
        ("zone", ""),
    ],
)
async def test_a_setting_that_is_none_is_named(desk, field, value):
    with pytest.raises(Unfit) as refused:
        await desk.change("wang", {field: value})
    assert refused.value.field == field


async def test_ones_own_views_come_first_then_what_others_share(desk):
    for view in (
        a_view(name="z"),
        a_view(owner="li", name="a", shared=True),
        a_view(owner="li", name="b"),
        a_view(name="Y"),
    ):
        await desk.save(view)
    assert [(view.owner, view.name) for view in desk.views("wang")] == [
        ("wang", "Y"),
        ("wang", "z"),
        ("li", "a"),
    ]


async def test_what_is_not_shared_is_nobody_elses(desk):
    await desk.save(a_view())
    seen = [desk.view(actor, "wang", "db") is not None for actor in ("wang", "li")]
    await desk.save(a_view(shared=True))
    assert (seen, desk.view("li", "wang", "db") is not None) == ([True, False], True)


async def test_a_view_saved_again_is_replaced(desk):
    await desk.save(a_view())
    await desk.save(a_view(query="q", changed_at=NOW + timedelta(hours=1)))
    assert [view.query for view in desk.views("wang")] == ["q"]


async def test_a_view_is_gone_when_it_is_deleted(desk):
    await desk.save(a_view())
    await desk.drop(a_view(), "wang")
    assert desk.views("wang") == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", " x"),
        ("name", "a\nb"),
        ("name", "a/b"),
        ("name", "x" * 61),
        ("query", "x" * 2_001),
        ("query", "a\x00"),
    ],
)
async def test_a_view_that_cannot_be_kept_is_refused(desk, field, value):
    with pytest.raises(Unfit) as refused:
        await desk.save(a_view(**{field: value}))
    assert refused.value.field == field


async def test_nobody_fills_the_store_with_views(desk):
    for number in range(MOST_VIEWS):
        await desk.save(a_view(name=str(number)))
    with pytest.raises(Unfit, match="delete one first"):
        await desk.save(a_view(name="one more"))
    await desk.save(a_view(name="7", query="changed"))
    await desk.save(a_view(owner="li"))


async def test_what_others_see_is_kept_for_good(desk, store):
    await desk.save(a_view())
    await desk.save(a_view(shared=True))
    await desk.save(a_view(shared=False))
    await desk.save(a_view(shared=True))
    await desk.drop(a_view(shared=True), "boss")
    told = [(entry.actor, entry.action, entry.target) for _, entry in store.audit(0, 10)]
    assert told == [("wang", "view save", "wang/db")] * 3 + [("boss", "view delete", "wang/db")]
