"""Show who reports to us and whether it still does, and try what would become of a body."""

from collections.abc import Iterator
from datetime import timedelta

from aiohttp import web
from msgspec import Struct
from msgspec.structs import replace

from alertmesh.console.bodies import read_body, send_json
from alertmesh.console.problems import Refused, try_later
from alertmesh.console.service import Service
from alertmesh.console.tells import Object, tells
from alertmesh.core.alert import Alert, Parsed, Priority, Rejected, Sighting
from alertmesh.core.contact import TEST_DOOR, SourceStatus, UnknownWord
from alertmesh.core.errors import BadPayload, Overloaded, StoreUnavailable
from alertmesh.core.labels import fingerprint
from alertmesh.core.ports import Door, Source

TEST_ALERT = "AlertMeshTest"
"""Name of the alert that tries the way; `source test --send` makes it."""

_LASTS = timedelta(minutes=1)
_SHOWN = 20


class Kind(Struct, frozen=True):
    """A source as it is listed; `mapped` says that a mapping file describes it."""

    name: str
    mapped: bool
    forms: bool
    lease_s: float
    sample: bool


class Tried(Struct, frozen=True):
    """What one alert of a body would come to; `changes` says whether that would be news."""

    index: int
    status: str
    changes: bool
    fingerprint: str
    priority: str
    entity: str
    labels: dict[str, str]
    annotations: dict[str, str]
    starts_at: str
    ends_at: str | None
    url: str


class Trial(Struct, frozen=True):
    """What would become of a body; `alerts` are the first of those accepted. `sent` is what was sent."""

    accepted: int
    changed: int
    rejected: list[Rejected]
    alerts: list[Tried]
    sample: bool
    sent: str = ""


class SourceList(Struct, frozen=True):
    """Every sender that was heard, and every kind of sender there is.

    `unknown_words` are severity words that came and that `rules/priority.yaml` does not know, those of the
    most alerts first; they count since the start of the process.
    """

    sources: list[SourceStatus]
    kinds: list[Kind]
    unknown_words: list[UnknownWord]


class Sources:
    """The handlers of `/api/v1/sources`."""

    def __init__(self, service: Service) -> None:
        self._service = service

    @tells(SourceList)
    async def index(self, _request: web.Request, _actor: str) -> web.StreamResponse:
        """Return every sender that was heard, how it stands, and every kind of sender there is."""
        kinds = [
            Kind(one.name, one.mapped, one.forms, one.lease.total_seconds(), bool(one.sample))
            for one in self._service.kinds()
        ]
        return send_json(SourceList(self._service.senders(), kinds, self._service.unknown_words()))

    @tells(Trial, takes=Object, query=("source_instance", "send"), may=(409,))
    async def test(self, request: web.Request, _actor: str) -> web.StreamResponse:
        """Read a body as its door would, take nothing of it, and say what would become of it.

        Without a body the source's own sample is read. With `send=true` one alert of our own
        goes the whole way besides.
        """
        source = self._source(request.match_info["source"])
        given = await read_body(request, self._service.limits)
        if not given and not source.sample:
            raise Refused(422, "no-sample", f"source {source.name!r} has no sample; send a body", "body")
        door = self._service.door(source.name, request.query.get("from", ""))
        try:
            parsed = source.parse(given or source.sample, self._service.clock.now())
        except BadPayload as error:
            raise Refused(400, "unreadable", str(error), error.field or "body") from error
        trial = self._tried(door, parsed, not given)
        if request.query.get("send") == "true":
            trial = replace(trial, sent=await self._send(source))
        return send_json(trial)

    def _source(self, name: str) -> Source:
        try:
            return self._service.source(name)
        except KeyError as error:
            raise Refused(404, "unknown-source", f"there is no source {name!r}", "source") from error

    def _tried(self, door: Door, parsed: Parsed, sample: bool) -> Trial:
        rejected = list(parsed.rejected)
        found = list(self._described(door, parsed, rejected))
        rejected.sort(key=lambda one: one.index)
        changed = sum(one.changes for one in found)
        return Trial(len(found), changed, rejected[:_SHOWN], found[:_SHOWN], sample)

    def _described(self, door: Door, parsed: Parsed, rejected: list[Rejected]) -> Iterator[Tried]:
        now = self._service.clock.now()
        for index, sighting in zip(parsed.positions, parsed.sightings, strict=True):
            try:
                alert = self._service.describe(door, sighting, now)
            except BadPayload as error:
                rejected.append(Rejected(index, error.placed))
            else:
                changes = sighting.firing != self._service.is_firing(alert.fingerprint)
                yield _shown(index, sighting, alert, changes)

    async def _send(self, source: Source) -> str:
        """Let an alert of the lowest priority through, which ends by itself; return its fingerprint."""
        now = self._service.clock.now()
        labels = {"alertname": TEST_ALERT, "severity": "info", "source": source.name}
        door = Door(TEST_DOOR, source.name, _LASTS)
        told = {"summary": f"A test of source {source.name}; it ends by itself and needs nobody."}
        sighting = Sighting(fingerprint(labels), True, labels, told, now, now + _LASTS)
        self._refuse_page(self._service.describe(door, sighting, now))
        try:
            await self._service.ingest(door, Parsed([sighting], [0], []))
        except (Overloaded, StoreUnavailable) as error:
            raise try_later(error) from error
        return str(sighting.identity)

    def _refuse_page(self, alert: Alert) -> None:
        """Refuse to send what the rules in force would make a page of."""
        if alert.priority is not Priority.P4:
            why = f"by rules/priority a test would be {alert.priority.name}, not P4"
            raise Refused(409, "would-page", why, "send")
        for policy in self._service.policies():
            row = policy.rows.get(Priority.P4)
            if row is not None and row.ops_steps:
                why = f"policy {policy.name!r} pages for P4, so a test would page"
                raise Refused(409, "would-page", why, "send")


def _shown(index: int, sighting: Sighting, alert: Alert, changes: bool) -> Tried:
    ends_at = alert.expires_at if sighting.firing else sighting.ends_at
    return Tried(
        index=index,
        status="firing" if sighting.firing else "resolved",
        changes=changes,
        fingerprint=alert.fingerprint,
        priority=alert.priority.name,
        entity=str(alert.entity),
        labels=alert.labels,
        annotations=alert.annotations,
        starts_at=alert.starts_at.isoformat(),
        ends_at=None if ends_at is None else ends_at.isoformat(),
        url=alert.generator_url,
    )
