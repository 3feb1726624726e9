"""A timetable of one or more incidents: what happens when, and which pages must leave when.

A page that no line of the timetable expects fails it, so silence is asserted as well.
"""

from datetime import datetime, timedelta

from alertmesh.core.entries import Tick
from alertmesh.core.incident import TimelineEntry
from alertmesh.core.oncall import OnCall
from alertmesh.core.page import Attempt, PageKind
from alertmesh.core.response import State
from alertmesh.escalate.outbound import Escalated
from alertmesh.escalate.stage import EscalateStage
from tests.escalate.fakes import T0, command, happened, oncall, outcome


def clock(text: str) -> datetime:
    """Read `10:08` or `10:08:05` of the first day, `1 10:08` of the next."""
    days, _, rest = text.rpartition(" ")
    hour, minute, second = (int(part) for part in f"{rest}:00".split(":")[:3])
    midnight = T0.replace(hour=0, minute=0)
    return midnight + timedelta(days=int(days or 0), hours=hour, minutes=minute, seconds=second)


class Timetable:
    """Drive a stage by a manual clock: between two moments it gets a tick at each deadline."""

    def __init__(self, people: OnCall | None = None) -> None:
        self.oncall = people or oncall()
        self.stage = EscalateStage(self.oncall)
        self.now = T0
        self.attempts: list[Attempt] = []
        self.unexpected: list[Attempt] = []
        self.timeline: list[TimelineEntry] = []
        self.retired: list[int] = []
        self.rows: dict[tuple[str, str | int], bytes] = {}

    def at(self, text: str) -> "Timetable":
        """Let time pass up to `text`; what is due exactly then has not been done."""
        moment = clock(text)
        self._pass(moment - timedelta(microseconds=1))
        self.now = moment
        return self

    def asleep_until(self, text: str) -> "Timetable":
        """Let time pass without a tick, as if the program was down."""
        self.now = clock(text)
        return self

    def tick(self) -> "Timetable":
        self._keep(self.stage.feed([Tick(self.now)], self.now))
        return self

    def incident(self, kind: str, *args, **changes) -> "Timetable":
        changes.setdefault("incident", {}).setdefault("opened_at", self.now)
        self._keep(self.stage.feed([happened(kind, *args, **changes)], self.now))
        return self

    def person(self, name: str, action: str, **args) -> "Timetable":
        self._keep(self.stage.command(command(action, name, **args), self.now))
        return self

    def report(self, person: str, sent: bool) -> "Timetable":
        """Report the newest attempt to `person`."""
        attempt = [attempt for attempt in self.attempts if attempt.page.person == person][-1]
        self._keep(self.stage.feed([outcome(attempt, sent)], self.now))
        return self

    def restart(self) -> "Timetable":
        """Carry on in a new stage that knows only the rows that were written."""
        self.stage = EscalateStage(self.oncall)
        for table in self.stage.tables:
            kept = [(key, body) for (name, key), body in self.rows.items() if name == table.table]
            table.restore(kept)
        self.stage.restored()
        return self

    def between(self, start: str, end: str) -> "Window":
        return Window(self, clock(start), clock(end))

    def is_in(self, state: State, number: int = 1) -> "Timetable":
        found = self.stage.response(number)
        assert found is not None
        assert found.state is state
        return self

    def silent_until(self, text: str) -> "Timetable":
        """Fail for every page that no line expected, up to `text`."""
        self.at(text)
        said = [f"{a.page.at:%H:%M:%S} {a.page.kind} {a.page.person}" for a in self.unexpected]
        assert said == []
        return self

    def _pass(self, moment: datetime) -> None:
        while (due := self.stage.deadline()) is not None and due <= moment:
            self.now = max(due, self.now)
            self._keep(self.stage.feed([Tick(self.now)], self.now))
        self.now = max(self.now, moment)

    def _keep(self, out: Escalated) -> None:
        self.attempts.extend(out.attempts)
        self.unexpected.extend(out.attempts)
        self.timeline.extend(out.timeline)
        self.retired.extend(out.retired)
        for row in [row for table in self.stage.tables for row in table.drain()]:
            self.rows.pop((row.table, row.key), None)
            if row.body is not None and row.live:
                self.rows[row.table, row.key] = row.body


class Window:
    """A span of time in which something must leave."""

    def __init__(self, table: Timetable, start: datetime, end: datetime) -> None:
        self._table, self._start, self._end = table, start, end

    def page(self, person: str) -> Timetable:
        return self._expect(person, PageKind.PAGE)

    def update(self, person: str) -> Timetable:
        return self._expect(person, PageKind.UPDATE)

    def closing(self, person: str) -> Timetable:
        return self._expect(person, PageKind.CLOSING)

    def _expect(self, person: str, kind: PageKind) -> Timetable:
        table = self._table
        table._pass(self._end)
        fits = [
            attempt
            for attempt in table.unexpected
            if (attempt.page.person, attempt.page.kind) == (person, kind)
            and self._start <= attempt.due_at <= self._end
        ]
        left = [f"{a.due_at:%H:%M:%S} {a.page.kind} {a.page.person}" for a in table.unexpected]
        assert len(fits) == 1, f"wanted one {kind} to {person}, still unexpected: {left}"
        table.unexpected.remove(fits[0])
        return table
