"""Alerts that come twice, late, out of order or by two doors."""

import pytest

from alertmesh.core.incident import Condition


def test_the_same_alert_by_two_doors_is_one(table):
    table.fires("NodeDown", node="n1").webhook("NodeDown", node="n1")
    table.between("10:00", "10:00").page("wang")
    assert (table.incident().series, table.incident().alerts) == (1, 1)
    assert table.numbers() == [1]


def test_either_door_may_tell_of_the_end(table):
    test_the_same_alert_by_two_doors_is_one(table)
    table.at("10:01").webhook("NodeDown", "resolved", since="10:00", node="n1")
    assert table.incident().condition is Condition.CLEARED
    table.between("10:06", "10:06").closing("wang")


def test_an_alert_posted_a_hundred_times_pages_once(table):
    for second in range(100):
        table.at(f"10:{second // 60:02d}:{second % 60:02d}").fires("NodeDown", since="10:00", node="n1")
    table.between("10:00", "10:00").page("wang").quiet_until("10:02:59")


def test_a_firing_that_its_own_end_overtook_begins_nothing(table):
    table.fires("NodeDown", node="n1").between("10:00", "10:00").page("wang")
    table.at("10:01").clears("NodeDown", since="10:00", node="n1")
    table.at("10:01:10").fires("NodeDown", since="10:00", node="n1")
    assert table.incident().condition is Condition.CLEARED
    table.between("10:06", "10:06").closing("wang").quiet_until("11:00")


def test_an_end_that_comes_before_its_beginning_begins_nothing(table):
    table.at("10:00:05").clears("NodeDown", since="10:00", node="n1")
    table.at("10:00:06").fires("NodeDown", since="10:00", node="n1").quiet_until("11:00")
    assert table.numbers() == []


def test_the_end_of_an_earlier_time_does_not_end_the_present_one(table):
    table.fires("NodeDown", node="n1").between("10:00", "10:00").page("wang")
    table.at("10:01").clears("NodeDown", since="09:00", ended="09:30", node="n1")
    assert table.incident().condition is Condition.FIRING
    table.ack("wang").quiet_until("10:15")


def test_the_same_end_told_twice_closes_once(table):
    table.fires("NodeDown", node="n1").between("10:00", "10:00").page("wang")
    for second in (0, 10, 20):
        table.at(f"10:01:{second:02d}").clears("NodeDown", since="10:00", ended="10:01", node="n1")
    table.between("10:06", "10:06").closing("wang").quiet_until("11:00")


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)], ids=str)
def test_the_order_within_a_burst_does_not_matter(table, order):
    for number in order:
        table.fires("PodDown", severity="warning", namespace="shop", service="cart", pod=f"cart-{number}")
    table.between("10:02", "10:02").page("wang").quiet_until("10:30")
    assert table.incident().series == 3
