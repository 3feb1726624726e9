"""Read what Prometheus posts to an Alertmanager, and answer as one would.

Prometheus, vmalert, Grafana and amtool share this door; generated clients accept no other answers.
"""

from datetime import datetime, timedelta

import msgspec
import orjson
from msgspec import Struct

from alertmesh.core.alert import Parsed, Rejected, Sighting
from alertmesh.core.errors import BadPayload
from alertmesh.core.ports import Source
from alertmesh.ingest import fields, salvage
from alertmesh.ingest.uris import is_request_uri

LEASE = timedelta(minutes=5)
"""How long an alert without an end fires: Alertmanager's resolve_timeout."""

_JSON = "application/json"
_WRONG_TYPE = 601
_REQUIRED = 602


class Item(Struct, gc=False, rename=fields.WIRE_NAMES):
    """One alert as it is posted."""

    labels: dict[str, str] | None = None
    annotations: dict[str, str] = {}
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    generator_url: str = ""


class InvalidField(BadPayload):
    """A field that reads well but breaks the API's schema; `code` is Alertmanager's number for it."""

    def __init__(self, message: str, field: str, code: int) -> None:
        super().__init__(message, field)
        self.code = code


_DECODER = msgspec.json.Decoder(list[Item] | None)


def parse(body: bytes, received: datetime) -> Parsed:
    """Turn a posted list into sightings with Alertmanager's own defaults for the dates.

    What Alertmanager refuses as a whole raises BadPayload; what it refuses alone is `rejected`.
    """
    items = _items(body)
    for index, item in enumerate(items):
        if item.generator_url and not is_request_uri(item.generator_url):
            _refuse_link(item.generator_url, index)
        if item.labels is None:
            field = f"{index}.labels"
            raise InvalidField(f"{field} in body is required", field, _REQUIRED)
    sightings: list[Sighting] = []
    positions: list[int] = []
    rejected: list[Rejected] = []
    for index, item in enumerate(items):
        try:
            sightings.append(_sighting(item, received))
            positions.append(index)
        except BadPayload as error:
            rejected.append(Rejected(index, str(error)))
    return Parsed(sightings, positions, rejected)


def answer(parsed: Parsed) -> tuple[int, bytes, str]:
    """Return status, body and content type for a request that was read; "" means no content type.

    Call it once the valid alerts are durable: some refused alerts turn the answer into a 400,
    and the others are stored all the same.
    """
    if not parsed.rejected:
        return 200, b"", ""
    return 400, orjson.dumps("; ".join(one.error for one in parsed.rejected)) + b"\n", _JSON


def refusal(error: BadPayload) -> tuple[int, bytes, str]:
    """Return status, body and content type for a request of which nothing was taken."""
    if isinstance(error, InvalidField):
        return 422, orjson.dumps({"code": error.code, "message": str(error)}), _JSON
    message = f'parsing alerts body from "" failed, because {error.placed}'
    return 400, orjson.dumps({"code": 400, "message": message}), _JSON


def _items(body: bytes) -> list[Item]:
    try:
        return _DECODER.decode(body) or []
    except salvage.UNREADABLE:
        return _salvaged(body)


def _salvaged(body: bytes) -> list[Item]:
    if not body.strip():
        raise InvalidField("alerts in body is required", "alerts", _REQUIRED)
    found = salvage.load(body)
    if not isinstance(found, list):
        raise BadPayload(f"expected a list, got {salvage.word(found)}")
    items: list[Item] = []
    for index, item in enumerate(found):
        try:
            items.append(salvage.convert(item, Item))
        except BadPayload as error:
            raise BadPayload(str(error), f"{index}.{error.field}".rstrip(".")) from error
    return items


def _refuse_link(link: str, index: int) -> None:
    field = f"{index}.generatorURL"
    quoted = orjson.dumps(link).decode()
    raise InvalidField(f"{field} in body must be of type uri: {quoted}", field, _WRONG_TYPE)


def _sighting(item: Item, received: datetime) -> Sighting:
    starts_at = fields.moment(item.starts_at, "startsAt")
    ends_at = fields.moment(item.ends_at, "endsAt")
    if (ends_at or received + LEASE) < (starts_at or ends_at or received):
        raise BadPayload("start time must be before end time", "startsAt")
    labels = fields.filled(item.labels or {})
    if "" in item.annotations:
        raise BadPayload('invalid annotations: invalid name ""', "annotations")
    return Sighting(
        fields.identity(labels),
        ends_at is None or ends_at > received,
        labels,
        item.annotations,
        starts_at or ends_at,
        ends_at,
        item.generator_url,
    )


_SAMPLE = b"""[{"labels": {"alertname": "NodeDown", "severity": "critical", "instance": "web-01:9100"},
  "annotations": {"summary": "web-01 does not answer"}}]"""

SOURCE = Source("prometheus", LEASE, parse, answer, refusal, sample=_SAMPLE)
