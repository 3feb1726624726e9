"""Alertmanager's webhook: what is taken, and what one bad alert does."""

from datetime import UTC, datetime, timedelta

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alertmesh.core.errors import BadPayload
from alertmesh.ingest.alertmanager import SOURCE, parse
from tests.ingest.samples import BAD_BODIES, NOW, item, only, webhook

TEXT = st.text(st.characters(codec="utf-8"), min_size=1, max_size=8)


def test_a_firing_alert_is_taken_as_sent():
    seen = only(parse(webhook(item(annotations={"summary": "full"}, generatorURL="http://p/g")), NOW))
    assert seen.firing
    assert seen.identity == "0bf39cdaf49193f3"
    assert seen.labels == {"alertname": "Disk", "instance": "web-01:9100"}
    assert seen.annotations == {"summary": "full"}
    assert seen.starts_at == datetime(2026, 11, 23, 3, 43, 51, 171000, UTC)
    assert seen.ends_at is None
    assert seen.generator_url == "http://p/g"


def test_the_lease_is_a_day():
    assert SOURCE.lease == timedelta(hours=24)


@pytest.mark.parametrize(
    ("told", "understood"),
    [
        ("2026-11-23T11:10:57.122636867+08:00", datetime(2026, 11, 23, 3, 10, 57, 122637, UTC)),
        ("2026-11-23T03:10:57Z", datetime(2026, 11, 23, 3, 10, 57, tzinfo=UTC)),
        ("0001-01-01T00:00:00Z", None),
        ("0001-01-01T00:00:00+08:00", None),
        ("", None),
        (None, None),
    ],
    ids=["offset, nine digits", "plain", "year 1", "year 1 with offset", "empty", "null"],
)
def test_the_start_is_read(told, understood):
    assert only(parse(webhook(item(startsAt=told)), NOW)).starts_at == understood


@pytest.mark.parametrize(
    ("status", "told", "understood"),
    [
        ("resolved", "2026-11-23T03:50:00Z", datetime(2026, 11, 23, 3, 50, tzinfo=UTC)),
        ("resolved", "0001-01-01T00:00:00Z", NOW),
        ("resolved", None, NOW),
        ("resolved", "2036-01-01T00:00:00Z", NOW),
        ("firing", "2026-11-23T05:00:00Z", datetime(2026, 11, 23, 5, 0, tzinfo=UTC)),
        ("firing", "2026-11-23T03:50:00Z", None),
    ],
    ids=["end told", "year 1", "no end", "end to come", "lease told", "firing past its end"],
)
def test_the_end_follows_the_status(status, told, understood):
    seen = only(parse(webhook(item(status=status, endsAt=told)), NOW))
    assert (seen.firing, seen.ends_at) == (status == "firing", understood)


@pytest.mark.parametrize("fingerprint", ["", "0BF39CDAF49193F3", "0bf39cdaf49193f", "zz", None], ids=repr)
def test_without_a_fingerprint_the_labels_are_the_identity(fingerprint):
    seen = [only(parse(webhook(item(fingerprint=told)), NOW)) for told in (fingerprint, "", "0" * 15)]
    assert len({one.identity for one in seen}) == 1
    assert isinstance(seen[0].identity, int)


@given(st.dictionaries(TEXT, TEXT, min_size=2, max_size=6))
def test_the_order_of_labels_is_no_part_of_the_identity(labels):
    turned = dict(reversed(labels.items()))
    ours = [only(parse(webhook(item(fingerprint="", labels=told)), NOW)) for told in (labels, turned)]
    assert ours[0].identity == ours[1].identity


@given(
    st.dictionaries(TEXT, TEXT, min_size=1, max_size=4), st.dictionaries(TEXT, TEXT, min_size=1, max_size=4)
)
def test_other_labels_are_another_identity(one, other):
    ours = [only(parse(webhook(item(fingerprint="", labels=told)), NOW)) for told in (one, other)]
    assert (ours[0].identity == ours[1].identity) == (one == other)


