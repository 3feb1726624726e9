"""The rosters in the documents hold, and do what is said of them."""

import re
from pathlib import Path

import pytest

from alertmesh.config import Config, load
from alertmesh.coverage import uncovered
from alertmesh.escalate.roster import Rota
from tests.config.folders import written
from tests.escalate.rosters import local, utc
from tests.reference import DOCS

EXAMPLES = re.findall(r"```yaml\n(.*?)```", (DOCS / "rosters.md").read_text(encoding="utf-8"), re.DOTALL)
ONE_TEAM, HALF_DAYS, SUN, NIGHTS, WORK = EXAMPLES
PEOPLE = ["wang", "chen", "zhao", "sun", "zhou", "li", "anna", "jonas", "mia", "noah"]


def loaded(folder: Path, example: str) -> Config:
    """Read an example as the files that it stands for, with people and a second tier beside it."""
    calendars, _, rosters = example.partition("rosters:\n")
    users = "".join(f"  - {{name: {name}, channels: [console]}}\n" for name in PEOPLE)
    rnd = "  - {name: rnd, members: [li], lead: li}\n"
    written(folder, f"users:\n{users}rosters:\n{rosters}{rnd}", "rosters/ops.yaml")
    if calendars:
        written(folder, calendars, "calendars.yaml")
    return load(None, folder, {})


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_leaves_no_gap(tmp_path, example):
    assert uncovered(loaded(tmp_path, example), utc("2026-10-20")) == []


@pytest.mark.parametrize(
    ("example", "moment", "primary"),
    [
        pytest.param(ONE_TEAM, "2026-01-12T08:59", "wang", id="the first week"),
        pytest.param(ONE_TEAM, "2026-01-12T09:00", "chen", id="the second week"),
        pytest.param(HALF_DAYS, "2026-01-05T20:00", "chen", id="the first night"),
        pytest.param(SUN, "2026-11-23T16:30", "anna|jonas", id="afternoon in Shanghai is morning in Berlin"),
        pytest.param(SUN, "2026-11-24T02:00", "mia|noah", id="night in Shanghai is day in Denver"),
        pytest.param(NIGHTS, "2026-11-23T21:00", "sun|zhou", id="Monday night"),
        pytest.param(NIGHTS, "2026-11-24T08:00", "wang|chen|zhao", id="Tuesday morning"),
        pytest.param(NIGHTS, "2026-11-29T12:00", "sun|zhou", id="Sunday noon"),
        pytest.param(WORK, "2026-11-24T10:00", "wang|chen", id="a working day"),
        pytest.param(WORK, "2026-10-01T10:00", "sun|zhou", id="National Day"),
        pytest.param(WORK, "2026-10-10T10:00", "wang|chen", id="a Saturday worked for it"),
        pytest.param(WORK, "2026-12-31T10:00", "sun|zhou", id="a day off of one's own"),
    ],
)
def test_an_example_does_what_is_said(tmp_path, example, moment, primary):
    duty = Rota(loaded(tmp_path, example).oncall).duty("ops", local(moment, "Asia/Shanghai"))
    assert re.fullmatch(primary, duty.primary)
