"""Short ways to say who reports what, when."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from alertmesh.core.alert import Alert, Entity, Priority, Sighting
from alertmesh.core.entries import Ended, Fired
from alertmesh.core.errors import BadPayload
from alertmesh.core.labels import fingerprint
from alertmesh.core.ports import Door

T0 = datetime(2026, 3, 1, 4, 0, tzinfo=UTC)
DOOR = Door("prom", "prometheus", timedelta(minutes=5))
OTHER = Door("am", "alertmanager", timedelta(minutes=10))
FOREVER = Door("zabbix", "zabbix", timedelta(0))
PRIORITIES = {"critical": Priority.P1, "warning": Priority.P3, "info": Priority.P4}


def at(minutes: float) -> datetime:
    """Return a moment some minutes after the story begins."""
    return T0 + timedelta(minutes=minutes)


def describe(door: Door, sighting: Sighting, now: datetime) -> Alert:
    """Make an Alert as the ingest would; an alert named `bad` is refused."""
    if sighting.labels.get("alertname") == "bad":
        raise BadPayload("no such alert", field="labels.alertname")
    labels = {**door.labels, **sighting.labels}
    severity = labels.get("severity", "warning")
    return Alert(
        fingerprint=fingerprint(labels),
        source=door.source,
        labels=labels,
        annotations=sighting.annotations,
        starts_at=sighting.starts_at or now,
        received_at=now,
        priority=PRIORITIES[severity],
        entity=Entity("host", labels.get("instance", "")),
        severity=severity,
    )


def firing(
    name: str = "Disk",
    starts: datetime | None = T0,
    ends: datetime | None = None,
    **labels: str,
) -> Sighting:
    """Make a sighting that fires."""
    every = {"alertname": name, **labels}
    return Sighting(str(sorted(every.items())), True, every, {"summary": f"{name} is bad"}, starts, ends)


def resolved(
    name: str = "Disk",
    ends: datetime | None = None,
    starts: datetime | None = T0,
    **labels: str,
) -> Sighting:
    """Make a sighting of an end."""
    every = {"alertname": name, **labels}
    return Sighting(str(sorted(every.items())), False, every, {}, starts, ends)


def fired(minutes: float, annotations: Mapping[str, str] | None = None, **labels: str) -> Fired:
    """Make the log entry of a transition to firing."""
    sighting = Sighting(0, True, {"alertname": "Disk", **labels}, dict(annotations or {}), at(minutes))
    return Fired(describe(DOOR, sighting, at(minutes)), at(minutes))


def ended(minutes: float, **labels: str) -> Ended:
    """Make the log entry of an explicit end."""
    return Ended(fingerprint({"alertname": "Disk", **labels}), at(minutes), at(minutes))
