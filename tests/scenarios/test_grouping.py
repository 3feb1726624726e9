"""Which alerts are one incident, by the machine's and by people's word."""

import pytest

from alertmesh.core.errors import StaleCommand
from alertmesh.core.incident import Condition
from alertmesh.core.response import State
from alertmesh.correlate import CorrelateSettings


def _disk(table, number):
    labels = {"node": "n7", "namespace": "office", "pod": f"ledger-{number}"}
    table.fires("KubePodNotReady", severity="warning", **labels)


def _deploy(table, number):
    labels = {"namespace": "shop", "service": "checkout", "pod": f"checkout-6c9f7d5b84-{number:05d}"}
    table.fires("KubePodCrashLooping", severity="warning", **labels)


def _switch(table, number):
    table.fires("HostUnreachable", severity="warning", rack="tor-3", instance=f"store-{number:02d}:9100")


def test_three_overlapping_causes_are_three_incidents_with_one_first_page_each(table):
    table.fires("NodeFilesystemFull", node="n7", mountpoint="/var")
    table.between("10:00", "10:00").page("wang")
    table.at("10:00:05").fires("HighErrorRate", namespace="shop", service="checkout")
    table.between("10:00:05", "10:00:05").page("wang", incident=2)
    table.at("10:00:10").fires("SwitchDown", rack="tor-3", instance="tor-3.mgmt:161")
    table.between("10:00:10", "10:00:10").page("wang", incident=3)
    for number in range(30):
        table.at(f"10:00:{15 + number:02d}")
        _disk(table, number), _deploy(table, number), _switch(table, number)
    table.quiet_until("10:02:59")
    assert table.numbers() == [1, 2, 3]
    assert [table.incident(number).series for number in (1, 2, 3)] == [31, 31, 31]
    for number in (1, 2, 3):
        table.ack("wang", incident=number)


def _two(table):
    """Open two incidents that share nothing, paged at 10:00 and 10:01."""
    table.fires("NodeDown", node="n1").between("10:00", "10:00").page("wang")
    table.at("10:01").fires("CertificateInvalid", service="mail", namespace="post")
    return table.between("10:01", "10:01").page("wang", incident=2)


def test_people_merge_two_incidents_and_one_goes_on(table):
    _two(table).at("10:02").does("wang", "merge", incident=2, into="1")
    assert table.is_in(State.MERGED, 2).incident(1).series == 2
    table.ack("wang").quiet_until("10:16")


def test_what_merged_resolves_when_both_ended(table):
    test_people_merge_two_incidents_and_one_goes_on(table)
    table.between("10:17", "10:17").page("li").ack("li")
    table.between("10:17", "10:17").update("wang")
    table.at("10:20").clears("NodeDown", node="n1").quiet_until("10:29")
    table.at("10:30").clears("CertificateInvalid", service="mail", namespace="post")
    table.between("10:35", "10:35").closing("wang", "li")


def test_people_split_off_what_does_not_belong(table):
    _two(table).at("10:02").does("wang", "merge", incident=2, into="1").ack("wang")
    strange = next(m.series.id for m in table.program.history.members(1) if "mail" in str(m.series.entity))
    table.at("10:03").does("wang", "split", series=strange)
    table.between("10:03", "10:03").page("wang", incident=3)
    assert [table.incident(number).series for number in (1, 3)] == [1, 1]
    table.ack("wang", incident=3)


def test_a_split_of_what_is_not_there_is_refused(table):
    _two(table).at("10:02").ack("wang").ack("wang", incident=2)
    assert "not in this incident" in str(table.is_refused("wang", "split", series="nothing"))


def test_a_button_drawn_before_somebody_else_took_it_is_stale(table):
    table.fires("NodeDown", node="n1").between("10:00", "10:00").page("wang")
    drawn = table.response().epoch
    table.at("10:01").ack("chen")
    assert isinstance(table.is_refused("wang", "resolve", epoch=drawn), StaleCommand)
    table.is_in(State.T1_ACKED)


def test_a_button_drawn_before_the_incident_grew_still_works(table):
    table.fires("SwitchDown", rack="tor-3", instance="tor-3.mgmt:161").between("10:00", "10:00").page("wang")
    drawn = table.response().epoch
    for number in range(5):
        _switch(table, number)
    table.at("10:01").does("wang", "ack", epoch=drawn).quiet_until("10:15").is_in(State.T1_ACKED)


@pytest.mark.parametrize("bound", ["max_groups", "max_series"])
def test_incidents_end_with_their_alerts_over_the_bounds_of_the_correlator_too(table, bound):
    table.program.pipeline.correlate.adopt(CorrelateSettings(**{bound: 10}), (), None)
    places = [{"cluster": f"c{number}", "service": f"s{number}"} for number in range(14)]
    for number, place in enumerate(places):
        table.fires("Down", **place).ack("wang", number + 1)
    for place in places:
        table.clears("Down", **place)
    assert {table.incident(number).condition for number in table.numbers()} == {Condition.CLEARED}
    table.unexpected.clear()
