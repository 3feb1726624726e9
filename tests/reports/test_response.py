"""Figures over incidents whose courses are known."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alertmesh.core.alert import Priority
from alertmesh.reports.account import KEYS
from alertmesh.reports.figures import Spread
from alertmesh.reports.response import figures, report
from tests.reports.timelines import START, account, course, line, page

PAGED = line(1, "paging", "t1_paging")
END = line(30, "resolved", "resolved")
ACK = line(5, "ack", "t1_acked", "wang")
LOUD = line(20, "exhausted", "exhausted")
FATES = {
    "acked": [PAGED, page(1), ACK, END],
    "acked at last": [PAGED, page(1), LOUD, line(25, "ack", "t2_acked", "li"), END],
    "handled": [PAGED, page(1), line(9, "resolved", "resolved", "wang")],
    "healed": [PAGED, page(1), END],
    "exhausted": [PAGED, page(1), LOUD],
    "passed on, then exhausted": [PAGED, page(1), line(3, "escalate", "t2_paging", "wang"), LOUD],
    "waiting": [PAGED, page(1)],
    "never paged": [END],
}


@pytest.mark.parametrize(
    ("name", "fate"),
    [
        ("acked", "acked"),
        ("acked at last", "acked"),
        ("handled", "handled"),
        ("healed", "unacked"),
        ("exhausted", "unacked"),
        ("passed on, then exhausted", "unacked"),
        ("waiting", "waiting"),
    ],
)
def test_each_incident_that_was_paged_has_one_fate(name, fate):
    found = figures([account(course(*FATES[name]))])
    counts = {kind: getattr(found, kind) for kind in ("acked", "handled", "waiting", "unacked")}
    assert counts == {**dict.fromkeys(counts, 0), fate: 1}


def test_the_figures_of_all_of_them():
    found = figures([account(course(*lines)) for lines in FATES.values()])
    assert (found.incidents, found.paged, found.open, found.exhausted, found.escalated) == (8, 7, 3, 3, 1)
    assert (found.no_ack_rate, found.escalation_rate) == (0.5, 0.1429)
    assert found.to_ack_s == Spread(count=2, median=840, mean=840, p90=1440)
    assert found.open_to_ack_s == Spread(count=2, median=900, mean=900, p90=1500)
    assert found.to_resolve_s == Spread(count=5, median=1800, mean=1548, p90=1800)
    ops = found.tiers["ops"]
    assert (ops.pages, ops.answered, ops.waiting, ops.effectiveness) == (7, 1, 3, 0.25)


def test_the_time_to_tier_2():
    lines = [PAGED, page(1), line(8, "paging", "t2_paging"), page(8, "li", "rnd"),
             line(11, "ack", "t2_acked", "li")]  # fmt: skip
    found = figures([account(course(*lines))])
    assert (found.to_tier2_page_s.median, found.escalation_to_tier2_ack_s.median) == (480, 180)


def test_an_ack_before_the_first_page_has_no_time_from_it():
    held = [line(1, "ack", "t1_acked", "wang"), line(40, "paging", "t1_paging"), page(40)]
    found = figures([account(course(*held))])
    assert (found.acked, found.to_ack_s.count, found.open_to_ack_s.median) == (1, 0, 60)


def test_nothing_gives_nulls():
    found = figures([])
    assert (found.no_ack_rate, found.escalation_rate, found.page_effectiveness) == (None, None, None)
    assert (found.to_ack_s, found.tiers["rnd"].to_ack_s) == (Spread(), Spread())


def test_only_what_was_opened_in_the_time_counts():
    found = [account(course(*FATES["acked"]))]
    day = timedelta(days=1)
    assert report(found, "priority", START - day, START).total.incidents == 0
    assert report(found, "priority", START, START + day).total.incidents == 1


@pytest.mark.parametrize(
    ("by", "keys"),
    [
        ("priority", ["P1", "P3"]),
        ("week", ["2026-W48"]),
        ("team", ["none", "pay"]),
        ("roster", ["ops"]),
    ],
)
def test_the_parts_of_a_report(by, keys):
    found = [account(course(*FATES["acked"]), team="pay"), account(course(END), Priority.P3)]
    assert [part.key for part in report(found, by, START, START + timedelta(days=1)).parts] == keys


@st.composite
def courses(draw):
    """Draw an incident that is paged, acked, given up, passed on, suppressed, ended in any order."""
    kinds = [
        ("paging", "t1_paging"), ("ack", "t1_acked"), ("ack", "t2_acked"), ("unack", "t1_paging"),
        ("escalate", "t2_paging"), ("suppressed", "suppressed"), ("exhausted", "exhausted"),
        ("resolved", "resolved"), ("reopened", "t1_paging"), ("page", ""), ("page rnd", ""),
    ]  # fmt: skip
    minute, lines = 0.0, []
    for kind, state in draw(st.lists(st.sampled_from(kinds), max_size=12)):
        minute += draw(st.sampled_from([0, 0.5, 7]))
        if kind.startswith("page"):
            lines.append(page(minute, tier="rnd" if kind.endswith("rnd") else "ops"))
        else:
            lines.append(line(minute, kind, state, draw(st.sampled_from(["", "wang"]))))
    return account(course(*lines), draw(st.sampled_from(Priority)), team=draw(st.sampled_from(["a", "b"])))


@given(st.lists(courses(), max_size=12), st.sampled_from(sorted(KEYS)))
def test_parts_add_up_and_no_time_is_negative(accounts, by):
    found = report(accounts, by, START, START + timedelta(days=1))
    total, parts = found.total, [part.figures for part in found.parts]
    assert total.paged == total.acked + total.handled + total.waiting + total.unacked
    for name in ("incidents", "open", "paged", "acked", "unacked", "exhausted", "escalated", "reopened"):
        assert sum(getattr(part, name) for part in parts) == getattr(total, name)
    spreads = [getattr(total, name) for name in total.__struct_fields__ if name.endswith("_s")]
    assert all(one.median is None or 0 <= one.median <= one.p90 for one in spreads)
    assert sum(tier.answered + tier.waiting for tier in total.tiers.values()) <= sum(
        tier.pages for tier in total.tiers.values()
    )
