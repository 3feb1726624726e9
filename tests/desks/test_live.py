"""Who follows the live stream has what a fresh look would show, and nobody else pays for it."""

import asyncio
import zlib
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from alertmesh.core.incident import TimelineEntry
from alertmesh.core.records import Row
from alertmesh.core.response import State
from alertmesh.desks.live import GZIP_HEAD, LINES, Event, Live, Reader, event, pack
from alertmesh.desks.rows import show_row
from alertmesh.pipeline import Decisions
from tests.console.fakes import a_response, an_incident
from tests.scenarios.timetable import Timetable

NAMES = ("NodeDown", "DiskFull", "HighErrorRate")


def wire(row: Any) -> dict[str, Any]:
    return msgspec.json.decode(msgspec.json.encode(row))


class Console:
    """The program with its hub, which hears of decisions only when the test says that they are durable."""

    def __init__(self) -> None:
        self.table = Timetable()
        self.hub = Live(self.table.program.history.incident)
        self.undurable: list[Decisions] = []
        self.table.program.followers.append(self.undurable.append)
        self.tabs: list[Tab] = []

    def settle(self) -> None:
        for out in self.undurable:
            self.hub.decided(out)
        self.undurable.clear()

    def pairs(self) -> list[Any]:
        return [show_row(*pair) for pair in self.table.program.history.open()]

    def fresh(self) -> dict[int, dict[str, Any]]:
        return {row.id: wire(row) for row in self.pairs()}

    def length(self, incident: int) -> int:
        return len(self.table.program.history.timeline(incident, 0, 10_000))


class Tab:
    """A client that shows the open incidents and goes by what it is sent."""

    def __init__(self, console: Console) -> None:
        self._console, self._hub = console, console.hub
        self.rows: dict[int, dict[str, Any]] = {}
        self.lengths: dict[int, int] = {}
        self.reader = self._hub.join(None)
        self.fetch()

    def fetch(self) -> None:
        self._hub.leave(self.reader)
        seen_from, rows = self._hub.id, self._console.pairs()
        self._hub.read(rows)
        self.rows = {row.id: wire(row) for row in rows}
        self.lengths = {row.id: self._console.length(row.id) for row in rows}
        self.reader = self._hub.join(seen_from)

    def reconnect(self) -> None:
        self._hub.leave(self.reader)
        self.reader = self._hub.join(self._hub.name(self.reader.number))
        assert not self.reader.is_reset

    def follow(self) -> None:
        for one in self._hub.after(self.reader.number) or ():
            self.reader.number = one.number
            news = told(one)
            if one.kind == LINES:
                self.look(news["incidents"])
                continue
            self.look(row["id"] for row in (*news["full"], *news["changed"]))
            self.rows.update((row["id"], row) for row in news["full"])
            for patch in news["changed"]:
                self.rows.get(patch["id"], {}).update(patch)

    def look(self, incidents: Iterable[int]) -> None:
        self.lengths.update((number, self._console.length(number)) for number in incidents)

    def open(self) -> dict[int, dict[str, Any]]:
        over = ("resolved", "closed", "merged")
        return {number: row for number, row in self.rows.items() if row["state"] not in over}


def told(one: Event) -> dict[str, Any]:
    data = next(line[6:] for line in one.plain.split(b"\n") if line.startswith(b"data: "))
    return msgspec.json.decode(data)


# Whatever happens

ACTIONS = ("ack", "ack", "unack", "escalate", "resolve", "snooze", "priority", "merge", "note")
STEPS = {
    "fires": st.tuples(st.sampled_from(NAMES), st.sampled_from(("critical", "warning", "info"))),
    "clears": st.tuples(st.sampled_from(NAMES), st.none()),
    "passes": st.tuples(st.sampled_from((5, 240, 700, 4_000)), st.none()),
    "acts": st.tuples(st.sampled_from(ACTIONS), st.tuples(st.integers(0, 5), st.integers(0, 5))),
    "acts again": st.tuples(st.sampled_from(ACTIONS), st.tuples(st.integers(0, 5), st.integers(0, 5))),
    "reads": st.tuples(st.sampled_from(("open", "fetch", "cut", "follow")), st.none()),
    "settles": st.tuples(st.none(), st.none()),
    "frame": st.tuples(st.none(), st.none()),
}
PLANS = st.lists(st.one_of(*(st.tuples(st.just(kind), args) for kind, args in STEPS.items())), min_size=15)


