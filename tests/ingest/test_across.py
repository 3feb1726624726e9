"""Alerts of different monitors about one thing are about the same entity, and as bad."""

from datetime import UTC, datetime

import orjson
import pytest

from alertmesh.config import load
from alertmesh.core.alert import Alert, Priority
from alertmesh.core.ports import Door
from alertmesh.core.series import Series
from alertmesh.correlate.attributes import describe
from alertmesh.correlate.settings import CorrelateSettings
from alertmesh.ingest.aliases import Alias, AliasSettings
from alertmesh.ingest.normalise import Limits, Normaliser
from alertmesh.wiring import Wiring
from tests.ingest.samples import table

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
SOURCES = Wiring(load(None, None, {})).sources
ALIASES = AliasSettings(
    ("dc1.example.com",), (Alias("node-1", ("10.0.0.7", "zabbix-agent-17", "node-1.old.example.com")),)
)
OURS = Normaliser(table(), Limits(), ALIASES)


def prometheus(**labels: str) -> Alert:
    body = orjson.dumps([{"labels": {"alertname": "A", "severity": "critical", **labels}}])
    return seen("prometheus", body)


def zabbix(host: str = "", severity: int = 5, **tags: str) -> Alert:
    pairs = orjson.dumps([{"tag": tag, "value": value} for tag, value in tags.items()]).decode()
    params = {
        "event_source": "0",
        "event_value": "1",
        "event_update_status": "0",
        "event_id": "17",
        "event_name": "B",
        "host_host": host,
        "event_nseverity": str(severity),
        "event_tags_json": pairs,
    }
    return seen("zabbix", orjson.dumps({"params": params}))


def seen(name: str, body: bytes) -> Alert:
    source = SOURCES[name]
    [sighting] = source.parse(body, NOW).sightings
    return OURS.describe(Door(name, name, source.lease), sighting, NOW)


def nagios(host: str) -> Alert:
    return seen("nagios", orjson.dumps({"host": host, "state": "DOWN"}))


def kuma(url: str) -> Alert:
    beat = {"heartbeat": {"status": 0}, "monitor": {"name": "m", "url": url}}
    return seen("uptime-kuma", orjson.dumps(beat))


PAIRS = {
    "port": (prometheus(instance="web-01:9100"), zabbix("web-01")),
    "address beside the name": (prometheus(instance="web-01:9100"), zabbix("web-01 (10.0.0.9)")),
    "address alone": (prometheus(instance="10.0.0.9:9100"), zabbix("10.0.0.9")),
    "full name": (prometheus(instance="web-01.dc1.example.com:9100"), zabbix("web-01")),
    "full name in Zabbix": (prometheus(host="web-01"), zabbix("web-01.dc1.example.com")),
    "agent's name": (prometheus(instance="node-1:9100"), zabbix("zabbix-agent-17")),
    "address of a node": (prometheus(instance="10.0.0.7:9100"), zabbix("Node-1")),
    "old full name": (prometheus(node="node-1.old.example.com"), zabbix("zabbix-agent-17")),
    "Kubernetes node": (prometheus(node="node-1", condition="Ready"), zabbix("10.0.0.7")),
    "Nagios": (nagios("web-01.dc1.example.com"), zabbix("web-01")),
    "probed address": (kuma("https://web-01.dc1.example.com:8443/x"), prometheus(instance="web-01:9100")),
}
each_pair = pytest.mark.parametrize("pair", PAIRS.values(), ids=PAIRS)


def series(alert: Alert) -> Series:
    return Series(
        id=alert.fingerprint,
        name=alert.name,
        labels=alert.labels,
        entity=alert.entity,
        source=alert.source,
        priority=alert.priority,
        firing=1,
        opened_at=NOW,
        first_seen_at=NOW,
        changed_at=NOW,
    )


@each_pair
def test_both_are_about_one_host(pair):
    one, other = pair
    assert one.entity.name == other.entity.name
    assert {one.entity.kind, other.entity.kind} <= {"host", "node"}


@each_pair
def test_the_correlator_sees_one_host(pair):
    one, other = (describe(series(alert), CorrelateSettings()) for alert in pair)
    assert (one.node, one.subject) == (other.node, other.subject)
    own = [{part.token for part in profile.attributes if part.key == "node"} for profile in (one, other)]
    assert own[0] & own[1]


@each_pair
def test_both_are_as_bad(pair):
    assert [alert.priority for alert in pair] == [Priority.P1, Priority.P1]


def test_a_pod_and_a_service_meet_by_tags():
    pod = {"namespace": "shop", "pod": "cart-5d9f-x2"}
    assert prometheus(**pod).entity == zabbix("node-1", **pod).entity
    assert zabbix("", service="cart").entity == prometheus(service="cart").entity


@pytest.mark.parametrize(("host", "kept"), [("web-01.dc2.example.com",) * 2, ("dc1.example.com",) * 2])
def test_a_name_of_another_domain_stays(host, kept):
    assert zabbix(host).entity.name == kept


def test_only_hosts_have_other_names():
    assert prometheus(service="10.0.0.7").entity.name == "10.0.0.7"
    assert prometheus(instance="10.0.0.7:1").labels["instance"] == "10.0.0.7:1"
