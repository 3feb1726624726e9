"""The door of Prometheus: Alertmanager's defaults and Alertmanager's answers."""

from datetime import timedelta

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alertmesh.core.alert import Parsed, Rejected
from alertmesh.core.errors import BadPayload
from alertmesh.ingest.prometheus import LEASE, SOURCE, answer, parse, refusal
from tests.ingest.samples import NOW, only

NAMES = {"a": "b"}
PAST = NOW - timedelta(hours=1)
FUTURE = NOW + timedelta(hours=1)


def posted(*alerts):
    return orjson.dumps(alerts)


def answered(body):
    """Return the whole answer to a body."""
    try:
        return answer(parse(body, NOW))
    except BadPayload as error:
        return refusal(error)


@pytest.mark.parametrize(
    ("dates", "firing", "starts_at", "ends_at"),
    [
        ({}, True, None, None),
        ({"startsAt": PAST}, True, PAST, None),
        ({"endsAt": FUTURE}, True, FUTURE, FUTURE),
        ({"endsAt": PAST}, False, PAST, PAST),
        ({"endsAt": NOW}, False, NOW, NOW),
        ({"startsAt": PAST, "endsAt": FUTURE}, True, PAST, FUTURE),
        ({"startsAt": PAST, "endsAt": PAST}, False, PAST, PAST),
        ({"startsAt": "0001-01-01T00:00:00Z", "endsAt": "0001-01-01T00:00:00Z"}, True, None, None),
        ({"startsAt": "", "endsAt": None}, True, None, None),
    ],
    ids=["none", "start", "end to come", "end past", "end now", "both", "no length", "year 1", "empty, null"],
)
def test_the_dates_have_alertmanagers_defaults(dates, firing, starts_at, ends_at):
    seen = only(parse(posted({"labels": NAMES} | dates), NOW))
    assert (seen.firing, seen.starts_at, seen.ends_at) == (firing, starts_at, ends_at)


def test_without_an_end_the_lease_is_the_resolve_timeout():
    assert SOURCE.lease == timedelta(minutes=5)


def test_the_source_answers_for_itself():
    assert (SOURCE.answer, SOURCE.refusal) == (answer, refusal)


@pytest.mark.parametrize(
    "body",
    [
        b"[]",
        b"null",
        posted({"labels": NAMES, "status": 5, "foo": []}),
        posted({"labels": NAMES | {"c": ""}}),
    ],
    ids=["none", "null", "more fields", "an empty value"],
)
def test_what_is_taken_is_answered_200_without_a_body(body):
    assert answered(body) == (200, b"", "")


@pytest.mark.parametrize(
    ("body", "code", "message"),
    [
        (posted({}), 602, "0.labels in body is required"),
        (posted({"labels": NAMES}, {"labels": None}), 602, "1.labels in body is required"),
        (b"", 602, "alerts in body is required"),
        (
            posted({"labels": NAMES, "generatorURL": "not a url"}),
            601,
            '0.generatorURL in body must be of type uri: "not a url"',
        ),
    ],
    ids=["no labels", "null labels", "no body", "bad link"],
)
def test_a_broken_schema_refuses_the_whole_request(body, code, message):
    status, text, kind = answered(body)
    assert (status, kind) == (422, "application/json")
    assert orjson.loads(text) == {"code": code, "message": message}


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"{", "Input data was truncated"),
        (b"{}", "expected a list, got an object"),
        (posted({"labels": {"a": 1}}), "0.labels.a: expected text, got a number"),
        (posted({"labels": []}), "0.labels: expected an object, got a list"),
        (posted({"labels": NAMES}, None), "1: expected an object, got null"),
        (posted({"labels": NAMES, "startsAt": "NaN"}), "0.startsAt: Invalid RFC3339 encoded datetime"),
        (b"NaN", "JSON is malformed: invalid character (byte 0)"),
        (b"[" * 100_000, "nested too deep"),
    ],
    ids=["cut short", "object", "number", "list", "null", "bad date", "NaN", "deep"],
)
def test_what_cannot_be_read_is_answered_400_with_the_reason(body, why):
    status, text, _ = answered(body)
    message = f'parsing alerts body from "" failed, because {why}'
    assert (status, orjson.loads(text)) == (400, {"code": 400, "message": message})


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ({"labels": {}}, "at least one label pair required"),
        ({"labels": {"a": ""}}, "at least one label pair required"),
        ({"labels": {"": "x"}}, 'invalid label set: invalid name ""'),
        ({"labels": NAMES, "annotations": {"": "x"}}, 'invalid annotations: invalid name ""'),
        ({"labels": NAMES, "startsAt": NOW, "endsAt": PAST}, "start time must be before end time"),
        ({"labels": NAMES, "startsAt": FUTURE}, "start time must be before end time"),
    ],
    ids=["no label", "empty value", "empty name", "annotation", "ends first", "starts after the lease"],
)
def test_the_valid_alerts_of_a_400_are_kept(bad, message):
    parsed = parse(posted({"labels": NAMES}, bad), NOW)
    assert answer(parsed) == (400, orjson.dumps(message) + b"\n", "application/json")
    assert (list(parsed.positions), [one.labels for one in parsed.sightings]) == ([0], [NAMES])


def test_every_refused_alert_is_named_in_order():
    refused = [Rejected(0, "one"), Rejected(2, "two")]
    assert answer(Parsed([], [], refused))[1] == b'"one; two"\n'


@pytest.mark.parametrize("name", ["bad-name", "1a", "名", "a b"])
def test_label_names_may_be_any_text(name):
    assert only(parse(posted({"labels": {name: "x"}}), NOW)).labels == {name: "x"}


def test_empty_labels_are_no_part_of_the_identity():
    seen = parse(posted({"labels": NAMES}, {"labels": NAMES | {"c": ""}}), NOW).sightings
    assert seen[0].identity == seen[1].identity
    assert seen[1].labels == NAMES


@given(st.dictionaries(st.text("abc", min_size=1), st.text("xyz", min_size=1), min_size=2))
def test_the_order_of_labels_is_no_part_of_the_identity(labels):
    turned = dict(reversed(labels.items()))
    one, other = parse(posted({"labels": labels}, {"labels": turned}), NOW).sightings
    assert one.identity == other.identity


@given(st.integers(-600, 600), st.integers(-600, 600))
def test_an_alert_fires_exactly_until_its_end(start_s, length_s):
    starts_at = NOW + timedelta(seconds=start_s)
    ends_at = starts_at + timedelta(seconds=length_s)
    parsed = parse(posted({"labels": NAMES, "startsAt": starts_at, "endsAt": ends_at}), NOW)
    assert [one.firing for one in parsed.sightings] == ([ends_at > NOW] if length_s >= 0 else [])


def test_a_start_within_the_lease_is_taken():
    assert only(parse(posted({"labels": NAMES, "startsAt": NOW + LEASE}), NOW)).firing
