"""The `oncall` commands against a running server."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from alertmesh import cli
from alertmesh.core.clock import SystemClock
from alertmesh.core.errors import AlertMeshError
from alertmesh.core.oncall import OnCall, Roster, User, single
from alertmesh.core.ports import Store
from alertmesh.server import Server
from alertmesh.store.memory import MemoryStore
from alertmesh.store.sqlite import SqliteStore
from alertmesh.wiring import Wiring
from tests.scenarios.people import staffed

ID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")


class Command:
    """Runs `alertmesh oncall` beside the server, and gives what it printed."""

    def __init__(self, url: str) -> None:
        self._url = url

    async def __call__(self, *words: str, status: int = 0) -> str:
        done = await asyncio.to_thread(self._run, words)
        said = done.output + (f"{done.exception}" if isinstance(done.exception, AlertMeshError) else "")
        assert done.exit_code == status, said
        return said

    def _run(self, words: tuple[str, ...]) -> Result:
        return CliRunner().invoke(cli.app, ["oncall", *words, "--url", self._url])


def people() -> OnCall:
    """Return the shipped teams in Shanghai, and a roster with somebody whom nothing reaches."""
    shipped = staffed("console").oncall
    rosters = {
        "ops": single("ops", "wang", "chen", lead="zhao", zone="Asia/Shanghai"),
        "rnd": single("rnd", "li", "sun", lead="qian"),
        "empty": Roster(name="empty", lead="qian"),
        "mute": single("mute", "mo"),
    }
    users = {**shipped.users, "mo": User(name="mo")}
    return OnCall(users=users, rosters=rosters, policies=shipped.policies)


@asynccontextmanager
async def serving(store: Store) -> AsyncIterator[Command]:
    """Run a server on a store; yield what runs a command against it."""
    config = replace(staffed("console"), oncall=people(), listen="127.0.0.1:0")
    server = Server(Wiring(config), SystemClock(), store)
    yield Command(await server.start())
    await server.stop()


@pytest.fixture
async def command() -> AsyncIterator[Command]:
    """Return what runs a command against a server of its own."""
    async with serving(MemoryStore()) as made:
        yield made


def found(text: str) -> str:
    """Return the id that a command printed."""
    match = ID.search(text)
    assert match is not None, text
    return match[0]


async def test_who_has_duty_is_shown(command: Command) -> None:
    lines = (await command("show")).splitlines()
    assert [line.split()[:2] for line in lines] == [
        ["empty", "NOBODY,"],
        ["mute", "mo"],
        ["ops", "wang,"],
        ["rnd", "li,"],
    ]
    assert "mo (cannot be reached)" in lines[1]


async def test_one_roster_is_shown_with_why(command: Command) -> None:
    first, why = (await command("show", "ops")).splitlines()
    assert (first.split()[1:4], why.endswith("; lead zhao")) == (["wang,", "second", "chen,"], True)


async def test_duty_is_given_at_once_and_ended(command: Command) -> None:
    made = await command("override", "ops", "li", "--to", "+8h", "--covers", "wang", "--comment", "a wedding")
    assert "li for wang" in made
    assert "(Asia/Shanghai): a wedding" in made
    assert "warning: li has duty in rnd then as it is" in made
    assert "ops              li, second chen, until" in await command("show", "ops")
    assert await command("end", found(made)) == f"{found(made)} is ended\n"
    assert "ops              wang" in await command("show", "ops")


async def test_duty_is_asked_for_and_taken(command: Command) -> None:
    ask = ("ask", "ops", "--from", "+1h", "--to", "+8h", "--as", "wang")
    asked = found(await command(*ask))
    assert f"{asked} asked    ops anybody for wang" in await command("requests", "ops")
    assert await command("accept", asked, "--as", "sun") == f"{asked} is agreed\n"
    [one] = json.loads(await command("requests", "--person", "sun", "--json"))["overrides"]
    assert (one["id"], one["person"], one["answered_by"]) == (asked, "sun", "sun")
    assert "ops              sun" in await command("show", "--at", one["starts_at"])


async def test_a_restart_forgets_nothing(tmp_path: Path) -> None:
    async with serving(SqliteStore(tmp_path / "mesh.db")) as command:
        await command("override", "ops", "li", "--to", "+8h")
        asked = found(await command("ask", "rnd", "--from", "+1h", "--to", "+8h", "--as", "li"))
    async with serving(SqliteStore(tmp_path / "mesh.db")) as command:
        assert "ops              li" in await command("show", "ops")
        assert await command("accept", asked, "--as", "wang") == f"{asked} is agreed\n"


async def test_a_swap_is_asked_for_and_declined(command: Command) -> None:
    times = ("--from", "2099-01-01T08:00", "--to", "+8h", "--in-return", "+48h..+8h")
    refused = await command("ask", "ops", "--of", "chen", "--as", "wang", *times, status=1)
    assert "ends_at: may be 400 days ahead at most" in refused
    times = ("--from", "+2h", "--to", "+8h", "--in-return", "+48h..+8h")
    made = await command("ask", "ops", "--of", "chen", "--as", "wang", *times)
    assert "chen for wang" in made
    assert ", in return " in made
    assert "is declined" in await command("decline", found(made), "--as", "chen")
    assert await command("requests") == ""


async def test_shifts_tell_changes_of_duty(command: Command) -> None:
    await command("override", "ops", "sun", "--from", "+24h", "--to", "+24h")
    lines = (await command("shifts", "ops", "--days", "3")).splitlines()
    assert [line.split("  ")[1].split(",")[0] for line in lines] == ["wang", "sun", "wang"]


async def test_gaps_are_told_by_status(command: Command) -> None:
    assert "gap" not in await command("gaps", "rnd", "--days", "7")
    told = await command("gaps", "--days", "7", status=1)
    assert [line.split(":")[0] for line in told.splitlines() if line[0] != " "] == [
        "empty",
        "mute",
        "ops",
        "rnd",
    ]
    assert told.count("nobody can be reached from") == 2


async def test_shifts_are_written_for_a_calendar(command: Command, tmp_path: Path) -> None:
    assert "SUMMARY:wang" in await command("export", "ops", "--days", "7")
    assert await command("export", "--person", "sun", "--out", str(tmp_path / "sun.ics")) == ""
    assert b"SUMMARY:rnd: secondary\r\n" in (tmp_path / "sun.ics").read_bytes()


def plan(*shifts: tuple[str, timedelta, timedelta]) -> str:
    """Return an iCalendar: who, from when and for how long, counted from the full hour."""
    hour = SystemClock().now().replace(minute=0, second=0, microsecond=0)
    events = "".join(
        f"BEGIN:VEVENT\nSUMMARY:{person}\nDTSTART:{hour + start:%Y%m%dT%H%M%SZ}\n"
        f"DTEND:{hour + start + length:%Y%m%dT%H%M%SZ}\nEND:VEVENT\n"
        for person, start, length in shifts
    )
    return f"BEGIN:VCALENDAR\nVERSION:2.0\n{events}END:VCALENDAR\n"


async def test_a_plan_of_another_tool_is_taken_over_and_changed_by_the_next(
    command: Command, tmp_path: Path
) -> None:
    file, day = tmp_path / "plan.ics", timedelta(days=1)
    file.write_text(plan(("sun", 0 * day, day), ("wang", day, day), ("li", 2 * day, day)))
    assert "2 would be given, 0 would be ended" in await command("import", "ops", str(file), "--dry-run")
    assert await command("requests") == ""
    assert "2 given, 0 ended, 0 refused" in await command("import", "ops", str(file))
    assert "ops              sun" in await command("show", "ops")
    assert "0 given, 0 ended, 0 refused" in await command("import", "ops", str(file))
    file.write_text(plan(("sun", 0 * day, day), ("chen", day, day), ("qian", 2 * day, day)))
    assert "2 given, 1 ended, 0 refused" in await command("import", "ops", str(file))
    lines = (await command("shifts", "ops", "--days", "4")).splitlines()
    assert [line.split("  ")[1].split(",")[0] for line in lines] == ["sun", "chen", "qian", "wang"]


async def test_a_plan_meets_what_people_gave(command: Command, tmp_path: Path) -> None:
    file = tmp_path / "plan.ics"
    file.write_text(plan(("sun", timedelta(), timedelta(days=1))))
    await command("override", "ops", "li", "--to", "+4h")
    told = await command("import", "ops", str(file), status=1)
    assert "0 ended, 1 refused" in told
    assert "the place of the primary in ops is given away" in told


async def test_a_plan_with_a_stranger_names_the_line(command: Command, tmp_path: Path) -> None:
    file = tmp_path / "plan.ics"
    file.write_text(plan(("who", timedelta(), timedelta(days=1))))
    assert "line 4: 'who' is nobody's name" in await command("import", "ops", str(file), status=1)


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("override", "none", "li", "--to", "+8h"), "there is no roster 'none', only empty, mute, ops, rnd"),
        (("override", "ops", "li", "--to", "later"), "--to later: write a moment such as 2026-12-24T18:00"),
        (
            ("override", "ops", "mo", "--to", "+8h"),
            "person: mo has no channel and could not be paged (HTTP 422)",
        ),
        (
            ("ask", "ops", "--from", "+1h", "--to", "+1h", "--in-return", "18:00"),
            "--in-return 18:00: write FROM..TO",
        ),
        (("shifts", "none"), "there is no roster 'none' (HTTP 404)"),
        (("show", "none"), "there is no roster 'none' (HTTP 404)"),
        (("export", "none"), "there is no roster 'none' (HTTP 404)"),
        (("export",), "name a roster or a --person, one of both"),
        (("accept", "x"), "there is no override 'x' (HTTP 404)"),
    ],
    ids=lambda part: part[0] if isinstance(part, tuple) else "",
)
async def test_what_is_wrong_is_said(command: Command, words: tuple[str, ...], why: str) -> None:
    assert why in await command(*words, status=1)
