"""What comes at its usual time, what is always there, what comes by the hundred, and what stops to come."""

from alertmesh.core.response import State
from alertmesh.core.series import Mark

BACKUP = {"severity": "warning", "service": "backup"}


def _nights(table, first, last):
    """Have a backup complain at 02:00 for 12 minutes each night; pages while it is new do not matter."""
    for day in range(first, last + 1):
        since = f"{day} 02:00"
        table.at(since).fires("BackupSlow", since=since, **BACKUP)
        table.at(f"{day} 02:12").clears("BackupSlow", since=since, **BACKUP)
    table.at(f"{last} 12:00").program.left.clear()
    return table


def _marks(table):
    return {mark for series in table.program.wiring.pipeline.dedup.series.values() for mark in series.marks}


def test_a_routine_alert_at_its_time_pages_nobody(table):
    _nights(table, 1, 9).at("10 02:00").fires("BackupSlow", since="10 02:00", **BACKUP)
    assert Mark.ROUTINE in _marks(table)
    table.at("10 02:12").clears("BackupSlow", since="10 02:00", **BACKUP).quiet_until("10 12:00")


def test_a_routine_alert_that_outlasts_its_habit_pages(table):
    _nights(table, 1, 9).at("10 02:00").fires("BackupSlow", since="10 02:00", **BACKUP)
    table.between("10 02:00", "10 02:31").page("wang", incident=4).ack("wang", incident=4)


def test_the_same_alert_at_another_time_pages(table):
    _nights(table, 1, 9).at("10 15:00").fires("BackupSlow", since="10 15:00", **BACKUP)
    assert Mark.ROUTINE not in _marks(table)
    table.between("10 15:00", "10 15:31").page("wang", incident=4).ack("wang", incident=4)


def test_a_storm_is_told_of_in_the_incidents_it_opens(table):
    table.at("10:00").fires("Quiet", severity="info", service="calm")
    for second in range(60):
        for lane in range(5):
            table.at(f"12:00:{second:02d}").fires(
                "Down", severity="info", service="web", pod=f"w-{second}-{lane}"
            )
    assert any("storm" in line for number in table.numbers() for line in table.said(number))


def test_a_watchdog_that_falls_silent_pages(table):
    for minute in range(0, 21, 4):
        table.at(f"10:{minute:02d}").fires(
            "Watchdog", since="10:00", lease_s=240, severity="none", cluster="c1"
        )
    table.between("10:24", "10:32").page("wang").ack("wang")
    assert table.incident().title.startswith("HeartbeatMissing")
    table.is_in(State.T1_ACKED)
