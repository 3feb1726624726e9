"""A service that remembers what it was asked, and the server and client around it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache, cached_property
from io import BytesIO
from typing import Any

from aiohttp import ClientResponse, ClientSession, web
from msgspec.structs import replace

from alertmesh.config import Config
from alertmesh.console.app import build_app
from alertmesh.console.connections import runner
from alertmesh.core.alert import Alert, Entity, Parsed, Priority, Rejected, Sighting
from alertmesh.core.changes import ChangeEvent
from alertmesh.core.clock import ManualClock
from alertmesh.core.contact import HeartbeatStatus, Pulse, SourceStatus, UnknownWord
from alertmesh.core.digest import Proposal
from alertmesh.core.entries import (
    Command,
    Feedback,
    OverrideAnswered,
    OverrideEnded,
    OverrideSet,
    SilenceExpired,
    SilenceSet,
    TopologySet,
)
from alertmesh.core.errors import AlertMeshError, BadConfig, StaleCommand
from alertmesh.core.group import Cause, Join, Reason, Role
from alertmesh.core.incident import Condition, Incident, Member, TimelineEntry
from alertmesh.core.judgement import Judgement
from alertmesh.core.oncall import Policy
from alertmesh.core.page import Attempt, AttemptState, Page, PageKind
from alertmesh.core.past import StoredLine
from alertmesh.core.ports import AuditEntry, Door, Health, HttpLimits, Ingested, Source, Token
from alertmesh.core.regrouping import Suggestion
from alertmesh.core.response import Response, State, Timer
from alertmesh.core.series import Series
from alertmesh.core.silence import Plan, Silence
from alertmesh.core.standing import Standing
from alertmesh.core.topology import KnownEdge
from alertmesh.core.why import Why, WhyApart
from alertmesh.desks import Desks
from alertmesh.desks.signin import SignIn
from alertmesh.duty import Duties
from alertmesh.escalate.stage import EscalateStage
from alertmesh.history import History
from alertmesh.ingest.alertmanager import SOURCE as ALERTMANAGER
from alertmesh.ingest.prometheus import SOURCE as PROMETHEUS
from alertmesh.metrics import Metrics
from alertmesh.store.accounts import Cost, listed
from alertmesh.store.memory import MemoryStore
from alertmesh.wiring import Wiring
from tests.escalate.fakes import oncall
from tests.ingest.samples import normaliser
from tests.scenarios.people import staffed

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
CHEAP = Cost(n=2, r=1, p=1)
NODE = Entity("node", "n1", "c1")


def an_incident(number: int, **changes: Any) -> Incident:
    """Return a plausible incident."""
    facts: dict[str, Any] = {
        "id": number,
        "group": number,
        "title": f"trouble {number}",
        "priority": Priority.P2,
        "condition": Condition.FIRING,
        "opened_at": NOW,
        "changed_at": NOW,
        "labels": {"cluster": "c1"},
        "series": 2,
        "firing": 1,
        "alerts": 3,
        "services": ("shop",),
        "causes": (Cause("node c1/n1", "s1", 0.9, "it came first"),),
    }
    return Incident(**{**facts, **changes})


def a_response(number: int, **changes: Any) -> Response:
    """Return a response that pages tier 1."""
    policy = Policy(
        name="default",
        version="1",
        matchers="",
        ops_roster="ops",
        rnd_roster="rnd",
        rows={},
        hold_bounds={},
        clear_hold=timedelta(minutes=5),
        reopen_window=timedelta(minutes=30),
    )
    facts: dict[str, Any] = {
        "incident": number,
        "state": State.T1_PAGING,
        "epoch": 4,
        "cycle": 1,
        "priority": Priority.P2,
        "policy": policy,
        "since": NOW,
        "opened_at": NOW,
        "deadlines": {Timer.STEP: NOW + timedelta(minutes=5)},
        "paged": ("ann",),
    }
    return Response(**{**facts, **changes})


def a_member(number: int) -> Member:
    """Return a member series with a reason."""
    series = Series(
        id="s1",
        name="NodeDown",
        labels={"alertname": "NodeDown"},
        entity=NODE,
        source="prometheus",
        priority=Priority.P2,
        firing=1,
        opened_at=NOW,
        first_seen_at=NOW,
        changed_at=NOW,
    )
    join = Join(0.8, (Reason("labels", "both name rack 7", 0.8),), Role.ROOT)
    return Member(incident=number, series=series, join=join, joined_at=NOW)


def an_attempt(number: int) -> Attempt:
    """Return a sent attempt whose message must stay inside."""
    page = Page(
        id="p1",
        incident=number,
        epoch=4,
        cycle=1,
        kind=PageKind.PAGE,
        tier="ops",
        step=0,
        loop=0,
        person="ann",
        priority=Priority.P2,
        at=NOW,
    )
    return Attempt(
        id="a1", page=page, channel="ding", state=AttemptState.SENT, due_at=NOW, key="k1", message=b"hidden"
    )


def an_alert(mark: str, **labels: str) -> Alert:
    """Return an alert whose fingerprint is made of `mark`."""
    return Alert(
        fingerprint=mark * 16,
        source="prometheus",
        labels={"alertname": "A", **labels},
        annotations={},
        starts_at=NOW,
        received_at=NOW,
        priority=Priority.P3,
        entity=NODE,
    )


@cache
def rules() -> Config:
    return staffed("console")


@dataclass
class FakeService:
    """Stand in for the runtime; set `failure` to have every write fail with it."""

    clock: ManualClock = field(default_factory=lambda: ManualClock(NOW))
    limits: HttpLimits = field(default_factory=HttpLimits)
    sources: dict[str, Source] = field(
        default_factory=lambda: {"alertmanager": ALERTMANAGER, "prometheus": PROMETHEUS}
    )
    tokens: dict[str, Token] = field(default_factory=dict)
    pairs: dict[int, tuple[Incident, Response | None]] = field(default_factory=dict)
    remembered: list[tuple[Alert, datetime | None]] = field(default_factory=list)
    standings: dict[str, Standing] = field(default_factory=dict)
    beaten: list[str] = field(default_factory=list)
    proposals: list[Proposal] = field(default_factory=list)
    failure: AlertMeshError | None = None
    bad_config: BadConfig | None = None
    state: Health = field(default_factory=lambda: Health(ready=True, version="9"))
    ingested: list[tuple[Door, Parsed]] = field(default_factory=list)
    kept_policies: list[Policy] = field(default_factory=list)
    firing: set[str] = field(default_factory=set)
    unread: list[Door] = field(default_factory=list)
    done: list[Command | str] = field(default_factory=list)
    audited: list[AuditEntry] = field(default_factory=list)
    ordered: list[SilenceSet | SilenceExpired] = field(default_factory=list)
    heard: list[Feedback] = field(default_factory=list)
    judged: dict[int, Judgement] = field(default_factory=dict)
    silenced: dict[str, Silence] = field(default_factory=dict)
    plans: list[Plan] = field(default_factory=list)
    known: list[KnownEdge] = field(default_factory=list)
    told: list[TopologySet] = field(default_factory=list)
    suggested: list[tuple[Suggestion, int | None]] = field(default_factory=list)
    lines: list[TimelineEntry] = field(
        default_factory=lambda: [
            TimelineEntry(incident=1, at=NOW, kind="note", text=f"line {number}") for number in range(1, 4)
        ]
    )
    join: Join | None = None
    belonging: list[Member] = field(default_factory=list)
    posted: list[bytes] = field(default_factory=list)
    made: list[ChangeEvent] = field(default_factory=list)
    reasons: dict[str, Why] = field(default_factory=dict)
    parted: WhyApart | None = None
    looked_up: list[str] = field(default_factory=list)
    escalate: EscalateStage = field(default_factory=lambda: EscalateStage(oncall()))
    store: MemoryStore = field(default_factory=MemoryStore)
    reads: int = 0
    config: Config = field(default_factory=rules)

    @cached_property
    def desks(self) -> Desks:
        wiring = Wiring(self.config)
        desks = Desks(self.store, wiring, History(self.store, wiring.pipeline), self.clock)
        desks.signin = SignIn(self.store, self.clock, CHEAP)
        return desks

    @property
    def duties(self) -> Duties:
        return Duties(self.escalate)

    async def override(self, entry: OverrideSet | OverrideAnswered | OverrideEnded) -> None:
        if self.failure is not None:
            raise self.failure
        self.escalate.order(entry, self.clock.now())

    def add_token(self, secret: str, *scopes: str) -> None:
        """Know a token from now on, so that authentication is required."""
        self.tokens[secret] = Token(name=f"the-{'-'.join(scopes)}", digest="", scopes=scopes, created_at=NOW)

    def source(self, name: str) -> Source:
        return self.sources[name]

    def door(self, source: str, instance: str) -> Door:
        return Door(instance, source, self.sources[source].lease)

    def kinds(self) -> list[Source]:
        return list(self.sources.values())

    def describe(self, door: Door, sighting: Sighting, at: datetime) -> Alert:
        return normaliser().describe(door, sighting, at)

    def is_firing(self, fingerprint: str) -> bool:
        return fingerprint in self.firing

    def misheard(self, door: Door, now: datetime, why: str) -> None:
        self.unread.append(door)

    async def ingest(self, door: Door, parsed: Parsed) -> Ingested:
        if self.failure is not None:
            raise self.failure
        self.ingested.append((door, parsed))
        return Ingested(len(parsed.sightings), len(parsed.sightings), parsed.rejected)

    async def command(self, command: Command) -> None:
        if self.failure is not None:
            raise self.failure
        response = self.pairs[command.incident][1]
        if response and command.epoch not in (None, response.epoch):
            raise StaleCommand("the incident moved on")
        self.done.append(command)

    async def silence(self, entry: SilenceSet | SilenceExpired) -> None:
        if self.failure is not None:
            raise self.failure
        self.ordered.append(entry)
        if isinstance(entry, SilenceSet):
            self.silenced[entry.silence.id] = entry.silence
        else:
            ended = replace(self.silenced[entry.id], ends_at=entry.at)
            self.silenced[entry.id] = ended

    async def feedback(self, entry: Feedback) -> None:
        if self.failure is not None:
            raise self.failure
        self.heard.append(entry)

    def series(self, name: str) -> Series | None:
        named = {"s1": "s1", "s2": "s2", "f" * 16: "s1"}.get(name)
        return replace(a_member(1).series, id=named) if named else None

    def judgements(self, before: int | None, limit: int) -> list[tuple[int, Judgement]]:
        numbers = sorted((n for n in self.judged if before is None or n < before), reverse=True)
        return [(number, self.judged[number]) for number in numbers[:limit]]

    def silences(self) -> list[tuple[Silence, int]]:
        return [(silence, 2) for silence in self.silenced.values()]

    async def topology(self, entry: TopologySet) -> None:
        if self.failure is not None:
            raise self.failure
        self.told.append(entry)
        kept = [one for one in self.known if one.source != entry.source or entry.adds]
        self.known = [*kept, *(KnownEdge(edge, entry.source, entry.at) for edge in entry.edges)]

    def edges(self) -> Iterable[KnownEdge]:
        return iter(self.known)

    async def changed(self, body: bytes) -> Ingested:
        if self.failure is not None:
            raise self.failure
        self.posted.append(body)
        return Ingested(1, 1, [Rejected(1, "kind: is required")])

    def changes(self) -> Iterable[ChangeEvent]:
        return iter(self.made)

    def why(self, series: str) -> Why | None:
        return self.reasons.get(series)

    def why_apart(self, one: int, other: int) -> WhyApart | None:
        return self.parted

    def incident_of(self, group: int) -> int | None:
        return group if group in self.pairs else None

    def maintenance(self) -> list[Plan]:
        return self.plans

    def incident(self, number: int) -> tuple[Incident, Response | None] | None:
        return self.pairs.get(number)

    def incidents(self, before: int | None, limit: int) -> list[tuple[Incident, Response | None]]:
        self.reads += limit
        numbers = sorted((n for n in self.pairs if before is None or n < before), reverse=True)
        return [self.pairs[number] for number in numbers[:limit]]

    def open(self) -> list[tuple[Incident, Response | None]]:
        over = (State.RESOLVED, State.CLOSED, State.MERGED)
        return [pair for pair in self.pairs.values() if pair[1] and pair[1].state not in over]

    def suggestions(self, incident: int) -> list[tuple[Suggestion, int | None]]:
        return self.suggested

    def members(self, incident: int) -> list[Member]:
        found = self.belonging or [a_member(incident)]
        return found if self.join is None else [replace(one, join=self.join) for one in found]

    def timeline(self, incident: int, after: int, limit: int) -> list[StoredLine]:
        lines = [
            StoredLine(number, replace(one, incident=incident)) for number, one in enumerate(self.lines, 1)
        ]
        return [line for line in lines if line.number > after][:limit]

    def attempts(self, incident: int) -> list[Attempt]:
        return [an_attempt(incident)]

    def alerts(self) -> Iterable[tuple[Alert, datetime | None]]:
        return iter(self.remembered)

    def standing(self, alert: Alert) -> Standing | None:
        return self.standings.get(alert.fingerprint, Standing(series="s1", incident=None, policy="default"))

    def policies(self) -> list[Policy]:
        return self.kept_policies or [a_response(1).policy]

    async def beat(self, name: str) -> Ingested:
        if self.failure is not None:
            raise self.failure
        self.beaten.append({"nightly": name}[name])
        return Ingested(1, 1, [])

    def heartbeats(self) -> list[HeartbeatStatus]:
        return [HeartbeatStatus(name="nightly", labels={}, state=Pulse.ALIVE, every_s=60, grace_s=5, due=NOW)]

    def senders(self) -> list[SourceStatus]:
        return [SourceStatus(name="a", source="prometheus", last_seen=NOW, requests=3, alerts=2, rejected=1)]

    def unknown_words(self) -> list[UnknownWord]:
        return [UnknownWord("catastrophic", 12)]

    def digest(self) -> list[Proposal]:
        return self.proposals

    def check_token(self, token: str) -> Token | None:
        self.looked_up.append(token)
        return self.tokens.get(token)

    def authentication_required(self) -> bool:
        return bool(self.tokens) or bool(listed(self.store))

    def health(self) -> Health:
        return self.state

    async def reload(self) -> None:
        if self.bad_config is not None:
            raise self.bad_config
        self.done.append("reload")

    async def audit(self, entry: AuditEntry) -> None:
        self.audited.append(entry)


class Caller:
    """Ask a running server as any HTTP client would."""

    def __init__(self, session: ClientSession, port: int, metrics: Metrics) -> None:
        self.port = port
        self._session = session
        self._metrics = metrics

    async def get(self, path: str, **headers: str) -> ClientResponse:
        return await self.send("GET", path, headers=_dashed(headers))

    async def post(self, path: str, body: bytes = b"", **headers: str) -> ClientResponse:
        sent = {"Content-Type": "application/json", **_dashed(headers)}
        return await self.send("POST", path, body, sent)

    async def send(
        self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> ClientResponse:
        response = await self._session.request(
            method, path, data=BytesIO(body) if body else None, headers=headers
        )
        await response.read()
        return response

    async def step(self, path: str, **headers: str) -> ClientResponse:
        """Ask as a browser does, but go where one is sent to only when told."""
        return await self._session.get(path, headers=_dashed(headers), allow_redirects=False)

    def metric(self, name: str, **labels: str) -> float:
        """Return the value of a sample, 0 when there is none."""
        return self._metrics.registry.get_sample_value(f"alertmesh_{name}", labels) or 0.0


def _dashed(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


@dataclass
class Server:
    """A server on a free loopback port, with its client."""

    service: FakeService
    running: web.AppRunner | None = None
    session: ClientSession | None = None

    async def __aenter__(self) -> Caller:
        metrics = Metrics()
        await self.service.store.open()
        self.running = runner(build_app(self.service, metrics))
        await self.running.setup()
        await web.TCPSite(self.running, "127.0.0.1", 0).start()
        port = self.running.addresses[0][1]
        self.session = ClientSession(f"http://127.0.0.1:{port}", skip_auto_headers={"Content-Type"})
        return Caller(self.session, port, metrics)

    async def __aexit__(self, *_: object) -> None:
        if self.session is not None:
            await self.session.close()
        if self.running is not None:
            await self.running.cleanup()
