"""A sighting becomes an alert: labels, limits, identity, times, and shared memory."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from alertmesh.core.alert import Entity, Priority
from alertmesh.core.errors import BadPayload
from alertmesh.core.labels import fingerprint
from alertmesh.ingest import alertmanager, prometheus
from alertmesh.ingest.normalise import CUT
from tests.ingest.samples import DOOR, NOW, normaliser, sighting

LABELS = {"alertname": "Disk", "instance": "web-01:9100", "severity": "critical"}
SENT = "0123456789abcdef"
CLUSTERED = replace(DOOR, labels={"cluster": "c1", "severity": "info", "empty": ""})


def describe(seen, door=DOOR, **limits):
    return normaliser(**limits).describe(door, seen, NOW)


def test_an_alert_carries_what_was_seen():
    alert = describe(sighting(LABELS, annotations={"summary": "full"}, generator_url="http://p/g"))
    assert (alert.source, alert.labels, alert.annotations) == ("prometheus", LABELS, {"summary": "full"})
    assert (alert.severity, alert.priority) == ("critical", Priority.P1)
    assert (alert.entity, alert.name) == (Entity("host", "web-01"), "Disk")
    assert (alert.received_at, alert.generator_url) == (NOW, "http://p/g")


def test_the_door_adds_only_labels_that_are_missing():
    assert describe(sighting(LABELS), CLUSTERED).labels == LABELS | {"cluster": "c1"}


def test_the_door_fills_an_empty_label():
    assert describe(sighting({"a": "b", "severity": ""}), CLUSTERED).labels == {
        "a": "b",
        "cluster": "c1",
        "severity": "info",
    }


def test_empty_labels_are_dropped():
    assert describe(sighting(LABELS | {"zone": ""})).labels == LABELS


@pytest.mark.parametrize(
    ("seen", "door", "expected"),
    [
        (sighting(LABELS, identity=SENT), DOOR, SENT),
        (sighting(LABELS, identity="not one"), DOOR, fingerprint(LABELS)),
        (sighting(LABELS, identity=17), DOOR, fingerprint(LABELS)),
        (sighting(LABELS, identity=SENT), CLUSTERED, fingerprint(LABELS | {"cluster": "c1"})),
        (sighting(LABELS | {"zone": ""}, identity=SENT), DOOR, fingerprint(LABELS)),
    ],
    ids=["the sender's own", "no fingerprint", "a hash", "a label was added", "a label was dropped"],
)
def test_the_fingerprint_is_that_of_the_labels(seen, door, expected):
    assert describe(seen, door).fingerprint == expected


@pytest.mark.parametrize(
    ("seen", "told_apart"),
    [
        (sighting(LABELS, identity=SENT, keyed=True, local=True), True),
        (sighting(LABELS, identity=SENT, keyed=True), False),
        (sighting(LABELS, identity=SENT), False),
    ],
    ids=["the names of one sender", "names that hold everywhere", "by labels"],
)
def test_names_of_one_sender_hold_together_with_its_own(seen, told_apart):
    unnamed = replace(DOOR, name=DOOR.source)
    found = [describe(seen, door).fingerprint for door in (unnamed, DOOR, replace(DOOR, name="other"))]
    assert found[0] == SENT
    assert len(set(found)) == (3 if told_apart else 1)


def test_the_same_alert_by_two_doors_is_one():
    hook = b'{"alerts":[{"status":"firing","labels":{"a":"b"},"fingerprint":"%s"}]}'
    told = fingerprint({"a": "b"}).encode()
    [one] = alertmanager.parse(hook % told, NOW).sightings
    [other] = prometheus.parse(b'[{"labels":{"a":"b","c":""}}]', NOW).sightings
    assert describe(one).fingerprint == describe(other).fingerprint


@pytest.mark.parametrize(
    ("fields", "expires_at"),
    [
        ({}, NOW + DOOR.lease),
        ({"ends_at": NOW + timedelta(minutes=1)}, NOW + timedelta(minutes=1)),
        ({"firing": False, "ends_at": NOW}, NOW),
    ],
    ids=["the door's lease", "the sender's lease", "ended"],
)
def test_the_lease_ends(fields, expires_at):
    assert describe(sighting(LABELS, **fields)).expires_at == expires_at


@pytest.mark.parametrize(
    ("told_s", "understood_s"), [(None, 0), (-86_400, -86_400), (300, 300), (301, 0)], ids=str
)
def test_a_start_far_ahead_is_now(told_s, understood_s):
    told = None if told_s is None else NOW + timedelta(seconds=told_s)
    assert describe(sighting(LABELS, starts_at=told)).starts_at == NOW + timedelta(seconds=understood_s)


@pytest.mark.parametrize(
    ("labels", "limits", "field"),
    [
        ({}, {}, "labels"),
        ({"a": ""}, {}, "labels"),
        ({f"l{number}": "x" for number in range(65)}, {}, "labels"),
        ({f"l{number}": "x" for number in range(100_000)}, {}, "labels"),
        ({"a": "b", "n" * 257: "x"}, {}, "labels." + "n" * 64),
        ({"a": "x" * 4097}, {}, "labels.a"),
        ({"a": "12345"}, {"value_chars": 4}, "labels.a"),
    ],
    ids=["none", "only empty", "too many", "far too many", "long name", "long value", "own limit"],
)
def test_labels_beyond_a_limit_are_refused_and_named(labels, limits, field):
    with pytest.raises(BadPayload) as refused:
        describe(sighting(labels), **limits)
    assert refused.value.field == field


def test_labels_at_the_limits_are_taken():
    labels = {f"{number:0256}": "x" * 4096 for number in range(64)}
    assert describe(sighting(labels)).labels == labels


def test_the_doors_labels_count():
    with pytest.raises(BadPayload):
        describe(sighting({"a": "b"}), CLUSTERED, labels=2)


def test_a_long_annotation_is_cut_with_a_mark():
    text = describe(sighting(LABELS, annotations={"a": "x" * 5000})).annotations["a"]
    assert (len(text), text[-len(CUT) :]) == (4096, CUT)


def test_an_annotation_at_the_limit_is_kept():
    assert describe(sighting(LABELS, annotations={"a": "x" * 4096})).annotations == {"a": "x" * 4096}


def test_of_too_many_annotations_the_first_by_name_are_kept():
    given_ = {"c": "3", "a": "1", "b": "2", "n" * 257: "x", "d": ""}
    assert describe(sighting(LABELS, annotations=given_), annotations=2).annotations == {"a": "1", "b": "2"}


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "/graph", "data:text/html,x", "http://" + "x" * 8192],
    ids=lambda url: url[:20],
)
def test_what_nobody_should_follow_is_no_link(url):
    assert describe(sighting(LABELS, generator_url=url)).generator_url == ""


def test_equal_texts_share_their_memory():
    ours = normaliser()
    one, other = (ours.describe(DOOR, sighting({"a": "".join(["long", " value"])}), NOW) for _ in range(2))
    assert one.labels["a"] is other.labels["a"]


def test_the_pool_of_shared_texts_is_bounded():
    ours = normaliser(shared_texts=10)
    for number in range(50):
        assert ours.describe(DOOR, sighting({f"n{number}": f"v{number}"}), NOW).labels[f"n{number}"]
    assert ours.shared_texts <= 10


@pytest.mark.parametrize("word", ["odd", "", "<error expanding template: x>"], ids=repr)
def test_an_unknown_severity_is_p3(word):
    assert describe(sighting({"a": "b", "severity": word})).priority is Priority.P3


@given(
    st.dictionaries(st.text(min_size=1, max_size=5), st.text(min_size=1, max_size=5), min_size=1, max_size=8)
)
def test_the_order_of_labels_changes_nothing(labels):
    one, other = (describe(sighting(told)) for told in (labels, dict(reversed(labels.items()))))
    assert one == other
