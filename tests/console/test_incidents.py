from typing import Any

import pytest
from msgspec.structs import replace

from alertmesh.core.alert import Priority
from alertmesh.core.incident import Condition
from alertmesh.core.oncall import Tier
from alertmesh.core.ports import HttpLimits
from alertmesh.core.response import State, Word
from tests.console.fakes import Caller, FakeService, a_response, an_incident

PATH = "/api/v1/incidents"


def fill(service: FakeService, count: int) -> None:
    for number in range(1, count + 1):
        service.pairs[number] = (an_incident(number), a_response(number))


async def numbers(api: Caller, query: str) -> list[int]:
    answer = await api.get(PATH + query)
    return [one["id"] for one in (await answer.json())["incidents"]]


async def test_pages_from_the_newest_to_the_oldest(service: FakeService, api: Caller) -> None:
    fill(service, 5)
    first = await (await api.get(f"{PATH}?limit=3")).json()
    assert [one["id"] for one in first["incidents"]] == [5, 4, 3]
    last = await (await api.get(f"{PATH}?limit=3&before={first['next']}")).json()
    assert ([one["id"] for one in last["incidents"]], last["next"]) == ([2, 1], None)


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("?state=t1_acked", [2]),
        ("?state=t1_acked,t1_paging", [4, 2, 1]),
        ("?priority=P1", [3]),
        ("?condition=cleared", [4]),
        ('?filter=cluster%3D"c2"', [1]),
        ('?filter=cluster%3D~"c."&filter=cluster!%3D"c2"&condition=firing', [3, 2]),
    ],
)
async def test_filters(service: FakeService, api: Caller, query: str, wanted: list[int]) -> None:
    service.pairs = {
        1: (an_incident(1, labels={"cluster": "c2"}), a_response(1)),
        2: (an_incident(2), a_response(2, state=State.T1_ACKED)),
        3: (an_incident(3, priority=Priority.P1), None),
        4: (an_incident(4, condition=Condition.CLEARED), a_response(4)),
    }
    assert await numbers(api, query) == wanted


async def test_looks_at_a_bounded_number_and_says_where_to_go_on(service: FakeService, api: Caller) -> None:
    service.limits = HttpLimits(scan=10)
    fill(service, 30)
    page = await (await api.get(f"{PATH}?limit=3&priority=P4")).json()
    assert page == {"incidents": [], "next": 21}
    assert service.reads == 10


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("?state=lost", "state"),
        ("?priority=5", "priority"),
        ("?condition=x", "condition"),
        ("?limit=0", "limit"),
        ("?limit=ten", "limit"),
        ("?before=-1", "before"),
        ("?filter=%7Ba%3D~%22(%22%7D", "filter"),
        ("?filter=" + ",".join(["a=b"] * 33), "filter"),
    ],
)
async def test_names_the_bad_parameter(api: Caller, query: str, field: str) -> None:
    answer = await api.get(PATH + query)
    assert (answer.status, (await answer.json())["field"]) == (400, field)


async def test_never_gives_more_than_a_page(service: FakeService, api: Caller) -> None:
    service.limits = HttpLimits(page=4)
    fill(service, 9)
    assert len(await numbers(api, "?limit=1000")) == 4


async def test_shows_one(service: FakeService, api: Caller) -> None:
    fill(service, 1)
    shown = await (await api.get(f"{PATH}/1")).json()
    assert (shown["priority"], shown["state"], shown["epoch"]) == ("P2", "t1_paging", 4)
    assert shown["deadlines"] == {"step": "2026-11-23T04:05:00Z"}
    assert shown["counts"] == {"series": 2, "firing": 1, "alerts": 3}


@pytest.mark.parametrize(
    ("facts", "team", "why"),
    [
        ({}, "ops", ""),
        ({"tier": Tier.RND}, "rnd", ""),
        ({"tier": Tier.RND, "rnd_roster": "dba", "rnd_why": "dba: owner of db"}, "dba", "dba: owner of db"),
        ({"rnd_roster": "dba", "rnd_why": "dba: owner of db"}, "ops", ""),
    ],
)
async def test_shows_the_team_that_is_paged(
    service: FakeService, api: Caller, facts: dict[str, Any], team: str, why: str
) -> None:
    service.pairs[1] = (an_incident(1), a_response(1, **facts))
    shown = await (await api.get(f"{PATH}/1")).json()
    assert (shown["team"], shown["team_why"]) == (team, why)


async def test_a_persons_word_is_the_priority_that_is_shown_and_asked_for(
    service: FakeService, api: Caller
) -> None:
    word = Word(Priority.P3, Priority.P1, "ann")
    lowered = a_response(1, priority=Priority.P3, word=word)
    service.pairs[1] = (replace(an_incident(1), priority=Priority.P1), lowered)
    [shown] = (await (await api.get(f"{PATH}?priority=P3")).json())["incidents"]
    assert (shown["priority"], shown["priority_by"], shown["alerts_priority"]) == ("P3", "ann", "P1")


async def test_shows_one_that_nobody_responds_to(service: FakeService, api: Caller) -> None:
    service.pairs[1] = (an_incident(1), None)
    shown = await (await api.get(f"{PATH}/1")).json()
    assert (shown["state"], shown["epoch"], shown["owner"]) == (None, None, "")


@pytest.mark.parametrize("part", ["", "/timeline", "/alerts", "/causes", "/pages", "/why", "/why-not/1"])
@pytest.mark.parametrize("number", ["7", "9" * 30])
async def test_an_unknown_one_is_not_found(api: Caller, part: str, number: str) -> None:
    answer = await api.get(f"{PATH}/{number}{part}")
    assert (answer.status, (await answer.json())["type"]) == (404, "urn:alertmesh:unknown-incident")


async def test_timeline_goes_on_where_it_stopped(service: FakeService, api: Caller) -> None:
    fill(service, 1)
    first = await (await api.get(f"{PATH}/1/timeline?limit=2")).json()
    rest = await (await api.get(f"{PATH}/1/timeline?limit=2&after={first['next']}")).json()
    assert [line["text"] for line in first["timeline"]] == ["line 1", "line 2"]
    assert ([line["number"] for line in rest["timeline"]], rest["next"]) == ([3], None)


async def test_causes_are_those_of_the_incident(service: FakeService, api: Caller) -> None:
    fill(service, 1)
    (cause,) = (await (await api.get(f"{PATH}/1/causes")).json())["causes"]
    told = {"entity": "node c1/n1", "series": "s1", "score": 0.9, "reason": "it came first"}
    assert cause == {**told, "unseen": 0.0, "changed": ""}


async def test_pages_do_not_show_the_message(service: FakeService, api: Caller) -> None:
    fill(service, 1)
    answer = await api.get(f"{PATH}/1/pages")
    (page,) = (await answer.json())["pages"]
    assert (page["person"], page["channel"], page["state"]) == ("ann", "ding", "sent")
    assert "hidden" not in await answer.text()
