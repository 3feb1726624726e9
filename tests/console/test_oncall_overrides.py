"""The paths by which people give duty away, ask for cover, answer and end it."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from alertmesh.core.errors import BadCommand, StoreUnavailable
from tests.console.fakes import Caller, FakeService

PATH = "/api/v1/oncall/overrides"
SPAN = {"starts_at": "2026-11-23T10:00:00Z", "ends_at": "2026-11-23T18:00:00Z"}
ASK = {"state": "asked", "person": None, "created_by": "ann"}


async def post(api: Caller, path: str = PATH, **body: Any) -> tuple[int, Any]:
    sent = {name: value for name, value in body.items() if value is not None}
    answer = await api.post(path, msgspec.json.encode(sent))
    return answer.status, await answer.json()


async def make(api: Caller, **body: Any) -> tuple[int, Any]:
    """Give ops to max that day, with what is told instead."""
    return await post(api, **{"roster": "ops", "person": "max", **SPAN, **body})


async def primary(api: Caller, at: str) -> str:
    answer = await api.get(f"/api/v1/oncall?roster=ops&at={at}")
    return str((await answer.json())["oncall"][0]["primary"])


async def test_gives_duty_away(api: Caller) -> None:
    status, made = await make(api, comment=" a wedding ")
    assert (status, made["warnings"], made["override"]) == (
        201,
        [],
        {
            "id": made["id"],
            "roster": "ops",
            "state": "agreed",
            "active": False,
            "covered": "",
            "person": "max",
            **SPAN,
            "in_return": None,
            "comment": "a wedding",
            "created_by": "local",
            "created_at": "2026-11-23T04:00:00Z",
            "answered_by": "",
        },
    )
    moments = ("09:59", "10:00", "17:59", "18:00")
    assert [await primary(api, f"2026-11-23T{at}:00Z") for at in moments] == ["ann", "max", "max", "ann"]


async def test_who_has_duty_says_by_which_override_and_for_whom(api: Caller) -> None:
    _, made = await make(api, covered="ann", starts_at=None)
    answer = await api.get("/api/v1/oncall?roster=ops")
    [duty] = (await answer.json())["oncall"]
    assert (duty["primary"], duty["covered"], duty["override"]) == ("max", "ann", made["id"])


async def test_it_may_begin_now_and_last_some_seconds(api: Caller) -> None:
    _, made = await make(api, starts_at=None, ends_at=None, duration_s=3600)
    shown = made["override"]
    assert (shown["active"], shown["ends_at"]) == (True, "2026-11-23T05:00:00Z")


async def test_writes_what_people_do_into_the_audit_log(service: FakeService, api: Caller) -> None:
    _, made = await make(api, **ASK, comment="a wedding")
    await post(api, f"{PATH}/{made['id']}/accept", person="eve")
    await api.send("DELETE", f"{PATH}/{made['id']}")
    assert [(line.action, line.detail) for line in service.audited] == [
        ("ask", "anybody for ann in ops, 2026-11-23 10:00 to 2026-11-23 18:00 UTC: a wedding"),
        ("accept", "eve"),
        ("end", ""),
    ]
    assert {(line.actor, line.target) for line in service.audited} == {("local", f"override/{made['id']}")}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"roster": None}, "roster"),
        ({"roster": "none"}, "roster"),
        ({"person": None}, "person"),
        ({"person": "nobody"}, "person"),
        ({"covered": "eve"}, "covered"),
        ({"ends_at": None}, "ends_at"),
        ({"duration_s": 60}, "ends_at"),
        ({"ends_at": "2026-11-23T09:00:00Z"}, "ends_at"),
        ({"ends_at": "2026-11-23T18:00:00"}, "ends_at"),
        ({"ends_at": "9999-12-31T23:59:59-12:00"}, "ends_at"),
        ({"ends_at": None, "duration_s": 0}, "duration_s"),
        ({"starts_at": "9999-12-31T23:59:59Z", "ends_at": None, "duration_s": 60}, "starts_at"),
        ({"starts_at": "9999-01-01T00:00:00Z", "ends_at": None, "duration_s": 60}, "ends_at"),
        ({"state": "over"}, "state"),
        ({"in_return": SPAN}, "covered"),
        ({"in_return": {"starts_at": SPAN["starts_at"]}}, "in_return"),
        ({"comment": "x" * 10_001}, "comment"),
        ({"created_by": "x" * 201}, "created_by"),
        ({"days": 5}, "days"),
    ],
)
async def test_names_the_field_that_does_not_fit(
    service: FakeService, api: Caller, body: dict[str, Any], field: str
) -> None:
    status, problem = await make(api, **body)
    assert (status, problem["field"], list(service.duties.overrides())) == (422, field, [])


@pytest.mark.parametrize(
    ("body", "warnings"),
    [
        ({"covered": "ann"}, []),
        ({"covered": "lea"}, ["lea has no duty in ops then"]),
        ({"covered": "ann", "person": "ben"}, ["ben has duty in ops then as it is"]),
        ({"person": "eve"}, ["eve has duty in rnd then as it is"]),
    ],
)
async def test_warns(api: Caller, body: dict[str, Any], warnings: list[str]) -> None:
    status, made = await make(api, **body)
    assert (status, made["warnings"]) == (201, warnings)


async def test_who_asks_is_covered_and_anybody_may_take_it(api: Caller) -> None:
    _, made = await make(api, **ASK)
    assert (made["override"]["covered"], made["override"]["state"]) == ("ann", "asked")
    status, taken = await post(api, f"{PATH}/{made['id']}/accept", person="eve")
    assert (status, taken["state"], taken["person"], taken["answered_by"]) == (200, "agreed", "eve", "eve")
    assert await primary(api, "2026-11-23T10:00:00Z") == "eve"


async def test_the_name_of_the_token_answers(service: FakeService, api: Caller) -> None:
    _, made = await make(api, **{**ASK, "person": "ben"})
    service.add_token("secret", "respond")
    service.tokens["secret"] = replace(service.tokens["secret"], name="ben")
    answer = await api.post(f"{PATH}/{made['id']}/accept", Authorization="Bearer secret")
    assert (answer.status, service.audited[-1].actor) == (200, "ben")


@pytest.mark.parametrize(
    ("asked", "answer", "person", "why"),
    [
        (ASK, "accept", "ann", "person: ann asked for this and cannot take it"),
        (ASK, "accept", None, "person: there is nobody called 'local'"),
        (ASK, "decline", "eve", "person: nobody was asked by name; who will not take it need not answer"),
        ({**ASK, "person": "ben"}, "decline", "eve", "person: ben was asked, so nobody else can decline"),
    ],
)
async def test_tells_why_an_answer_does_not_count(
    api: Caller, asked: dict[str, Any], answer: str, person: str | None, why: str
) -> None:
    _, made = await make(api, **asked)
    status, problem = await post(api, f"{PATH}/{made['id']}/{answer}", person=person)
    assert (status, problem["field"], problem["detail"]) == (422, "person", why)
    assert api.metric("commands_total", action=answer, result="refused") == 1


async def test_a_swap_that_is_declined(api: Caller) -> None:
    back = {"starts_at": "2026-11-24T10:00:00Z", "ends_at": "2026-11-24T18:00:00Z"}
    _, made = await make(api, **{**ASK, "person": "ben"}, in_return=back)
    assert made["override"]["in_return"] == back
    status, shown = await post(api, f"{PATH}/{made['id']}/decline", person="ben")
    assert (status, shown["state"]) == (200, "declined")


async def test_ends_what_holds(service: FakeService, api: Caller) -> None:
    _, made = await make(api, starts_at=None)
    service.clock.advance(timedelta(hours=1))
    answer = await api.send("DELETE", f"{PATH}/{made['id']}")
    shown = await answer.json()
    assert (answer.status, shown["state"], shown["active"]) == (200, "ended", False)
    assert (shown["ends_at"], await primary(api, "2026-11-23T05:00:00Z")) == ("2026-11-23T05:00:00Z", "ann")
    again = await api.send("DELETE", f"{PATH}/{made['id']}")
    assert (again.status, (await again.json())["field"]) == (422, "id")


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/none"), ("DELETE", "/none"), ("POST", "/none/accept"), ("POST", "/none/decline")],
)
async def test_there_is_no_such_override(service: FakeService, api: Caller, method: str, path: str) -> None:
    answer = await api.send(method, PATH + path)
    problem = await answer.json()
    assert (answer.status, problem["type"]) == (404, "urn:alertmesh:unknown-override")
    assert service.audited == []


@pytest.fixture
async def listed(api: Caller) -> dict[str, str]:
    """An agreed override for max, an open request of ann, and one that was taken back, by their ids."""
    ids = {}
    for name, body in (
        ("given", {}),
        ("asked", {**ASK, "starts_at": "2026-11-25T10:00:00Z", "ends_at": "2026-11-25T18:00:00Z"}),
        ("gone", {"roster": "rnd", "person": "ben"}),
    ):
        ids[name] = (await make(api, **body))[1]["id"]
    await api.send("DELETE", f"{PATH}/{ids['gone']}")
    return ids


@pytest.mark.parametrize(
    ("query", "names", "more"),
    [
        ("", ["asked", "given", "gone"], False),
        ("?state=agreed,ended", ["given", "gone"], False),
        ("?roster=rnd", ["gone"], False),
        ("?person=ann", ["asked"], False),
        ("?person=max", ["given"], False),
        ("?limit=2", ["asked", "given"], True),
    ],
)
async def test_lists_what_waits_for_an_answer_first(
    listed: dict[str, str], api: Caller, query: str, names: list[str], more: bool
) -> None:
    page = await (await api.get(PATH + query.format(**listed))).json()
    assert [one["id"] for one in page["overrides"]] == [listed[name] for name in names]
    assert (page["next"] is not None) == more


async def test_a_page_goes_on_where_the_one_before_ended(listed: dict[str, str], api: Caller) -> None:
    first = await (await api.get(PATH + "?limit=1")).json()
    await api.send("DELETE", f"{PATH}/{listed['asked']}")
    rest = await (await api.get(f"{PATH}?after={first['next']}")).json()
    assert [one["id"] for one in rest["overrides"]] == [listed["given"], listed["gone"], listed["asked"]]


async def test_shows_one(listed: dict[str, str], api: Caller) -> None:
    shown = await (await api.get(f"{PATH}/{listed['gone']}")).json()
    assert (shown["state"], shown["roster"]) == ("ended", "rnd")


@pytest.mark.parametrize(
    ("failure", "status"), [(BadCommand("there are too many"), 422), (StoreUnavailable("disk"), 503)]
)
async def test_what_fails_behind_it_is_said(
    service: FakeService, api: Caller, failure: Exception, status: int
) -> None:
    service.failure = failure  # type: ignore[assignment]  # both are errors of ours
    assert (await make(api))[0] == status


@pytest.mark.parametrize("path", ["", "/{given}/accept", "/{given}/decline"])
async def test_a_token_that_may_only_read_changes_nothing(
    listed: dict[str, str], service: FakeService, api: Caller, path: str
) -> None:
    service.add_token("see", "read")
    answer = await api.post(PATH + path.format(**listed), Authorization="Bearer see")
    assert answer.status == 403
    ended = await api.send("DELETE", f"{PATH}/{listed['given']}", headers={"Authorization": "Bearer see"})
    assert ended.status == 403
