"""Three troubles at once in one cluster stay three incidents, whatever the order of arrival."""

import random
from collections.abc import Mapping

import pytest

from alertmesh.core.group import Grouped, GroupsMerged
from alertmesh.core.series import Change
from tests.correlate.fakes import Bench, fires

NODE_KINDS = ("NodeFilesystemFull", "NodeDiskPressure", "NodeLoadHigh", "KubeletEvictions")
HOST_KINDS = ("HostUnreachable", "NodeNetworkReceiveErrs", "BondDegraded", "PingLoss")
POD = "bcdfghjklmnpqrstvwxz"


def disk() -> list[tuple[str, dict[str, str]]]:
    """A full disk on node-7: what node-exporter says, and the pods thrown off it."""
    host = {"instance": "node-7:9100", "job": "node-exporter", "rack": "rack-1", "namespace": "monitoring"}
    alerts = [(kind, host | {"mountpoint": f"/data{n}"}) for kind in NODE_KINDS for n in range(10)]
    for n in range(60):
        app = f"app-{chr(97 + n % 20)}"
        pod = f"{app}-5d4f8c7b9d-xkz{POD[n % 20]}{POD[n // 20]}"
        alerts.append(
            (
                "KubePodEvicted",
                {"namespace": f"team-{n % 6}", "pod": pod, "node": "node-7", "job": "kube-state-metrics"},
            )
        )
    return alerts


def deploy() -> list[tuple[str, dict[str, str]]]:
    """A bad deploy of checkout in shop: its pods, its errors, and those who call it."""
    base = {"namespace": "shop", "job": "kube-state-metrics"}
    alerts = []
    for n in range(60):
        pod = f"checkout-7c6f5d4b8x-q{POD[n % 20]}{POD[n // 20]}zz"
        kind = ("KubePodCrashLooping", "KubeContainerWaiting")[n % 2]
        alerts.append((kind, base | {"pod": pod, "node": f"node-{20 + n % 30}"}))
    for n in range(20):
        alerts.append(("HighErrorRate", {"namespace": "shop", "service": "checkout", "route": f"/pay/{n}"}))
        caller = {"namespace": "shop", "service": f"caller-{n}", "destination_service": "checkout"}
        alerts.append(("CallErrors", caller))
    return alerts


def switch() -> list[tuple[str, dict[str, str]]]:
    """The switch of rack-3 down: many hosts, nothing shared but the rack."""
    alerts = []
    for n in range(100):
        host = {"instance": f"node-{100 + n // 2}:9100", "job": "node-exporter", "rack": "rack-3"}
        alerts.append((HOST_KINDS[n % 4], host | {"namespace": "monitoring"}))
    return alerts


def noise() -> list[tuple[str, dict[str, str]]]:
    """Unrelated alerts, one a place."""
    return [
        ("CertificateExpiring", {"namespace": f"other-{n}", "service": f"web-{n}", "job": "blackbox"})
        for n in range(30)
    ]


CAUSES = {"disk": disk, "deploy": deploy, "switch": switch, "noise": noise}


def storm(seed: int) -> dict[str, list[Change]]:
    """Let all of it begin within three minutes, shuffled."""
    alerts = [(cause, alert) for cause, make in CAUSES.items() for alert in make()]
    random.Random(seed).shuffle(alerts)
    found: dict[str, list[Change]] = {cause: [] for cause in CAUSES}
    for place, (cause, (name, labels)) in enumerate(alerts):
        found[cause].append(fires(place * 180 / len(alerts), name, **labels))
    return found


def run(seed: int) -> tuple[Bench, dict[str, list[Change]]]:
    bench, changes = Bench(), storm(seed)
    for change in sorted((one for part in changes.values() for one in part), key=lambda one: one.at):
        bench.feed(change)
    return bench, changes


def main_group(counts: Mapping[int, int]) -> tuple[int, float]:
    group = max(counts, key=lambda key: counts[key])
    return group, counts[group] / sum(counts.values())


@pytest.mark.parametrize("seed", range(8))
def test_three_causes_stay_three_groups(seed: int) -> None:
    bench, changes = run(seed)
    mains = {cause: main_group(bench.groups(changes[cause])) for cause in ("disk", "deploy", "switch")}
    assert len({group for group, _ in mains.values()}) == 3
    assert min(share for _, share in mains.values()) >= 0.95, mains


@pytest.mark.parametrize("seed", range(8))
def test_noise_is_not_pulled_into_the_storm(seed: int) -> None:
    bench, changes = run(seed)
    mains = {main_group(bench.groups(changes[cause]))[0] for cause in ("disk", "deploy", "switch")}
    pulled = sum(count for group, count in bench.groups(changes["noise"]).items() if group in mains)
    assert pulled == 0


def test_the_root_of_each_cause_is_named() -> None:
    bench, changes = run(1)
    roots = {}
    for cause in ("disk", "deploy", "switch"):
        group, _ = main_group(bench.groups(changes[cause]))
        roots[cause] = bench.stage.causes(group)[0].entity
    assert roots == {"disk": "node-7", "deploy": "checkout", "switch": "rack-3"}


def test_every_join_has_reasons_in_words() -> None:
    bench, _ = run(2)
    joins = [event.join for event in bench.events if isinstance(event, Grouped | GroupsMerged)]
    assert all(join.reasons and all(reason.text for reason in join.reasons) for join in joins)


@pytest.mark.parametrize("seed", range(3))
def test_a_long_history_of_the_same_labels_changes_nothing(seed: int) -> None:
    bench, changes = Bench(), storm(seed)
    for hour in range(40):
        bench.feed(
            fires((hour - 60) * 3600, "Old", job="node-exporter", namespace=f"old-{hour}", service=f"s{hour}")
        )
    for change in sorted((one for part in changes.values() for one in part), key=lambda one: one.at):
        bench.feed(change)
    mains = [main_group(bench.groups(changes[cause])) for cause in ("disk", "deploy", "switch")]
    assert [share for _, share in mains] == [1.0, 1.0, 1.0]
    assert len({group for group, _ in mains}) == 3
