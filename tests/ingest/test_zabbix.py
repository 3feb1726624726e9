"""What Zabbix' webhook says, and what is made of it."""

from datetime import UTC, datetime, timedelta

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from alertmesh.core.alert import Priority, Sighting
from alertmesh.core.ports import Door
from alertmesh.ingest.zabbix import SOURCE, is_absent, read_event
from alertmesh.ingest.zabbix_event import ZabbixEvent, host_label, sighting, tag_labels
from tests.ingest.samples import NOW, normaliser, only

DOOR = Door("zabbix", "zabbix", SOURCE.lease, {"cluster": "east"})
KNOWN = {
    "event_id": "17",
    "event_source": "0",
    "event_value": "1",
    "event_update_status": "0",
    "event_nseverity": "4",
    "event_date": "2026.11.23",
    "event_time": "03:59:58",
    "recovery_id": "{EVENT.RECOVERY.ID}",
    "recovery_date": "{EVENT.RECOVERY.DATE}",
    "trigger_id": "3",
    "trigger_name_orig": "Disk is full on {HOST.NAME}",
    "z_event_name": "Disk is full on Web 01",
    "host_host": "web-01",
    "host_name": "Web 01",
    "z_z_event_tags_json": '[{"tag":"service","value":"shop"}]',
}


def message(**params: object) -> bytes:
    return orjson.dumps({"schema": "alertmesh-zabbix-1", "cut": False, "params": KNOWN | params})


def seen(**params: object) -> Sighting:
    return only(SOURCE.parse(message(**params), NOW))


def refusal(**params: object) -> str:
    parsed = SOURCE.parse(message(**params), NOW)
    assert parsed.sightings == []
    return parsed.rejected[0].error


def test_a_problem_fires_since_its_own_moment():
    one = seen()
    assert (one.firing, one.ends_at) == (True, None)
    assert one.starts_at == datetime(2026, 11, 23, 3, 59, 58, tzinfo=UTC)


@pytest.mark.parametrize(
    ("params", "firing"),
    [
        ({}, True),
        ({"event_value": "0", "recovery_id": "18"}, False),
        ({"event_update_status": "1"}, True),
        ({"event_update_status": "1", "event_value": "0", "recovery_id": "18"}, False),
        ({"event_value": "{EVENT.VALUE}", "event_status": "PROBLEM"}, True),
        ({"event_value": "{EVENT.VALUE}", "event_status": "RESOLVED"}, False),
        ({"event_value": "", "recovery_id": "18"}, False),
    ],
    ids=["problem", "recovery", "update", "update after the end", "by status", "by its end", "by an id"],
)
def test_the_kind_of_a_message_is_told_by_its_value(params, firing):
    assert seen(**params).firing is firing


def test_a_recovery_ends_when_zabbix_says_but_not_in_the_future():
    over = {"event_value": "0", "recovery_id": "18", "recovery_date": "2026.11.23"}
    assert seen(**over, recovery_time="03:59:59").ends_at == NOW - timedelta(seconds=1)
    assert seen(**over, recovery_time="09:00:00").ends_at == NOW


@pytest.mark.parametrize(
    "params",
    [
        {"event_date": "2026.11.23", "event_time": "11:59:58"},
        {"event_date": "{EVENT.DATE}"},
        {"event_date": "23/11/26"},
        {"clock_zone": "Asia/Shanghai"},
    ],
    ids=["hours ahead", "no macro", "another form", "another zone"],
)
def test_a_clock_that_cannot_be_right_does_not_count(params):
    assert seen(**params).starts_at is None


@pytest.mark.parametrize(
    ("source", "word"), [("1", "discovery"), ("2", "autoregistration"), ("3", "internal")]
)
def test_what_is_no_problem_is_refused_by_name(source, word):
    assert (
        refusal(event_source=source)
        == f"event_source: {word} events are not taken, only those of triggers and services"
    )


@pytest.mark.parametrize("event_id", ["{EVENT.ID}", "", "*UNKNOWN*", None])
def test_a_message_without_an_event_is_refused_but_answered(event_id):
    assert refusal(event_id=event_id).startswith("event_id: is required")


def test_a_message_that_says_neither_is_refused():
    assert refusal(event_value="{EVENT.VALUE}") == "event_value: expected 0 or 1"


