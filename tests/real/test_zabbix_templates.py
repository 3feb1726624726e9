"""The templates as a real Zabbix takes them, with the values of a real agent."""

import pytest

from tests.ingest.test_zabbix_templates import FILES, TRIGGERS
from tests.real.local import wait_until

pytestmark = pytest.mark.zabbix
RULES = {
    name: {"createMissing": True, "updateExisting": True}
    for name in ("groups", "templates", "items", "triggers", "discoveryRules")
}
WITHIN_S = 60.0


@pytest.fixture(scope="module")
def templates(zabbix):
    """Return the ids of the templates, by name, after an import."""
    for path in FILES:
        source = path.read_text(encoding="utf-8")
        assert zabbix.call("configuration.import", format="yaml", rules=RULES, source=source) is True
    found = zabbix.call("template.get", output=["name"], search={"name": "AlertMesh"})
    return {one["name"]: one["templateid"] for one in found}


@pytest.fixture(scope="module")
def watched(zabbix, templates):
    """Return the id of a host that the real agent watches by the templates of hosts."""
    link = [{"templateid": templates["AlertMesh host by Zabbix agent"]}]
    agent = {"type": 1, "main": 1, "useip": 1, "ip": "127.0.0.1", "dns": "", "port": str(zabbix.agent_port)}
    return zabbix.make_host("watched-01", {}, {}, interfaces=[agent], templates=link)["watched-01"]


def test_all_are_there(templates):
    assert len(templates) == len(FILES) == 3


def test_an_import_over_it_changes_nothing(zabbix, templates):
    for path in FILES:
        source = path.read_text(encoding="utf-8")
        assert zabbix.call("configuration.importcompare", format="yaml", rules=RULES, source=source) == []


def test_every_trigger_is_there(zabbix, templates):
    kinds = ("trigger", "triggerprototype")
    found = [zabbix.call(f"{kind}.get", output=["description"], templated=True) for kind in kinds]
    names = {one["description"] for each in found for one in each}
    assert {one["name"] for one in TRIGGERS} <= names


def test_a_real_agent_has_the_values_and_the_file_systems(zabbix, watched):
    [rule] = zabbix.call("discoveryrule.get", hostids=[watched], output=["itemid"])

    def asked(keys):
        items = zabbix.call("item.get", hostids=[watched], output=["itemid", "key_", "lastclock", "error"])
        tasks = [
            {"type": 6, "request": {"itemid": one}} for one in (rule["itemid"], *(i["itemid"] for i in items))
        ]
        zabbix.call("task.create", tasks)
        return keys(items)

    values = wait_until("a value of each item", WITHIN_S, lambda: asked(_all_have_values))
    assert [one["error"] for one in values if one["error"]] == []


def _all_have_values(items):
    found = any(one["key_"].startswith("vfs.fs.size[") for one in items)
    return items if found and all(int(one["lastclock"]) for one in items) else None
