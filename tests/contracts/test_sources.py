"""What every registered source promises, ours and others' alike."""

import ast
import inspect
import sys
from datetime import timedelta

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alertmesh.config import load
from alertmesh.core.alert import Parsed
from alertmesh.core.errors import BadPayload
from alertmesh.core.ports import Door
from alertmesh.wiring import Wiring
from tests.ingest.samples import BAD_BODIES, NOW, ROOT, normaliser

SOURCES = Wiring(load(None, None, {})).sources  # plugins, and what the shipped mappings describe
each_source = pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
GOLDEN = ROOT / "tests" / "golden"
RECORDED = {
    name: [
        orjson.loads(path.read_bytes())["body"].encode() for path in sorted((GOLDEN / name).glob("*.json"))
    ]
    for name in SOURCES
}
FIELDS = st.sampled_from(
    [
        "alerts",
        "status",
        "labels",
        "annotations",
        "startsAt",
        "endsAt",
        "generatorURL",
        "fingerprint",
        "state",
        "heartbeat",
        "monitor",
        "alertState",
        "dimensions",
        "name",
        "id",
        "a",
        "",
    ]
)
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**63),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(codec="utf-8"), max_size=8),
    st.sampled_from(
        ["firing", "resolved", "NaN", "2026-11-23T03:10:57.122636867+08:00", "0001-01-01T00:00:00Z"]
    ),
    st.sampled_from(["9999-12-31T23:59:59-08:00", "http://p/", "not a url", "0bf39cdaf49193f3"]),
)
PAYLOADS = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(FIELDS, inner, max_size=6),
    max_leaves=12,
)


def tried(source, body):
    """Return what a source makes of a body, None where it refuses the whole; nothing else may be raised."""
    try:
        return source.parse(body, NOW)
    except BadPayload:
        return None


def check(parsed: Parsed) -> None:
    places = [*parsed.positions, *(one.index for one in parsed.rejected)]
    assert len(places) == len(set(places)) == len(parsed.sightings) + len(parsed.rejected)
    assert all(seen.labels and "" not in seen.labels.values() for seen in parsed.sightings)
    assert all(seen.firing or seen.ends_at is not None for seen in parsed.sightings)


def test_our_own_sources_are_registered():
    assert {"alertmanager", "prometheus"} <= set(SOURCES)


@each_source
def test_a_source_has_its_name_and_a_lease(source):
    assert SOURCES[source.name] is source
    assert source.lease > timedelta(0)


@each_source
@pytest.mark.parametrize("body", BAD_BODIES.values(), ids=BAD_BODIES)
def test_what_cannot_be_read_is_a_bad_payload(source, body):
    with pytest.raises(BadPayload):
        source.parse(body, NOW)


@each_source
def test_its_sample_is_one_alert_at_least(source):
    parsed = source.parse(source.sample, NOW)
    assert parsed.sightings
    assert parsed.rejected == []


@each_source
def test_recorded_requests_are_there_and_read(source):
    assert RECORDED[source.name]
    for body in RECORDED[source.name]:
        check(source.parse(body, NOW))


@each_source
def test_a_body_always_means_the_same(source):
    for body in RECORDED[source.name]:
        assert source.parse(body, NOW) == source.parse(body, NOW)


@each_source
@settings(max_examples=100)
@given(st.lists(st.binary(max_size=64) | PAYLOADS.map(orjson.dumps), min_size=10, max_size=10))
def test_a_thousand_random_bodies_do_no_harm(source, bodies):
    for body in bodies:
        parsed = tried(source, body)
        if parsed is not None:
            check(parsed)


@each_source
@settings(max_examples=100)
@given(st.data())
def test_a_damaged_request_does_no_harm(source, data):
    body = bytearray(data.draw(st.sampled_from(RECORDED[source.name]))[:2000])
    for place in data.draw(st.lists(st.integers(0, len(body) - 1), max_size=5)):
        body[place] = data.draw(st.integers(0, 255))
    parsed = tried(source, bytes(body))
    if parsed is not None:
        check(parsed)


@each_source
@settings(max_examples=50)
@given(PAYLOADS)
def test_whatever_is_sighted_can_be_described_or_is_refused(source, item):
    door, ours = Door(source.name, source.name, source.lease), normaliser()
    for body in (orjson.dumps([item]), orjson.dumps({"alerts": [item]})):
        parsed = tried(source, body)
        for seen in parsed.sightings if parsed is not None else ():
            assert ours.describe(door, seen, NOW).labels


@each_source
def test_a_source_reads_no_clock(source):
    tree = ast.parse(inspect.getsource(sys.modules[source.parse.__module__]))
    called = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    assert called & {"now", "utcnow", "today", "time", "monotonic", "sleep"} == set()


@pytest.mark.long
@each_source
@settings(max_examples=5_000)
@given(st.lists(st.binary(max_size=512) | PAYLOADS.map(orjson.dumps), min_size=4, max_size=4))
def test_many_thousand_random_bodies_do_no_harm(source, bodies):
    for body in bodies:
        parsed = tried(source, body)
        if parsed is not None:
            check(parsed)
