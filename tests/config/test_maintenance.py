"""Maintenance windows as people write them."""

from datetime import UTC, datetime, time
from pathlib import Path

import pytest

from alertmesh.config import load
from alertmesh.core.errors import BadConfig
from alertmesh.core.silence import Weekday, Window

HEAD = "windows:\n  - name: w\n    matchers: 'a=\"b\"'\n"


def windows(folder: Path, body: str, head: str = HEAD) -> list[Window]:
    (folder / "maintenance").mkdir()
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    (folder / "maintenance" / "a.yaml").write_text(head + lines)
    return load(None, folder, {}).section("maintenance")["windows"]


def test_none_is_planned_by_default() -> None:
    assert load(None, None, {}).section("maintenance") == {"windows": []}


def test_a_window_every_week(tmp_path: Path) -> None:
    body = "days: [sat, sun]\nbegins: 22:00\nends: 04:00\nzone: Asia/Shanghai"
    [found] = windows(tmp_path, body)
    assert (found.begins, found.ends, found.days) == (time(22), time(4), (Weekday.SAT, Weekday.SUN))


def test_midnight_may_be_written_as_24(tmp_path: Path) -> None:
    assert windows(tmp_path, "begins: 00:00\nends: 24:00")[0].ends == time(0)


@pytest.mark.parametrize("written", ["2026-12-05 22:00:00", "2026-12-05T13:00:00-08:00"])
def test_a_window_once_is_in_its_zone_unless_it_says_so(tmp_path: Path, written: str) -> None:
    body = f"starts_at: {written}\nends_at: 2026-12-06 02:00:00\nzone: Europe/Berlin"
    assert windows(tmp_path, body)[0].starts_at == datetime(2026, 12, 5, 21, tzinfo=UTC)


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ("begins: 2:00\nends: 04:00", "4:13 windows.0.begins: should be a time of day"),
        ("begins: 02:00", "2:5 windows.0: write either `begins` and `ends`"),
        ("begins: 02:00\nends: 04:00\nends_at: 2026-12-05 22:00:00", "2:5 windows.0: write either"),
        ("days: [sat]\nstarts_at: 2026-12-05\nends_at: 2026-12-06", "2:5 windows.0: write either"),
        ("starts_at: 2026-12-06 01:00:00\nends_at: 2026-12-05 22:00:00", "`ends_at` should be after"),
        ("begins: 02:00\nends: 04:00\nzone: Mars/Base", "6:11 windows.0.zone: 'Mars/Base' is no time zone"),
        ("begins: 02:00\nends: 04:00\ndays: [someday]", "windows.0.days.0: should be 'mon'"),
        ("begins: 02:00\nends: 04:00\ndays: []", "6:11 windows.0.days:"),
        ("begins: 02:00\nends: 04:00\nfirst_day: 2027-01-01\nlast_day: 2026-01-01", "`last_day` should not"),
    ],
)
def test_says_what_is_wrong(tmp_path: Path, body: str, problem: str) -> None:
    with pytest.raises(BadConfig, match="maintenance") as caught:
        windows(tmp_path, body)
    assert problem in caught.value.problems[0]


def test_a_window_of_everything_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadConfig, match="should say which alerts"):
        windows(tmp_path, "begins: 02:00\nends: 04:00", "windows:\n  - name: w\n    matchers: '{}'\n")


def test_a_name_is_given_once(tmp_path: Path) -> None:
    twice = HEAD + "    begins: 02:00\n    ends: 04:00\n" + HEAD.partition("\n")[2]
    with pytest.raises(BadConfig, match="window 'w' was given already"):
        windows(tmp_path, "begins: 02:00\nends: 04:00", twice)
