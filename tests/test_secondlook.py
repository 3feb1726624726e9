"""Everything active is looked at again at its time, off the loop, and through the ordered log."""

from dataclasses import replace
from datetime import timedelta

import pytest

from alertmesh.config.models import NO_MODELS
from alertmesh.core.clock import ManualClock
from alertmesh.core.entries import Action, Command, Proposed
from alertmesh.core.ports import Batch, StoredEntry
from alertmesh.core.regrouping import Regrouping, RegroupKind, Term
from alertmesh.correlate.batchsettings import BatchSettings
from alertmesh.metrics import Metrics
from alertmesh.replay import Replay
from alertmesh.runtime import Runtime
from alertmesh.secondlook import Rhythm, SecondLook
from alertmesh.store.codec import decode_entry, encode_body
from alertmesh.store.memory import MemoryStore
from alertmesh.wiring import Wiring
from tests.fakes import NOW, said, until
from tests.scenarios.people import staffed
from tests.test_replay import NOW as BEGUN
from tests.test_replay import alert

CONFIG = replace(staffed("console"), models=NO_MODELS)
PAUSE = timedelta(minutes=5)


def merged(confidence=0.99, groups=(1, 2), series=()):
    return Regrouping(
        kind=RegroupKind.MERGE,
        groups=groups,
        series=series,
        confidence=confidence,
        reason="It looks so",
        terms=(Term("across", 0.5),),
    )


@pytest.fixture
async def runtime():
    made = Runtime(Wiring(CONFIG), MemoryStore(), ManualClock(NOW), Metrics())
    await made.start()
    yield made
    await made.stop()


async def two_incidents(runtime):
    for number, name in enumerate(("Down", "Lost"), 1):
        await runtime.ingest(runtime.door("prometheus", ""), said(name))
        await until(lambda number=number: runtime.incident(number))


async def decided(runtime, *told):
    entry = StoredEntry(99, Proposed(at=NOW + timedelta(minutes=1), proposals=told))
    return runtime.pipeline.feed([entry])


def test_an_entry_comes_back_from_the_log_as_it_was():
    entry = Proposed(at=NOW, proposals=(merged(),))
    assert decode_entry(encode_body(entry)) == entry


def test_nothing_is_due_until_something_changed():
    wiring = Wiring(CONFIG)
    rhythm = Rhythm(wiring.pipeline)
    assert rhythm.due(NOW) is None
    wiring.pipeline.moves += 1
    assert rhythm.due(NOW + timedelta(seconds=7)) == NOW + PAUSE
    assert rhythm.due(NOW + 2 * PAUSE) == NOW + PAUSE
    rhythm.looked()
    assert rhythm.due(NOW + 2 * PAUSE) is None


def test_after_the_clock_was_set_back_the_next_look_is_not_put_off():
    wiring = Wiring(CONFIG)
    rhythm = Rhythm(wiring.pipeline)
    wiring.pipeline.moves += 1
    rhythm.due(NOW)
    assert rhythm.due(NOW - timedelta(days=2)) == NOW - timedelta(days=2) + PAUSE


def test_nothing_is_due_when_it_is_turned_off():
    wiring = Wiring(CONFIG)
    wiring.pipeline.correlate.suggestions.adopt(BatchSettings(every_s=0.0))
    wiring.pipeline.moves += 1
    assert Rhythm(wiring.pipeline).due(NOW) is None


async def test_a_sure_proposal_makes_two_incidents_one(runtime):
    await two_incidents(runtime)
    out = await decided(runtime, merged())
    assert [line.rule for line in out.timeline if line.rule.startswith("INC")] == ["INC-07", "INC-08"]
    assert [incident.id for incident in runtime.pipeline.incidents.incidents()] == [1]


async def test_what_somebody_works_on_is_only_suggested(runtime):
    await two_incidents(runtime)
    await runtime.command(Command(action=Action.ACK, incident=2, actor="li", at=NOW))
    out = await decided(runtime, merged())
    assert [line.rule for line in out.timeline] == ["INC-15", "INC-15"]
    assert [(made.number, other) for made, other in runtime.suggestions(1)] == [(1, 2)]


@pytest.mark.parametrize(("action", "left"), [(Action.ACCEPT, [1]), (Action.DISMISS, [1, 2])])
async def test_people_answer_what_is_suggested(runtime, action, left):
    await two_incidents(runtime)
    await decided(runtime, merged(0.8))
    asked = {"suggestion": "1"}
    await runtime.command(Command(action=action, incident=1, actor="li", at=NOW + PAUSE, args=asked))
    assert [incident.id for incident in runtime.pipeline.incidents.incidents()] == left
    assert runtime.suggestions(1) == []


async def test_a_look_is_had_in_a_worker_and_logged_if_there_is_something_to_decide(runtime):
    await two_incidents(runtime)
    clock = ManualClock(NOW)
    look = SecondLook(runtime.pipeline, runtime.journal, clock)
    runtime.pipeline.moves += 1
    await look.beat()
    clock.advance(PAUSE)
    await look.beat()
    await decided(runtime, merged(0.8))
    await look.beat()
    clock.advance(PAUSE)
    await look.beat()
    logged = [stored.entry for stored in runtime.store.tail(0, 100)]
    assert sum(isinstance(entry, Proposed) for entry in logged) == 1


def test_a_replay_looks_at_the_rhythm_of_the_recording():
    moments = []
    for settings in (BatchSettings(suggest=0.0, apply=0.0), BatchSettings(every_s=0.0)):
        wiring = Wiring(CONFIG)
        wiring.pipeline.correlate.suggestions.adopt(settings)
        run = Replay(wiring)
        run.run([alert(5, "Down"), alert(8, "Lost"), alert(430, "Gone")])
        moments.append([incident.changed_at for incident in run.incidents() if incident.merged_into])
    assert moments == [[BEGUN + PAUSE], []]


async def test_a_restart_decides_what_was_proposed_before_it():
    store = MemoryStore()
    first = Runtime(Wiring(CONFIG), store, ManualClock(NOW), Metrics())
    await first.start()
    await two_incidents(first)
    await first.stop()
    await store.open()
    await store.write(Batch(entries=[Proposed(at=NOW + PAUSE, proposals=(merged(), merged()))]))
    second = Runtime(Wiring(CONFIG), store, ManualClock(NOW + PAUSE), Metrics())
    await second.start()
    await until(lambda: len(list(second.pipeline.incidents.incidents())) == 1)
    assert second.pipeline.correlate.suggestions.outdated == 1
    await second.stop()
