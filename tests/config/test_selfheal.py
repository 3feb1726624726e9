"""The table of what Kubernetes does: every fault of it has its place, and it fits stock alerts."""

from pathlib import Path

import msgspec
import pytest

from alertmesh.config import load
from alertmesh.core.errors import BadConfig
from alertmesh.dedup.healtable import HealTable
from alertmesh.dedup.selfhealsettings import SelfhealSettings

ENTRY = """\
selfheal:
  table:
    - name: images
      matchers: alertname="Disk"
      does: kubelet removes images
      heals: "yes"
      acts_after: 5m
"""


def problems(folder: Path, text: str) -> list[str]:
    path = folder / "dedup" / "selfheal.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(text)
    with pytest.raises(BadConfig) as caught:
        load(None, folder, {})
    return [problem.replace(f"{path}:", "") for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        pytest.param('"Disk"', '~"("', "4:17 selfheal.table.0.matchers: ", id="matchers"),
        pytest.param("5m", "soon", "7:19 selfheal.table.0.acts_after: should be a duration", id="duration"),
        pytest.param('"yes"', "maybe", "6:14 selfheal.table.0.heals: should be 'yes', 'no'", id="heals"),
        pytest.param("does:", "doe:", "5:7 selfheal.table.0.doe: unknown key; did you mean 'does'", id="key"),
        pytest.param("name: images", 'name: ""', "3:13 selfheal.table.0.name: ", id="no name"),
        pytest.param("table:", "threshold: 2\n  table:", "2:14 selfheal.threshold: ", id="share"),
        pytest.param("table:", "bounds: {P5: 1m}\n  table:", "2:16 selfheal.bounds.P5", id="priority"),
    ],
)
def test_a_fault_has_its_place(tmp_path: Path, old: str, new: str, problem: str) -> None:
    found = problems(tmp_path, ENTRY.replace(old, new))
    assert any(line.startswith(problem) for line in found), found


def test_a_name_may_be_given_once(tmp_path: Path) -> None:
    twice = ENTRY + ENTRY.partition("table:\n")[2]
    assert problems(tmp_path, twice) == ["3:5 selfheal.table: 'images' is given twice"]


SHIPPED = HealTable(
    msgspec.convert(load(None, None, {}).section("dedup")["selfheal"], SelfhealSettings).table
)
NODE = {"node": "n1"}


@pytest.mark.parametrize(
    ("name", "labels", "wanted"),
    [
        pytest.param("NodeDiskUsage80", NODE, "kubelet.image_gc", id="the 4 am alarm"),
        pytest.param("节点磁盘使用率超过80%", NODE, "kubelet.image_gc", id="the same in Chinese"),
        pytest.param("Linux: FS [/]: Space is low", NODE, "kubelet.image_gc", id="Zabbix"),
        pytest.param("DiskSpaceLow", {"instance": "db-1"}, None, id="a disk of no node"),
        pytest.param(
            "DiskSpaceLow", {"mountpoint": "/var/lib/containerd"}, "kubelet.image_gc.runtime", id="images"
        ),
        pytest.param("NodeDiskIOUsage", NODE, None, id="input and output"),
        pytest.param("NodeFilesystemAlmostOutOfSpace", NODE, "kubelet.evict.nodefs_space", id="eviction"),
        pytest.param("KubePersistentVolumeFillingUp", NODE, "volume.full", id="volume"),
        pytest.param("KubeNodeNotReady", NODE, "node.gone", id="node gone for long"),
        pytest.param("NodeNotReady", NODE, "nodelifecycle.mark_unknown", id="node silent"),
        pytest.param("PodRestarted", {}, "kubelet.crashloop_backoff", id="restart"),
        pytest.param("KubePodCrashLooping", {}, None, id="left to learning"),
        pytest.param("KubePodNotReady", {}, None, id="left to learning too"),
        pytest.param("etcdNoLeader", {}, "etcd.election", id="election"),
        pytest.param("HighErrorRate", NODE, None, id="not of Kubernetes"),
    ],
)
def test_the_shipped_table(name: str, labels: dict[str, str], wanted: str | None) -> None:
    found = SHIPPED.find({"alertname": name, **labels})
    assert (found.name if found else None) == wanted


def test_only_what_heals_takes_time() -> None:
    table = msgspec.convert(load(None, None, {}).section("dedup")["selfheal"], SelfhealSettings).table
    assert [entry.name for entry in table if entry.heals == "yes" and not entry.takes] == []
