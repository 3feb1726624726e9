"""A tier 1 that has nobody at some time ahead is refused, and does not keep a server from its start."""

from pathlib import Path

import pytest
from structlog.testing import capture_logs

from alertmesh.config import Config, load
from alertmesh.core.clock import ManualClock
from alertmesh.core.errors import BadConfig
from alertmesh.coverage import refuse_gaps, uncovered, unknown_years
from alertmesh.server import wired
from tests.config.folders import written
from tests.escalate.rosters import utc

NOW = utc("2026-11-23T10:00")
ROSTERS = """
rosters:
  - name: ops
    calendar: china
    layers:
      - members: [operator]
        zone: Asia/Shanghai
        %s
  - {name: rnd, layers: [{members: [developer], hours: [{begins: "09:00", ends: "18:00"}]}]}
"""


def config(folder: Path, setting: str) -> Config:
    return load(None, written(folder, ROSTERS % setting, "rosters/a.yaml"), {})


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        pytest.param("rotation: none", [], id="always somebody"),
        pytest.param("until: 2027-06-01T09:00:00", [], id="a gap further ahead than is looked"),
        pytest.param(
            "until: 2026-12-24T18:00:00",
            ["from 2026-12-24 18:00 to 2027-01-18 18:00 (Asia/Shanghai): no layer holds"],
            id="an end",
        ),
        pytest.param(
            'hours: [{begins: "08:00", ends: "08:00", days: [mon, tue, wed, thu, fri, sat]}]',
            ["from 2026-11-29 08:00", "from 2026-12-06 08:00", "from 2026-12-13 08:00", "5 more gaps"],
            id="Sundays",
        ),
    ],
)
def test_each_stretch_with_nobody_is_told(tmp_path, setting, told):
    found = uncovered(config(tmp_path, setting), NOW)
    assert len(found) == len(told)
    assert all(
        text in line and line.startswith(f"{tmp_path}/rosters/a.yaml:3:5 ")
        for text, line in zip(told, found, strict=True)
    )


def test_a_gap_is_refused(tmp_path):
    with pytest.raises(BadConfig, match="add members"):
        refuse_gaps(config(tmp_path, "until: 2026-12-24T18:00:00"), NOW)


def test_a_start_tells_of_a_gap_and_a_reload_refuses_it(tmp_path):
    gap = config(tmp_path, "until: 2026-12-24T18:00:00")
    with capture_logs() as logs:
        wiring = wired(lambda: gap, ManualClock(NOW))
    assert [line["event"] for line in logs] == ["nobody_on_duty"]
    with pytest.raises(BadConfig, match="nobody can be reached"):
        wiring.fresh()


def test_what_is_shipped_has_no_gap():
    assert uncovered(load(None, None, {}), NOW) == []


@pytest.mark.parametrize(("now", "told"), [("2026-01-05", 0), ("2098-01-05", 1)])
def test_holidays_that_are_not_known_yet_are_told(tmp_path, now, told):
    found = unknown_years(config(tmp_path, "rotation: none"), utc(now))
    assert ["calendar 'china'" in line for line in found] == [True] * told
