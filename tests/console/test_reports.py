"""Reports and hand-overs over HTTP, of what the whole program did."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from alertmesh.config import Config
from alertmesh.core.entries import HandoverSigned, OverrideSet, SilenceSet
from alertmesh.core.oncall import Layer, OnCall, Override, Roster, Rotation
from alertmesh.core.silence import Condition, Silence
from alertmesh.duty import Duties
from alertmesh.reporting import Reports
from tests.console.fakes import Caller, FakeService, Server
from tests.scenarios.people import staffed
from tests.scenarios.timetable import Timetable, clock

SHANGHAI = "Asia/Shanghai"


def by_turns() -> Config:
    """Return two teams, of which operations changes each day at 19:00 in Shanghai, 11:00 UTC."""
    shipped = staffed("chat")
    start = datetime(2026, 11, 22, 11, tzinfo=UTC)
    layer = Layer(members=("wang", "chen", "zhao"), rotation=Rotation.DAILY, zone=SHANGHAI, start=start)
    ops = Roster(name="ops", layers=(layer,), lead="zhao")
    known = shipped.oncall
    rosters = known.rosters | {"ops": ops}
    return replace(shipped, oncall=OnCall(users=known.users, rosters=rosters, policies=known.policies))


class Running(FakeService):
    """A service over the whole program."""

    def __init__(self, table: Timetable) -> None:
        program = table.program
        escalate = program.pipeline.escalate
        super().__init__(clock=program.clock, escalate=escalate)
        self.table = table
        self.reports = Reports(program.store, program.pipeline, Duties(escalate), program.clock)

    async def sign(self, entry: HandoverSigned) -> None:
        self.table.program.command(entry)
        self.table.program.work()
        if self.table.program.refused:
            raise self.table.program.refused.pop()


def silence(table: Timetable, name: str, until: str) -> None:
    """Have a person silence the alert `Quiet` from now on."""
    now = table.program.clock.now()
    quiet = Silence(
        id=name,
        matchers=(Condition("alertname", "=", "Quiet"),),
        starts_at=now,
        ends_at=clock(until),
        created_by="wang",
        comment="known",
        updated_at=now,
    )
    table.program.command(SilenceSet(silence=quiet, at=now))
    table.program.work()


@pytest.fixture
def table() -> Timetable:
    """A P1 that is acked after 4 minutes, passed on after 10, acked there after 12 and ended after 40."""
    told = Timetable(by_turns())
    told.fires("PayDown", severity="critical", team="pay")
    told.at("10:04").ack("wang").at("10:05").does("wang", "note", text="the database is slow")
    told.at("10:10").does("wang", "escalate").at("10:12").ack("li")
    told.at("10:40").clears("PayDown", severity="critical", team="pay").does(
        "li", "resolve", text="rolled back"
    )
    return told.at("10:45")


@pytest.fixture
async def api(table: Timetable) -> AsyncIterator[Caller]:
    async with Server(Running(table)) as caller:
        yield caller


async def ask(api: Caller, path: str) -> Any:
    answer = await api.get(path)
    assert answer.status == 200, await answer.text()
    return await answer.json()


async def test_the_response_to_one_incident_to_the_second(api: Caller) -> None:
    found = await ask(api, "/api/v1/reports/response?from=2026-11-23T10:00:00Z&to=2026-11-23T11:00:00Z")
    total = found["total"]
    assert [part["key"] for part in found["parts"]] == ["P1"]
    assert found["parts"][0]["figures"] == total
    assert (total["to_ack_s"]["median"], total["open_to_ack_s"]["median"]) == (240, 240)
    assert (total["to_tier2_page_s"]["median"], total["escalation_to_tier2_ack_s"]["median"]) == (600, 120)
    assert (total["to_resolve_s"]["median"], total["no_ack_rate"], total["escalation_rate"]) == (2400, 0, 1)
    assert {name: (tier["pages"], tier["answered"]) for name, tier in total["tiers"].items()} == {
        "ops": (2, 1),  # wang did not answer before chen was paged too
        "rnd": (1, 1),
    }


async def test_two_that_a_person_merged_count_once(api: Caller, table: Timetable) -> None:
    table.at("12:00").fires("DiskSlow", severity="critical", node="n9", cluster="west")
    table.at("12:01").fires("CpuHot", severity="critical", node="m3", cluster="north")
    table.at("12:02").ack("wang", incident=3).does("wang", "merge", incident=3, into="2").at("12:03")
    found = await ask(api, "/api/v1/reports/response?from=2026-11-23T12:00:00Z&to=2026-11-23T12:30:00Z")
    total = found["total"]
    assert (total["incidents"], total["paged"], total["acked"], total["open"]) == (1, 1, 1, 1)
    assert total["open_to_ack_s"]["median"] == 120


async def test_time_in_a_silence_does_not_count(api: Caller, table: Timetable) -> None:
    silence(table.at("12:00"), "s", until="12:20")
    table.fires("Quiet", severity="critical", cluster="west").at("12:25").ack("wang", incident=2)
    table.at("12:30").does("wang", "resolve", incident=2)
    found = await ask(api, "/api/v1/reports/response?from=2026-11-23T12:00:00Z&to=2026-11-23T12:30:00Z")
    total = found["total"]
    assert (total["suppressed_s"]["median"], total["to_resolve_s"]["median"]) == (1200, 600)
    assert (total["to_ack_s"]["median"], total["open_to_ack_s"]["median"]) == (300, 1500)


async def test_the_load_of_each_person_by_night_of_their_zone(api: Caller, table: Timetable) -> None:
    table.at("15:00").fires("NightDown", severity="critical").at("15:01").ack("chen", incident=2)
    found = await ask(api, "/api/v1/reports/load?from=2026-11-23T10:00:00Z&to=2026-11-24T00:00:00Z")
    chen, *others = found["people"]
    assert (chen["person"], chen["zone"], chen["pages"], chen["night_pages"]) == ("chen", SHANGHAI, 2, 1)
    assert (chen["nights"], chen["acks"]) == ([{"night": "2026-11-23", "pages": 1}], 1)
    assert [(one["person"], one["pages"], one["night_pages"]) for one in others] == [
        ("li", 1, 0),
        ("wang", 1, 0),
    ]


async def test_noise_by_name_with_its_owner(api: Caller, table: Timetable) -> None:
    table.at("12:00").fires("Blip", severity="warning", team="web").at("12:00:30")
    table.clears("Blip", severity="warning", team="web").at("13:00")
    found = await ask(api, "/api/v1/reports/noise?from=2026-11-23T10:00:00Z&to=2026-11-24T00:00:00Z")
    blip, pay = found["names"]
    assert (blip["name"], blip["owner"], blip["healed"], blip["untouched"]) == ("Blip", {"team": "web"}, 1, 1)
    assert (pay["name"], pay["paged"], pay["pages"], pay["untouched"]) == ("PayDown", 1, 3, 0)
    assert (found["total"]["incidents"], found["total"]["series"]) == (2, 2)


async def test_what_channels_carried(api: Caller) -> None:
    found = await ask(api, "/api/v1/reports/delivery?from=2026-11-23T10:00:00Z&to=2026-11-23T11:00:00Z")
    [chat] = found["channels"]
    assert (chat["channel"], chat["pages"], chat["failed"], chat["waiting"]) == ("chat", 3, 0, 0)
    assert chat["sent"] == chat["attempts"] > 3  # those who were paged are told of its end as well
    assert chat["latency_p95_s"] == 0


async def test_pages_that_found_nobody(table: Timetable) -> None:
    config = by_turns()
    gone = Roster(name="ops", layers=(Layer(members=("nobody-known",)),), lead="zhao")
    oncall = replace_roster(config, gone)
    told = Timetable(replace(config, oncall=oncall))
    told.fires("PayDown", severity="critical").at("10:02")
    async with Server(Running(told)) as api:
        found = await ask(api, "/api/v1/reports/coverage?from=2026-11-23T10:00:00Z&to=2026-11-23T11:00:00Z")
    assert found["counts"]["coverage_gap"] >= 1
    assert (found["gaps"][0]["incident"], found["gaps"][0]["priority"]) == (1, "P1")


def replace_roster(config: Config, roster: Roster) -> OnCall:
    """Return the people of `config` with another roster."""
    known = config.oncall
    return OnCall(users=known.users, rosters=known.rosters | {roster.name: roster}, policies=known.policies)


@pytest.mark.parametrize("report", ["response", "load", "noise", "delivery", "coverage"])
async def test_a_time_without_anything_is_no_error(api: Caller, report: str) -> None:
    found = await ask(api, f"/api/v1/reports/{report}?from=2025-01-01T00:00:00Z&to=2025-02-01T00:00:00Z")
    assert (found["from"], found["to"]) == ("2025-01-01T00:00:00Z", "2025-02-01T00:00:00Z")


@pytest.mark.parametrize(
    ("path", "status", "field"),
    [
        ("/api/v1/reports/response?by=colour", 400, "by"),
        ("/api/v1/reports/load?from=yesterday", 400, "from"),
        ("/api/v1/reports/load?from=2026-11-23T10:00:00Z&to=2026-11-23T10:00:00Z", 400, "from"),
        ("/api/v1/reports/noise?from=2026-01-01T00:00:00Z", 400, "from"),
        ("/api/v1/reports/noise?to=0001-01-02T00:00:00Z", 400, "to"),
        ("/api/v1/oncall/nowhere/handover", 404, "roster"),
        ("/api/v1/oncall/ops/handover?from=9999-12-29T00:00:00Z&to=9999-12-30T00:00:00Z", 400, "from"),
        ("/api/v1/oncall/ops/handover?to=0001-01-09T00:00:00Z", 400, "to"),
    ],
)
async def test_what_cannot_be_asked(api: Caller, path: str, status: int, field: str) -> None:
    answer = await api.get(path)
    assert (answer.status, (await answer.json())["field"]) == (status, field)


async def test_the_draft_of_the_shift_that_ends_now(api: Caller, table: Timetable) -> None:
    table.fires("DiskSlow", severity="critical", node="n9").at("10:50").ack("wang", incident=2)
    draft = await ask(api, "/api/v1/oncall/ops/handover")
    assert (draft["from"], draft["to"]) == ("2026-11-22T11:00:00Z", "2026-11-23T11:00:00Z")
    assert (draft["outgoing"], draft["incoming"]) == (["wang", "chen"], ["chen", "zhao"])
    assert [one["incident"] for one in draft["opened"]] == [1, 2]
    assert [(one["incident"], one["by"]) for one in draft["acked"]] == [(1, "wang"), (2, "wang")]
    assert [one["incident"] for one in draft["resolved"]] == [1]
    assert [one["incident"] for one in draft["escalated"]] == [1]
    assert [one["incident"] for one in draft["follow_ups"]] == [1]
    [still] = draft["open"]
    assert (still["incident"], still["owner"], still["state"]) == (2, "wang", "t1_acked")
    assert (still["deadline"], still["due_at"]) == ("triage", "2026-11-23T11:05:00Z")
    assert [note["text"] for note in draft["notes"]] == ["the database is slow"]
    assert "#2 P1" in draft["text"]
    assert "2026-11-22 19:00 to 2026-11-23 19:00 Asia/Shanghai" in draft["text"]


async def test_the_draft_names_what_the_next_shift_must_mind(api: Caller, table: Timetable) -> None:
    silence(table, "in this shift", until="10:55")
    silence(table, "in the next", until="13:00")
    silence(table, "in the one after", until="1 12:00")
    cover = Override(
        id="o1",
        roster="ops",
        covered="chen",
        person="qian",
        starts_at=clock("12:00"),
        ends_at=clock("14:00"),
        created_at=clock("10:45"),
    )
    table.program.command(OverrideSet(override=cover, at=clock("10:45")))
    table.program.work()
    draft = await ask(api, "/api/v1/oncall/ops/handover?from=2026-11-22T11:00:00Z&to=2026-11-23T11:00:00Z")
    assert [one["person"] for one in draft["overrides"]] == ["qian"]
    assert draft["next_end"] == "2026-11-23T12:00:00Z"  # who stands in has a shift of their own
    draft = await ask(api, "/api/v1/oncall/ops/handover?from=2026-11-23T11:00:00Z&to=2026-11-23T12:00:00Z")
    assert [one["name"] for one in draft["silences"]] == ["in the next"]


async def test_just_after_the_change_the_shift_before_is_still_the_one(api: Caller, table: Timetable) -> None:
    table.at("11:10")
    assert (await ask(api, "/api/v1/oncall/ops/handover"))["to"] == "2026-11-23T11:00:00Z"
    table.at("11:40")
    assert (await ask(api, "/api/v1/oncall/ops/handover"))["to"] == "2026-11-24T11:00:00Z"


async def test_a_roster_that_never_changes_is_told_by_the_day(api: Caller) -> None:
    draft = await ask(api, "/api/v1/oncall/rnd/handover")
    span = datetime.fromisoformat(draft["to"]) - datetime.fromisoformat(draft["from"])
    assert (span, datetime.fromisoformat(draft["to"])) == (timedelta(days=1), clock("10:45"))
    assert [one["incident"] for one in draft["escalated"]] == [1]


async def test_who_signs_takes_over_and_the_next_draft_has_the_words(api: Caller, table: Timetable) -> None:
    table.fires("DiskSlow", severity="critical", node="n9").at("10:50").ack("wang", incident=2)
    table.at("11:01")
    body = json.dumps({"text": "watch the disk", "incoming": "chen"}).encode()
    answer = await api.post("/api/v1/oncall/ops/handover", body)
    assert answer.status == 201
    assert (await answer.json())["handover"] == {
        "at": "2026-11-23T11:01:00Z",
        "outgoing": "wang",
        "incoming": "chen",
        "text": "watch the disk",
        "incidents": [2],
    }
    assert table.response(2).owner == "chen"
    draft = await ask(api, "/api/v1/oncall/ops/handover")
    assert draft["last"]["text"] == "watch the disk"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"text": "all quiet"}, "incoming"),  # `local` is nobody who could have duty
        ({"incoming": "chen"}, "text"),
        ({"incoming": "chen", "text": "x" * 20_001}, "text"),
    ],
)
async def test_what_cannot_be_signed(api: Caller, body: dict[str, str], field: str) -> None:
    answer = await api.post("/api/v1/oncall/ops/handover", json.dumps(body).encode())
    assert (answer.status, (await answer.json())["field"]) == (422, field)


@pytest.mark.parametrize(("zone", "day"), [("UTC", "2026-11-23"), ("Pacific/Kiritimati", "2026-11-24")])
async def test_days_are_those_of_a_zone(api: Caller, zone: str, day: str) -> None:
    query = f"from=2026-11-23T10:00:00Z&to=2026-11-23T11:00:00Z&zone={zone}"
    assert (await ask(api, f"/api/v1/reports/load?{query}"))["days"] == [
        {"day": day, "pages": 3, "night_pages": 0}
    ]
    assert (await ask(api, f"/api/v1/reports/noise?{query}"))["days"] == [
        {"day": day, "alerts": 1, "incidents": 1, "paged": 1, "untouched": 0}
    ]
    [sent] = (await ask(api, f"/api/v1/reports/delivery?{query}"))["days"]
    assert (sent["day"], sent["failed"]) == (day, 0)
    assert (await ask(api, f"/api/v1/reports/coverage?{query}"))["days"] == []
    parts = (await ask(api, f"/api/v1/reports/response?by=day&{query}"))["parts"]
    assert [(part["key"], part["figures"]["acked"]) for part in parts] == [(day, 1)]


async def test_a_zone_that_is_not_there_is_named(api: Caller) -> None:
    answer = await api.get("/api/v1/reports/load?zone=../etc/passwd")
    assert (answer.status, (await answer.json())["field"]) == (400, "zone")


async def test_the_draft_is_written_in_the_language_that_is_asked_for(api: Caller) -> None:
    path = "/api/v1/oncall/ops/handover?from=2026-11-23T10:00:00Z&to=2026-11-23T11:00:00Z&language="
    text = (await ask(api, f"{path}zh"))["text"]
    assert "新增 1，已认领 1，已解决 1，已转研发 1，仍未解决 0。" in text
    assert "认领用时 4 分钟" in text
    assert (await api.get(f"{path}fr")).status == 400
