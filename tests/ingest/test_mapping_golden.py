"""What the monitors of the shipped mappings send is understood as recorded."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from alertmesh.config import load
from alertmesh.core.ports import Door
from alertmesh.wiring import Wiring
from tests.ingest.golden import hold, read, recorded
from tests.ingest.samples import ROOT

WIRING = Wiring(load(None, None, {}))
MAPPED = {name: source for name, source in WIRING.sources.items() if source.mapped}
FILES = recorded(MAPPED)
each_file = pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.stem}")


def understood(path: Path) -> dict[str, Any]:
    """Return everything that is made of a recorded request, as plain data."""
    record = read(path)
    source, received = MAPPED[path.parent.name], datetime.fromisoformat(record["received"])
    door = Door(source.name, source.name, source.lease)
    parsed = source.parse(record["body"].encode(), received)
    alerts = []
    for seen in parsed.sightings:
        alert = WIRING.normaliser.describe(door, seen, received)
        state = "firing" if seen.firing else f"resolved {seen.ends_at:%d %H:%M:%S}"
        since = f"since {alert.starts_at:%d %H:%M:%S}"
        what = (alert.fingerprint, state, since, alert.priority.name, str(alert.entity), alert.generator_url)
        alerts.append({"is": " ".join(what), "labels": alert.labels, "annotations": alert.annotations})
    return {"alerts": alerts, "rejected": [[one.index, one.error] for one in parsed.rejected]}


@each_file
def test_a_recorded_request_is_understood_as_before(path, update_golden):
    hold(path, understood(path), update_golden)


def test_every_shipped_mapping_has_recorded_requests():
    shipped = {"alibaba-cloud-monitor", "generic", "grafana", "icinga", "nagios", "uptime-kuma"}
    assert {path.parent.name for path in FILES} == set(MAPPED) == shipped


@pytest.mark.parametrize(
    ("begin", "end"),
    [
        ("nagios/01-service-critical", "nagios/02-service-recovery"),
        ("icinga/01-service-warning", "icinga/02-json-recovery"),
        ("uptime-kuma/01-down", "uptime-kuma/02-up"),
        ("alibaba-cloud-monitor/01-alert", "alibaba-cloud-monitor/02-ok"),
        ("grafana/04-older-alerting", "grafana/05-older-alerting-ok"),
        ("generic/03-keyed", "generic/04-keyed-closed"),
    ],
)
def test_a_trouble_and_its_end_are_one_alert(begin, end):
    [one], [other] = (
        understood(ROOT / "tests" / "golden" / f"{name}.json")["alerts"] for name in (begin, end)
    )
    (first, state, *_), (second, over, *_) = one["is"].split(), other["is"].split()
    assert (first, state, over) == (second, "firing", "resolved")
