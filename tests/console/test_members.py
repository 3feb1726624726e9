"""The series of an incident are read a page at a time, however many there are."""

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from alertmesh.core.group import Join, Role
from alertmesh.core.incident import Member
from tests.console.fakes import NOW, Caller, FakeService, a_member, a_response, an_incident

PATH = "/api/v1/incidents/1/alerts"


def a_series(number: int, name: str) -> Member:
    made = a_member(1)
    facts = {"id": f"s{number}", "name": name, "labels": {"cluster": "east", "pod": str(number)}}
    series = replace(made.series, opened_at=NOW + timedelta(seconds=number), **facts)
    return replace(made, series=series, join=Join(0.5, (), Role.MEMBER))


@pytest.fixture
def large(service: FakeService) -> FakeService:
    service.pairs[1] = (an_incident(1), a_response(1))  # its likely root is s1
    service.belonging = [a_series(number, "AB"[number % 2]) for number in reversed(range(40))]
    return service


async def read(api: Caller, query: str = "") -> dict[str, Any]:
    answer = await api.get(PATH + query)
    assert answer.status == 200
    return dict(await answer.json())


def ids(page: dict[str, Any]) -> list[str]:
    return [one["series"] for one in page["alerts"]]


async def test_members_come_with_their_reasons(service: FakeService, api: Caller) -> None:
    service.pairs[1] = (an_incident(1), a_response(1))
    (member,) = (await read(api))["alerts"]
    assert (member["series"], member["role"], member["state"]) == ("s1", "root", "firing")
    assert member["reasons"] == [{"feature": "labels", "text": "both name rack 7", "weight": 0.8}]


async def test_pages_go_on_where_the_one_before_ended(large: FakeService, api: Caller) -> None:
    seen: list[str] = []
    page: dict[str, Any] = {"next": ""}
    while page["next"] is not None:
        page = await read(api, f"?limit=7&after={page['next']}")
        seen += ids(page)
    assert seen == ["s1", "s0", *(f"s{number}" for number in range(2, 40))]


@pytest.mark.usefixtures("large")
@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("?each=2", ["s1", "s0", "s2", "s3"]),
        ("?each=2&limit=3", ["s1", "s0", "s2"]),
        ("?name=A&limit=3", ["s0", "s2", "s4"]),
        ("?series=s7&series=s4&series=gone", ["s4", "s7"]),
        ("?name=A&series=s7&series=s4", ["s4"]),
    ],
)
async def test_as_many_of_those_that_are_wanted(api: Caller, query: str, wanted: list[str]) -> None:
    assert ids(await read(api, query)) == wanted


async def test_what_is_said_of_all_is_about_all_that_were_asked_for(large: FakeService, api: Caller) -> None:
    page = await read(api, "?limit=1")
    assert [(one["name"], one["series"], one["root"]) for one in page["kinds"]] == [
        ("B", 20, True),
        ("A", 20, False),
    ]
    assert page["common"] == {"cluster": ["east"]}
    some = await read(api, "?series=s2&series=s4")
    assert (len(some["kinds"]), some["common"]) == (1, {"cluster": ["east"], "pod": ["2", "4"]})


async def test_names_without_room_are_counted(large: FakeService, api: Caller) -> None:
    large.limits = replace(large.limits, page=15)
    large.belonging = [a_series(number, f"N{number}") for number in range(40)]
    page = await read(api, "?each=1&limit=40")
    assert (len(page["alerts"]), len(page["kinds"]), page["kinds_left_out"]) == (15, 15, 25)


@pytest.mark.usefixtures("large")
@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("?each=0", "each"),
        ("?each=x", "each"),
        ("?limit=0", "limit"),
        ("?" + "&".join(f"series={number}" for number in range(201)), "series"),
    ],
)
async def test_a_fault_of_the_question_is_named(api: Caller, query: str, field: str) -> None:
    answer = await api.get(PATH + query)
    assert (answer.status, (await answer.json())["field"]) == (400, field)
