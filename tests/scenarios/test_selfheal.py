"""The disk alarm at 4 am: Kubernetes ends it alone, or does not, or it keeps filling."""

import pytest

from alertmesh.core.incident import Condition
from alertmesh.core.response import State

DISK = {"severity": "warning", "node": "n1", "mountpoint": "/"}


def _alarm(table, since="1 04:00", **labels):
    return table.at(since).fires("NodeDiskUsage80", since=since, **DISK | labels)


def test_what_kubelet_cleans_up_alone_wakes_nobody_and_can_be_read_in_the_morning(table):
    _alarm(table).quiet_until("1 04:03").clears("NodeDiskUsage80", since="1 04:00", **DISK)
    table.quiet_until("1 09:00").is_in(State.RESOLVED)
    assert table.incident().condition is Condition.CLEARED
    assert table.incident().title == "NodeDiskUsage80 on n1"


def test_what_outlives_what_kubernetes_needs_pages(table):
    _alarm(table).quiet_until("1 04:06:59")
    table.between("1 04:07", "1 04:07").page("wang").ack("wang").is_in(State.T1_ACKED)


def test_what_keeps_filling_pages_in_time(table):
    _alarm(table).quiet_until("1 04:02")
    table.fires("NodeDiskUsage80", since="1 04:02", **DISK | {"severity": "critical"})
    table.between("1 04:02", "1 04:02").page("wang").ack("wang")


def test_a_restart_in_the_middle_changes_nothing(table):
    _alarm(table).at("1 04:03").restart().quiet_until("1 04:06:59")
    table.between("1 04:07", "1 04:07").page("wang").ack("wang")


def test_a_critical_alarm_never_waits(table):
    _alarm(table, severity="critical").between("1 04:00", "1 04:00").page("wang").ack("wang")


@pytest.mark.parametrize("name", ["NodeFilesystemAlmostOutOfSpace", "NodeFilesystemSpaceFillingUp"])
def test_what_kubelet_would_kill_pods_for_does_not_wait(table, name):
    table.at("1 04:00").fires(name, **DISK).between("1 04:02", "1 04:02").page("wang").ack("wang")


def _heals(table, times):
    """Have alarms of other queues come and clear alone within 3 min; who is paged does not matter."""
    for hour in range(11, 11 + times):
        queue = {"severity": "warning", "service": f"queue-{hour}"}
        table.at(f"{hour}:00").fires("QueueLong", **queue)
        table.at(f"{hour}:03").clears("QueueLong", since=f"{hour}:00", **queue)
    table.at("1 04:00").program.left.clear()
    return table


def test_what_has_cleared_alone_before_is_waited_for(table):
    orders = {"severity": "warning", "service": "orders"}
    _heals(table, 8).fires("QueueLong", **orders)
    table.at("1 04:03").clears("QueueLong", since="1 04:00", **orders).quiet_until("1 09:00")


def test_its_look_alike_pages_when_the_others_had_cleared(table):
    _heals(table, 8).fires("QueueLong", severity="warning", service="orders")
    number = table.numbers()[-1]
    table.quiet_until("1 04:03").between("1 04:03", "1 04:04").page("wang", incident=number)
    table.ack("wang", incident=number)


def test_many_at_once_are_more_than_one_that_heals(table):
    for number in range(6):
        table.at(f"1 04:00:{number:02d}").fires("NodeDiskUsage80", **DISK | {"node": f"n{number}"})
    table.between("1 04:02:05", "1 04:02:05").page("wang", incident=6)
    table.program.left.clear()
