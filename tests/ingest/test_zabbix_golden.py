"""What a real Zabbix 6.0 sent is understood as recorded."""

from datetime import datetime
from typing import Any

import orjson
import pytest

from alertmesh.core.ports import Door
from alertmesh.ingest.zabbix import SOURCE
from tests.ingest.golden import hold, read, recorded
from tests.ingest.samples import normaliser

FILES = recorded(["zabbix"])
DOOR = Door("zabbix", "zabbix", SOURCE.lease)
each_file = pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)


def understood(record: dict[str, Any]) -> dict[str, Any]:
    """Return everything that is made of a recorded request, as plain data."""
    received = datetime.fromisoformat(record["received"])
    parsed = SOURCE.parse(record["body"].encode(), received)
    alerts = []
    for seen in parsed.sightings:
        alert = normaliser().describe(DOOR, seen, received)
        state = "firing" if seen.firing else f"resolved {seen.ends_at:%d %H:%M:%S}"
        since = f"since {alert.starts_at:%d %H:%M:%S}"
        what = (alert.fingerprint, state, since, alert.priority.name, str(alert.entity))
        alerts.append({"is": " ".join(what), "labels": alert.labels, "annotations": alert.annotations})
    return {"alerts": alerts, "rejected": [one.error for one in parsed.rejected]}


@each_file
def test_a_recorded_request_is_understood_as_before(path, update_golden):
    hold(path, understood(read(path)), update_golden)


def test_every_recorded_request_is_here():
    assert len(FILES) == 39


def test_all_messages_of_a_problem_are_one_alert():
    events: dict[str, set[Any]] = {}
    for path in FILES:
        body = read(path)["body"]
        [seen] = SOURCE.parse(body.encode(), datetime.fromisoformat(read(path)["received"])).sightings
        events.setdefault(orjson.loads(body)["params"]["event_id"], set()).add(seen.identity)
    assert all(len(identities) == 1 for identities in events.values())
    assert len({name for names in events.values() for name in names}) == len(events) == 11
