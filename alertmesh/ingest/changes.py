"""Read what was changed: deploys, new settings and the like, as pipelines and people post them."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import msgspec
import orjson
import xxhash
from msgspec import Struct

from alertmesh.core.alert import Rejected
from alertmesh.core.changes import ChangeEvent
from alertmesh.core.errors import BadPayload
from alertmesh.ingest import fields, salvage
from alertmesh.ingest.uris import is_request_uri

LEVELS = ("service", "workload", "node")
"""What a change may be made to."""

_NAME, _KIND, _SUMMARY, _URL = 256, 64, 500, 2_000
_AHEAD = timedelta(minutes=5)
_MOST = 1_000


class Item(Struct, gc=False):
    """One change as it is posted; one of `service`, `workload` and `node` says what was changed."""

    kind: str
    time: datetime | None = None
    service: str = ""
    workload: str = ""
    node: str = ""
    summary: str = ""
    cluster: str = ""
    namespace: str = ""
    url: str = ""
    actor: str = ""


class ParsedChanges(Struct, frozen=True):
    """What one body told of: change events, and the items that were refused."""

    events: list[ChangeEvent]
    rejected: list[Rejected]


def parse(body: bytes, received: datetime) -> ParsedChanges:
    """Turn one change or a list of them into change events; a bad one does not harm the others.

    Raises BadPayload when the body is neither.
    """
    events: list[ChangeEvent] = []
    rejected: list[Rejected] = []
    for index, item in enumerate(_items(salvage.load(body))):
        try:
            events.append(_event(salvage.convert(item, Item), received))
        except BadPayload as error:
            rejected.append(Rejected(index, error.placed))
    return ParsedChanges(events, rejected)


def _items(message: object) -> Iterator[object]:
    items = message if isinstance(message, list) else [message]
    if len(items) > _MOST:
        raise BadPayload(f"at most {_MOST} changes in one request")
    if not isinstance(message, list | dict):
        raise BadPayload(f"expected an object or a list, got {salvage.word(message)}")
    return iter(items)


def _event(item: Item, received: datetime) -> ChangeEvent:
    named = {level: _text(getattr(item, level), level, _NAME) for level in LEVELS}
    levels = [level for level, name in named.items() if name]
    if len(levels) != 1:
        raise BadPayload("name one of service, workload and node", levels[1] if levels else "service")
    kind = _text(item.kind, "kind", _KIND)
    if not kind:
        raise BadPayload("is required", "kind")
    if item.url and not (item.url.startswith(("http://", "https://")) and is_request_uri(item.url)):
        raise BadPayload("is no address", "url")
    at = _when(item.time, received)
    (level,) = levels
    event = ChangeEvent(
        id="",
        at=at,
        entity=named[level],
        level=level,
        kind=kind,
        summary=_text(item.summary, "summary", _SUMMARY),
        cluster=_text(item.cluster, "cluster", _NAME),
        namespace=_text(item.namespace, "namespace", _NAME),
        url=_text(item.url, "url", _URL),
        actor=_text(item.actor, "actor", _NAME),
    )
    return msgspec.structs.replace(event, id=_identity(event))


def _when(time: datetime | None, received: datetime) -> datetime:
    at = fields.moment(time, "time")
    if at is None:
        return received
    if at > received + _AHEAD:
        raise BadPayload("lies in the future", "time")
    return at.astimezone(UTC)


def _text(value: str, field: str, longest: int) -> str:
    """Return a text in one line without what cannot be printed."""
    flat = " ".join("".join(sign if sign.isprintable() else " " for sign in value).split())
    if len(flat) > longest:
        raise BadPayload(f"is longer than {longest} characters", field)
    return flat


def _identity(event: ChangeEvent) -> str:
    told = (event.at, event.level, event.entity, event.kind, event.cluster, event.namespace, event.summary)
    return xxhash.xxh3_64_hexdigest(orjson.dumps([str(part) for part in told]))
