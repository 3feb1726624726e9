"""What was learned of one recording lets another run begin warm, and who knows something keeps to that."""

from datetime import timedelta

import msgspec
import pytest
from msgspec.structs import replace

from alertmesh.config import load
from alertmesh.config.models import NO_MODELS
from alertmesh.core.clock import ManualClock
from alertmesh.core.errors import BadConfig
from alertmesh.correlate.relations import BESIDE
from alertmesh.learned import decode, encode, lay, snapshot
from alertmesh.metrics import Metrics
from alertmesh.replay import Replay
from alertmesh.runtime import Runtime
from alertmesh.store import MemoryStore
from alertmesh.training.experience import learn
from alertmesh.wiring import Wiring
from tests.recordings import START, failing, write

NONE = load(None, None, {"models": "none"})
LATER = START + timedelta(days=30)


@pytest.fixture(scope="module")
def learned(tmp_path_factory):
    file, _ = write(failing(24), tmp_path_factory.mktemp("learned"))
    return learn([file], NONE)


@pytest.fixture
def models(learned, tmp_path):
    """Return the configuration of a directory that has what was learned."""
    (tmp_path / "learned.json.gz").write_bytes(encode(learned))
    return load(None, None, {"models": str(tmp_path)})


def stage(config=NONE):
    return Wiring(config).pipeline.correlate


def tables(correlate):
    return {table.table: {key: table[key] for key in table} for table in correlate.tables}


def test_it_is_read_as_it_was_written(learned):
    assert decode(encode(learned)) == decode(encode(decode(encode(learned))))


def test_the_same_experience_gives_the_same_bytes(learned):
    assert encode(learned) == encode(learned)


def test_kinds_and_habits_are_learned_but_no_memberships(learned):
    assert set(learned.kinds) >= {"HighErrorRate", "DiskFills"}
    assert {key.partition("|")[0] for key in learned.beats} == {"c1"}
    assert not {"members", "standings"} & set(learned.__struct_fields__)


def test_a_run_begins_as_if_the_recording_had_just_ended(learned):
    warm = stage()
    assert lay(learned, warm, LATER, learned.window_s)
    again = snapshot(warm, LATER, learned.window_s, learned.alerts)
    by = (LATER - learned.until).total_seconds()
    assert {key: beat.last - by for key, beat in again.beats.items()} == pytest.approx(
        {key: beat.last for key, beat in learned.beats.items()}
    )
    assert again.values.keys() == learned.values.keys()
    assert warm.relations.affinity("HighErrorRate", "HighLatency", BESIDE)[1] > 3


def test_windows_of_another_length_are_not_taken_over(learned):
    warm = stage()
    lay(learned, warm, LATER, learned.window_s * 2)
    assert tables(warm)["correlate_value"] == {}


def test_who_knows_something_keeps_to_that(learned):
    known = Wiring(NONE)
    Replay(known).run(failing(1).alerts)
    before = tables(known.pipeline.correlate)
    assert not lay(learned, known.pipeline.correlate, LATER, learned.window_s)
    assert tables(known.pipeline.correlate) == before


def test_a_replay_begins_with_it(models):
    warm = Wiring(models)
    Replay(warm).run(failing(1).alerts[:1])
    assert warm.pipeline.correlate.relations.affinity("HighErrorRate", "HighLatency", BESIDE)[1] > 3


async def test_a_server_keeps_it_durably(models, learned):
    store = MemoryStore()
    runtime = Runtime(Wiring(models), store, ManualClock(LATER), Metrics())
    await runtime.start()
    known = runtime.pipeline.correlate.relations.affinity("HighErrorRate", "HighLatency", BESIDE)[1]
    await runtime.stop()
    assert known > 3


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"version": 2}, "version 2"),
        ({"until": START.replace(tzinfo=None)}, "until has no zone"),
        ({"lags": {"0": [0.0, [1.0]]}}, "of another form"),
    ],
    ids=["version", "zone", "lags"],
)
def test_what_cannot_be_used_is_named(learned, change, problem):
    plain = msgspec.to_builtins(learned) | change
    with pytest.raises(BadConfig, match=rf"^mine\.json: .*{problem}"):
        decode(msgspec.json.encode(plain), "mine.json")


@pytest.mark.parametrize("body", [b"", b"{}", b"\x1f\x8b", b"\x1f\x8bgarbage"])
def test_what_is_no_experience_is_refused(body):
    with pytest.raises(BadConfig, match=r"^mine\.json"):
        decode(body, "mine.json")


def test_nothing_is_laid_where_there_is_none():
    wiring = Wiring(NONE)
    wiring.warm_up(LATER)
    assert NONE.models == NO_MODELS
    assert tables(wiring.pipeline.correlate)["correlate_beat"] == {}


def test_an_early_run_is_no_trouble(learned):
    early = replace(learned, until=learned.until + timedelta(days=9000))
    warm = stage()
    lay(early, warm, START, learned.window_s)
    assert warm.relations.affinity("HighErrorRate", "HighLatency", BESIDE)[1] > 3