@pytest.mark.parametrize(
    ("bad", "error"),
    [
        (item(labels={"a": 1}), "labels.a: expected text, got a number"),
        (item(labels={}), "labels: at least one label pair required"),
        (item(labels={"a": ""}), "labels: at least one label pair required"),
        (item(labels={"": "x"}), 'labels: invalid label set: invalid name ""'),
        (item(labels=[]), "labels: expected an object, got a list"),
        (item(labels=None), "labels: is required"),
        (item(annotations={"a": [1]}), "annotations.a: expected text, got a list"),
        (item(startsAt="NaN"), "startsAt: Invalid RFC3339 encoded datetime"),
        (item(endsAt="yesterday"), "endsAt: Invalid RFC3339 encoded datetime"),
        (item(startsAt=17), "startsAt: Expected `datetime | null`, got `int`"),
        (item(startsAt="9999-12-31T23:59:59-08:00"), "startsAt: date out of range"),
        (item(status="pending"), "status: Invalid enum value 'pending'"),
        (item(status=None), "status: is required"),
        (item(fingerprint=5), "fingerprint: Expected `str`, got `int`"),
        (17, "expected an object, got a number"),
        (None, "expected an object, got null"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_bad_alert_is_refused_alone_and_its_field_named(bad, error):
    parsed = parse(webhook(item(), bad, item(fingerprint="0" * 16)), NOW)
    assert [(one.index, one.error) for one in parsed.rejected] == [(1, error)]
    assert list(parsed.positions) == [0, 2]
    assert [one.identity for one in parsed.sightings] == ["0bf39cdaf49193f3", "0" * 16]


@pytest.mark.parametrize("body", BAD_BODIES.values(), ids=BAD_BODIES)
def test_what_is_no_json_is_refused(body):
    with pytest.raises(BadPayload):
        parse(body, NOW)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"{}", "alerts"),
        (b'{"alerts":null}', "alerts"),
        (b'{"alerts":{}}', "alerts"),
        (b"[]", ""),
        (b"null", ""),
    ],
    ids=["no alerts", "null", "an object", "a list", "nothing"],
)
def test_what_is_no_webhook_is_refused_and_the_field_named(body, field):
    with pytest.raises(BadPayload) as refused:
        parse(body, NOW)
    assert refused.value.field == field


@pytest.mark.parametrize(("told", "understood"), [(60, 60), (0, 0), (-3, 0), ("many", 0), (None, 0)], ids=str)
def test_the_count_of_left_out_alerts_is_kept(told, understood):
    parsed = parse(webhook(item(), truncatedAlerts=told), NOW)
    assert (parsed.truncated, len(parsed.sightings)) == (understood, 1)


@pytest.mark.parametrize("bad", [item(labels={"n" * 9999: 1}), item(status="x" * 9999)], ids=["name", "word"])
def test_an_error_repeats_little_of_what_was_sent(bad):
    [refused] = parse(webhook(bad), NOW).rejected
    assert len(refused.error) < 200


def test_fields_of_later_versions_are_ignored():
    assert only(
        parse(webhook(item(values={"B": 1}), notification_reason="repeat", routeLabels={}), NOW)
    ).firing


def test_null_counts_as_absent():
    body = webhook(item(annotations=None, generatorURL=None, labels={"a": "b", "c": None}))
    assert only(parse(body, NOW)).labels == {"a": "b"}


def test_bytes_that_are_not_utf8_do_not_lose_the_alert():
    body = webhook(item(labels={"a": "bell"})).replace(b"bell", b"b\xffll")
    assert only(parse(body, NOW)).labels == {"a": "b\ufffdll"}


def test_a_hundred_thousand_labels_are_read():
    labels = {f"l{number}": "x" for number in range(100_000)}
    assert len(only(parse(webhook(item(labels=labels)), NOW)).labels) == 100_000


def test_an_empty_message_holds_nothing():
    assert parse(orjson.dumps({"alerts": []}), NOW).sightings == []
