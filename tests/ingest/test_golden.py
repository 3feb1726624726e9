"""What real Prometheus and Alertmanager sent is understood as recorded."""

from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
import pytest

from alertmesh.core.alert import Alert, Sighting
from alertmesh.core.labels import fingerprint
from alertmesh.core.ports import Door
from alertmesh.ingest import alertmanager, prometheus
from tests.ingest.golden import hold, read, recorded
from tests.ingest.samples import normaliser

SOURCES = {one.name: one for one in (alertmanager.SOURCE, prometheus.SOURCE)}
FILES = recorded(SOURCES)
each_file = pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)


def understood(path: Path) -> dict[str, Any]:
    """Return everything that is made of a recorded request, as plain data."""
    record = read(path)
    source = SOURCES[path.parent.name]
    received = datetime.fromisoformat(record["received"])
    parsed = source.parse(record["body"].encode(), received)
    door = Door(source.name, source.name, source.lease)
    describe = normaliser().describe
    alerts = [plain(one, describe(door, one, received)) for one in parsed.sightings]
    rejected = [[one.index, one.error] for one in parsed.rejected]
    return {"alerts": alerts, "rejected": rejected, "truncated": parsed.truncated}


def plain(seen: Sighting, alert: Alert) -> str:
    state = "firing" if seen.firing else "resolved"
    times = f"{alert.starts_at:%d %H:%M:%S.%f} -> {alert.expires_at:%d %H:%M:%S.%f}"
    return f"{alert.fingerprint} {alert.name} {state} {times} {alert.priority.name} {alert.entity}"


@each_file
def test_a_recorded_request_is_understood_as_before(path, update_golden):
    hold(path, understood(path), update_golden)


@each_file
def test_our_fingerprint_is_the_senders(path):
    sent = orjson.loads(read(path)["body"])
    items = sent["alerts"] if isinstance(sent, dict) else sent
    told = [item for item in items if "fingerprint" in item]
    assert bool(told) == ("direct" not in path.stem and path.stem != "042-44-both-ways")
    assert [fingerprint(item["labels"]) for item in told] == [item["fingerprint"] for item in told]


def test_every_recorded_request_is_here():
    assert len(FILES) == 44
