"""A real AlertMesh process, and what a test wants to know of it."""

import json
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any, Self
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from tests.real.local import free_port, wait_until

_START_S = 30.0
_STOP_S = 20.0
SECRET = "SECstandin"

POLICY = """
policies:
- name: quick
  version: "1"
  matchers: ''
  ops_roster: ops
  rnd_roster: rnd
  hold_bounds: {P1: 0s, P2: 2s, P3: 2s, P4: 2s}
  clear_hold: 3s
  reopen_window: 30m
  rows:
    P1: &row
      hold: 0s
      ops_steps: [{after: 0s, targets: [primary]}]
      rnd_steps: [{after: 0s, targets: [primary]}]
      to_rnd_after: 12s
      triage: 15m
      ops_lease: 30m
      rnd_lease: 60m
      max_snooze: 60m
      loops: 1
      loop_every: 10m
      loud_every: 15m
    P2: {<<: *row, hold: 2s}
    P3: {<<: *row, hold: 2s}
    P4: {<<: *row, hold: 2s, ops_steps: [], rnd_steps: []}
"""


def configure(home: Path, dingtalk: str) -> Path:
    """Write configuration and rules into `home`; return the configuration file."""
    rules = home / "rules"
    shutil.copytree(Path(__file__).parents[2] / "rules", rules)
    shutil.rmtree(rules / "policies")
    (rules / "policies").mkdir()
    (rules / "policies" / "quick.yaml").write_text(POLICY, encoding="utf-8")
    users = [
        {"name": "wang", "mobile": "13800000001", "channels": ["robot"]},
        {"name": "li", "mobile": "13800000003", "channels": ["robot"]},
    ]
    secrets = {"webhook": f"{dingtalk}/robot/send?access_token=standin", "secret": SECRET}
    for name, text in secrets.items():
        (home / name).write_text(text, encoding="utf-8")
    robot = {name: f"file:{home / name}" for name in secrets}
    config = {
        "listen": f"127.0.0.1:{free_port()}",
        "store": f"sqlite:///{home / 'alertmesh.db'}",
        "rules": str(rules),
        "users": users,
        "channels": [{"name": "robot", "kind": "dingtalk", "settings": robot}],
        "rosters": [{"name": "ops", "members": ["wang"]}, {"name": "rnd", "members": ["li"]}],
    }
    file = home / "alertmesh.yaml"
    file.write_text(json.dumps(config), encoding="utf-8")  # JSON is YAML
    return file


class AlertMesh:
    """`alertmesh serve` as a process of its own; use it as a context manager, or start and kill it."""

    def __init__(self, config: Path) -> None:
        self._config = config
        self._log = config.parent / "alertmesh.log"
        self._process: subprocess.Popen[bytes] | None = None
        self.address: str = json.loads(config.read_text())["listen"]
        self.url = f"http://{self.address}"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop(signal.SIGTERM)

    def start(self) -> None:
        """Start it and wait until it is ready."""
        command = [sys.executable, "-m", *self.program(), "serve", "--config", str(self._config)]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            wait_until("AlertMesh", _START_S, self._ready)
        except AssertionError as error:
            self.stop(signal.SIGKILL)
            raise AssertionError(f"{error}\n{self._log.read_text()[-3000:]}") from error

    @property
    def pid(self) -> int:
        """Return the number of the process."""
        assert self._process is not None
        return self._process.pid

    def program(self) -> list[str]:
        """Return the module to run, with arguments of its own."""
        return ["alertmesh"]

    def stop(self, how: signal.Signals) -> int:
        """Send a signal and wait for the end; return the exit status."""
        assert self._process is not None
        self._process.send_signal(how)
        return self._process.wait(_STOP_S)

    def log(self) -> str:
        """Return everything it logged."""
        return self._log.read_text()

    def get(self, path: str) -> Any:
        """Return the JSON answer to a GET."""
        with urlopen(f"{self.url}{path}", timeout=10) as answer:  # noqa: S310  # http on loopback
            return json.load(answer)

    def post(self, path: str, body: bytes) -> int:
        """Post JSON and return the status; 0 when there was no answer."""
        headers = {"Content-Type": "application/json"}
        request = Request(f"{self.url}{path}", body, headers)  # noqa: S310  # http on loopback
        try:
            with urlopen(request, timeout=10) as answer:  # noqa: S310  # http on loopback
                return int(answer.status)
        except HTTPError as error:
            return error.code
        except (URLError, ConnectionError, TimeoutError):
            return 0

    def incidents(self) -> list[dict[str, Any]]:
        """Return all incidents, newest first."""
        found: list[dict[str, Any]] = self.get("/api/v1/incidents?limit=500")["incidents"]
        return found

    def members(self, incident: int) -> list[dict[str, Any]]:
        """Return the series of an incident."""
        found: list[dict[str, Any]] = self.get(f"/api/v1/incidents/{incident}/alerts?limit=500")["alerts"]
        return found

    def _ready(self) -> bool:
        assert self._process is not None
        if self._process.poll() is not None:
            raise AssertionError(f"AlertMesh left with status {self._process.returncode}")
        try:
            with urlopen(f"{self.url}/-/ready", timeout=5) as answer:  # noqa: S310  # http on loopback
                return bool(answer.status == 200)
        except OSError:
            return False
