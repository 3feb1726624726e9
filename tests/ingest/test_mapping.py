"""A mapping reads what its paths lead to, and says what it cannot read."""

from datetime import UTC, datetime, timedelta

import msgspec
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alertmesh.core.errors import BadPayload
from alertmesh.ingest.mapping import Mapping, source
from tests.ingest.samples import NOW, only

BASE = {
    "name": "own",
    "firing": {"value": "state", "words": ["down"]},
    "resolved": {"value": "state", "words": ["up"]},
    "labels": {"alertname": {"value": "what"}, "host": {"value": "host", "host": True}},
}
ONE = {"state": "down", "what": "Fan", "host": "rack-1:161"}


def read(body, /, **changes):
    made = source(msgspec.convert(BASE | changes, Mapping))
    return made.parse(body if isinstance(body, bytes) else orjson.dumps(body), NOW)


def test_a_body_is_an_alert_or_a_list_of_them():
    assert only(read(ONE)).labels == {"alertname": "Fan", "host": "rack-1"}
    assert len(read([ONE, ONE | {"host": "rack-2"}]).sightings) == 2


def test_a_bad_alert_does_not_cost_its_neighbours():
    parsed = read([ONE, 7, {"state": "odd"}, {"state": "up"}, ONE | {"what": {}}, ONE])
    assert list(parsed.positions) == [0, 5]
    assert [(one.index, one.error) for one in parsed.rejected] == [
        (1, "expected an object, got a number"),
        (2, "state: 'odd' says neither firing nor resolved"),
        (3, "labels: at least one label pair required"),
        (4, "labels.alertname: expected text, got an object"),
    ]


@pytest.mark.parametrize(
    ("changes", "firing"),
    [
        ({"resolved": None}, [True, False]),
        ({"firing": None}, [True, False]),
        ({"firing": None, "resolved": None}, [True, True]),
        ({}, [True, False]),
    ],
    ids=["firing alone", "resolved alone", "neither", "both"],
)
def test_what_one_condition_leaves_over_is_the_other(changes, firing):
    parsed = read([ONE, ONE | {"state": "UP"}], **changes)
    assert [seen.firing for seen in parsed.sightings] == firing


def test_what_is_skipped_is_neither_taken_nor_refused():
    parsed = read([ONE | {"state": "test"}, ONE], skip={"value": "state", "words": ["Test"]})
    assert (list(parsed.positions), parsed.rejected) == ([1], [])


@pytest.mark.parametrize(
    ("value", "given", "found"),
    [
        ({"value": "x", "map": {"2": "high"}, "default": "low"}, 2, "high"),
        ({"value": "x", "map": {"2": "high"}, "default": "low"}, 9, "low"),
        ({"value": "x", "map": {"2": "high"}}, 9, ""),
        ({"value": "x", "default": "none"}, None, "none"),
        ({"value": "x", "extract": r"on (?P<value>\S+) of (\S+)"}, "fan on r1 of c2", "r1"),
        ({"value": "x", "extract": r"on (\S+)", "host": True}, "fan on r1:161", "r1"),
        ({"value": "x", "extract": "[0-9]+"}, "slot 17", "17"),
        ({"value": "x", "extract": "[0-9]+"}, "no slot", ""),
        ({"value": "x"}, True, "true"),
        ({"value": "x"}, [1, "b"], "1,b"),
        ({"value": "{{ x }} at {{ host(host) }}"}, "Fan", "Fan at rack-1"),
    ],
)
def test_a_text_is_made_of_what_is_found(value, given, found):
    labels = {"alertname": {"value": "what"}, "made": value}
    assert only(read(ONE | {"x": given}, labels=labels)).labels.get("made", "") == found


def test_the_whole_body_can_be_reached_from_an_alert():
    labels = {"alertname": {"value": "what"}, "site": {"value": "$.site"}}
    parsed = read({"site": "c1", "list": [ONE]}, each="list", labels=labels)
    assert only(parsed).labels == {"alertname": "Fan", "site": "c1"}


