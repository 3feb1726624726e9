"""Which team tier 2 is, and who else hears of it."""

from datetime import datetime
from itertools import count

import pytest
from msgspec.structs import replace

from alertmesh.core.alert import Entity
from alertmesh.core.group import Cause, Join
from alertmesh.core.incident import Incident, Member
from alertmesh.core.oncall import Calendar, OnCall, When, single
from alertmesh.core.response import State
from alertmesh.core.series import Series
from alertmesh.core.silence import Weekday
from alertmesh.core.topology import Service
from alertmesh.escalate.routing import Router
from tests.escalate.fakes import P1, T0, incident, oncall, policy, row, steps, user
from tests.escalate.timetable import Timetable

SERVICES = (
    Service(
        name="checkout", match='app=~"checkout.*"', team="payments", depends_on=("redis", "orders-db", "bus")
    ),
    Service(name="cart", match='app="cart"', team="shop", depends_on=("redis",)),
    Service(name="wallet", match='app="wallet"', team="payments"),
    Service(name="orders-db", team="whoever", roster="dba"),
    Service(name="mail", match='app="mail"', team="nobody in particular"),
    Service(name="nodes", match='kind="node"', team="metal"),
    Service(name="east-lb", team="metal", cluster="east"),
)
TEAMS = {"payments": "pia", "shop": "sam", "dba": "dee", "metal": "mo"}


def staffed(services: tuple[Service, ...] = SERVICES, **teams: str) -> OnCall:
    """Return the usual people, and teams of one each; a team of `gone` cannot be reached."""
    people = TEAMS | teams
    rosters = [single(team, person) for team, person in people.items()]
    users = tuple(user(person) for person in people.values() if person != "gone")
    return replace(oncall(*rosters, users=users), services=services)


_NUMBERS = count()


def on(kind: str = "service", name: str = "", /, firing: int = 1, **labels: str) -> Member:
    """Return a member about a thing, called after its `app` unless it has a name."""
    name = name or labels.get("app", "")
    series = Series(
        id=f"s{next(_NUMBERS)}",
        name="Slow",
        labels={"cluster": "west", **labels},
        entity=Entity(kind, name, "west"),
        source="prometheus",
        priority=P1,
        firing=firing,
        opened_at=T0,
        first_seen_at=T0,
        changed_at=T0,
    )
    return Member(incident=1, series=series, join=Join(0.9), joined_at=T0)


def causes(**scores: float) -> tuple[Cause, ...]:
    return tuple(Cause(name.replace("_", "-"), "", score, "because") for name, score in scores.items())


def route(members: list[Member], **scores: float) -> tuple[str, str]:
    """Return the roster that is paged, and why, without its name."""
    found = Router(staffed()).route(incident(causes=causes(**scores)), members, "rnd")
    roster, _, why = found.why.partition(": ")
    assert roster == found.roster
    return found.roster, why


CHECKOUT, CART, MAIL = on(app="checkout"), on(app="cart"), on(app="mail")
STRANGER = on(app="blog")


@pytest.mark.parametrize(
    ("entity", "members", "roster", "why"),
    [
        ("checkout", [CHECKOUT, CART], "payments", "owner of checkout"),
        ("checkout-worker", [on(app="checkout-worker"), CART], "payments", "owner of checkout"),
        ("cart", [on("pod", "cart-5d4f8c7b9d-x2x7k", app="cart")], "shop", "owner of cart"),
        ("n7", [on("node", "n7", node="n7:9100", kind="node"), CHECKOUT], "metal", "owner of nodes"),
        ("orders-db", [CHECKOUT], "dba", "owner of orders-db"),
        ("bus", [CHECKOUT, CART], "payments", "owner of checkout, which needs bus"),
        ("redis", [CART, STRANGER], "shop", "owner of cart, which needs redis"),
    ],
    ids=["name", "its series", "pod", "node", "without match", "needed by one", "needed by one that is hit"],
)
def test_the_owner_of_the_likely_root_is_paged(entity, members, roster, why):
    found = Router(staffed()).route(incident(causes=(Cause(entity, "", 0.8, ""),)), members, "rnd")
    assert (found.roster, found.why) == (roster, f"{roster}: {why}, the likely root (0.80)")