def test_a_service_is_an_alert_of_that_service():
    one = seen(
        event_source="4",
        z_event_name='Status of service "Web shop" changed to Disaster',
        trigger_name_orig="{TRIGGER.NAME.ORIG}",
        host_host="{HOST.HOST}",
        host_name="{HOST.NAME}",
        event_nseverity="5",
    )
    alert = normaliser().describe(DOOR, one, NOW)
    assert (alert.name, str(alert.entity)) == ("Zabbix service status", "service east/Web shop")
    assert alert.priority is Priority.P1


@pytest.mark.parametrize(
    ("severity", "priority"),
    [("5", "P1"), ("4", "P2"), ("3", "P3"), ("2", "P3"), ("1", "P4"), ("0", "P4"), ("7", "P3"), ("", "P3")],
)
def test_severities_have_their_priority(severity, priority):
    assert normaliser().describe(DOOR, seen(event_nseverity=severity), NOW).priority.name == priority


CHANGES = {
    "severity": {"event_nseverity": "1"},
    "tags": {"z_z_event_tags_json": "[]"},
    "names": {"host_host": "web-02", "trigger_name_orig": "Renamed", "z_event_name": "Renamed"},
    "recovery": {"event_value": "0", "recovery_id": "18"},
    "action": {"action_id": "99"},
    "zeros": {"event_id": "0017"},
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_whatever_changes_it_is_the_same_alert(change):
    first, then = (normaliser().describe(DOOR, one, NOW) for one in (seen(), seen(**change)))
    assert first.fingerprint == then.fingerprint


def test_another_event_or_another_server_is_another_alert():
    assert len({seen().identity, seen(event_id="18").identity, seen(server="shanghai").identity}) == 3


def test_asked_or_told_it_is_the_same_alert():
    asked = ZabbixEvent(event_id="17", firing=True, tags=(("team", "dba"),), severity=2)
    assert sighting(asked, NOW).identity == seen().identity


@pytest.mark.parametrize(
    "labels",
    [
        {"instance": "web-01:9100", "job": "node-exporter"},
        {"host": "web-01"},
        {"instance": "http://web-01:80/x"},
    ],
)
@pytest.mark.parametrize(
    "host", ["web-01", "web-01:10050", "web-01 (10.0.0.7)", "10.0.0.7_web-01", "web-01@10.0.0.7:10050"]
)
def test_a_host_is_what_prometheus_calls_it(labels, host):
    from_prometheus = normaliser().describe(DOOR, Sighting(1, True, labels, {}), NOW)
    assert normaliser().describe(DOOR, seen(host_host=host), NOW).entity == from_prometheus.entity


@pytest.mark.parametrize(
    ("names", "label"),
    [
        (("10.0.0.7", "web-01", ""), "web-01"),
        (("10.0.0.7", "10.0.0.7", "web-01.example"), "web-01.example"),
        (("10.0.0.7", "", ""), "10.0.0.7"),
        (("10.0.0.7:10050", "", ""), "10.0.0.7"),
        (("fe80::1", "", ""), "fe80::1"),
        (("app-1.2.3.4-canary", "", ""), "app-1.2.3.4-canary"),
        (("ip-10.0.0.7", "", ""), "ip-10.0.0.7"),
        (("node_10.0.0.7", "", ""), "node_10.0.0.7"),
        (("worker (10.0.0.7)", "", ""), "worker (10.0.0.7)"),
        (("10.0.0.7 worker", "", ""), "10.0.0.7 worker"),
        (("Web 02", "", ""), "Web 02"),
        (("", "", ""), ""),
    ],
)
def test_a_host_without_a_name_goes_by_the_next_best(names, label):
    host, host_name, host_dns = names
    event = ZabbixEvent(event_id="1", firing=True, host=host, host_name=host_name, host_dns=host_dns)
    assert host_label(event) == label


def test_tags_say_more_exactly_what_it_is_about():
    tags = orjson.dumps([{"tag": "pod", "value": "shop-1"}, {"tag": "namespace", "value": "web"}]).decode()
    alert = normaliser().describe(DOOR, seen(z_z_event_tags_json=tags), NOW)
    assert str(alert.entity) == "pod east/web/shop-1"


def test_tags_in_any_order_are_the_same_labels():
    tags = [("service", "shop"), ("service", "orders"), ("scope", "a,b"), ("empty", "")]
    assert tag_labels(tags) == tag_labels(reversed(tags)) == {"scope": "a,b", "service": "orders,shop"}


def test_a_tag_cannot_pose_as_what_is_ours():
    tags = orjson.dumps([{"tag": name, "value": "x"} for name in ("alertname", "severity", "host")]).decode()
    labels = seen(z_z_event_tags_json=tags).labels
    assert (labels["alertname"], labels["severity"], labels["host"]) == (
        "Disk is full on {HOST.NAME}",
        "high",
        "web-01",
    )
    assert labels["tag_host"] == "x"


@pytest.mark.parametrize("tags", ["[", "{}", "17", "null", '[17, {"tag": 1}, {"value": "x"}]', "[]", '"x"'])
def test_tags_that_cannot_be_read_are_left_out(tags):
    assert "service" not in seen(z_z_event_tags_json=tags).labels


def test_the_last_update_is_told():
    one = seen(
        event_update_status="1",
        user_fullname="Li Lei",
        event_update_action="acknowledged",
        z_event_update_message="on it",
    )
    assert one.annotations["zabbix_update"] == "Li Lei: acknowledged: on it"


def test_the_link_leads_to_the_event():
    assert seen(frontend_url="https://z.example/zabbix/").generator_url == (
        "https://z.example/zabbix/tr_events.php?triggerid=3&eventid=17"
    )
    assert seen(frontend_url="{$ZABBIX.URL}").generator_url == ""
    assert "runbook_url" not in seen(z_trigger_url="javascript:alert(1)").annotations


def test_parameters_may_stand_in_the_message_itself():
    assert only(SOURCE.parse(orjson.dumps(KNOWN), NOW)).labels == seen().labels


def test_what_was_cut_is_known_to_be_cut():
    body = {"cut": True, "params": {"event_id": "17", "event_value": "1"}}
    assert read_event(body).cut
    assert sighting(read_event(body), NOW).labels == {
        "alertname": "Zabbix trigger",
        "zabbix_server": "zabbix",
    }


def test_event_names_may_contain_macros_as_their_own_text():
    assert not is_absent("{HOST.NAME} is {ITEM.VALUE}")
    assert is_absent("{$ALERTMESH.TOKEN}")
    assert seen(z_event_name="{HOST.NAME} down").annotations["summary"] == "{HOST.NAME} down"


ODD = st.one_of(
    st.text(max_size=60),
    st.sampled_from(
        ["", "*UNKNOWN*", "{HOST.NAME}", "a\r\nb", '"', "\\", "\u2028", "\x00", "严重 磁盘", "x" * 100_000]
    ),
    st.none() | st.booleans() | st.integers() | st.lists(st.text(max_size=3), max_size=2),
)
TAGS = st.lists(st.tuples(st.text(max_size=300), st.text(max_size=300)), max_size=60)


@given(st.dictionaries(st.sampled_from(sorted(KNOWN)), ODD), TAGS)
def test_odd_values_are_described_or_refused_by_name(odd, tags):
    listed = orjson.dumps([{"tag": tag, "value": value} for tag, value in tags]).decode()
    parsed = SOURCE.parse(message(**{"z_z_event_tags_json": listed} | odd), NOW)
    assert len(parsed.sightings) + len(parsed.rejected) == 1
    for one in parsed.sightings:
        alert = normaliser().describe(DOOR, one, NOW)
        assert alert.fingerprint == one.identity
        assert alert.labels["alertname"]
        assert len(alert.labels) <= 64


@given(TAGS)
def test_tags_become_few_short_labels_whatever_they_are(tags):
    labels = tag_labels(tags)
    assert labels == tag_labels(reversed(tags))
    assert len(labels) <= 40
    assert all(0 < len(name) <= 132 and 0 < len(value) <= 1024 for name, value in labels.items())


@given(st.lists(st.sampled_from(sorted(CHANGES)), max_size=5))
def test_any_run_of_changes_is_one_alert(names):
    door, about = replace(DOOR, labels={}), {seen().identity}
    for name in names:
        about.add(normaliser().describe(door, seen(**CHANGES[name]), NOW).fingerprint)
    assert len(about) == 1
