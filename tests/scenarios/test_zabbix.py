"""What becomes of the events of a Zabbix, from its message to the page."""

import pytest

from alertmesh.core.alert import Priority
from alertmesh.core.incident import Condition

INFORMATION, WARNING, DISASTER = "1", "2", "5"
PROBLEM, UPDATE = {"event_value": "1", "event_update_status": "0"}, {"event_update_status": "1"}


def told(table, event_id="17", severity=DISASTER, **params):
    """Have Zabbix post a message; a problem, unless told otherwise."""
    now = table.program.clock.now()
    known = {
        "event_source": "0",
        "event_id": event_id,
        "event_nseverity": severity,
        "event_date": "2026.11.23",
        "event_time": "10:00:00",
        "trigger_id": "3",
        "trigger_name_orig": "Disk is full on {HOST.NAME}",
        "event_name": "Disk is full on web-01",
        "host_host": "web-01",
        "event_tags_json": "[]",
        "recovery_date": f"{now:%Y.%m.%d}",
        "recovery_time": f"{now:%H:%M:%S}",
        "recovery_id": "{EVENT.RECOVERY.ID}",
    }
    return table._post("zabbix", {"params": known | PROBLEM | params})


def recovered(table, event_id="17", severity=DISASTER, **params):
    return told(table, event_id, severity, **{"event_value": "0", "recovery_id": "99"} | params)


def test_a_problem_pages_and_its_recovery_closes(table):
    told(table).between("10:00", "10:00").page("wang")
    recovered(table.at("10:01"))
    assert table.incident().condition is Condition.CLEARED
    table.between("10:06", "10:06").closing("wang")


def test_the_same_message_over_and_over_pages_once(table):
    for second in range(0, 60, 5):
        told(table.at(f"10:00:{second:02d}"), action_id=str(second % 2))
    table.between("10:00", "10:00").page("wang").quiet_until("10:02:59")
    assert table.incident().alerts == 1


def test_a_message_repeated_every_hour_keeps_it_open_and_a_lost_recovery_ends_it_a_day_later(table):
    told(table, severity=INFORMATION)
    for hour in range(11, 24):
        told(table.at(f"{hour}:00"), severity=INFORMATION)
    assert [alert for alert, ended_at in table.program.pipeline.dedup.alerts() if ended_at is None]
    table.quiet_until("1 23:30")
    assert not [alert for alert, ended_at in table.program.pipeline.dedup.alerts() if ended_at is None]


def test_a_severity_that_rises_pages_and_is_the_same_alert(table):
    told(table, severity=INFORMATION).quiet_until("10:20")
    told(table, severity=DISASTER, **UPDATE).between("10:20", "10:20").page("wang")
    assert (table.incident().priority, table.incident().alerts) == (Priority.P1, 1)
    recovered(table.at("10:21"))
    table.between("10:26", "10:26").closing("wang")


def test_a_severity_that_falls_wakes_nobody(table):
    told(table).between("10:00", "10:00").page("wang")
    table.ack("wang")
    told(table.at("10:01"), severity=INFORMATION, **UPDATE).quiet_until("10:14")


def test_tags_and_names_that_change_leave_it_one_alert(table):
    told(table).between("10:00", "10:00").page("wang")
    told(table.at("10:00:30"), event_tags_json='[{"tag":"team","value":"dba"}]', host_host="web-02", **UPDATE)
    recovered(table.at("10:01"), event_tags_json="[]", host_host="*UNKNOWN*", trigger_name_orig="Renamed")
    assert (table.incident().condition, table.incident().alerts) == (Condition.CLEARED, 1)
    table.between("10:06", "10:06").closing("wang")


def test_a_close_by_hand_is_an_end_whichever_message_of_it_comes_first(table):
    told(table).between("10:00", "10:00").page("wang")
    recovered(table.at("10:01"), **UPDATE)
    recovered(table)
    table.between("10:06", "10:06").closing("wang").quiet_until("11:00")


@pytest.mark.parametrize("what", ["trigger", "item", "host"])
def test_what_is_switched_off_while_open_is_over(table, what):
    told(table).between("10:00", "10:00").page("wang")
    told(table.at("10:01"), z_z_alert_message=f'NOTE: Escalation canceled: {what} "x" disabled.\nProblem 17')
    assert table.incident().condition is Condition.CLEARED
    table.between("10:06", "10:06").closing("wang")


def test_an_action_that_is_switched_off_ends_nothing(table):
    told(table).between("10:00", "10:00").page("wang")
    told(table.at("10:01"), alert_message="NOTE: Escalation canceled: action 'x' disabled.")
    assert table.incident().condition is Condition.FIRING
    table.ack("wang").quiet_until("10:14")


@pytest.mark.parametrize(
    "labels",
    [{"instance": "web-01:9100", "job": "node-exporter"}, {"node": "web-01"}, {"host": "web-01"}],
    ids=["instance", "node", "host"],
)
@pytest.mark.parametrize("host", ["web-01", "web-01:10050", "web-01 (10.0.0.7)", "10.0.0.7 web-01"])
def test_a_host_that_both_monitors_see_is_one_incident(table, labels, host):
    table.fires("HostDown", **labels)  # in the cluster `east`, as everything that Prometheus tells here
    tags = '[{"tag":"cluster","value":"east"}]'
    told(table, trigger_name_orig="Zabbix agent is not available", host_host=host, event_tags_json=tags)
    table.between("10:00", "10:00").page("wang")
    assert (table.numbers(), table.incident().series) == ([1], 2)


def test_after_a_restart_it_is_still_the_same(table):
    told(table, severity=WARNING)
    table.at("10:00:10").restart()
    told(table, severity=WARNING, **UPDATE)
    recovered(table.at("10:00:20"), severity=WARNING)
    table.quiet_until("11:00")
