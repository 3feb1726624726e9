"""Read Alertmanager's webhook, version 4."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Literal

import msgspec
from msgspec import Struct

from alertmesh.core.alert import Parsed, Rejected, Sighting
from alertmesh.core.errors import BadPayload
from alertmesh.core.ports import Source
from alertmesh.ingest import fields, salvage


class Item(Struct, gc=False, rename=fields.WIRE_NAMES):
    """One alert as the webhook carries it."""

    status: Literal["firing", "resolved"]
    labels: dict[str, str]
    annotations: dict[str, str] = {}
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    generator_url: str = ""
    fingerprint: str = ""


class Message(Struct, gc=False, rename={"truncated": "truncatedAlerts"}):
    """The part of a webhook body that matters here."""

    alerts: list[Item]
    truncated: int = 0


_DECODER = msgspec.json.Decoder(Message)


def parse(body: bytes, received: datetime) -> Parsed:
    """Turn a webhook body into sightings; an alert that cannot be read does not harm the others.

    Raises BadPayload when the body is not JSON or holds no list of alerts.
    """
    try:
        message = _DECODER.decode(body)
    except salvage.UNREADABLE:
        return _salvaged(body, received)
    parsed = Parsed([], range(len(message.alerts)), [], max(0, message.truncated))
    try:
        parsed.sightings = [_sighting(item, received) for item in message.alerts]
    except BadPayload:
        return _salvaged(body, received)
    return parsed


def _salvaged(body: bytes, received: datetime) -> Parsed:
    sightings: list[Sighting] = []
    positions: list[int] = []
    rejected: list[Rejected] = []
    message = salvage.load(body)
    for index, item in _items(message):
        try:
            sightings.append(_sighting(salvage.convert(item, Item), received))
            positions.append(index)
        except BadPayload as error:
            rejected.append(Rejected(index, error.placed))
    left_out = message.get("truncatedAlerts")
    return Parsed(sightings, positions, rejected, max(0, left_out) if isinstance(left_out, int) else 0)


def _items(message: object) -> Iterator[tuple[int, object]]:
    if not isinstance(message, dict):
        raise BadPayload(f"expected an object, got {salvage.word(message)}")
    if "alerts" not in message:
        raise BadPayload("is required", "alerts")
    alerts = message["alerts"]
    if not isinstance(alerts, list):
        raise BadPayload(f"expected a list, got {salvage.word(alerts)}", "alerts")
    return enumerate(alerts)


def _sighting(item: Item, received: datetime) -> Sighting:
    labels = fields.filled(item.labels)
    firing = item.status == "firing"
    ends_at = fields.moment(item.ends_at, "endsAt")
    if firing:
        # An end that lies behind us contradicts the status, which is what people see.
        ends_at = ends_at if ends_at is not None and ends_at > received else None
    else:
        ends_at = received if ends_at is None else min(ends_at, received)
    return Sighting(
        item.fingerprint if fields.is_fingerprint(item.fingerprint) else fields.identity(labels),
        firing,
        labels,
        item.annotations,
        fields.moment(item.starts_at, "startsAt"),
        ends_at,
        item.generator_url,
    )


_SAMPLE = b"""{"version": "4", "alerts": [{"status": "firing",
  "labels": {"alertname": "NodeDown", "severity": "critical", "instance": "web-01:9100"},
  "annotations": {"summary": "web-01 does not answer"}}]}"""

SOURCE = Source("alertmanager", timedelta(hours=24), parse, sample=_SAMPLE)
