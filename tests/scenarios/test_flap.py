"""A check that comes and goes: it heals, it goes on, it becomes an outage."""

from alertmesh.core.response import State


def _flaps(table, until, severity="warning", name="ProbeFailed"):
    """Have a check fire for a minute out of two, from 10:00 on; it is clear at the end."""
    minute = 0
    while minute < until:
        hour, rest = divmod(minute, 60)
        since = f"{10 + hour}:{rest:02d}"
        table.at(since).fires(name, since=since, severity=severity, service="shop")
        hour, rest = divmod(minute + 1, 60)
        table.at(f"{10 + hour}:{rest:02d}").clears(name, since=since, severity=severity, service="shop")
        minute += 2
    return table


def test_a_bout_shorter_than_the_bound_pages_nobody(table):
    _flaps(table, 14).quiet_until("12:00").is_in(State.RESOLVED)
    assert any("flapping: changed 5 times" in line for line in table.said())


def test_a_long_bout_pages_one_person_once_and_says_when_it_is_over(table):
    _flaps(table, 140)
    table.between("10:30", "12:20").page("wang")
    table.between("12:39", "12:39").closing("wang").quiet_until("13:00")


def test_a_flapper_that_stays_down_while_it_is_held_pages_at_once(table):
    _flaps(table, 20).at("10:20").fires("ProbeFailed", severity="warning", service="shop")
    table.between("10:22", "10:24").page("wang").quiet_until("10:51").ack("wang")


def test_what_was_put_off_happens_once_the_flapper_stays_down(table):
    _flaps(table, 70).between("10:30", "11:10").page("wang")
    table.at("11:10").fires("ProbeFailed", severity="warning", service="shop")
    table.between("11:12", "11:14").page("chen").ack("chen")


def test_a_p2_that_flaps_is_passed_on_as_always(table):
    _flaps(table, 20, "error").ack("wang")
    for minute, person in ((0, "wang"), (7, "chen"), (15, "zhao")):
        table.between(f"10:{minute:02d}", "10:20").page(person)