def test_all_labels_of_an_object_are_taken_and_those_named_stand_over_them():
    labels = {"*": {"value": "more"}, "alertname": {"value": "what"}}
    seen = only(read(ONE | {"more": {"a": 1, "alertname": "x", "none": None}}, labels=labels))
    assert seen.labels == {"a": "1", "alertname": "Fan"}


def test_the_senders_own_id_is_the_identity_whatever_the_labels_are():
    first, second = (
        only(read(ONE | {"no": 17, "what": what}, id=["no"])) for what in ("Fan", "Fan of the rack")
    )
    assert (first.identity, first.keyed, first.local) == (second.identity, True, True)
    nameless = only(read(ONE, id=["no"]))
    assert (nameless.keyed, nameless.local) == (False, False)
    assert only(read(ONE | {"no": 18}, id=["no"])).identity != first.identity


@pytest.mark.parametrize(
    ("given", "moment"),
    [
        ("2026-11-23T11:00:00+08:00", datetime(2026, 11, 23, 3, tzinfo=UTC)),
        ("2026-11-23 03:00:00.5", datetime(2026, 11, 23, 3, 0, 0, 500_000, tzinfo=UTC)),
        (1_795_402_800, datetime(2026, 11, 23, 3, tzinfo=UTC)),
        ("1795402800000", datetime(2026, 11, 23, 3, tzinfo=UTC)),
        ("1795402800000000000", datetime(2026, 11, 23, 3, tzinfo=UTC)),
        ("0001-01-01T00:00:00Z", None),
        (0, None),
        ("", None),
    ],
)
def test_a_moment_is_read_in_every_common_form(given, moment):
    assert only(read(ONE | {"at": given}, starts_at={"value": "at"})).starts_at == moment


def test_an_end_behind_us_does_not_end_what_fires():
    ends = {"ends_at": {"value": "at"}}
    late, soon = NOW + timedelta(hours=1), NOW - timedelta(hours=1)
    assert only(read(ONE | {"at": soon}, **ends)).ends_at is None
    assert only(read(ONE | {"at": late}, **ends)).ends_at == late
    assert only(read(ONE | {"at": late, "state": "up"}, **ends)).ends_at == NOW
    assert only(read(ONE | {"at": soon, "state": "up"}, **ends)).ends_at == soon


def test_a_form_is_read_where_the_mapping_says_so():
    form = b"state=down&what=Fan+%E2%9C%93&host=rack-1%3A161&what=Fan+2"
    assert only(read(form, body="form")).labels == {"alertname": "Fan 2", "host": "rack-1"}
    assert only(read(ONE, body="form")).labels == {"alertname": "Fan", "host": "rack-1"}
    with pytest.raises(BadPayload):
        read(form)


@pytest.mark.parametrize("body", [b"", b"hello", b"\xff=1", b"&".join([b"a=1"] * 2_000)])
def test_what_is_no_form_is_refused_as_a_whole(body):
    with pytest.raises(BadPayload, match="no form"):
        read(body, body="form")


def test_a_body_without_its_list_is_refused_with_the_path():
    with pytest.raises(BadPayload, match="is required") as caught:
        read({}, each="$.alerts")
    assert caught.value.field == "$.alerts"


def test_a_body_holds_no_more_alerts_than_can_be_read_at_once():
    with pytest.raises(BadPayload, match="at most 5000"):
        read([ONE] * 5_001)


@given(st.dictionaries(st.sampled_from(["state", "what", "host", "no", "at"]), st.text(max_size=200)))
def test_any_texts_do_no_harm(fields):
    odd = {"id": ["no"], "starts_at": {"value": "at"}, "annotations": {"text": {"value": "{{what}} {{at}}"}}}
    parsed = read([ONE | fields], **odd)
    assert len(parsed.sightings) + len(parsed.rejected) == 1
