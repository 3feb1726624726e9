"""The templates' triggers become alerts that the rules know, at thresholds that fit."""

import msgspec
import pytest
import yaml

from alertmesh.config import load
from alertmesh.dedup.healtable import HealTable
from alertmesh.dedup.selfhealsettings import SelfhealSettings
from alertmesh.ingest.zabbix_event import SEVERITIES, ZabbixEvent, sighting
from tests.ingest.samples import NOW, ROOT, normaliser
from tests.ingest.test_zabbix import DOOR

SHIPPED = msgspec.convert(load(None, None, {}).section("dedup")["selfheal"], SelfhealSettings).table
FOLDER = ROOT / "rules" / "zabbix"
FILES = sorted(FOLDER.glob("template_*.yaml"))
ZABBIX_WORDS = dict(
    zip(("NOT_CLASSIFIED", "INFO", "WARNING", "AVERAGE", "HIGH", "DISASTER"), range(6), strict=True)
)

# What the self-healing table says of each trigger; None: it says nothing, so it is learned.
KNOWN = {
    "HostAgentSilent": None,
    "HostRestarted": None,
    "HostCpuSaturated": None,
    "HostMemoryLow": None,
    "HostDiskUsageWarning": None,
    "HostDiskUsageHigh": None,
    "HostInodesLow": None,
    "NodeHeartbeatMissing": "nodelifecycle.mark_unknown",
    "KubeletDown": "node.gone",
    "NodeMemoryHighUtilization": "kubelet.evict.memory",
    "NodePIDPressure": "kubelet.pressure_condition",
    "NodeHighNumberConntrackEntriesUsed": "kubeproxy.conntrack",
    "NodeDiskUsageHigh": "kubelet.image_gc",
    "NodeFilesystemAlmostOutOfSpace": "kubelet.evict.nodefs_space",
    "NodeFilesystemAlmostOutOfFiles": "kubelet.evict.nodefs_inodes",
    "ContainerRuntimeDown": None,
    "ContainerExited": "kubelet.crashloop_backoff",
    "ContainerRestarting": "kubelet.crashloop_backoff",
    "ContainerOOMKilled": "kernel.oom",
}


def template(path):
    [found] = yaml.safe_load(path.read_text(encoding="utf-8"))["zabbix_export"]["templates"]
    return found


def triggers(path):
    """Return the triggers of a file; those over several items stand apart from the items."""
    whole = yaml.safe_load(path.read_text(encoding="utf-8"))["zabbix_export"]
    rules = template(path)["discovery_rules"]
    prototypes = [one for rule in rules for one in rule["item_prototypes"]]
    for place in (whole, *template(path)["items"]):
        yield from place.get("triggers", ())
    for place in (*rules, *prototypes):
        yield from place.get("trigger_prototypes", ())


TRIGGERS = [one for path in FILES for one in triggers(path)]
each_trigger = pytest.mark.parametrize("trigger", TRIGGERS, ids=lambda one: one["name"])


def alert(trigger):
    """Return the alert that a problem of this trigger on `n1` would be."""
    expanded = {"{HOST.HOST}": "n1", "{#FSNAME}": "/var/lib/containerd", "{#NAME}": "shop"}
    tags = tuple((one["tag"], expanded.get(one["value"], one["value"])) for one in trigger["tags"])
    severity = ZABBIX_WORDS[trigger["priority"]]
    event = ZabbixEvent(
        event_id="1", firing=True, trigger_name=trigger["name"], severity=severity, host="n1", tags=tags
    )
    return normaliser().describe(DOOR, sighting(event, NOW), NOW)


def test_every_trigger_is_looked_at():
    assert sorted(one["name"] for one in TRIGGERS) == sorted(KNOWN)


@each_trigger
def test_the_self_healing_table_says_of_it_what_it_should(trigger):
    found = HealTable(SHIPPED).find(alert(trigger).labels)
    assert (found.name if found else None) == KNOWN[trigger["name"]]


@each_trigger
def test_its_name_is_the_same_on_every_host_and_its_text_names_the_host(trigger):
    assert "{" not in trigger["name"]
    assert "{HOST." in trigger["event_name"]


@each_trigger
def test_what_is_about_a_node_is_about_that_node(trigger):
    about = alert(trigger).entity
    assert about.name == "n1"
    assert about.kind == ("node" if any(one["tag"] == "node" for one in trigger["tags"]) else "host")


def test_node_thresholds_are_those_of_the_table():
    macros = {one["macro"]: one["value"] for one in template(FOLDER / "template_node.yaml")["macros"]}
    says = {entry.name: entry.does for entry in SHIPPED}
    assert (
        f"over {macros['{$IMAGEGC.HIGH}']} % until it is under {macros['{$IMAGEGC.LOW}']} %"
        in says["kubelet.image_gc"]
    )
    assert f"less than {macros['{$EVICT.SPACE}']} %" in says["kubelet.evict.nodefs_space"]
    assert f"less than {macros['{$EVICT.INODES}']} %" in says["kubelet.evict.nodefs_inodes"]
    assert f"less than {macros['{$EVICT.MEMORY}'].removesuffix('M')} MiB" in says["kubelet.evict.memory"]


def test_severities_are_words_of_zabbix():
    assert {SEVERITIES[ZABBIX_WORDS[one["priority"]]] for one in TRIGGERS} <= set(SEVERITIES)
