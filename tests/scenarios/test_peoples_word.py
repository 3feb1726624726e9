"""People's word on incidents and on series: applied at once, shown, and never undone."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alertmesh.core.entries import Action, Feedback
from alertmesh.core.errors import StaleCommand
from tests.scenarios.timetable import Timetable

MAIL = {"service": "mail", "namespace": "post"}


def _three(table):
    """Open incident 1 with two series and incident 2 with one, all acknowledged."""
    table.fires("NodeDown", node="n1").between("10:00", "10:00").page("wang")
    table.at("10:00:10").fires("DiskBroken", node="n1")
    table.at("10:01").fires("CertificateInvalid", **MAIL).between("10:01", "10:01").page("wang", incident=2)
    return table.ack("wang").ack("wang", incident=2)


def _series(table, number, name):
    return next(m.series.id for m in table.program.history.members(number) if m.series.name == name)


def _names(table, number):
    return sorted(member.series.name for member in table.program.history.members(number))


def _say(table, action, a, b=""):
    now = table.program.clock.now()
    table.program.command(Feedback(action=Action(action), actor="wang", at=now, a=a, b=b))
    table.program.work()
    return table.program.refused


def test_a_series_moves_to_the_incident_it_belongs_to(table):
    _three(table).at("10:02")
    table.does("wang", "move", series=_series(table, 1, "DiskBroken"), into="2")
    assert (_names(table, 1), _names(table, 2)) == (["NodeDown"], ["CertificateInvalid", "DiskBroken"])
    assert "moved: DiskBroken on n1 went to incident 2" in table.said(1)
    assert "moved: DiskBroken on n1 came from incident 1" in table.said(2)


def test_a_series_that_moves_nowhere_begins_an_incident(table):
    _three(table).at("10:02").does("wang", "move", series=_series(table, 1, "DiskBroken"))
    table.between("10:02", "10:02").page("wang", incident=3).ack("wang", incident=3)
    assert [_names(table, number) for number in (1, 3)] == [["NodeDown"], ["DiskBroken"]]


def test_a_named_root_stands_first_on_the_incident(table):
    _three(table).at("10:02").does("wang", "root", series=_series(table, 1, "DiskBroken"), entity="bay 7")
    (first, *_) = table.incident().causes
    assert (first.entity, first.score, first.reason) == ("bay 7", 1.0, "wang said so")
    assert table.incident().title.startswith("DiskBroken")
    assert "root: the root is bay 7" in table.said()


def test_a_named_root_stays_first_when_the_incident_grows_and_after_a_restart(table):
    _three(table).at("10:02").does("wang", "root", entity="bay 7").restart()
    for number in range(6):
        table.fires(f"More{number}", severity="warning", node="n1")
    assert (table.incident().series, table.incident().causes[0].entity) == (8, "bay 7")


def test_what_does_not_belong_leaves_and_is_another_incident(table):
    _three(table).at("10:02").does("wang", "unrelated", series=_series(table, 1, "DiskBroken"))
    table.between("10:02", "10:02").page("wang", incident=3).ack("wang", incident=3)
    assert _names(table, 1) == ["NodeDown"]


def test_unrelated_incidents_stay_apart_though_an_alert_speaks_for_both(table):
    table.fires("Slow", namespace="shop", service="web").between("10:00", "10:00").page("wang")
    table.fires("Slow", namespace="pay", service="cart").between("10:00", "10:00").page("wang", incident=2)
    table.ack("wang").ack("wang", incident=2).at("10:00:05").does("wang", "unrelated", other="2").restart()
    table.fires("Errors", namespace="shop", service="web", peer="cart")
    assert table.numbers() == [1, 2]
    assert "unrelated: not related to incident 2" in table.said(1)


def test_a_move_drawn_before_somebody_else_took_it_is_stale(table):
    table.fires("NodeDown", node="n1").between("10:00", "10:00").page("wang")
    drawn = table.response().epoch
    table.at("10:01").ack("chen")
    assert isinstance(table.is_refused("wang", "move", epoch=drawn, series="x"), StaleCommand)


@pytest.mark.parametrize(
    ("action", "args", "said"),
    [
        ("move", {"series": "x", "into": "2"}, "not in this incident: x"),
        ("move", {"series": "x", "into": "9"}, "incident 9 is not open"),
        ("unrelated", {"other": "1"}, "not the number of another incident"),
        ("unrelated", {}, "name the other incident"),
        ("root", {}, "name the series or the entity"),
    ],
)
def test_what_makes_no_sense_is_refused(table, action, args, said):
    _three(table)
    assert said in str(table.is_refused("wang", action, **args))


def test_a_watched_series_is_merged_by_its_id(table):
    table.fires("Calm", severity="info", service="a", namespace="x").fires("NodeDown", node="n1")
    table.between("10:00", "10:00").page("wang").ack("wang")
    calm = next(iter(next(iter(table.program.pipeline.incidents.watched())).members))
    assert _say(table, "merge", _series(table, 1, "NodeDown"), calm) == []
    assert _names(table, 1) == ["Calm", "NodeDown"]
    table.between("10:00", "10:00").update("wang")  # a service that was not hit before


def test_what_people_said_is_kept_and_read_newest_first(table):
    _three(table).at("10:02").does("wang", "root", entity="bay 7")
    _say(table, "split", _series(table, 1, "NodeDown"), _series(table, 2, "CertificateInvalid"))
    table.restart()
    found = table.program.history.judgements(None, 10)
    assert [(number, one.action, one.actor) for number, one in found] == [
        (2, Action.SPLIT, "wang"),
        (1, Action.ROOT, "wang"),
    ]


_ALERTS = st.tuples(
    st.sampled_from(["Down", "Slow", "Full"]),
    st.sampled_from(
        [
            {"node": "n1"},
            {"node": "n2", "rack": "r"},
            {"namespace": "shop", "service": "web"},
            {"namespace": "shop", "service": "cart", "peer": "web"},
            MAIL,
        ]
    ),
)
_WORDS = st.tuples(
    st.sampled_from(["merge", "split", "move", "unrelated"]), st.integers(0, 30), st.integers(0, 30)
)
_STEPS = st.lists(
    st.tuples(st.integers(0, 90), _ALERTS, st.none() | _WORDS, st.booleans()), min_size=8, max_size=25
)


class _Ledger:
    """The last word on each pair; pairs end with their incident."""

    def __init__(self, table):
        self.table = table
        self.apart = set()
        self.joined = set()

    def places(self):
        correlate = self.table.program.pipeline.correlate
        found = {}
        for series in self.table.program.pipeline.dedup.series:
            live = correlate._memory.home(series)
            if live is not None:
                found[series] = live.id
        return found

    def hear(self, action, a, b):
        before = self.places()
        if a not in before or b not in before:
            return
        if _say(self.table, action, a, b):
            self.table.program.refused.clear()
            return
        after, pair = self.places(), frozenset((a, b))
        mates = {one for one in after if after[one] == after[a]}
        self.apart = {one for one in self.apart if not one <= mates}
        if action in ("merge", "move"):
            self.joined = {one for one in self.joined if len({after[x] for x in one}) == 1} | {pair}
        else:
            self.joined = {one for one in self.joined if len({after[x] for x in one}) == 1}
            self.apart.add(pair)

    def check(self):
        places = self.places()
        self.joined = {pair for pair in self.joined if all(one in places for one in pair)}
        assert all(len({places[one] for one in pair}) == 1 for pair in self.joined)
        there = [pair for pair in self.apart if all(one in places for one in pair)]
        assert all(len({places[one] for one in pair}) == 2 for pair in there)


@settings(max_examples=200, deadline=None)
@given(_STEPS, st.sets(st.integers(0, 24), max_size=3))
def test_no_storm_and_no_crash_undoes_what_people_said(steps, crashes):
    table = Timetable()
    ledger, moment = _Ledger(table), table.program.clock.now()
    for place, (pause_s, (name, labels), word, ends) in enumerate(steps):
        moment += timedelta(seconds=pause_s)
        table.program.pass_until(moment)
        if place in crashes:
            table.restart()
        (table.clears if ends else table.fires)(name, **labels)
        known = sorted(ledger.places())
        if word is not None and len(known) > 1:
            action, a, b = word
            if known[a % len(known)] != known[b % len(known)]:
                ledger.hear(action, known[a % len(known)], known[b % len(known)])
        ledger.check()
