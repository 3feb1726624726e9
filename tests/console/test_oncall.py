"""The paths that tell who has duty, and who and what there is."""

from datetime import UTC, datetime, time

import pytest
from msgspec.structs import replace

from alertmesh.core.oncall import Hours, Layer, Roster, Rotation, User
from alertmesh.core.topology import Service
from alertmesh.escalate.stage import EscalateStage
from tests.console.fakes import Caller, FakeService
from tests.escalate.fakes import oncall, policy

MONDAY = datetime(2026, 11, 23, tzinfo=UTC)
DAILY = Layer(
    name="day", members=("ann", "ben", "mo"), rotation=Rotation.DAILY, zone="Asia/Shanghai", start=MONDAY
)
TEAM = Roster(name="ops", layers=(DAILY,), lead="lea")
MO = User(name="mo", display="Mo", mobile="13800000001")


@pytest.fixture
def service() -> FakeService:
    """A service whose tier 1 takes turns by the day, Mo among them, whom nothing reaches."""
    empty = Roster(name="bare")
    people = replace(oncall(TEAM, empty, users=(MO,)), services=(Service(name="shop", roster="rnd"),))
    return FakeService(escalate=EscalateStage(people))


async def ask(api: Caller, path: str) -> dict:  # type: ignore[type-arg]  # JSON
    answer = await api.get(path)
    assert answer.status == 200
    return await answer.json()  # type: ignore[no-any-return]


async def test_who_has_duty_until_when_and_who_is_next(api: Caller) -> None:
    found = await ask(api, "/api/v1/oncall?roster=ops")
    [duty] = found["oncall"]
    assert (found["at"], duty["zone"], duty["lead"]) == ("2026-11-23T04:00:00Z", "Asia/Shanghai", "lea")
    assert (duty["primary"], duty["secondary"], duty["reachable"]) == ("ann", "ben", True)
    assert (duty["until"], duty["used_by"]) == (
        "2026-11-24T00:00:00Z",
        [{"policy": "default", "tier": "ops"}],
    )
    assert duty["next"] == {"starts_at": "2026-11-24T00:00:00Z", "primary": "ben", "secondary": "mo"}
    assert (duty["layer"], duty["override"], duty["covered"]) == ("", "", "")  # one layer needs no name


async def test_who_has_duty_at_another_moment(api: Caller) -> None:
    [duty] = (await ask(api, "/api/v1/oncall?roster=ops&at=2026-11-25T09:00:00%2B08:00"))["oncall"]
    assert (duty["primary"], duty["reachable"]) == ("mo", False)


@pytest.mark.parametrize(
    ("query", "rosters", "following"),
    [
        ("", ["bare", "ops", "rnd"], None),
        ("?person=ben", ["ops"], None),
        ("?person=mo", [], None),
        ("?limit=1", ["bare"], "bare"),
        ("?after=gone", ["ops", "rnd"], None),
        ("?after=bare", ["ops", "rnd"], None),
    ],
)
async def test_rosters_are_chosen(api: Caller, query: str, rosters: list[str], following: str | None) -> None:
    found = await ask(api, "/api/v1/oncall" + query)
    assert ([duty["roster"] for duty in found["oncall"]], found["next"]) == (rosters, following)


async def test_nobody_is_said_as_such(api: Caller) -> None:
    [duty] = (await ask(api, "/api/v1/oncall?roster=bare"))["oncall"]
    assert (duty["primary"], duty["reachable"], duty["next"]) == ("", False, None)


async def test_shifts_of_two_weeks_come_a_page_at_a_time(api: Caller) -> None:
    first = await ask(api, "/api/v1/oncall/ops/shifts?limit=2")
    assert [(one["starts_at"], one["primary"]) for one in first["shifts"]] == [
        ("2026-11-23T04:00:00Z", "ann"),
        ("2026-11-24T00:00:00Z", "ben"),
    ]
    pages, following = 0, first["next"]
    while following:
        rest = await ask(api, f"/api/v1/oncall/ops/shifts?limit=10&after={following}")
        pages, following = pages + 1, rest["next"]
    assert (pages, len(rest["shifts"]), rest["shifts"][-1]["ends_at"]) == (2, 3, "2026-12-07T04:00:00Z")


async def test_what_is_wrong_in_the_weeks_ahead(api: Caller) -> None:
    found = await ask(api, "/api/v1/oncall/ops/gaps?to=2026-11-26T00:00:00Z")
    [fault] = [one for one in found["faults"] if one["kind"] == "empty_turn"]
    assert (fault["starts_at"], fault["ends_at"]) == ("2026-11-25T00:00:00Z", "2026-11-26T00:00:00Z")
    assert "only the secondary can be reached from 2026-11-25 08:00" in fault["text"]
    assert [(load["person"], load["hours"]) for load in found["load"]] == [
        ("ben", 24),
        ("mo", 24),
        ("ann", 20),
    ]


