"""The DingTalk stand-in as a process of its own, so that it outlives a killed AlertMesh."""

import json
import subprocess
import sys
from typing import Any, Self
from urllib.request import Request, urlopen

from tests.real.alertmesh import SECRET
from tests.real.local import free_port, wait_until

_START_S = 20.0


class StandIn:
    """Run `python -m alertmesh.demo.dingtalk`; use it as a context manager."""

    def __init__(self) -> None:
        self._port = free_port()
        self.url = f"http://127.0.0.1:{self._port}"
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "alertmesh.demo.dingtalk", "--port", str(self._port)]
        self._process = subprocess.Popen(
            [*command, "--token", "standin", "--secret", SECRET], stdin=subprocess.DEVNULL
        )
        wait_until("the DingTalk stand-in", _START_S, self._answers)
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process is not None
        self._process.terminate()
        self._process.wait(10)

    def messages(self) -> list[dict[str, Any]]:
        """Return every message that a group would show, oldest first."""
        found: list[dict[str, Any]] = self.state()["messages"]
        return found

    def state(self) -> dict[str, Any]:
        """Return messages and counters."""
        with urlopen(f"{self.url}/messages", timeout=5) as answer:  # noqa: S310  # http on loopback
            found: dict[str, Any] = json.load(answer)
        return found

    def fail_next(self, kind: str) -> None:
        """Have the next message meet a fault."""
        body = json.dumps({"kind": kind}).encode()
        urlopen(Request(f"{self.url}/faults", body), timeout=5).close()  # noqa: S310  # http on loopback

    def _answers(self) -> bool:
        try:
            self.state()
        except OSError:
            return False
        return True
