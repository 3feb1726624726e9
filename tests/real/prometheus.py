"""A real Prometheus and Alertmanager on loopback, started and stopped by a test."""

import json
import shutil
import subprocess
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple, Self
from urllib.request import urlopen

from tests.real.local import Exporter, free_port, wait_until

_START_S = 30.0
_STOP_S = 10.0


class Wiring(NamedTuple):
    """Where the two servers send alerts.

    `webhook_url` is Alertmanager's only receiver. `direct` (`host:port`, may be empty) is a second
    Alertmanager API to Prometheus, reached below `path_prefix`. `token`, when given, is sent as a bearer
    token to both. `group_by` are Alertmanager's grouping labels.
    """

    webhook_url: str
    direct: str = ""
    path_prefix: str = "/from/prom/"
    token: str = ""
    group_by: tuple[str, ...] = ("alertname",)


class Monitors:
    """Prometheus, Alertmanager and an exporter that work at one-second intervals.

    `rules` is the text of a Prometheus rule file, `home` an empty directory for all their files. Entering
    waits until the exporter was scraped and Prometheus has found every Alertmanager.
    """

    def __init__(self, home: Path, rules: str, wiring: Wiring) -> None:
        self.exporter = Exporter()
        self._home = home
        self._rules = rules
        self._wiring = wiring
        self._ports = {"prometheus": free_port(), "alertmanager": free_port()}
        self._stack = ExitStack()
        self.url = f"http://127.0.0.1:{self._ports['prometheus']}"
        self.alertmanager_url = f"http://127.0.0.1:{self._ports['alertmanager']}"

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            stack.enter_context(self.exporter)
            self._write_files()
            self._start_alertmanager(stack)
            self._start_prometheus(stack)
            self._wait_ready()
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def firing(self) -> list[dict[str, Any]]:
        """Return the alerts that Prometheus holds to be firing now."""
        alerts = _get(f"{self.url}/api/v1/alerts")["data"]["alerts"]
        return [alert for alert in alerts if alert["state"] == "firing"]

    def _write_files(self) -> None:
        (self._home / "rules.yml").write_text(self._rules, encoding="utf-8")
        for name, content in (("prometheus", self._prometheus()), ("alertmanager", self._alertmanager())):
            (self._home / f"{name}.yml").write_text(json.dumps(content), encoding="utf-8")  # JSON is YAML

    def _prometheus(self) -> dict[str, Any]:
        alertmanagers = [_target(f"127.0.0.1:{self._ports['alertmanager']}", "/")]
        if self._wiring.direct:
            alertmanagers.append(_target(self._wiring.direct, self._wiring.path_prefix) | self._bearer())
        return {
            "global": {"scrape_interval": "1s", "scrape_timeout": "900ms", "evaluation_interval": "1s"},
            "rule_files": [str(self._home / "rules.yml")],
            "alerting": {"alertmanagers": alertmanagers},
            "scrape_configs": [
                {
                    "job_name": "rig",
                    "honor_labels": True,
                    "static_configs": [{"targets": [f"127.0.0.1:{self.exporter.port}"]}],
                }
            ],
        }

    def _alertmanager(self) -> dict[str, Any]:
        webhook: dict[str, Any] = {"url": self._wiring.webhook_url, "send_resolved": True}
        if self._wiring.token:
            webhook["http_config"] = self._bearer()
        route = {
            "receiver": "webhook",
            "group_by": list(self._wiring.group_by),
            "group_wait": "1s",
            "group_interval": "2s",
            "repeat_interval": "1h",
        }
        return {"route": route, "receivers": [{"name": "webhook", "webhook_configs": [webhook]}]}

    def _bearer(self) -> dict[str, Any]:
        if not self._wiring.token:
            return {}
        return {"authorization": {"type": "Bearer", "credentials": self._wiring.token}}

    def _start_alertmanager(self, stack: ExitStack) -> None:
        self._start(
            stack,
            "prometheus-alertmanager",
            f"--config.file={self._home / 'alertmanager.yml'}",
            f"--storage.path={self._home / 'alertmanager'}",
            f"--web.listen-address={self.alertmanager_url.removeprefix('http://')}",
            f"--web.external-url={self.alertmanager_url}",
            "--cluster.listen-address=",
        )

    def _start_prometheus(self, stack: ExitStack) -> None:
        self._start(
            stack,
            "prometheus",
            f"--config.file={self._home / 'prometheus.yml'}",
            f"--storage.tsdb.path={self._home / 'prometheus'}",
            f"--web.listen-address={self.url.removeprefix('http://')}",
            f"--web.external-url={self.url}",
            "--rules.alert.resend-delay=5s",
        )

    def _start(self, stack: ExitStack, program: str, *flags: str) -> None:
        found = shutil.which(program)
        assert found, f"{program} is not installed; ./test installs the Debian package of that name"
        log = stack.enter_context((self._home / f"{program}.log").open("wb"))
        process = subprocess.Popen(
            [found, *flags], stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self._home
        )
        stack.callback(_stop, process)

    def _wait_ready(self) -> None:
        wanted = 2 if self._wiring.direct else 1
        try:
            wait_until("Alertmanager", _START_S, _answers(f"{self.alertmanager_url}/-/ready"))
            wait_until("Prometheus", _START_S, _answers(f"{self.url}/-/ready"))
            wait_until("the first scrape", _START_S, self._is_scraped)
            wait_until("discovery of every Alertmanager", _START_S, lambda: self._paired() == wanted)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self._logs()}") from error

    def _is_scraped(self) -> bool:
        result = _get(f"{self.url}/api/v1/query?query=up")["data"]["result"]
        return [sample["value"][1] for sample in result] == ["1"]

    def _paired(self) -> int:
        return len(_get(f"{self.url}/api/v1/alertmanagers")["data"]["activeAlertmanagers"])

    def _logs(self) -> str:
        tails = [f"{path.name}:\n{path.read_text()[-2000:]}" for path in sorted(self._home.glob("*.log"))]
        return "\n".join(tails)


def _target(address: str, path_prefix: str) -> dict[str, Any]:
    return {
        "api_version": "v2",
        "timeout": "3s",
        "path_prefix": path_prefix,
        "static_configs": [{"targets": [address]}],
    }


def _get(url: str) -> Any:
    with urlopen(url, timeout=5) as answer:  # noqa: S310  # always http on loopback
        return json.load(answer)


def _answers(url: str) -> Callable[[], bool]:
    def ready() -> bool:
        try:
            with urlopen(url, timeout=5) as answer:  # noqa: S310  # always http on loopback
                return bool(answer.status == 200)
        except OSError:
            return False

    return ready


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(_STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