@pytest.mark.parametrize(
    ("path", "events", "summary"), [("ops", 92, "ann"), ("people/ben", 62, "ops: primary")]
)
async def test_shifts_come_as_a_calendar(api: Caller, path: str, events: int, summary: str) -> None:
    answer = await api.get(f"/api/v1/oncall/{path}/calendar.ics?to=2027-02-22T23:00:00Z")
    text = await answer.text()
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert (text.count("BEGIN:VEVENT"), f"SUMMARY:{summary}\r\n" in text) == (events, True)


@pytest.mark.parametrize(
    ("path", "status", "field"),
    [
        ("/api/v1/oncall?at=noon", 400, "at"),
        ("/api/v1/oncall?at=2026-11-23T04:00:00", 400, "at"),
        ("/api/v1/oncall?at=0001-01-01T00:00:00%2B08:00", 400, "at"),
        ("/api/v1/oncall?at=0001-01-01T00:00:00Z", 400, "at"),
        ("/api/v1/oncall?limit=0", 400, "limit"),
        ("/api/v1/oncall?roster=none", 404, "roster"),
        ("/api/v1/oncall/none/shifts", 404, "roster"),
        ("/api/v1/oncall/none/gaps", 404, "roster"),
        ("/api/v1/oncall/none/calendar.ics", 404, "roster"),
        ("/api/v1/oncall/people/none/calendar.ics", 404, "name"),
        ("/api/v1/oncall/ops/calendar.ics?to=then", 400, "to"),
        ("/api/v1/oncall/ops/shifts?from=9999-12-31T00:00:00Z", 400, "from"),
        ("/api/v1/oncall/ops/shifts?to=2026-11-23T04:00:00Z", 400, "to"),
        ("/api/v1/oncall/ops/shifts?after=2026-11-23T04:00:00Z", 400, "after"),
        ("/api/v1/oncall/ops/shifts?after=2026-11-25T04:00:00Z/2026-11-23T04:00:00Z", 400, "after"),
        ("/api/v1/oncall/ops/shifts?after=2026-11-25T04:00:00Z/2036-11-23T04:00:00Z", 400, "after"),
        ("/api/v1/oncall/ops/shifts?from=2026-11-23T04:00:00Z&to=2028-11-23T04:00:00Z", 400, "to"),
    ],
)
async def test_what_cannot_be_asked_names_its_field(api: Caller, path: str, status: int, field: str) -> None:
    answer = await api.get(path)
    assert (answer.status, (await answer.json())["field"]) == (status, field)


async def test_rosters_tell_who_uses_them(api: Caller) -> None:
    bare, ops, rnd = (await ask(api, "/api/v1/rosters"))["rosters"]
    assert (bare["layers"], bare["zone"], bare["used_by"]) == ([], "UTC", [])
    assert (ops["members"], ops["services"], rnd["services"]) == (["ann", "ben", "mo"], [], ["shop"])
    assert ops["layers"][0]["rotation"] == "daily"


async def test_layers_tell_their_hours(service: FakeService, api: Caller) -> None:
    night = replace(DAILY, hours=(Hours(begins=time(22), ends=time(6), days=("mon",)),))  # type: ignore[arg-type]
    service.escalate.swap(oncall(replace(TEAM, layers=(night,))))
    [ops] = (await ask(api, "/api/v1/rosters?name=ops"))["rosters"]
    [layer] = ops["layers"]
    assert layer["hours"] == [{"begins": "22:00:00", "ends": "06:00:00", "days": ["mon"], "on": "any"}]


async def test_policies_tell_steps_and_times_in_seconds(service: FakeService, api: Caller) -> None:
    service.kept_policies = [policy()]
    found = await ask(api, "/api/v1/policies")
    [shown] = found["policies"]
    row = shown["rows"]["P2"]
    assert (shown["ops_roster"], shown["clear_hold_s"], row["hold_bound_s"]) == ("ops", 300.0, 300.0)
    assert row["ops_steps"][1] == {"after_s": 420.0, "targets": ["secondary"], "when": "always"}
    assert (shown["rows"]["P3"]["to_rnd_after_s"], found["next"]) == (None, None)


async def test_people_are_shown_without_their_numbers(api: Caller) -> None:
    answer = await api.get("/api/v1/users?limit=100")
    assert b"13800000001" not in await answer.read()
    users = {user["name"]: user for user in (await answer.json())["users"]}
    assert users["mo"]["mobile"] == "*******0001"
    assert (users["mo"]["reachable"], users["mo"]["rosters"], users["mo"]["leads"]) == (False, ["ops"], [])
    assert (users["lea"]["mobile"], users["lea"]["leads"]) == ("", ["ops"])


@pytest.mark.parametrize(
    "path",
    ["oncall", "oncall/ops/shifts", "oncall/ops/gaps", "oncall/overrides", "rosters", "policies", "users"],
)
async def test_it_takes_a_token_that_may_read(service: FakeService, api: Caller, path: str) -> None:
    service.add_token("in", "ingest")
    service.add_token("see", "read")
    statuses = [
        (await api.get(f"/api/v1/{path}", Authorization=f"Bearer {key}")).status for key in ("in", "see")
    ]
    assert statuses == [403, 200]
