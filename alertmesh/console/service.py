"""What the doors and the API need from the machinery behind them."""

from collections.abc import Awaitable, Iterable
from datetime import datetime
from typing import Protocol

from alertmesh.answering import Answering
from alertmesh.core.alert import Alert, Parsed, Sighting
from alertmesh.core.changes import ChangeEvent
from alertmesh.core.clock import Clock
from alertmesh.core.contact import HeartbeatStatus, SourceStatus, UnknownWord
from alertmesh.core.digest import Proposal
from alertmesh.core.duty import DutyFault, DutyLoad, OnDuty
from alertmesh.core.entries import (
    Command,
    Feedback,
    HandoverSigned,
    OverrideAnswered,
    OverrideEnded,
    OverrideSet,
    SilenceExpired,
    SilenceSet,
    TopologySet,
)
from alertmesh.core.incident import Incident, Member
from alertmesh.core.judgement import Judgement
from alertmesh.core.oncall import OnCall, Override, Policy
from alertmesh.core.page import Attempt
from alertmesh.core.past import StoredLine
from alertmesh.core.ports import AuditEntry, Channel, Door, Health, Heard, HttpLimits, Ingested, Source, Token
from alertmesh.core.regrouping import Suggestion
from alertmesh.core.response import Response
from alertmesh.core.series import Series
from alertmesh.core.silence import Plan, Silence
from alertmesh.core.standing import Standing
from alertmesh.core.topology import KnownEdge
from alertmesh.core.why import Why, WhyApart
from alertmesh.deliveries import Deliveries
from alertmesh.desks import Desks
from alertmesh.reporting import Reports


class Duties(Protocol):
    """Who has duty; `duty.Duties` is one."""

    def oncall(self) -> OnCall:
        """Return the people, rosters and policies in force."""
        ...

    def overrides(self) -> Iterable[Override]:
        """Return every override that is kept, whatever its state."""
        ...

    def at(self, roster: str, moment: datetime) -> OnDuty:
        """Return who has duty at a moment, and until when."""
        ...

    def shifts(self, roster: str, start: datetime, end: datetime) -> list[OnDuty]:
        """Return who has duty from `start` to `end`, each time as long as nothing changes."""
        ...

    def faults(self, roster: str, start: datetime, end: datetime) -> list[DutyFault]:
        """Return what is wrong with a roster from `start` until `end`: gaps, and who has too much."""
        ...

    def loads(self, roster: str, start: datetime, end: datetime) -> list[DutyLoad]:
        """Return how much each member of a roster has, who has most first."""
        ...

    def calendar(self, roster: str, start: datetime, end: datetime, now: datetime) -> str:
        """Return the shifts of a roster from `start` until `end` as an iCalendar."""
        ...

    def person_calendar(self, person: str, start: datetime, end: datetime, now: datetime) -> str:
        """Return when somebody has duty in any roster from `start` until `end` as an iCalendar."""
        ...


