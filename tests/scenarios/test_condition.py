"""What the end of a trouble does, and its return."""

from alertmesh.core.incident import Condition
from alertmesh.core.response import State


def _paged(table):
    """Have a P1 page wang at 10:00."""
    return table.fires("NodeDown", node="n1").between("10:00", "10:00").page("wang")


def test_an_end_resolves_after_the_hold_down_and_tells_who_was_paged(table):
    _paged(table).at("10:01").ack("wang").at("10:10").clears("NodeDown", node="n1")
    table.quiet_until("10:14:59").is_in(State.CLEARED)
    table.between("10:15", "10:15").closing("wang").is_in(State.RESOLVED)


def test_an_end_stops_the_paging_even_though_nobody_took_it(table):
    _paged(table).at("10:01").clears("NodeDown", node="n1")
    table.between("10:06", "10:06").closing("wang").quiet_until("11:00")


def test_a_return_within_the_hold_down_goes_on_without_a_page(table):
    _paged(table).at("10:01").ack("wang").at("10:05").clears("NodeDown", node="n1")
    table.at("10:08").fires("NodeDown", node="n1").quiet_until("10:15").is_in(State.T1_ACKED)


def test_a_return_within_the_reopen_window_pages_the_last_owner(table):
    test_an_end_resolves_after_the_hold_down_and_tells_who_was_paged(table)
    table.at("10:40").fires("NodeDown", node="n1")
    table.between("10:40", "10:40").page("wang").is_in(State.T1_PAGING)
    assert table.numbers() == [1]


def test_a_return_after_the_reopen_window_is_a_new_incident(table):
    test_an_end_resolves_after_the_hold_down_and_tells_who_was_paged(table)
    table.at("10:46").fires("NodeDown", node="n1")
    table.between("10:46", "10:46").page("wang", incident=2)
    assert table.numbers() == [1, 2]


def test_a_sender_that_dies_ends_its_alerts_with_their_lease(table):
    table.fires("NodeDown", node="n1", lease_s=240).between("10:00", "10:00").page("wang")
    for minute in (1, 2):
        table.at(f"10:0{minute}").fires("NodeDown", node="n1", since="10:00", lease_s=240)
    table.at("10:02:30").ack("wang").quiet_until("10:05:59")
    assert table.incident().condition is Condition.FIRING
    assert table.at("10:06").incident().condition is Condition.CLEARED
    table.between("10:11", "10:11").closing("wang")


def test_an_alert_that_the_webhook_never_tells_of_again_ends_with_the_resolve_timeout(table):
    table.webhook("NodeDown", severity="warning", node="n1").between("10:02", "10:02").page("wang")
    table.at("10:03").ack("wang").is_in(State.T1_ACKED).between("16:27", "16:27").update("wang")
    table.between("18:03", "18:03").page("wang")
    table.at("18:04").ack("li")
    assert table.at("1 09:59:59").incident().condition is Condition.FIRING
    assert table.at("1 10:00").incident().condition is Condition.CLEARED


def test_inhibited_alerts_stand_in_the_incident_and_page_nobody_of_their_own(table):
    table.fires("KubeNodeUnreachable", node="n1").between("10:00", "10:00").page("wang")
    for number in range(20):
        table.fires("KubePodNotReady", node="n1", namespace=f"team-{number}", pod=f"app-{number}")
    table.quiet_until("10:02:59")
    assert table.numbers() == [1]
    assert table.incident().series == 21


def test_an_end_of_the_hidden_alone_changes_nothing(table):
    table.fires("KubeNodeUnreachable", node="n1").between("10:00", "10:00").page("wang")
    table.fires("KubePodNotReady", node="n1", pod="app-1").at("10:01").ack("wang")
    table.clears("KubePodNotReady", node="n1", pod="app-1").quiet_until("10:15").is_in(State.T1_ACKED)


def _eased(table):
    """Have a P1 acknowledged, and clear while something milder goes on."""
    table.fires("NodeDown", node="n1").between("10:00", "10:00").page("wang")
    table.fires("NodeClockSkew", severity="warning", node="n1").ack("wang")
    return table.at("10:01").clears("NodeDown", since="10:00", node="n1")


def test_what_is_p1_a_second_time_pages_at_once_although_somebody_has_it(table):
    _eased(table).quiet_until("10:12").fires("NodeDown", node="n1")
    table.between("10:12", "10:12").page("wang").ack("wang").quiet_until("10:20")


def test_a_wobble_between_priorities_pages_nobody(table):
    _eased(table)
    for minute in range(2, 12, 3):
        table.at(f"10:{minute:02d}").fires("NodeDown", node="n1")
        table.at(f"10:{minute + 1:02d}").clears("NodeDown", since=f"10:{minute:02d}", node="n1")
    table.quiet_until("10:14")
