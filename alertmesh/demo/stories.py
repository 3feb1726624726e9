"""A bad quarter of an hour, told as recorded alerts: one storm of three causes, and the usual noise."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from alertmesh.recorded import RecordedAlert

_CLUSTER = "prod-east"
_NODE = "node-07"
_SWITCH = "tor-3"


class _Script:
    """Collect alerts on a time line of seconds from the start."""

    def __init__(self, start: datetime) -> None:
        self._start = start
        self._alerts: list[RecordedAlert] = []

    def fire(
        self, second: float, name: str, severity: str, summary: str, labels: dict[str, str], lasts: float
    ) -> None:
        full = {"alertname": name, "severity": severity, "cluster": _CLUSTER} | labels
        begin, end = self._at(second), self._at(second + lasts)
        notes = {"summary": summary, "runbook_url": f"https://runbooks.example/{name}"}
        number = str(len(self._alerts) + 1)
        self._alerts.append(
            RecordedAlert(id=number, time=begin, status="firing", labels=full, annotations=notes)
        )
        self._alerts.append(
            RecordedAlert(
                id=f"{number}r", time=end, status="resolved", labels=full, annotations=notes, starts_at=begin
            )
        )

    def _at(self, second: float) -> datetime:
        return self._start + timedelta(seconds=second)

    def told(self) -> Iterator[RecordedAlert]:
        yield from sorted(self._alerts, key=lambda alert: (alert.time, alert.id))


def storm(start: datetime) -> Iterator[RecordedAlert]:
    """Tell a storm that begins at `start`: a full disk, a bad deploy and a dead switch, overlapping.

    Some 370 alerts within six minutes, most of them echoes; all is over after twenty.
    """
    script = _Script(start)
    _full_disk(script)
    _bad_deploy(script)
    _dead_switch(script)
    _noise(script)
    return script.told()


def _full_disk(script: _Script) -> None:
    node = {"node": _NODE, "instance": f"{_NODE}:9100"}
    text = f"/var on {_NODE} is full, writes fail"
    script.fire(5, "NodeFilesystemAlmostOutOfSpace", "critical", text, node | {"mountpoint": "/var"}, 840)
    script.fire(25, "KubeNodePressure", "warning", f"{_NODE} reports DiskPressure", node, 800)
    for number in range(60):
        app = ("ledger", "search", "mailer", "reports")[number % 4]
        pod = f"{app}-6c9f7d5b84-{_suffix(number)}"
        labels = {"namespace": "office", "pod": pod, "node": _NODE}
        script.fire(35 + number * 1.5, "KubePodNotReady", "warning", f"{pod} was evicted", labels, 700)


def _bad_deploy(script: _Script) -> None:
    shop = {"namespace": "shop", "service": "checkout"}
    text = "42 % of checkout requests fail since 3 minutes"
    script.fire(20, "HighErrorRate", "critical", text, shop, 900)
    for number in range(80):
        pod = f"checkout-7f4d9c6b5d-{_suffix(number + 100)}"
        labels = shop | {"pod": pod, "node": f"node-{20 + number % 9}"}
        script.fire(
            24 + number, "KubePodCrashLooping", "warning", f"{pod} restarts again and again", labels, 850
        )
    for number, caller in enumerate(("cart", "frontend", "mobile-gateway")):
        labels = {"namespace": "shop", "service": caller, "peer": "checkout"}
        script.fire(40 + number * 8, "HighLatency", "warning", f"{caller} waits for checkout", labels, 860)


def _dead_switch(script: _Script) -> None:
    rack = {"rack": _SWITCH}
    text = f"switch {_SWITCH} does not answer"
    script.fire(60, "SwitchDown", "critical", text, rack | {"instance": f"{_SWITCH}.mgmt:161"}, 600)
    for number in range(40):
        host = f"store-{number:02d}"
        labels = rack | {"instance": f"{host}:9100"}
        script.fire(64 + number / 2, "HostUnreachable", "critical", f"{host} is unreachable", labels, 600)
        script.fire(
            75 + number / 2, "TargetDown", "warning", f"no metrics from {host}", labels | {"job": "node"}, 600
        )
        if number % 2:
            labels = labels | {"device": "eth0"}
            script.fire(70 + number / 2, "NetworkErrors", "warning", f"{host} eth0 errors", labels, 580)


def _noise(script: _Script) -> None:
    for number in range(60):
        job = f"batch-{number % 20:02d}"
        labels = {"namespace": "batch", "job_name": job, "run": str(number)}
        script.fire(number * 5.0, "JobSlow", "info", f"{job} takes longer than usual", labels, 45)
    for number in range(12):
        labels = {"namespace": "edge", "service": "proxy", "zone": f"z{number % 3}"}
        script.fire(number * 25.0, "CertificateExpiresSoon", "info", "30 days are left", labels, 20)


def _suffix(number: int) -> str:
    """Return five letters as Kubernetes would pick them, another five for each number below 5,000."""
    letters = "bcdfghjklmnpqrstvwxz"
    spread = (number + 1) * 7919 % len(letters) ** 5
    return "".join(letters[spread // len(letters) ** place % len(letters)] for place in range(5))
