"""kill -9 of the real process between any two writes: the pages are those of a run without."""

import json
import re
import signal
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.real.alertmesh import POLICY, AlertMesh, configure
from tests.real.standin import StandIn

_STEPS = "[{after: 0s, targets: [primary]}, {after: 1s, targets: [secondary]}]"
_PEOPLE = {"wang": "13800000001", "zhao": "13800000002"}
_PATIENCE_S = 60.0  # a claim that a dead process left is let alone for 20 s
POINTS = range(1, 16)


class Dying(AlertMesh):
    """A server that kills itself at one write, and is started again by whoever notices."""

    def __init__(self, config: Path, number: int) -> None:
        super().__init__(config)
        self._module = ["tests.real.dying", str(number)]
        self.deaths = 0

    def start(self) -> None:
        """Start it; dying at once counts as having been started."""
        try:
            super().start()
        except AssertionError:
            self.revive()

    def program(self) -> list[str]:
        """Return what runs: what dies, until it died once."""
        return ["alertmesh"] if self.deaths else self._module

    def revive(self) -> None:
        """Start it again if it is dead."""
        if self._process is not None and self._process.poll() is not None:
            self.deaths += 1
            self.start()


def _configured(home, dingtalk):
    file = configure(home, dingtalk)
    config = json.loads(file.read_text())
    config["users"] = [
        {"name": name, "mobile": mobile, "channels": ["robot"]} for name, mobile in _PEOPLE.items()
    ]
    config["rosters"] = [{"name": tier, "members": list(_PEOPLE)} for tier in ("ops", "rnd")]
    file.write_text(json.dumps(config))
    policy = POLICY.replace("[{after: 0s, targets: [primary]}]", _STEPS).replace("12s", "null")
    (home / "rules" / "policies" / "quick.yaml").write_text(policy)
    return file


def _alert():
    ends = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    labels = {"alertname": "Broken", "severity": "critical", "cluster": "east"}
    return json.dumps([{"labels": labels, "annotations": {"summary": "broken"}, "endsAt": ends}]).encode()


def _play(home, number):
    """Return whether it died, and how often each person was paged."""
    home.mkdir()
    with StandIn() as dingtalk:
        mesh = Dying(_configured(home, dingtalk.url), number)
        mesh.start()
        while mesh.post("/api/v2/alerts", _alert()) != 200:
            mesh.revive()
        end = time.monotonic() + _PATIENCE_S
        while set(pages := _pages(dingtalk)) != set(_PEOPLE) and time.monotonic() < end:
            mesh.revive()
            time.sleep(0.2)
        time.sleep(1.5)
        mesh.revive()
        pages = _pages(dingtalk)
        mesh.stop(signal.SIGKILL)
        return mesh.deaths, pages


def _pages(dingtalk):
    found = Counter()
    for message in dingtalk.messages():
        for name, mobile in _PEOPLE.items():
            found[name] += len(re.findall(f"@{mobile}", message["text"]))
    return +found


@pytest.fixture(scope="module")
def ends(tmp_path_factory):
    """Play every point, a few at a time."""
    home = tmp_path_factory.mktemp("points")
    with ThreadPoolExecutor(4) as pool:
        runs = {number: pool.submit(_play, home / str(number), number) for number in POINTS}
        return {number: run.result() for number, run in runs.items()}


@pytest.mark.parametrize("number", POINTS)
def test_a_kill_before_a_write_changes_no_page(ends, number):
    _, pages = ends[number]
    assert pages == dict.fromkeys(_PEOPLE, 1)


def test_most_of_the_points_were_met(ends):
    assert sum(deaths > 0 for deaths, _ in ends.values()) >= 8