def take(console: Console, kind: str, about: Any, more: Any) -> None:
    table, program = console.table, console.table.program
    match kind:
        case "fires":
            table.fires(about, severity=more, node=f"n-{about}")
        case "clears":
            table.clears(about, severity="critical", node=f"n-{about}")
        case "passes":
            program.pass_until(program.clock.now() + timedelta(seconds=about))
        case "acts" | "acts again":
            act(console, about, *more)
        case "reads" if about == "open":
            console.tabs.append(Tab(console))
        case "reads":
            tab = console.tabs[0]
            {"fetch": tab.fetch, "cut": tab.reconnect, "follow": tab.follow}[about]()
        case "settles":
            console.settle()
        case "frame":
            console.hub.frame()


def act(console: Console, action: str, one: int, other: int) -> None:
    numbers = console.table.numbers()
    arguments = {
        "snooze": {"minutes": "10"},
        "priority": {"priority": f"P{other % 4 + 1}"},
        "merge": {"into": str(numbers[other % len(numbers)])},
        "note": {"text": "seen"},
    }
    console.table.tries("wang", action, numbers[one % len(numbers)], **arguments.get(action, {}))


@settings(max_examples=40, deadline=None)
@given(PLANS)
def test_who_follows_the_stream_has_what_a_fresh_look_shows(plan):
    console = Console()
    for name in NAMES:
        console.table.fires(name, severity="critical", node=f"n-{name}")
    console.tabs.append(Tab(console))
    for kind, (about, more) in plan:
        take(console, kind, about, more)
    console.settle()
    console.hub.frame()
    for tab in console.tabs:
        tab.follow()
        assert tab.open() == console.fresh()
        assert {number: tab.lengths[number] for number in tab.open()} == {
            number: console.length(number) for number in tab.open()
        }


# A frame


class Facts:
    """Incidents that a test changes as it likes."""

    def __init__(self) -> None:
        self.pairs = {number: (an_incident(number), a_response(number)) for number in range(1, 4)}
        self.hub = Live(self.pairs.get)

    def change(self, number: int, **facts: Any) -> None:
        incident, response = self.pairs[number]
        self.pairs[number] = (replace(incident, **facts), response)
        self.decide(Row("incident", number, b""))

    def respond(self, number: int, **facts: Any) -> None:
        incident, response = self.pairs[number]
        self.pairs[number] = (incident, replace(response, **facts))
        self.decide(Row("response", number, b""))

    def decide(self, *rows: Row) -> None:
        self.hub.decided(Decisions(rows=list(rows)))

    def lines(self, *numbers: int) -> None:
        at = datetime(2026, 11, 23, tzinfo=UTC)
        lines = [TimelineEntry(incident=number, at=at, kind="receipt", text="sent") for number in numbers]
        self.hub.decided(Decisions(timeline=lines))

    def news(self, reader: Reader) -> list[dict[str, Any]]:
        found = self.hub.after(reader.number)
        reader.number = self.hub.number
        return [told(one) for one in found]


@pytest.fixture
def facts() -> Facts:
    return Facts()


def test_an_incident_is_told_as_a_whole_once_and_then_what_changed(facts):
    reader = facts.hub.join(None)
    facts.change(1, title="worse")
    facts.hub.frame()
    facts.change(1, alerts=9)
    facts.respond(1, owner="ann")
    facts.hub.frame()
    first, second = facts.news(reader)
    assert (first["changed"], [row["title"] for row in first["full"]]) == ([], ["worse"])
    changed = {"id": 1, "owner": "ann", "counts": {"series": 2, "firing": 1, "alerts": 9}}
    assert second == {"full": [], "changed": [changed]}


def test_what_was_taken_back_before_a_frame_is_no_news(facts):
    facts.change(1)
    facts.hub.frame()
    reader = facts.hub.join(None)
    facts.change(1, title="worse")
    facts.change(1, title="trouble 1")
    facts.hub.frame()
    assert facts.news(reader) == []


def test_what_was_taken_back_is_told_when_somebody_read_it_meanwhile(facts):
    facts.change(1)
    facts.hub.frame()
    reader = facts.hub.join(None)
    facts.change(1, title="worse")
    facts.hub.read([show_row(*facts.pairs[1])])
    facts.change(1, title="trouble 1")
    facts.hub.frame()
    assert facts.news(reader) == [{"full": [], "changed": [{"id": 1, "title": "trouble 1"}]}]


