"""The stage from incidents to pages: it holds the responses and their deadlines."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from msgspec import Struct
from msgspec.structs import force_setattr, replace

from alertmesh.core.alert import Priority
from alertmesh.core.entries import Action, Command, Outcome, SilenceExpired, SilenceSet, Tick
from alertmesh.core.errors import BadCommand, StaleCommand
from alertmesh.core.group import GroupEvent
from alertmesh.core.incident import Condition, IncidentEvent, IncidentEventKind
from alertmesh.core.oncall import OnCall, Policy
from alertmesh.core.records import Records
from alertmesh.core.response import Response, State, Timer
from alertmesh.core.series import Change
from alertmesh.core.silence import Window
from alertmesh.escalate.agenda import Agenda
from alertmesh.escalate.commands import event_of, explain
from alertmesh.escalate.delivery import Deliveries, Verdict
from alertmesh.escalate.dispatch import Case, Dispatcher
from alertmesh.escalate.events import TIMER_EVENTS, Archive, EventKind, MachineEvent
from alertmesh.escalate.machine import STALE, Step
from alertmesh.escalate.outbound import Escalated
from alertmesh.escalate.overrides import OverrideBook, OverrideOrder
from alertmesh.escalate.policy import PolicyBook
from alertmesh.escalate.roster import Rota
from alertmesh.escalate.silence import SilenceSettings
from alertmesh.escalate.suppression import Suppression, step_under

Item = Change | GroupEvent | IncidentEvent | Outcome | Tick
_OPENING = frozenset(
    {
        IncidentEventKind.OPENED,
        IncidentEventKind.REFIRED,
        IncidentEventKind.GREW,
        IncidentEventKind.WORSE,
        IncidentEventKind.SPLIT,
    }
)
_HELD_BY_OWNER = frozenset({State.T1_ACKED, State.T2_ACKED, State.SNOOZED})
_GROUPING = frozenset(
    {
        Action.MERGE,
        Action.SPLIT,
        Action.MOVE,
        Action.ROOT,
        Action.UNRELATED,
        Action.ACCEPT,
        Action.DISMISS,
    }
)


class EscalateSettings(Struct, frozen=True, kw_only=True):
    """Limits of the stage.

    A deadline handled later than `punctual` counts as caught up: what follows is counted from
    now rather than from when it was due. `pages_followed` bounds the unsettled pages an incident.
    """

    punctual: timedelta = timedelta(seconds=60)
    pages_followed: int = 256
    silences: SilenceSettings = SilenceSettings()


class EscalateStage:
    """Decide who is paged about which incident, and when that moves on.

    Everything due at `now` is done before an item is looked at. `dropped` counts events of
    incidents that have no response, and pages no longer followed.
    """

    def __init__(self, oncall: OnCall, settings: EscalateSettings | None = None) -> None:
        self._settings = settings or EscalateSettings()
        self._responses = Records[int, Response]("response", Response)
        self._deliveries = Deliveries(self._settings.pages_followed)
        self._agenda = Agenda()
        self.policies = PolicyBook(oncall.policies)
        self._dispatcher = Dispatcher(oncall, self._deliveries)
        self._unsaid = Escalated()
        self._strays = 0
        self.suppression = Suppression(self._settings.silences)
        self.overrides = OverrideBook()
        self.tables = (
            self._responses,
            self._deliveries.table,
            *self.suppression.tables,
            *self.overrides.tables,
        )

    @property
    def dropped(self) -> int:
        """Return how many events and pages were let go."""
        return self._strays + self._deliveries.dropped

    def feed(self, items: Sequence[Item], now: datetime) -> Escalated:
        """Handle incident events, delivery outcomes and ticks, and every deadline up to `now`.

        Changes and group events, which silences look at, come before the incident events that
        follow from them.
        """
        out = self._begin()
        self._run_due(now, out)
        for item in items:
            if isinstance(item, Change):
                self.suppression.change(item)
            elif isinstance(item, GroupEvent):
                self.suppression.regroup(item)
            elif isinstance(item, IncidentEvent):
                self._incident(item, now, out)
                self._run_due(now, out)
            elif isinstance(item, Outcome):
                self._outcome(item, now, out)
                self._run_due(now, out)
        self._suppress(now, out)
        self._run_due(now, out)
        return out

    def command(self, command: Command, now: datetime) -> Escalated:
        """Do what a person asks.

        Raises StaleCommand when the incident moved on since the command's epoch, and BadCommand,
        saying what would be possible, when its state does not allow it. What was due by then is
        given out by the next call. Merges and splits are only checked: grouping does them.
        """
        out = self._begin()
        self._run_due(now, out)
        self._unsaid = out
        response = self._responses.get(command.incident)
        if response is None:
            raise BadCommand(f"incident {command.incident} is not open")
        if command.action in _GROUPING:
            self._check_fresh(response, command)
        else:
            event = event_of(command, response, self._dispatcher)
            self._obey(response, event, now)
        return self._begin()

    def order(self, entry: SilenceSet | SilenceExpired | OverrideOrder, now: datetime) -> Escalated:
        """Make, change or end a silence or an override; BadCommand when that cannot be done."""
        out = self._begin()
        self._run_due(now, out)
        self._unsaid = out
        if isinstance(entry, OverrideOrder):
            self.overrides.order(entry, now)
            self._dispatcher.rota = Rota(self._dispatcher.oncall, self.overrides.overrides())
        else:
            self.suppression.order(entry)
            self._suppress(now, out)
        self._run_due(now, out)
        return self._begin()

    def apply(self, incident: int, event: MachineEvent, now: datetime) -> Escalated:
        """Apply one machine event to one response, whoever it comes from."""
        out = self._begin()
        self._run_due(now, out)
        response = self._responses.get(incident)
        if response is None:
            self._strays += 1
        else:
            self._do(response, event, now, out)
            self._run_due(now, out)
        return out

    def response(self, incident: int) -> Response | None:
        """Return the response to an incident that is not archived."""
        return self._responses.get(incident)

    def responses(self) -> Iterable[Response]:
        """Return every response that is not archived."""
        return self._responses.values()

    def deadline(self) -> datetime | None:
        """Return when the stage next has something to do, None if never."""
        times = (self._agenda.first(), self.suppression.deadline())
        return min((moment for moment in times if moment is not None), default=None)

    def swap(self, oncall: OnCall) -> None:
        """Use other people, rosters and policies; open incidents keep the policy they began with."""
        self.policies = PolicyBook(oncall.policies)
        self._dispatcher = Dispatcher(oncall, self._deliveries)

    def plan(self, windows: Sequence[Window]) -> None:
        """Go by these maintenance windows from the next call on; those that are the same go on."""
        self.suppression.book.adopt(windows)

    def restored(self) -> None:
        """Take up the deadlines again after the tables were restored."""
        known: dict[tuple[str, str], list[Policy]] = {}
        for response in self._responses.values():
            same_name = known.setdefault((response.policy.name, response.policy.version), [])
            shared = next((policy for policy in same_name if policy == response.policy), None)
            if shared is None:
                same_name.append(response.policy)
            else:
                force_setattr(response, "policy", shared)  # equal value: no change to write
        self._agenda.rebuild(self._responses.values())
        for response in self._responses.values():
            self.suppression.heed(response)
        self.suppression.restored()

    def _begin(self) -> Escalated:
        out, self._unsaid = self._unsaid, Escalated()
        return out

    def _run_due(self, now: datetime, out: Escalated) -> None:
        """Do everything due in order of time; what begins or ends to hold comes before deadlines."""
        if self.suppression.place(now):
            self._suppress(now, out)
        while True:
            turn, timer = self.suppression.deadline(), self._agenda.first()
            if turn is not None and turn <= now and (timer is None or turn <= timer):
                self.suppression.turn()
                self._suppress(self._counted_from(turn, now), out)
            elif timer is None or timer > now:
                return
            else:
                self._run_timer(now, out)

    def _run_timer(self, now: datetime, out: Escalated) -> None:
        due = self._agenda.pop_due(now)
        if due is None:
            return
        incident, timer, moment = due
        response = self._responses[incident]
        event = MachineEvent(kind=TIMER_EVENTS[timer], epoch=response.epoch)
        self._do(response, event, self._counted_from(moment, now), out)

    def _counted_from(self, due: datetime, now: datetime) -> datetime:
        return due if now - due <= self._settings.punctual else now

    def _suppress(self, now: datetime, out: Escalated) -> None:
        for response, event in self.suppression.settle(self._responses.get, now):
            self._do(response, event, now, out)

    def _incident(self, item: IncidentEvent, now: datetime, out: Escalated) -> None:
        kind = EventKind(item.kind.value)
        response = self._responses.get(item.incident.id)
        if response is None:
            if item.kind not in _OPENING:
                self._strays += 1
                return
            response = self._opened(item, now)
            kind = kind if kind is EventKind.SPLIT else EventKind.OPENED
        event = MachineEvent(
            kind=kind,
            text=item.detail,
            priority=item.incident.priority,
            until=item.hold_until,
            into=item.other,
            unsteady=item.unsteady,
        )
        self._do(response, event, now, out)
        if kind is EventKind.MERGED:
            self._hand_over(response, item.other, now, out)

    def _opened(self, item: IncidentEvent, now: datetime) -> Response:
        incident = item.incident
        return Response(
            incident=incident.id,
            state=State.HELD,
            epoch=0,
            cycle=0,
            step=-1,
            priority=incident.priority,
            policy=self.policies.choose(incident.labels),
            since=now,
            opened_at=min(incident.opened_at, now),
            firing=incident.condition is Condition.FIRING,
        )

    def _hand_over(self, loser: Response, survivor: int | None, now: datetime, out: Escalated) -> None:
        """Give owner, lease and the people paged of a merged incident to the one that goes on."""
        heir = self._responses.get(survivor) if survivor is not None else None
        if heir is None or heir.incident == loser.incident or loser.state is State.MERGED:
            return
        paged = tuple(dict.fromkeys((*heir.paged, *loser.paged)))
        event = MachineEvent(
            kind=EventKind.ABSORBED,
            actor=loser.owner if loser.state in _HELD_BY_OWNER else "",
            tier=loser.tier,
            into=loser.incident,
            priority=loser.priority,
            until=loser.deadlines.get(Timer.LEASE, loser.deadlines.get(Timer.SNOOZE)),
        )
        self._do(replace(heir, paged=paged), event, now, out)

    def _outcome(self, outcome: Outcome, now: datetime, out: Escalated) -> None:
        response = self._responses.get(outcome.incident)
        verdict = self._deliveries.settle(outcome)
        if response is None:
            self._strays += 1
            return
        case = Case(response, now, out)
        if outcome.sent:
            case.write("delivered", f"{outcome.person} by {outcome.channel}")
        else:
            case.write("failed", f"{outcome.person} by {outcome.channel}: {outcome.error}")
        if verdict in (Verdict.LOST, Verdict.NOBODY):
            case.write("undelivered", f"no channel reached {outcome.person}")
        if verdict is Verdict.NOBODY and response.priority <= Priority.P2:
            case.write("undeliverable", "the step reached nobody")
            self._do(response, MachineEvent(kind=EventKind.NOBODY), now, out)

    def _check_fresh(self, response: Response, command: Command) -> None:
        if command.epoch is not None and not response.fresh_epoch <= command.epoch <= response.epoch:
            raise StaleCommand(explain(response, f"{command.action} is out of date"))

    def _obey(self, response: Response, event: MachineEvent, now: datetime) -> None:
        done = step_under(self.suppression.hidden(response.incident), response, event, now)
        if done.rule == STALE:
            raise StaleCommand(explain(response, done.refused))
        if done.refused:
            raise BadCommand(explain(response, done.refused))
        self._settle(done, event, now, self._unsaid)
        self._run_due(now, self._unsaid)

    def _do(self, response: Response, event: MachineEvent, now: datetime, out: Escalated) -> None:
        done = step_under(self.suppression.hidden(response.incident), response, event, now)
        self._settle(done, event, now, out)

    def _settle(self, done: Step, event: MachineEvent, now: datetime, out: Escalated) -> None:
        case = Case(done.response, now, out, done.rule, event.actor)
        self._dispatcher.carry_out(case, done.effects)
        if any(isinstance(effect, Archive) for effect in done.effects):
            self._archive(case.response, out)
            return
        self._responses.put(case.response.incident, case.response)
        self._agenda.put(case.response)
        self.suppression.heed(case.response)
        if case.gap:
            self._bridge(case)

    def _bridge(self, gap: Case) -> None:
        """Go on at once from a step that reached nobody, and let the lead know."""
        out, place = gap.out, len(gap.out.attempts)
        self._do(gap.response, MachineEvent(kind=EventKind.NOBODY), gap.now, out)
        already = {attempt.page.person for attempt in out.attempts[place:]}
        after = Case(self._responses[gap.response.incident], gap.now, out)
        self._dispatcher.page_lead(after, gap, already)
        self._responses.put(after.response.incident, after.response)

    def _archive(self, response: Response, out: Escalated) -> None:
        self._responses.archive(response.incident, response)
        self._deliveries.table.drop(response.incident)
        self.suppression.heed(response)
        self._agenda.drop(response.incident)
        out.retired.append(response.incident)
