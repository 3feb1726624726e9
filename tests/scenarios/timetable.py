"""Tell an incident as a timetable: what happens when, and who must hear of it within which time.

Whatever reaches a person and no line of the timetable expects makes the test fail.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from alertmesh.config import Config
from alertmesh.core.entries import Action, Command
from alertmesh.core.errors import BadCommand
from alertmesh.core.incident import Incident
from alertmesh.core.response import Response, State
from tests.scenarios.program import Left, Program

MIDNIGHT = datetime(2026, 11, 23, tzinfo=UTC)
_YEAR_1 = "0001-01-01T00:00:00Z"


def clock(text: str) -> datetime:
    """Read `10:08` or `10:08:05` of the first day, `1 10:08` of the next."""
    days, _, rest = text.rpartition(" ")
    hour, minute, second = (int(part) for part in f"{rest}:00".split(":")[:3])
    return MIDNIGHT + timedelta(days=int(days or 0), hours=hour, minutes=minute, seconds=second)


class Timetable:
    """A run of the whole program, from 10:00 on."""

    def __init__(self, config: Config | None = None) -> None:
        self.program = Program(clock("10:00"), config) if config else Program(clock("10:00"))
        self._expected = 0

    @property
    def unexpected(self) -> list[Left]:
        """Return what reached people and no line has asked for so far."""
        return self.program.left

    def at(self, text: str) -> "Timetable":
        """Let time pass up to `text`; what falls due exactly then is done."""
        self.program.pass_until(clock(text))
        return self

    def quiet_until(self, text: str) -> "Timetable":
        """Let time pass; fail for anything that reached anybody and was not expected."""
        self.at(text)
        assert [str(left) for left in self.unexpected] == []
        return self

    def between(self, start: str, end: str) -> "Window":
        """Name the time in which something must reach somebody."""
        return Window(self, clock(start), clock(end))

    # What monitors say

    def fires(self, name: str, since: str = "", lease_s: int = 86_400, **labels: str) -> "Timetable":
        """Have Prometheus post a firing alert, which lasts `lease_s` unless it is posted again."""
        now = self.program.clock.now()
        start = clock(since) if since else now
        return self._prometheus(name, labels, start, now + timedelta(seconds=lease_s))

    def clears(self, name: str, since: str = "", ended: str = "", **labels: str) -> "Timetable":
        """Have Prometheus post that an alert ended."""
        end = clock(ended) if ended else self.program.clock.now()
        start = clock(since) if since else end - timedelta(minutes=1)
        return self._prometheus(name, labels, start, end)

    def webhook(self, name: str, status: str = "firing", since: str = "", **labels: str) -> "Timetable":
        """Have Alertmanager's webhook tell of an alert."""
        now = self.program.clock.now()
        start = clock(since) if since else now
        alert = {
            "status": status,
            "labels": _labels(name, labels),
            "annotations": {},
            "startsAt": start,
            "endsAt": _YEAR_1 if status == "firing" else now,
        }
        body = {"version": "4", "status": status, "receiver": "mesh", "alerts": [alert]}
        return self._post("alertmanager", body)

    def _prometheus(self, name: str, labels: dict[str, str], start: datetime, end: datetime) -> "Timetable":
        alert = {"labels": _labels(name, labels), "annotations": {}, "startsAt": start, "endsAt": end}
        return self._post("prometheus", [alert])

    def _post(self, source: str, body: Any) -> "Timetable":
        self.program.post(source, msgspec.json.encode(body))
        self.program.work()
        return self

    # What people do

    def does(
        self, person: str, action: str, incident: int = 1, epoch: int | None = None, **args: str
    ) -> "Timetable":
        """Have a person act on an incident."""
        self._ask(person, action, incident, epoch, args)
        assert self.program.refused == []
        return self

    def tries(self, person: str, action: str, incident: int = 1, **args: str) -> "Timetable":
        """Have a person act on an incident, whether that is possible or not."""
        self._ask(person, action, incident, None, args)
        self.program.refused.clear()
        return self

    def is_refused(
        self, person: str, action: str, incident: int = 1, epoch: int | None = None, **args: str
    ) -> BadCommand:
        """Have a person try what is not possible; return why not."""
        self._ask(person, action, incident, epoch, args)
        return self.program.refused.pop()

    def ack(self, person: str, incident: int = 1) -> "Timetable":
        """Have a person take an incident."""
        return self.does(person, "ack", incident)

    def _ask(self, person: str, action: str, incident: int, epoch: int | None, args: dict[str, str]) -> None:
        now = self.program.clock.now()
        self.program.command(
            Command(action=Action(action), incident=incident, actor=person, at=now, epoch=epoch, args=args)
        )
        self.program.work()

    # What befalls the program

    def restart(self) -> "Timetable":
        """Kill the program and start it again from what it had written."""
        self.program.restart()
        return self

    def jump(self, hours: float) -> "Timetable":
        """Set the clock forward, or back."""
        self.program.jump(timedelta(hours=hours))
        self.program.work()
        return self

    # What is there

    def incident(self, number: int = 1) -> Incident:
        """Return an incident, open or archived."""
        found = self.program.history.incident(number)
        assert found is not None, f"there is no incident {number}"
        return found[0]

    def response(self, number: int = 1) -> Response:
        """Return what people do about an incident."""
        found = self.program.history.incident(number)
        assert found is not None
        assert found[1] is not None
        return found[1]

    def is_in(self, state: State, number: int = 1) -> "Timetable":
        """Check the state of a response."""
        assert self.response(number).state is state
        return self

    def numbers(self) -> list[int]:
        """Return the numbers of all incidents, but those that ended in another, oldest first."""
        found = reversed(self.program.history.incidents(None, 1000))
        return [incident.id for incident, _ in found if incident.merged_into is None]

    def said(self, number: int = 1) -> list[str]:
        """Return the timeline of an incident as `kind: text` lines."""
        lines = self.program.history.timeline(number, 0, 10_000)
        return [f"{stored.line.kind}: {stored.line.text}" for stored in lines]


class Window:
    """A span of time in which something must reach somebody, once."""

    def __init__(self, table: Timetable, start: datetime, end: datetime) -> None:
        self._table, self._start, self._end = table, start, end

    def page(self, *people: str, incident: int = 1) -> Timetable:
        """Expect one page to each of `people`."""
        return self._expect("page", people, incident)

    def update(self, *people: str, incident: int = 1) -> Timetable:
        """Expect one message that asks for nothing."""
        return self._expect("update", people, incident)

    def closing(self, *people: str, incident: int = 1) -> Timetable:
        """Expect one message that it is over."""
        return self._expect("closing", people, incident)

    def _expect(self, kind: str, people: tuple[str, ...], incident: int) -> Timetable:
        self._table.program.pass_until(self._end)
        for person in people:
            fits = [
                left
                for left in self._table.unexpected
                if left[1:] == (kind, person, incident) and self._start <= left.at <= self._end
            ]
            there = [str(left) for left in self._table.unexpected]
            assert len(fits) == 1, f"wanted one {kind} to {person} about #{incident}; unexpected: {there}"
            self._table.unexpected.remove(fits[0])
        return self._table


def _labels(name: str, labels: dict[str, str]) -> dict[str, str]:
    return {"alertname": name, "severity": "critical", "cluster": "east"} | labels
