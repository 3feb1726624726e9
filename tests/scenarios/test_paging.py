"""Who is paged, and when."""

import pytest

from alertmesh.core.response import State


def test_a_p1_pages_at_once(table):
    table.at("10:00").fires("NodeDown", node="n1")
    table.between("10:00:00", "10:00:00").page("wang").quiet_until("10:02:59")


def test_a_p2_waits_half_a_minute_for_what_belongs_to_it(table):
    table.fires("HighLatency", severity="error", service="shop")
    table.between("10:00:30", "10:00:30").page("wang").quiet_until("10:07")


def test_a_p3_waits_two_minutes(table):
    table.fires("DiskFills", severity="warning", node="n1")
    table.between("10:02", "10:02").page("wang").quiet_until("10:31")


def test_what_clears_while_it_is_held_pages_nobody(table):
    table.fires("DiskFills", severity="warning", node="n1")
    table.at("10:01:59").clears("DiskFills", severity="warning", node="n1")
    table.quiet_until("11:00").is_in(State.RESOLVED)


def test_nobody_acks(table):
    table.fires("NodeDown", node="n1")
    table.between("10:00", "10:00").page("wang")
    table.between("10:03", "10:03").page("chen")
    table.between("10:06", "10:06").page("zhao")
    table.between("10:08", "10:08").page("li").is_in(State.T2_PAGING)
    table.between("10:11", "10:11").page("sun")
    table.between("10:14", "10:14").page("qian")


def _unheard(table):
    """Have two rounds go by after the first; return when nobody was reached in any of them."""
    test_nobody_acks(table)
    for start in (19, 30):
        for person in ("li", "sun", "qian"):
            table.between(f"10:{start}", f"10:{start}").page(person)
            start += 3
    return table


def test_after_the_last_round_everybody_is_paged_until_somebody_answers(table):
    _unheard(table).quiet_until("10:40:59")
    table.between("10:41", "10:41").page("li", "sun", "qian", "zhao").is_in(State.EXHAUSTED)
    table.between("10:56", "10:56").page("li", "sun", "qian", "zhao")
    table.at("10:57").ack("li").quiet_until("11:26")


def test_an_ack_stops_the_paging(table):
    table.fires("NodeDown", node="n1")
    table.between("10:00", "10:00").page("wang")
    table.at("10:02:59").ack("chen").quiet_until("10:17").is_in(State.T1_ACKED)
    assert table.response().owner == "chen"


def test_an_ack_by_tier_2_stops_the_paging_of_tier_2(table):
    test_nobody_acks(table)
    table.at("10:15").ack("li").quiet_until("10:44").is_in(State.T2_ACKED)


def test_tier_1_that_neither_fixes_it_nor_passes_it_on_has_tier_2_paged(table):
    table.fires("NodeDown", node="n1").between("10:00", "10:00").page("wang")
    table.at("10:01").ack("wang").quiet_until("10:15:59")
    table.between("10:16", "10:16").page("li").is_in(State.T2_PAGING)


def test_an_owner_who_goes_silent_in_the_evening_is_paged_again_with_the_tier_alone(table):
    table.fires("DiskFills", severity="warning", node="n1").between("10:02", "10:02").page("wang")
    table.at("10:10").ack("chen")
    table.between("16:34", "16:34").update("chen")
    table.between("18:10", "18:10").page("wang", "chen")


def test_another_p1_that_is_the_likely_root_pages_again(table):
    table.fires(
        "KubePodCrashLooping", severity="critical", namespace="shop", pod="cart-7d9f8b6c5d-x2x4z", node="n1"
    )
    table.between("10:00", "10:00").page("wang").at("10:01").ack("chen")
    table.at("10:02").fires("NodeDown", severity="critical", node="n1")
    table.between("10:02", "10:02").page("wang", "chen").is_in(State.T1_PAGING)


def test_a_snooze_keeps_quiet_and_then_asks_the_owner(table):
    table.fires("NodeDown", node="n1").between("10:00", "10:00").page("wang")
    table.at("10:01").ack("wang").at("10:02").does("wang", "snooze", minutes="50").quiet_until("10:51:59")
    table.between("10:52", "10:52").page("wang")
    table.at("10:53").ack("wang").quiet_until("11:00")


def test_a_snooze_longer_than_the_policy_allows_is_refused(table):
    table.fires("NodeDown", node="n1").between("10:00", "10:00").page("wang")
    table.at("10:01").ack("wang")
    assert "from 1 to 60 minutes" in str(table.is_refused("wang", "snooze", minutes="61"))


def test_noise_pages_nobody(table):
    for number in range(200):
        table.at(f"10:{number // 20:02d}:{number % 20:02d}")
        table.fires("JobSlow", severity="info", namespace="batch", job_name=f"job-{number}")
    table.quiet_until("1 10:00")


def test_a_raised_severity_pages_anew(table):
    table.fires("Slow", severity="warning", service="shop", cluster="east")
    table.between("10:02", "10:02").page("wang")
    table.at("10:05").ack("wang").at("10:20").fires("Slow", severity="critical", service="shop")
    table.between("10:20", "10:20").page("wang").quiet_until("10:22")


@pytest.mark.parametrize("severity", ["warning", "error"])
def test_the_same_severity_once_more_pages_nobody(table, severity):
    table.fires("Slow", severity=severity, service="shop", pod="a")
    table.at("10:00:20").fires("Slow", severity=severity, service="shop", pod="b")
    table.between("10:00", "10:02:30").page("wang").quiet_until("10:04")
