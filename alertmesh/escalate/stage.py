"""The stage from incidents to pages: it holds the responses and their deadlines."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace

from alertmesh.core.alert import Priority
from alertmesh.core.entries import (
    Action,
    Command,
    HandoverSigned,
    Outcome,
    Reported,
    SilenceExpired,
    SilenceSet,
    Tick,
)
from alertmesh.core.errors import BadCommand, StaleCommand
from alertmesh.core.group import GroupEvent
from alertmesh.core.incident import IncidentEvent, IncidentEventKind
from alertmesh.core.oncall import OnCall
from alertmesh.core.page import AttemptState
from alertmesh.core.response import Handover, Response, State
from alertmesh.core.series import Change
from alertmesh.core.silence import Window
from alertmesh.escalate import arrivals
from alertmesh.escalate.commands import event_of, explain
from alertmesh.escalate.delivery import Deliveries, Verdict
from alertmesh.escalate.dispatch import Case
from alertmesh.escalate.events import TIMER_EVENTS, EventKind, MachineEvent
from alertmesh.escalate.handover import DutyWatch, Handovers, relieved, takes_over, waiting
from alertmesh.escalate.machine import STALE
from alertmesh.escalate.outbound import Escalated
from alertmesh.escalate.overrides import OverrideBook, OverrideOrder, OverrideSettings
from alertmesh.escalate.policy import PolicyBook
from alertmesh.escalate.responses import ResponseBook
from alertmesh.escalate.roster import Rota
from alertmesh.escalate.routing import OpenIncidents
from alertmesh.escalate.silence import SilenceSettings
from alertmesh.escalate.suppression import Suppression

Order = SilenceSet | SilenceExpired | OverrideOrder | HandoverSigned
Item = Change | GroupEvent | IncidentEvent | Outcome | Reported | Tick
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
    overrides: OverrideSettings = OverrideSettings()


class EscalateStage:
    """Decide who is paged about which incident, and when that moves on.

    Everything due at `now` is done before an item is looked at. `dropped` counts events of
    incidents that have no response, and pages no longer followed.
    """

    def __init__(self, oncall: OnCall, settings: EscalateSettings | None = None) -> None:
        self._settings = settings or EscalateSettings()
        self._deliveries = Deliveries(self._settings.pages_followed)
        self.policies = PolicyBook(oncall.policies)
        self._unsaid = Escalated()
        self._strays = 0
        self.suppression = Suppression(self._settings.silences)
        self._book = ResponseBook(oncall, self._deliveries, self.suppression)
        self.overrides = OverrideBook(self._settings.overrides)
        self._watch = DutyWatch()
        self._handovers = Handovers()
        self.tables = (
            self._book.table,
            self._deliveries.table,
            *self.suppression.tables,
            *self.overrides.tables,
            self._watch.table,
            self._handovers.table,
        )

    @property
    def oncall(self) -> OnCall:
        """Return the people, rosters and policies in force."""
        return self._book.dispatcher.oncall

    @property
    def rota(self) -> Rota:
        """Return what answers who has duty, overrides counted in."""
        return self._book.dispatcher.rota

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
            elif isinstance(item, Outcome | Reported):
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
        response = self._book.get(command.incident)
        if response is None:
            raise BadCommand(f"incident {command.incident} is not open")
        if command.action in _GROUPING:
            self._check_fresh(response, command)
        else:
            event = event_of(command, response, self._book.dispatcher)
            self._obey(response, event, now)
        return self._begin()

    def order(self, entry: Order, now: datetime) -> Escalated:
        """Make, change or end a silence or an override, or sign for a hand-over.

        Raises BadCommand when that cannot be done.
        """
        out = self._begin()
        self._run_due(now, out)
        self._unsaid = out
        if isinstance(entry, OverrideOrder):
            touched = self.overrides.order(entry, self.oncall, now)
            self._staff()
            self._watch.doubt_one(touched)
        elif isinstance(entry, HandoverSigned):
            self._sign(entry, now, out)
        else:
            self.suppression.order(entry)
            self._suppress(now, out)
        self._run_due(now, out)
        return self._begin()

    def apply(self, incident: int, event: MachineEvent, now: datetime) -> Escalated:
        """Apply one machine event to one response, whoever it comes from."""
        out = self._begin()
        self._run_due(now, out)
        response = self._book.get(incident)
        if response is None:
            self._strays += 1
        else:
            self._book.do(response, event, now, out)
            self._run_due(now, out)
        return out

    def response(self, incident: int) -> Response | None:
        """Return the response to an incident that is not archived."""
        return self._book.get(incident)

    def responses(self) -> Iterable[Response]:
        """Return every response that is not archived."""
        return self._book.values()

    def handovers(self) -> list[Handover]:
        """Return the last hand-overs that were signed, the oldest first."""
        return self._handovers.all()

    def deadline(self) -> datetime | None:
        """Return when the stage next has something to do, None if never."""
        times = (
            self._book.agenda.first(),
            self.suppression.deadline(),
            self.overrides.deadline(),
            self._watch.deadline(),
        )
        return min((moment for moment in times if moment is not None), default=None)

    def swap(self, oncall: OnCall) -> None:
        """Use other people, rosters and policies; open incidents keep the policy they began with."""
        self.policies = PolicyBook(oncall.policies)
        self._book.swap(oncall)
        self._staff()
        self._watch.doubt()

    def jump(self, by: timedelta) -> None:
        """Go along with a jump of the clock by `by`: every deadline keeps the time it had left.

        Silences, maintenance windows and overrides go by the clock, whatever it shows.
        """
        self._book.jump(by)

    def look_at(self, incidents: OpenIncidents) -> None:
        """Find the owner of a likely root among these incidents."""
        self._book.dispatcher.incidents = incidents

    def plan(self, windows: Sequence[Window]) -> None:
        """Go by these maintenance windows from the next call on; those that are the same go on."""
        self.suppression.book.adopt(windows)

    def restored(self) -> None:
        """Take up the deadlines again after the tables were restored."""
        self._book.restored()
        self.suppression.restored()
        self.overrides.restored()
        self._watch.restored()
        self._staff()

    def _staff(self) -> None:
        """Go by the rosters as the overrides change them."""
        self._book.dispatcher.rota = Rota(self.oncall, self.overrides.counting())

    def _begin(self) -> Escalated:
        out, self._unsaid = self._unsaid, Escalated()
        return out

    def _run_due(self, now: datetime, out: Escalated) -> None:
        """Do everything due in order of time; what begins or ends to hold comes before deadlines.

        Deadlines that are late come before those that are not, the worst first, and go by what holds now.
        """
        late = now - self._settings.punctual
        if self.overrides.follow(now):
            self._staff()
        self._relieve(now, out)
        if self.suppression.place(now):
            self._suppress(now, out)
        while True:
            turn, timer = self.suppression.deadline(), self._book.agenda.first()
            if turn is not None and turn <= now and (timer is None or turn <= timer or timer < late):
                self.suppression.turn()
                self._suppress(self._counted_from(turn, now), out)
            elif timer is None or timer > now:
                return
            else:
                self._run_timer(now, late, out)

    def _relieve(self, now: datetime, out: Escalated) -> None:
        """Have what is open handed over where the duty changed."""
        reliefs = self._watch.look(self.rota, self.oncall, now)
        if reliefs:
            told = list(relieved(self._book.values(), reliefs, self._book.dispatcher.roster))
            for response, event in told:
                self._book.do(response, event, now, out)

    def _sign(self, signed: HandoverSigned, now: datetime, out: Escalated) -> None:
        """Give whoever signed what waits for a hand-over, and keep that."""
        if signed.actor not in self.oncall.users:
            raise BadCommand(f"actor: there is no person {signed.actor!r}; sign as one of the users")
        if signed.roster not in self.oncall.rosters:
            raise BadCommand(f"roster: there is no roster {signed.roster!r}")
        taken = waiting(self._book.values(), signed, self._book.dispatcher.roster)
        if not taken and not signed.text.strip():
            raise BadCommand(f"text: nothing of {signed.outgoing!r} waits; write what is to be kept")
        for response in taken:
            self._book.do(response, takes_over(response, signed), now, out)
        self._handovers.keep(signed, [response.incident for response in taken])

    def _run_timer(self, now: datetime, late: datetime, out: Escalated) -> None:
        due = self._book.agenda.pop_due(now, late)
        if due is None:
            return
        incident, timer, moment = due
        response = self._book.table[incident]
        event = MachineEvent(kind=TIMER_EVENTS[timer], epoch=response.epoch)
        self._book.do(response, event, self._counted_from(moment, now), out)

    def _counted_from(self, due: datetime, now: datetime) -> datetime:
        return due if now - due <= self._settings.punctual else now

    def _suppress(self, now: datetime, out: Escalated) -> None:
        for response, event in self.suppression.settle(self._book.get, now):
            self._book.do(response, event, now, out)

    def _incident(self, item: IncidentEvent, now: datetime, out: Escalated) -> None:
        known = self._book.get(item.incident.id)
        if known is None and not arrivals.is_opening(item):
            self._strays += 1
            return
        response = known or arrivals.opened(item, self.policies.choose(item.incident.labels), now)
        self._book.do(response, arrivals.told(item, known is None), now, out)
        if item.kind is IncidentEventKind.MERGED:
            self._hand_over(response, item.other, now, out)

    def _hand_over(self, loser: Response, survivor: int | None, now: datetime, out: Escalated) -> None:
        """Give owner, lease and the people paged of a merged incident to the one that goes on."""
        heir = self._book.get(survivor) if survivor is not None else None
        if heir is None or heir.incident == loser.incident or loser.state is State.MERGED:
            return
        paged = tuple(dict.fromkeys((*heir.paged, *loser.paged)))
        self._book.do(replace(heir, paged=paged), arrivals.bequest(loser), now, out)

    def _outcome(self, outcome: Outcome | Reported, now: datetime, out: Escalated) -> None:
        response = self._book.get(outcome.incident)
        verdict = self._verdict(outcome)
        if response is None:
            self._strays += 1
            return
        case = Case(response, now, out)
        kind = outcome.state if isinstance(outcome, Reported) else "sent" if outcome.sent else "failed"
        why = f": {outcome.error}" if kind == "failed" else ""
        case.write(kind, f"{outcome.person} by {outcome.channel}{why}")
        if verdict in (Verdict.LOST, Verdict.NOBODY):
            case.write("undelivered", f"no channel reached {outcome.person}")
        if verdict is Verdict.NOBODY and response.priority <= Priority.P2:
            case.write("undeliverable", "the step reached nobody")
            self._book.do(response, MachineEvent(kind=EventKind.NOBODY), now, out)

    def _verdict(self, outcome: Outcome | Reported) -> Verdict | None:
        if isinstance(outcome, Outcome):
            return self._deliveries.settle(outcome)
        return self._deliveries.lose(outcome) if outcome.state == AttemptState.FAILED else None

    def _check_fresh(self, response: Response, command: Command) -> None:
        if command.epoch is not None and not response.fresh_epoch <= command.epoch <= response.epoch:
            raise StaleCommand(explain(response, f"{command.action} is out of date"))

    def _obey(self, response: Response, event: MachineEvent, now: datetime) -> None:
        done = self._book.look(response, event, now)
        if done.rule == STALE:
            raise StaleCommand(explain(response, done.refused))
        if done.refused:
            raise BadCommand(explain(response, done.refused))
        self._book.settle(done, event, now, self._unsaid)
        self._run_due(now, self._unsaid)
