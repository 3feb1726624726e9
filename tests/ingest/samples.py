"""Bodies and moments that the tests of the doors share."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import orjson
import yaml

from alertmesh.core.alert import Parsed, Sighting
from alertmesh.core.ports import Door
from alertmesh.ingest.normalise import Limits, Normaliser
from alertmesh.ingest.priority import PriorityTable

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
ROOT = Path(__file__).parents[2]
DOOR = Door("prom", "prometheus", timedelta(minutes=5))
BAD_BODIES = {
    "empty": b"",
    "blank": b" \n",
    "text": b"hello",
    "binary": bytes(range(256)),
    "a number": b"17",
    "NaN": b"NaN",
    "cut short": b'{"alerts":[{"labels":{"a":"b"',
    "deep": b'{"alerts":' + b"[" * 100_000,
    "deep list": b"[" * 100_000,
    "half a surrogate": rb'[{"labels":{"a":"\ud800"}}]',
}


def table() -> PriorityTable:
    """Return the shipped priority table."""
    text = (ROOT / "rules" / "priority.yaml").read_text(encoding="utf-8")
    return msgspec.convert(yaml.safe_load(text), PriorityTable)


def normaliser(**limits: int) -> Normaliser:
    """Return a normaliser with the shipped table and some limits of the test's own."""
    return Normaliser(table(), Limits(**limits))


def webhook(*alerts: Any, **fields: Any) -> bytes:
    """Return the body of an Alertmanager message."""
    return orjson.dumps({"version": "4", "alerts": alerts} | fields)


def item(**fields: Any) -> dict[str, Any]:
    """Return one firing alert as Alertmanager's webhook writes it, with some fields replaced."""
    return {
        "status": "firing",
        "labels": {"alertname": "Disk", "instance": "web-01:9100"},
        "annotations": {},
        "startsAt": "2026-11-23T03:43:51.171Z",
        "endsAt": "0001-01-01T00:00:00Z",
        "generatorURL": "",
        "fingerprint": "0bf39cdaf49193f3",
    } | fields


def sighting(labels: dict[str, str], **fields: Any) -> Sighting:
    """Return a firing sighting, with some fields replaced."""
    return Sighting(**{"identity": 1, "firing": True, "labels": labels, "annotations": {}} | fields)


def only(parsed: Parsed) -> Sighting:
    """Return the one sighting of a request of which nothing was refused."""
    assert parsed.rejected == []
    [one] = parsed.sightings
    return one