async def test_who_read_it_as_it_was_before_the_last_frame_is_told_how_it_is(facts):
    facts.change(1)
    facts.hub.frame()
    stale = replace(show_row(*facts.pairs[1]), title="before")
    reader = facts.hub.join(None)
    facts.hub.read([stale])
    await facts.hub.beat()
    assert facts.news(reader) == [{"full": [], "changed": [{"id": 1, "title": "trouble 1"}]}]


def test_an_incident_that_is_open_again_is_told_as_a_whole(facts):
    facts.respond(1, state=State.RESOLVED)
    facts.hub.frame()
    reader = facts.hub.join(None)
    facts.respond(1, state=State.T1_PAGING)
    facts.hub.frame()
    assert [row["id"] for row in facts.news(reader)[0]["full"]] == [1]


def test_much_is_told_in_several_events_and_all_of_it(facts):
    reader = facts.hub.join(None)
    facts.pairs |= {
        number: (an_incident(number, summary="x" * 400), a_response(number)) for number in range(300)
    }
    facts.decide(*(Row("incident", number, b"") for number in range(300)))
    facts.hub.frame()
    found = facts.hub.after(reader.number)
    assert len(found) > 1
    assert max(len(one.plain) for one in found) < 70_000
    assert [row["id"] for one in found for row in told(one)["full"]] == list(range(300))


# Who was away


@pytest.mark.parametrize(
    "since", ["", "x", "0-0", "other-1", "{boot}-99", "{boot}--1", "{boot}-", "{boot}-1e3"]
)
def test_an_id_that_says_nothing_here_means_reading_anew(facts, since):
    boot = facts.hub.id.rpartition("-")[0]
    reader = facts.hub.join(since.format(boot=boot))
    assert (reader.is_reset, reader.number) == (True, facts.hub.number)


def test_what_is_not_kept_any_more_means_reading_anew(facts):
    since = facts.hub.id
    stays, title = facts.hub.join(None), "x" * 50_000
    for turn in range(200):
        facts.change(1, title=f"{title}{turn}")
        facts.hub.frame()
    assert facts.hub.join(since).is_reset
    assert facts.hub.after(stays.number) is None


async def test_who_does_not_keep_up_is_let_go_and_counted(facts):
    slow = facts.hub.join(None)
    for turn in range(200):
        facts.change(1, title=f"{'x' * 50_000}{turn}")
        facts.hub.frame()
    assert await slow.next() == []
    facts.hub.leave(slow)
    assert (facts.hub.dropped, facts.hub.listeners) == (1, 0)


def test_when_far_too_much_happened_unheard_everybody_reads_anew(facts):
    facts.change(1)
    facts.hub.frame()
    since = facts.hub.id
    facts.decide(*(Row("incident", number, b"") for number in range(20_000)))
    assert facts.hub.join(since).is_reset


def test_a_timeline_that_has_more_is_told_unless_the_row_tells_it(facts):
    facts.lines(2)
    reader = facts.hub.join(None)
    facts.change(1, title="worse")
    facts.lines(1, 2, 2)
    facts.hub.frame()
    facts.hub.frame()
    rows, lines = facts.news(reader)
    assert [row["id"] for row in rows["full"]] == [1]
    assert lines == {"incidents": [2]}


def test_a_line_beside_a_row_that_stayed_the_same_is_told(facts):
    reader = facts.hub.join(None)
    facts.change(1)
    facts.hub.frame()
    facts.change(1)
    facts.lines(1)
    facts.hub.frame()
    assert facts.news(reader)[1:] == [{"incidents": [1]}]


async def test_only_rows_are_sent_again_and_the_status_as_it_is(facts):
    said = iter((b'{"queue":0}', b'{"queue":1}'))
    facts.hub.watch(lambda: next(said))
    first = facts.hub.join(None)
    since = facts.hub.id
    await facts.hub.look()
    facts.change(1)
    facts.hub.frame()
    again = facts.hub.join(since)
    assert [one.kind for one in await again.next()] == ["rows"]
    assert [one.kind for one in await first.next()] == ["status", "rows"]
    assert facts.hub.status == b'{"queue":1}'


async def test_closing_ends_the_wait(facts):
    waiting = asyncio.create_task(facts.hub.join(None).next())
    await asyncio.sleep(0)
    facts.hub.close()
    assert await waiting == []


def test_packed_parts_are_one_stream_wherever_it_begins():
    parts = [event("rows", b'{"full":[]}' * 40, f"a-{number}") for number in range(3)]
    for start in range(3):
        stream = GZIP_HEAD + b"".join(map(pack, parts[start:]))
        assert zlib.decompressobj(16 + zlib.MAX_WBITS).decompress(stream) == b"".join(parts[start:])