class Service(Protocol):
    """Everything that HTTP can ask for; `runtime.Runtime` is one, tests have a small fake."""

    @property
    def clock(self) -> Clock:
        """Return the clock that requests are dated by."""
        ...

    @property
    def limits(self) -> HttpLimits:
        """Return how much one request may ask for."""
        ...

    @property
    def duties(self) -> Duties:
        """Return what tells who has duty."""
        ...

    @property
    def desks(self) -> Desks:
        """Return what the console works at besides incidents and duty."""
        ...

    def source(self, name: str) -> Source:
        """Return a source by name; KeyError when there is none."""
        ...

    def kinds(self) -> list[Source]:
        """Return every source, by name."""
        ...

    def door(self, source: str, instance: str) -> Door:
        """Return the door of a source instance, an anonymous one for a name not configured.

        KeyError for an unknown source.
        """
        ...

    def unknown_words(self) -> list[UnknownWord]:
        """Return the severity words that no rule knows, those of the most alerts first."""
        ...

    def describe(self, door: Door, sighting: Sighting, at: datetime) -> Alert:
        """Return the alert that a sighting would be; BadPayload when it would be refused."""
        ...

    def is_firing(self, fingerprint: str) -> bool:
        """Tell whether an alert is known and fires."""
        ...

    def misheard(self, door: Door, now: datetime, why: str) -> None:
        """Note that a sender posted a body that could not be read, and why not."""
        ...

    async def ingest(self, door: Door, parsed: Parsed) -> Ingested:
        """Take the sightings of one request; return when every transition among them is durable.

        Raises Overloaded or StoreUnavailable when nothing of it was taken.
        """
        ...

    async def beat(self, name: str) -> Ingested:
        """Take the call of a heartbeat's address, as `ingest` does; KeyError when no heartbeat takes it."""
        ...

    def heartbeats(self) -> list[HeartbeatStatus]:
        """Return every alert that must keep coming, declared or seen, as it stands."""
        ...

    def senders(self) -> list[SourceStatus]:
        """Return every sender that was heard, as it stands."""
        ...

    async def command(self, command: Command) -> None:
        """Carry out a person's action; return when it is decided and durable.

        Raises KeyError for an unknown incident, BadCommand or StaleCommand when it is refused,
        Overloaded or StoreUnavailable when it should be tried again.
        """
        ...

    async def feedback(self, entry: Feedback) -> None:
        """Take a person's word on series; return when it is decided and durable.

        Raises BadCommand when it is refused, Overloaded or StoreUnavailable when it should be
        tried again.
        """
        ...

    def series(self, name: str) -> Series | None:
        """Return a series that is remembered, by its id or by the fingerprint of one of its alerts."""
        ...

    def judgements(self, before: int | None, limit: int) -> list[tuple[int, Judgement]]:
        """Return up to `limit` judgements of people numbered below `before`, newest first."""
        ...

    async def silence(self, entry: SilenceSet | SilenceExpired) -> None:
        """Make, change or end a silence; return when it is decided and durable.

        Raises BadCommand when it is refused, Overloaded or StoreUnavailable when it should be
        tried again.
        """
        ...

    def silences(self) -> list[tuple[Silence, int]]:
        """Return every silence that is kept, with the number of firing alerts that it covers."""
        ...

    @property
    def deliveries(self) -> Deliveries:
        """Return the desk that knows every attempt and channel."""
        ...

    @property
    def reports(self) -> Reports:
        """Return what tells how people's work went."""
        ...

    async def sign(self, entry: HandoverSigned) -> None:
        """Take over what waits for a hand-over; return when it is decided and durable.

        Raises BadCommand when it is refused, Overloaded or StoreUnavailable when it should be
        tried again.
        """
        ...

    async def override(self, entry: OverrideSet | OverrideAnswered | OverrideEnded) -> None:
        """Make, answer or end an override; return when it is decided and durable.

        Raises BadCommand when it is refused, Overloaded or StoreUnavailable when it should be
        tried again.
        """
        ...

    async def topology(self, entry: TopologySet) -> None:
        """Take an import of edges; return when it is decided and durable.

        Raises BadCommand when there is no room for it, Overloaded or StoreUnavailable when it
        should be tried again.
        """
        ...

    def edges(self) -> Iterable[KnownEdge]:
        """Return every edge that is known, by every source."""
        ...

    async def changed(self, body: bytes) -> Ingested:
        """Take what was changed, as a body tells it; return when it is durable.

        Raises BadPayload when it cannot be read, Overloaded or StoreUnavailable when it should be
        tried again.
        """
        ...

    def changes(self) -> Iterable[ChangeEvent]:
        """Return every change that is remembered."""
        ...

    def why(self, series: str) -> Why | None:
        """Return why a series is in its group; None for one that is in none."""
        ...

    def why_apart(self, one: int, other: int) -> WhyApart | None:
        """Return why two open groups are not one; None when one of them is over."""
        ...

    def incident_of(self, group: int) -> int | None:
        """Return the number of the open incident of a group."""
        ...

    def maintenance(self) -> list[Plan]:
        """Return every maintenance window as it stands."""
        ...

    def incident(self, number: int) -> tuple[Incident, Response | None] | None:
        """Return an incident, live or archived, with what people do about it."""
        ...

    def incidents(self, before: int | None, limit: int) -> list[tuple[Incident, Response | None]]:
        """Return up to `limit` incidents numbered below `before`, live and archived, newest first."""
        ...

    def open(self) -> list[tuple[Incident, Response | None]]:
        """Return the incidents that are not over, with what people do about them."""
        ...

    def suggestions(self, incident: int) -> list[tuple[Suggestion, int | None]]:
        """Return what is suggested for an open incident, each with the other incident that it speaks of."""
        ...

    def members(self, incident: int) -> list[Member]:
        """Return the series of an incident."""
        ...

    def timeline(self, incident: int, after: int, limit: int) -> list[StoredLine]:
        """Return up to `limit` lines of an incident after line number `after`, in order."""
        ...

    def attempts(self, incident: int) -> list[Attempt]:
        """Return every try to reach somebody about an incident, oldest first."""
        ...

    def alerts(self) -> Iterable[tuple[Alert, datetime | None]]:
        """Return the remembered alerts, each with the moment it ended or None while it fires."""
        ...

    def standing(self, alert: Alert) -> Standing | None:
        """Return how a firing alert stands; None for one that is not decided upon yet."""
        ...

    def policies(self) -> list[Policy]:
        """Return the escalation policies in the order in which they are asked."""
        ...

    def digest(self) -> list[Proposal]:
        """Return what should be done about noise, by owner and name."""
        ...

    def check_token(self, token: str) -> Token | None:
        """Return what a token may do, or None when it is not one of ours."""
        ...

    def authentication_required(self) -> bool:
        """Tell whether one has to say who asks: always, but on loopback while no token or account exists."""
        ...

    @property
    def answering(self) -> Answering:
        """Return what does the bidding of people who write back or tap."""
        ...

    def channel(self, name: str) -> Channel | None:
        """Return a configured channel."""
        ...

    async def heard(self, channel: str, heard: Heard) -> str:
        """Take what a provider told of messages and people; return what to answer the latter."""
        ...

    def health(self) -> Health:
        """Tell whether work can be taken, and if not why."""
        ...

    async def reload(self) -> None:
        """Load configuration and rules anew; BadConfig when they are bad and the old set stays."""
        ...

    def audit(self, entry: AuditEntry) -> Awaitable[None]:
        """Record a person's action for good; StoreUnavailable when it was not."""
        ...