@pytest.mark.parametrize(
    ("entity", "members", "why"),
    [
        ("blog", [STRANGER, CHECKOUT], "nobody is known to own blog, the likely root (0.80)"),
        ("redis", [CHECKOUT, CART], "nobody is known to own redis, the likely root (0.80)"),
        ("n7", [on("pod", "checkout-0", app="checkout", node="n7")], "nobody is known to own n7"),
        ("cart-db", [on(app="checkout", peer="cart-db")], "nobody is known to own cart-db"),
        ("mail", [MAIL], "no roster is known for mail, the likely root (0.80)"),
        ("east-lb", [CHECKOUT], "nobody is known to own east-lb"),
    ],
    ids=["stranger", "needed by several", "where it lies", "what it calls", "no roster", "another cluster"],
)
def test_what_nobody_owns_is_the_default_teams(entity, members, why):
    root = Cause(entity, members[0].series.id, 0.8, "")
    found = Router(staffed()).route(incident(causes=(root,)), members, "rnd")
    assert found.roster == "rnd"
    assert found.why.startswith(f"rnd: {why}")


def test_without_a_likely_root_it_is_the_default_teams():
    assert route([CHECKOUT, CART]) == ("rnd", "nothing tells what the root is")


@pytest.mark.parametrize(
    ("members", "scores", "roster"),
    [
        ([CHECKOUT, CART], {"checkout": 0.5}, "payments"),
        ([CHECKOUT, CART], {"checkout": 0.49}, "rnd"),
        ([CHECKOUT, CART], {"checkout": 0.3, "cart": 0.25, "wallet": 0.2}, "payments"),
        ([CHECKOUT, on(app="wallet")], {"checkout": 0.2}, "payments"),
        ([CHECKOUT, STRANGER], {"checkout": 0.2}, "rnd"),
        ([CHECKOUT, on(app="cart", firing=0)], {"checkout": 0.2}, "payments"),
        ([CHECKOUT], {"orders_db": 0.3, "checkout": 0.2}, "payments"),
    ],
    ids=[
        "sure",
        "unsure",
        "sure of the team",
        "no other team",
        "others are hit",
        "no longer hit",
        "only one is hit",
    ],
)
def test_an_unsure_root_pages_the_only_team_hit_or_the_default_one(members, scores, roster):
    assert route(members, **scores)[0] == roster


@pytest.mark.parametrize(
    ("members", "scores", "hears"),
    [
        ([CHECKOUT, CART, CART], {"checkout": 0.8}, [("shop", "cart is hit, 2 series fire")]),
        ([CHECKOUT, CART, MAIL, MAIL], {"checkout": 0.8}, []),
        ([CHECKOUT, on(app="wallet"), on(app="wallet"), CART], {"checkout": 0.8}, []),
        ([CHECKOUT, STRANGER], {"blog": 0.8}, [("payments", "checkout is hit, 1 series fires")]),
        (
            [CHECKOUT, CART],
            {"checkout": 0.3},
            [("payments", "checkout may be the root (0.30)"), ("shop", "cart is hit, 1 series fires")],
        ),
        ([CHECKOUT], {"orders_db": 0.3}, [("dba", "orders-db may be the root (0.30)")]),
    ],
    ids=["another team", "no roster", "the same team", "default is paged", "unsure", "unsure, one is hit"],
)
def test_the_owner_of_what_is_hit_hardest_hears_of_it(members, scores, hears):
    found = Router(staffed()).route(incident(causes=causes(**scores)), members, "rnd")
    assert [(one.roster, one.text) for one in found.hears] == hears


def test_without_a_catalogue_there_is_nothing_to_say():
    found = Router(oncall()).route(incident(causes=causes(checkout=0.9)), [CHECKOUT], "rnd")
    assert (found.roster, found.why, found.hears) == ("rnd", "", ())


# The stage


