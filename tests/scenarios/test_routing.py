"""Tier 2 by the owner of the likely root, in the whole program."""

from dataclasses import replace

import pytest
from msgspec import structs

from alertmesh.core.oncall import User, single
from alertmesh.core.topology import Service
from tests.scenarios.people import staffed
from tests.scenarios.timetable import Timetable

SERVICES = (
    Service(name="web", match='app="web"', team="front", depends_on=("cart",)),
    Service(name="cart", match='app="cart"', team="shop", depends_on=("orders-db",)),
    Service(name="orders-db", team="dba"),
)
TEAMS = {"front": "fay", "shop": "sam", "dba": "dee"}


def teams(*services: Service, **people: str) -> Timetable:
    """Return a timetable with a catalogue and its teams, of one each."""
    config = staffed("chat")
    names = TEAMS | people
    oncall = structs.replace(
        config.oncall,
        services=services,
        users=config.oncall.users
        | {name: User(name=name, channels=("chat",)) for name in names.values() if name != "gone"},
        rosters=config.oncall.rosters | {team: single(team, name) for team, name in names.items()},
    )
    sections = {**config.sections, "services": {"services": list(services)}}
    return Timetable(replace(config, oncall=oncall, sections=sections))


def storm(table: Timetable) -> Timetable:
    """Have a cart out of memory and the web that needs it fire; nobody of tier 1 answers."""
    table.fires("PodOOMKilled", app="cart", namespace="shop")
    table.at("10:00:20").fires("HighErrorRate", app="web", namespace="shop")
    table.fires("HighLatency", app="web", namespace="shop")
    table.between("10:00", "10:00:30").page("wang")
    table.between("10:03", "10:03:30").page("chen")
    return table.between("10:06", "10:06:30").page("zhao")


def routed(table: Timetable) -> list[str]:
    return [line.removeprefix("routed: ") for line in table.said() if line.startswith("routed")]


def test_the_roots_owner_is_paged_and_the_hit_one_told():
    table = storm(teams(*SERVICES))
    table.between("10:08", "10:08").page("sam").between("10:08", "10:08").update("fay")
    table.quiet_until("10:10")
    root = table.incident().causes[0]
    assert routed(table) == [f"shop: owner of cart, the likely root ({root.score:.2f})"]
    assert root.entity == "cart"
    told = [message.text for message in table.program.chat.messages if routed(table)[0] in message.text]
    assert [text.count("web is hit, 2 series fire") for text in told] == [0, 1]


def test_without_a_catalogue_it_is_the_policys_team():
    storm(teams()).between("10:08", "10:08").page("li").quiet_until("10:10")


def test_what_nobody_owns_is_the_policys_teams():
    table = teams(*SERVICES).fires("NodeDown", node="n1")
    table.between("10:00", "10:00").page("wang").between("10:03", "10:03").page("chen")
    table.between("10:06", "10:06").page("zhao").between("10:08", "10:08").page("li").quiet_until("10:10")
    assert routed(table)[0].startswith("rnd: nobody is known to own n1")


@pytest.mark.parametrize("moment", ["10:07", "10:09"])
def test_a_restart_pages_the_same_team_as_no_restart(moment):
    table = storm(teams(*SERVICES, shop="sam"))
    if moment == "10:07":
        table.at(moment).restart()
    table.between("10:08", "10:08").page("sam").between("10:08", "10:08").update("fay")
    if moment == "10:09":
        table.at(moment).restart()
    table.at("10:10").ack("sam").quiet_until("10:30")
    assert (table.response().owner, table.response().rnd_roster) == ("sam", "shop")


def test_a_team_without_anybody_gives_way_to_the_policys():
    table = storm(teams(*SERVICES, shop="gone"))
    table.between("10:08", "10:08").page("li").between("10:08", "10:08").update("fay").quiet_until("10:10")
    assert "coverage_gap: nobody of shop can be reached" in table.said()
