"""The rules and the trouble of the end-to-end storm: three overlapping causes and noise."""

from collections.abc import Iterator
from typing import NamedTuple

CLUSTER = "prod-east"
NODE = "node-07"
SWITCH = "tor-3"

_SEVERITY = {
    "NodeFilesystemFull": "critical",
    "KubeNodePressure": "warning",
    "KubePodNotReady": "warning",
    "HighErrorRate": "critical",
    "KubePodCrashLooping": "warning",
    "HighLatency": "warning",
    "SwitchDown": "critical",
    "HostUnreachable": "warning",
    "TargetDown": "warning",
    "JobSlow": "info",
}
_OF_SERVICES = ("HighErrorRate", "HighLatency")
_REPORTER = {"instance": "10.42.0.17:8080", "job": "kube-state-metrics"}


class Trouble(NamedTuple):
    """One alert to be made to fire: of which cause, its rule, and the labels of its series."""

    cause: str
    rule: str
    labels: dict[str, str]

    @property
    def metric(self) -> str:
        """Return the name of the metric that its rule watches."""
        return f"rig_{self.rule.lower()}"


def rules_file() -> str:
    """Return the Prometheus rules: one for each alert name, firing while its metric is above zero."""
    rules = [
        f"  - alert: {name}\n    expr: {_expression(name)} > 0\n    labels: {{severity: {severity}}}\n"
        f"    annotations: {{summary: '{name} on {{{{ $labels.instance }}}}'}}\n"
        for name, severity in _SEVERITY.items()
    ]
    return "groups:\n- name: storm\n  rules:\n" + "".join(rules)


def _expression(name: str) -> str:
    """Return what a rule asks: those about a service sum over its instances, as such rules do."""
    metric = f"rig_{name.lower()}"
    return f"sum without (instance, job) ({metric})" if name in _OF_SERVICES else metric


def storm() -> list[Trouble]:
    """Return 333 alerts of three causes, which overlap in time and cluster, and noise of none."""
    return [*_full_disk(), *_bad_deploy(), *_dead_switch(), *_noise()]


def _full_disk() -> Iterator[Trouble]:
    node = {"cluster": CLUSTER, "node": NODE, "instance": f"{NODE}:9100"}
    yield Trouble("disk", "NodeFilesystemFull", node | {"mountpoint": "/var"})
    yield Trouble("disk", "KubeNodePressure", node)
    for number in range(70):
        app = ("ledger", "search", "mailer", "reports")[number % 4]
        pod = f"{app}-6c9f7d5b84-x{number:03d}q"
        labels = {"cluster": CLUSTER, "namespace": "office", "pod": pod, "node": NODE}
        yield Trouble("disk", "KubePodNotReady", labels | _REPORTER)


def _bad_deploy() -> Iterator[Trouble]:
    shop = {"cluster": CLUSTER, "namespace": "shop"}
    yield Trouble("deploy", "HighErrorRate", shop | {"service": "checkout"})
    for number in range(97):
        pod = f"checkout-7f4d9c6b5d-z{number:03d}k"
        labels = shop | _REPORTER | {"service": "checkout", "pod": pod, "node": f"node-{20 + number % 9}"}
        yield Trouble("deploy", "KubePodCrashLooping", labels)
    for caller in ("cart", "frontend", "mobile-gateway"):
        yield Trouble("deploy", "HighLatency", shop | {"service": caller, "peer": "checkout"})


def _dead_switch() -> Iterator[Trouble]:
    rack = {"cluster": CLUSTER, "rack": SWITCH}
    yield Trouble("switch", "SwitchDown", rack | {"instance": f"{SWITCH}.mgmt:161"})
    for number in range(60):
        host = rack | {"instance": f"store-{number:02d}:9100"}
        yield Trouble("switch", "HostUnreachable", host)
        yield Trouble("switch", "TargetDown", host)


def _noise() -> Iterator[Trouble]:
    for number in range(39):
        labels = {"cluster": CLUSTER, "namespace": "batch", "job_name": f"batch-{number:02d}"}
        yield Trouble("noise", "JobSlow", labels | _REPORTER)