class Open:
    """Incident 1 as a test wants it to be."""

    def __init__(self, members: list[Member], **scores: float) -> None:
        self.found = members
        self.causes = causes(**scores)

    def incident(self, number: int) -> Incident | None:
        return incident(number, causes=self.causes)

    def members(self, number: int) -> list[Member]:
        return self.found


def opened(people: OnCall, incidents: Open) -> Timetable:
    """Return a timetable with a P1 that nobody of tier 1 takes until tier 2 is due."""
    table = Timetable(people)
    table.stage.look_at(incidents)
    table.incident("opened").between("10:00", "10:00").page("ann")
    return table.between("10:03", "10:03").page("ben").between("10:06", "10:06").page("lea")


def lines(table: Timetable, *kinds: str) -> list[tuple[datetime, str]]:
    return [(line.at, line.text) for line in table.timeline if line.kind in kinds]


def test_the_owner_is_paged_and_the_hit_one_told():
    table = opened(staffed(), Open([CHECKOUT, CART], checkout=0.81))
    table.between("10:08", "10:08").page("pia")
    table.between("10:08", "10:08").update("sam").silent_until("10:11")
    why = "payments: owner of checkout, the likely root (0.81)"
    assert [text for _, text in lines(table, "routed")] == [why]
    [page] = [one.page for one in table.attempts if one.page.person == "pia"]
    assert page.reason == f"operations did not answer; {why}"
    told = [one.page.reason for one in table.attempts if one.page.person == "sam"]
    assert told == [f"cart is hit, 1 series fires; tier 2 is paged: {why}"]
    found = table.stage.response(1)
    assert (found.rnd_roster, found.rnd_why) == ("payments", why)


def test_a_developer_of_the_team_acks_for_tier_2():
    table = opened(staffed(), Open([CHECKOUT, CART], checkout=0.81))
    table.between("10:08", "10:08").page("pia").at("10:09").person("pia", "ack").is_in(State.T2_ACKED)


def test_a_developer_of_a_team_that_is_not_paged_is_a_developer_too():
    table = opened(staffed(), Open([CHECKOUT, CART], checkout=0.81))
    table.between("10:08", "10:08").page("pia").at("10:09").person("sam", "ack").is_in(State.T2_ACKED)


def test_one_of_tier_1_who_is_in_another_team_acks_for_tier_1():
    table = opened(staffed(shop="ann"), Open([CHECKOUT, CART], checkout=0.81))
    table.between("10:08", "10:08").page("pia").at("10:09").person("ann", "ack").is_in(State.T2_PAGING)


def test_within_a_round_the_team_stays_and_the_next_one_goes_to_the_new_owner():
    scene = Open([CHECKOUT, CART], checkout=0.81)
    people = replace(staffed(), rosters=staffed().rosters | {"payments": single("payments", "pia", "pat")})
    people = replace(people, users=people.users | {"pat": user("pat")})
    table = opened(people, scene)
    table.between("10:08", "10:08").page("pia").between("10:08", "10:08").update("sam")
    scene.causes = causes(cart=0.9)
    table.between("10:11", "10:11").page("pat")
    table.between("10:14", "10:14").page("lea")  # they have no lead of their own
    table.between("10:19", "10:19").page("sam").between("10:19", "10:19").update("pia")
    assert [text for _, text in lines(table, "routed")] == [
        "payments: owner of checkout, the likely root (0.81)",
        "shop: owner of cart, the likely root (0.90)",
    ]


def test_a_new_cycle_finds_the_team_anew():
    scene = Open([CHECKOUT, CART], checkout=0.81)
    table = opened(staffed(), scene).between("10:08", "10:08").page("pia")
    table.between("10:08", "10:08").update("sam").at("10:09").person("pia", "ack")
    scene.causes = causes(cart=0.9)
    table.at("10:10").person("pia", "unack").between("10:10", "10:10").page("sam")


