"""The shell keeps its promises: durable before it is answered, decided once, and never silently dead."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alertmesh.config import Config, Limits
from alertmesh.core.alert import Rejected
from alertmesh.core.clock import ManualClock
from alertmesh.core.entries import Action, Command, Ended, Feedback, RulesChanged, Tick
from alertmesh.core.errors import BadCommand, BadConfig, Overloaded, StaleCommand, StoreUnavailable
from alertmesh.core.incident import Condition
from alertmesh.core.page import AttemptState
from alertmesh.core.ports import Batch
from alertmesh.core.records import Row
from alertmesh.core.response import State
from alertmesh.metrics import Metrics
from alertmesh.runtime import Runtime
from alertmesh.store.memory import MemoryStore
from alertmesh.store.sqlite import SqliteStore
from alertmesh.wiring import Wiring
from tests.adopting import held
from tests.fakes import NOW, SlowStore, Stumbling, is_append, is_decision, said, until
from tests.scenarios.people import staffed

CONFIG = staffed("console")


def a_runtime(store, clock=None, config=CONFIG, stumbling=False, reload=None):
    wiring = Wiring(config, reload)
    if stumbling:
        wiring.pipeline = Stumbling.of(wiring.pipeline)
    return Runtime(wiring, store, clock or ManualClock(NOW), Metrics())


@pytest.fixture
async def runtime() -> AsyncIterator[Runtime]:
    """Return a running program on a store that can be slow and fail."""
    made = a_runtime(SlowStore(), stumbling=True)
    await made.start()
    yield made
    made.store.recover()
    await made.stop()


async def tell(runtime, *names, **how):
    return await runtime.ingest(runtime.door("prometheus", ""), said(*names, **how))


async def incident(runtime, number=1):
    return await until(lambda: runtime.incident(number))


async def _page(runtime):
    await until(lambda: [a for a in runtime.attempts(1) if a.state is AttemptState.SENT])
    await until(lambda: not runtime.store.tail(runtime.store.cursor(), 1))


def command(action, number=1, epoch=None, **args):
    return Command(action=Action(action), incident=number, actor="wang", at=NOW, epoch=epoch, args=args)


def entries(runtime, kind):
    return [stored.entry for stored in runtime.store.tail(0, 1000) if isinstance(stored.entry, kind)]


def value(runtime, name):
    lines = runtime.metrics.render().decode().splitlines()
    return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith(name))


# Doors


async def test_a_request_is_answered_when_its_news_is_durable(runtime):
    runtime.store.holds = is_append
    answer = asyncio.create_task(tell(runtime, "Down"))
    await until(lambda: runtime.store.held)
    assert not answer.done()
    assert runtime.store.tail(0, 10) == []
    runtime.store.release()
    assert (await answer).changed == 1
    assert len(runtime.store.tail(0, 10)) >= 1


async def test_news_that_was_not_kept_is_news_again(runtime):
    runtime.store.fails = True
    with pytest.raises(StoreUnavailable):
        await tell(runtime, "Down")
    assert not runtime.health().ready
    runtime.store.fails = False
    assert (await tell(runtime, "Down")).changed == 1
    assert runtime.health().ready


async def test_a_repeat_waits_for_what_it_repeats(runtime):
    runtime.store.holds = is_append
    first = asyncio.create_task(tell(runtime, "Down"))
    await until(lambda: runtime.store.held)
    repeat = asyncio.create_task(tell(runtime, "Down"))
    await asyncio.sleep(0)
    assert not repeat.done()
    runtime.store.release()
    assert ((await first).changed, (await repeat).changed) == (1, 0)


async def test_a_repeat_of_what_was_not_kept_is_not_accepted(runtime):
    runtime.store.holds = is_append
    first = asyncio.create_task(tell(runtime, "Down"))
    other = asyncio.create_task(tell(runtime, "Other"))
    await until(lambda: len(runtime.store.held) == 2)
    repeat = asyncio.create_task(tell(runtime, "Down"))
    await asyncio.sleep(0)
    runtime.store.release(kept=False)
    runtime.store.release()
    assert (await other).changed == 1
    for answer in (first, repeat):
        with pytest.raises(StoreUnavailable):
            await answer


async def test_news_of_a_sender_that_went_away_is_taken_back_when_it_was_not_kept(runtime):
    runtime.store.holds = is_append
    await _go_away(runtime, tell(runtime, "Down"))
    runtime.store.release(kept=False)
    runtime.store.holds = lambda batch: False
    await runtime.journal.settle(10)
    assert (await tell(runtime, "Down")).changed == 1


async def test_news_of_a_sender_that_went_away_is_decided_when_it_was_kept(runtime):
    runtime.store.holds = is_append
    await _go_away(runtime, tell(runtime, "Down"))
    runtime.store.recover()
    await incident(runtime)
    assert (await tell(runtime, "Down")).changed == 0


async def _go_away(runtime, work):
    task = asyncio.create_task(work)
    await until(lambda: runtime.store.held)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def test_an_alert_that_cannot_be_taken_does_not_harm_the_others(runtime):
    parsed = said("Down", "Bad", "Other")
    parsed.sightings[1].labels = {}
    parsed.rejected.append(Rejected(7, "no"))
    taken = await runtime.ingest(runtime.door("prometheus", ""), parsed)
    assert (taken.accepted, taken.changed, [item.index for item in taken.rejected]) == (2, 2, [1, 7])


async def test_too_much_undecided_work_is_refused_at_the_door():
    store = SlowStore()
    runtime = a_runtime(store, config=replace(CONFIG, limits=Limits(queue_entries=2)))
    await runtime.start()
    store.holds = is_decision
    await tell(runtime, "First")
    await until(lambda: store.held)
    await tell(runtime, "A", "B")
    with pytest.raises(Overloaded):
        await tell(runtime, "C")
    assert "too many entries wait to be decided" in runtime.health().reasons
    store.holds = lambda batch: False
    store.release()
    await until(lambda: runtime.bus.depth == 0)
    assert (await tell(runtime, "C")).changed == 1
    await runtime.stop()


# Deciding


async def test_an_alert_pages_and_the_page_leaves(runtime, capsys):
    await tell(runtime, "Down")
    await _page(runtime)
    assert "Down" in capsys.readouterr().out


async def test_a_bad_entry_is_counted_and_stops_nothing(runtime):
    runtime.pipeline.bad_alert = "Bad"
    await tell(runtime, "Bad", "Down")
    assert (await incident(runtime))[0].title.startswith("Down")
    assert value(runtime, "alertmesh_pipeline_failures_total") == 1
    assert runtime.health().ready


async def test_decisions_wait_for_the_disk(runtime):
    runtime.store.holds = is_decision
    await tell(runtime, "Down")
    await until(lambda: runtime.store.held)
    runtime.store.fails = True
    runtime.store.holds = lambda batch: False
    runtime.store.release()
    await until(lambda: "the store does not take writes" in runtime.health().reasons)
    assert runtime.attempts(1) == []
    runtime.store.fails = False
    await until(lambda: runtime.attempts(1))
    assert runtime.health().ready


async def test_a_program_that_cannot_decide_says_so(runtime):
    runtime.pipeline.bad_finish = True
    await tell(runtime, "Down")
    await until(lambda: not runtime.health().ready)
    assert runtime.health().reasons == ("an inner loop fails or stopped",)
    runtime.pipeline.bad_finish = False


# People


async def test_an_ack_is_answered_when_it_counts(runtime):
    await tell(runtime, "Down")
    await incident(runtime)
    await runtime.command(command("ack"))
    assert runtime.incident(1)[1].state is State.T1_ACKED


async def test_a_word_on_two_series_is_durable_and_carried_out_when_it_returns(runtime):
    await tell(runtime, "Down", "Other")
    await incident(runtime, 2)
    one, other = (runtime.members(number)[0].series.id for number in (1, 2))
    await runtime.feedback(Feedback(action=Action.MERGE, actor="ann", at=NOW, a=one, b=other))
    assert runtime.incident(2)[0].merged_into == 1
    assert [judgement.actor for _, judgement in runtime.judgements(None, 10)] == ["ann"]


async def test_a_series_is_found_by_its_id_and_by_an_alert_of_it(runtime):
    await tell(runtime, "Down")
    await incident(runtime)
    ((alert, _),) = runtime.alerts()
    series = runtime.series(alert.fingerprint)
    assert (series.name, runtime.series(series.id), runtime.series("x")) == ("Down", series, None)


@pytest.mark.parametrize(
    ("asked", "error"),
    [
        (command("snooze", minutes="10"), BadCommand),
        (command("ack", epoch=999), StaleCommand),
        (command("ack", number=77), KeyError),
    ],
    ids=["impossible", "stale", "unknown"],
)
async def test_what_cannot_be_done_is_refused(runtime, asked, error):
    await tell(runtime, "Down")
    await incident(runtime)
    with pytest.raises(error):
        await runtime.command(asked)


async def test_an_action_that_an_error_of_ours_stopped_is_not_said_to_be_done(runtime):
    await tell(runtime, "Down")
    await incident(runtime)
    runtime.pipeline.bad_command = True
    with pytest.raises(BadCommand, match="error of ours"):
        await runtime.command(command("ack"))


async def test_an_action_of_somebody_who_went_away_is_carried_out(runtime):
    await tell(runtime, "Down")
    await incident(runtime)
    runtime.store.holds = is_append
    await _go_away(runtime, runtime.command(command("ack")))
    runtime.store.recover()
    await until(lambda: runtime.incident(1)[1].state is State.T1_ACKED)


async def test_nobody_waits_for_a_decision_that_will_not_come(runtime):
    await tell(runtime, "Down")
    await incident(runtime)
    runtime.pipeline.bad_finish = True
    for _ in range(2):
        with pytest.raises(Overloaded):
            await runtime.command(command("ack"))
    runtime.pipeline.bad_finish = False


# Time


async def test_a_lease_that_runs_out_becomes_an_entry(runtime):
    await tell(runtime, "Down", lease_s=60)
    await incident(runtime)
    runtime.clock.wall.advance(timedelta(seconds=61))
    await until(lambda: runtime.incident(1)[0].condition is Condition.CLEARED)
    assert [entry.expired for entry in entries(runtime, Ended)] == [True]
    await until(lambda: value(runtime, "alertmesh_leases_expired_total") == 1)


async def test_a_lease_that_could_not_be_ended_is_ended_later(runtime):
    await tell(runtime, "Down", lease_s=60)
    await incident(runtime)
    runtime.store.fails = True
    runtime.clock.wall.advance(timedelta(seconds=61))
    await until(lambda: "the store does not take writes" in runtime.health().reasons)
    runtime.store.fails = False
    await until(lambda: runtime.incident(1)[0].condition is Condition.CLEARED)


async def test_time_that_fails_once_goes_on_and_shows(runtime):
    runtime.pipeline.bad_deadline = True
    await until(lambda: not runtime.health().ready)
    assert value(runtime, 'alertmesh_loop_failures_total{loop="time"}') >= 1
    runtime.pipeline.bad_deadline = False
    await until(lambda: runtime.health().ready)


async def test_a_deadline_brings_a_tick(runtime):
    await tell(runtime, "Down")
    await _page(runtime)
    runtime.clock.wall.advance(timedelta(minutes=3))
    await until(lambda: [a for a in runtime.attempts(1) if a.page.person == "chen"])
    assert entries(runtime, Tick)


async def test_repeats_are_counted_on_disk(runtime):
    for _ in range(3):
        await tell(runtime, "Down")
    counts = await until(lambda: list(runtime.store.counts()))
    assert [count.repeats for count in counts] == [2]


# Life


async def test_a_stop_decides_what_was_accepted():
    store = MemoryStore()
    runtime = a_runtime(store)
    await runtime.start()
    await tell(runtime, *(f"Down{number}" for number in range(600)))
    await runtime.stop()
    assert store.cursor() >= 600
    assert len(store.scan("incident", None, 1000)) == 600


async def test_a_stop_lets_go_of_the_store_even_if_a_channel_failed():
    store = MemoryStore()
    runtime = a_runtime(store)
    await runtime.start()
    runtime.outbox._tasks["broken"] = asyncio.ensure_future(_fail())
    await until(runtime.outbox.broken)
    assert "a channel stopped working" in runtime.health().reasons
    await runtime.stop()
    with pytest.raises(StoreUnavailable):
        await tell(runtime, "Down")


async def _fail():
    raise ZeroDivisionError("a channel")


@pytest.fixture(params=["memory", "sqlite"])
def stores(request, tmp_path):
    """Return what makes the store of one run after the other."""
    memory = MemoryStore()
    return (lambda: memory) if request.param == "memory" else (lambda: SqliteStore(tmp_path / "a.db"))


async def test_a_restart_knows_what_was_decided_and_decides_nothing_again(stores):
    first = a_runtime(stores())
    await first.start()
    await tell(first, "Down")
    await _page(first)
    await first.command(command("ack"))
    before = first.incident(1)
    await first.stop()
    second = a_runtime(stores())
    await second.start()
    await until(lambda: second.bus.depth == 0)
    assert (await tell(second, "Down")).changed == 0
    assert second.incident(1) == before
    assert len(second.attempts(1)) == 1
    await second.stop()


async def test_a_restart_decides_what_was_left_undecided():
    store = SlowStore()
    first = a_runtime(store, stumbling=True)
    await first.start()
    first.pipeline.bad_finish = True
    await tell(first, "Down")
    await until(lambda: not first.health().ready)
    await first.stop()
    second = a_runtime(store)
    await second.start()
    assert (await incident(second))[0].title.startswith("Down")
    assert (await tell(second, "Down")).changed == 0
    await second.stop()


async def test_a_restart_gives_leases_their_full_length_again():
    store, clock = MemoryStore(), ManualClock(NOW)
    first = a_runtime(store, clock)
    await first.start()
    await tell(first, "Down", lease_s=60)
    await first.stop()
    clock.advance(timedelta(hours=1))
    second = a_runtime(store, clock)
    await second.start()
    assert second.filter.next_expiry() == clock.now() + timedelta(seconds=60)
    await second.stop()


# The filter keeps the end of an alert that it never saw in memory only, so each firing is a new episode here.
_STREAMS = st.lists(
    st.tuples(st.sampled_from(["Down", "Slow", "Full"]), st.booleans()), min_size=1, max_size=8
)


@settings(max_examples=15)
@given(_STREAMS, st.integers(0, 8))
def test_a_run_with_a_restart_ends_like_one_without(stream, cut):
    assert asyncio.run(_play(stream, cut)) == asyncio.run(_play(stream, None))


async def _play(stream, cut):
    store, clock = MemoryStore(), ManualClock(NOW)
    await store.open()
    await store.write(Batch(rows=[Row("secret", "codes", b"the same in every run")]))
    runtime = a_runtime(store, clock)
    await runtime.start()
    for index, (name, firing) in enumerate(stream):
        clock.advance(timedelta(seconds=1))
        if index == cut:
            await runtime.stop()
            runtime = a_runtime(store, clock)
            await runtime.start()
        await tell(runtime, name, firing=firing, at=clock.now())
        await until(lambda: not store.tail(store.cursor(), 1) and not store.open_attempts())
    found = runtime.incidents(None, 100)
    attempts = [runtime.attempts(facts.id) for facts, _ in found]
    await runtime.stop()
    return found, attempts


# Configuration


def _other(version: str) -> Config:
    return replace(CONFIG, version=version, listen="0.0.0.0:1")


async def test_a_good_configuration_is_taken_over():
    runtime = a_runtime(MemoryStore(), reload=lambda: _other("next"))
    await runtime.start()
    await runtime.reload()
    assert runtime.config.version == "next"
    assert [entry.version for entry in entries(runtime, RulesChanged)] == ["next"]
    await runtime.stop()


@pytest.mark.parametrize("stage", ["dedup", "correlate", "incidents"])
async def test_a_reload_reaches_every_stage(stage):
    few = {"dedup": {"max_instances": 7}, "correlate": {"max_groups": 7}, "incidents": {"max_watched": 7}}
    sections = {**CONFIG.sections, **few}
    runtime = a_runtime(MemoryStore(), reload=lambda: replace(CONFIG, sections=sections))
    await runtime.start()
    await runtime.reload()
    built = Wiring(replace(CONFIG, sections=sections))
    built.pipeline.restored()
    assert held(getattr(runtime.pipeline, stage)) == held(getattr(built.pipeline, stage))
    await runtime.stop()


async def test_an_address_that_is_not_listened_on_changes_nothing_about_access():
    runtime = a_runtime(MemoryStore(), reload=lambda: _other("next"))
    await runtime.start()
    await runtime.reload()
    assert not runtime.authentication_required()
    await runtime.stop()


def _bad() -> Config:
    raise BadConfig(["alertmesh.yaml:1:1 is bad"])


async def test_a_bad_configuration_changes_nothing():
    runtime = a_runtime(MemoryStore(), reload=_bad)
    await runtime.start()
    with pytest.raises(BadConfig):
        await runtime.reload()
    assert runtime.config is CONFIG
    assert value(runtime, "alertmesh_config_last_reload_successful") == 0
    await runtime.stop()


async def test_an_open_address_needs_a_token():
    runtime = a_runtime(MemoryStore(), config=replace(CONFIG, listen="0.0.0.0:9393"))
    await runtime.start()
    assert runtime.authentication_required()
    await runtime.stop()
