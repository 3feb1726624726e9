"""The responses with their deadlines, and what one machine event does to one of them."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from msgspec.structs import replace

from alertmesh.core.oncall import OnCall
from alertmesh.core.records import Records
from alertmesh.core.response import Response, Timer
from alertmesh.escalate.agenda import Agenda
from alertmesh.escalate.delivery import Deliveries
from alertmesh.escalate.dispatch import Case, Dispatcher
from alertmesh.escalate.events import Archive, EventKind, MachineEvent
from alertmesh.escalate.machine import Step
from alertmesh.escalate.outbound import Escalated
from alertmesh.escalate.suppression import Suppression, step_under
from alertmesh.escalate.thawing import Thawing


class ResponseBook:
    """Hold every response that is not archived, its deadlines and the pages under way for it."""

    def __init__(self, oncall: OnCall, deliveries: Deliveries, suppression: Suppression) -> None:
        self.table = Records[int, Response]("response", Response, decode=Thawing())
        self.agenda = Agenda()
        self.dispatcher = Dispatcher(oncall, deliveries)
        self._deliveries = deliveries
        self._suppression = suppression

    def get(self, incident: int) -> Response | None:
        """Return the response to an incident, None when there is none."""
        return self.table.get(incident)

    def values(self) -> Iterable[Response]:
        """Return every response."""
        return self.table.values()

    def swap(self, oncall: OnCall) -> None:
        """Use other people and rosters."""
        self.dispatcher.adopt(oncall)

    def restored(self) -> None:
        """Take up deadlines again after the table was restored."""
        self.agenda.rebuild(self.table.values())
        for response in self.table.values():
            self._suppression.heed(response)

    def jump(self, by: timedelta) -> None:
        """Move deadlines and ages by `by`; nothing else about a response changes, nor does its epoch."""
        for response in list(self.table.values()):
            self.table.put(response.incident, _moved(response, by))
        self.agenda.rebuild(self.table.values())

    def do(self, response: Response, event: MachineEvent, now: datetime, out: Escalated) -> None:
        """Apply an event to a response and carry out what that asks for."""
        self.settle(self.look(response, event, now), event, now, out)

    def look(self, response: Response, event: MachineEvent, now: datetime) -> Step:
        """Return what an event would do, without doing it."""
        return step_under(self._suppression.hidden(response.incident), response, event, now)

    def settle(self, done: Step, event: MachineEvent, now: datetime, out: Escalated) -> None:
        """Keep what an event did to a response and carry out what it asks for."""
        case = Case(done.response, now, out, done.rule, event.actor)
        self.dispatcher.carry_out(case, done.effects)
        if any(isinstance(effect, Archive) for effect in done.effects):
            self._archive(case.response, out)
            return
        self.table.put(case.response.incident, case.response)
        self.agenda.put(case.response)
        self._suppression.heed(case.response)
        if case.gap:
            self._bridge(case)

    def _bridge(self, gap: Case) -> None:
        """Go on at once from a step that reached nobody, and let the lead know."""
        out, place = gap.out, len(gap.out.attempts)
        self.do(gap.response, MachineEvent(kind=EventKind.NOBODY), gap.now, out)
        already = {attempt.page.person for attempt in out.attempts[place:]}
        after = Case(self.table[gap.response.incident], gap.now, out)
        self.dispatcher.page_lead(after, gap, already)
        self.table.put(after.response.incident, after.response)

    def _archive(self, response: Response, out: Escalated) -> None:
        self.table.archive(response.incident, response)
        self._deliveries.table.drop(response.incident)
        self._suppression.heed(response)
        self.agenda.drop(response.incident)
        out.retired.append(response.incident)


def _moved(response: Response, by: timedelta) -> Response:
    return replace(
        response,
        since=response.since + by,
        opened_at=response.opened_at + by,
        deadlines=_later(response.deadlines, by),
        paused=_later(response.paused, by),
    )


def _later(deadlines: dict[Timer, datetime], by: timedelta) -> dict[Timer, datetime]:
    return {timer: due if timer is Timer.WINDOW else due + by for timer, due in deadlines.items()}