def test_a_restart_keeps_the_team_of_the_cycle():
    table = opened(staffed(payments="pia", shop="sam"), Open([CHECKOUT, CART], checkout=0.81))
    table.between("10:08", "10:08").page("pia").between("10:08", "10:08").update("sam").restart()
    table.at("10:09").person("pia", "ack").is_in(State.T2_ACKED)
    assert table.stage.response(1).rnd_roster == "payments"


def test_a_team_that_cannot_be_reached_gives_way_at_once():
    table = opened(staffed(payments="gone"), Open([CHECKOUT, CART], checkout=0.81))
    table.between("10:08", "10:08").page("dan").between("10:08", "10:08").update("sam")
    assert [text for _, text in lines(table, "routed", "coverage_gap")] == [
        "nobody of payments can be reached",
        "rnd: nobody of payments can be reached",
    ]
    table.between("10:11", "10:11").page("eve").silent_until("10:14")


def test_when_nobody_answers_the_team_and_the_leads_are_paged_loudly():
    table = opened(staffed(), Open([CHECKOUT], checkout=0.81))
    table.at("11:00").is_in(State.EXHAUSTED)
    loud = {one.page.person for one in table.attempts if one.page.reason.startswith("nobody answers")}
    assert loud == {"pia", "lea"}


def test_a_round_of_which_the_first_step_does_not_count_goes_to_the_new_owner_too():
    scene = Open([CHECKOUT, CART], checkout=0.81)
    first, second = steps(0, 3)
    rows = {**policy().rows, P1: row(rnd_steps=(replace(first, when=When.WORKING), second))}
    closed = replace(policy(), rows=rows, calendar=Calendar(weekend=tuple(Weekday)))
    two = {"payments": single("payments", "pia", "pat"), "shop": single("shop", "sam", "sue")}
    usual = staffed()
    people = replace(
        usual,
        policies=(closed,),
        rosters=usual.rosters | two,
        users=usual.users | {name: user(name) for name in ("pat", "sue")},
    )
    table = opened(people, scene).between("10:08", "10:08").page("pat")
    table.between("10:08", "10:08").update("sam")
    scene.causes = causes(cart=0.9)
    table.between("10:13", "10:13").page("sue").between("10:13", "10:13").update("pia").silent_until("10:18")


def test_naming_a_person_pages_no_team_until_the_next_step():
    table = opened(staffed(), Open([CHECKOUT, CART], checkout=0.81))
    table.at("10:07").person("ann", "assign", person="sam").between("10:07", "10:07").page("sam")
    assert lines(table, "routed") == []
    [page] = [one.page for one in table.attempts if one.page.person == "sam"]
    assert page.reason == "ann assigned it to sam"


@pytest.mark.parametrize("round_is_over", [False, True])
def test_a_team_that_a_person_asked_for_stays(round_is_over):
    table = opened(staffed(), Open([CHECKOUT, CART], checkout=0.81))
    table.at("10:07").person("ann", "escalate", team="metal").between("10:07", "10:07").page("mo")
    if round_is_over:
        table.between("10:10", "10:10").page("lea").between("10:15", "10:15").page("mo")
    assert (table.stage.response(1).rnd_roster, lines(table, "routed")) == ("metal", [])


def test_a_team_asked_for_is_forgotten_once_tier_1_has_it_again():
    table = opened(staffed(), Open([CHECKOUT, CART], checkout=0.81))
    table.at("10:07").person("ann", "escalate", team="metal").between("10:07", "10:07").page("mo")
    table.at("10:08").person("mo", "return", text="not the metal").between("10:08", "10:08").page("ann")
    table.at("10:09").person("ann", "escalate").between("10:09", "10:09").page("pia")


def test_new_rules_hold_from_the_next_time_a_team_is_looked_for():
    table = opened(staffed(), Open([CHECKOUT, CART], checkout=0.81))
    table.stage.swap(replace(staffed(), services=(replace(SERVICES[0], team="dba"), *SERVICES[1:])))
    table.between("10:08", "10:08").page("dee").between("10:08", "10:08").update("sam")
    table.stage.swap(staffed())
    table.at("10:09").person("dee", "ack").is_in(State.T2_ACKED)
    assert table.stage.response(1).rnd_roster == "dba"
