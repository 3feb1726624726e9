"""Measure what it takes to say who has duty: two years of 100 teams, and one moment.

    python -m benchmarks.rosters

A third of the teams changes weekly, a third every twelve hours, a third follows the sun through three
zones with a layer below for what they leave open. Each run begins without anything remembered.
"""

import gc
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from datetime import time as clock
from zoneinfo import ZoneInfo

from alertmesh.core.oncall import DayKind, DutyRole, Hours, Layer, OnCall, Override, Roster, Rotation
from alertmesh.escalate import turns, workdays
from alertmesh.escalate.analysis import analyse
from alertmesh.escalate.roster import Rota

TEAMS, YEARS, RUNS, MOMENTS = 100, 2, 7, 100
START = datetime(2027, 1, 1, tzinfo=UTC)
END = START.replace(year=START.year + YEARS)
ZONES = ("Asia/Shanghai", "Europe/Berlin", "America/New_York", "UTC", "Australia/Sydney")
SUN = ("Asia/Shanghai", "Europe/Berlin", "America/Los_Angeles")


def team(number: int) -> Roster:
    """Make the roster of one team; its people are its own."""
    zone = ZONES[number % len(ZONES)]
    people = tuple(f"t{number}-{place}" for place in range(8))
    begin = datetime(2027, 1, 4, 9 + number % 3, tzinfo=ZoneInfo(zone)).astimezone(UTC)
    shapes: tuple[Callable[..., tuple[Layer, ...]], ...] = (_weekly, _half_days, _round_the_sun)
    return Roster(name=f"team-{number}", layers=shapes[number % 3](people, zone, begin))


def _weekly(people: tuple[str, ...], zone: str, begin: datetime) -> tuple[Layer, ...]:
    office = Hours(begins=clock(9), ends=clock(18), on=DayKind.WORKDAYS)
    return (
        Layer(members=people[:6], rotation=Rotation.WEEKLY, zone=zone, start=begin),
        Layer(members=people[6:], role=DutyRole.SECONDARY, zone=zone, hours=(office,)),
    )


def _half_days(people: tuple[str, ...], zone: str, begin: datetime) -> tuple[Layer, ...]:
    return (Layer(members=people, rotation=Rotation.HOURLY, every=12, zone=zone, start=begin),)


def _round_the_sun(people: tuple[str, ...], zone: str, begin: datetime) -> tuple[Layer, ...]:
    day = Hours(begins=clock(8), ends=clock(16))
    shifts = (
        Layer(members=people[2 * place : 2 * place + 2], rotation=Rotation.WEEKLY, zone=where, hours=(day,))
        for place, where in enumerate(SUN)
    )
    return (Layer(members=people[6:], rotation=Rotation.DAILY, zone=zone, start=begin), *shifts)


def overrides() -> list[Override]:
    """Make an override of a day for each team and month."""
    return [
        Override(
            id=f"{number}-{month}",
            roster=f"team-{number}",
            starts_at=START + timedelta(days=30 * month + number % 30),
            ends_at=START + timedelta(days=30 * month + number % 30 + 1),
            person=f"t{number}-0",
            created_at=START,
        )
        for number in range(TEAMS)
        for month in range(12 * YEARS)
    ]


def fresh() -> Rota:
    """Return all teams with nothing remembered from before, zones included."""
    for remembered in (turns._moment, turns._open, workdays.is_workday):
        remembered.cache_clear()
    rosters = {roster.name: roster for roster in map(team, range(TEAMS))}
    return Rota(OnCall(users={}, rosters=rosters, policies=()), overrides())


def measured(work: Callable[[Rota], int]) -> tuple[float, int]:
    """Return the median processor seconds of the runs, and what the work counts."""
    seconds = []
    for _ in range(RUNS):
        rota = fresh()
        gc.collect()
        begin = time.process_time()
        count = work(rota)
        seconds.append(time.process_time() - begin)
    return statistics.median(seconds), count


def materialise(rota: Rota) -> int:
    """Work out every shift of every team."""
    return sum(len(rota.shifts(name, START, END)) for name in rota.names())


def ask(rota: Rota) -> int:
    """Ask for the duty of every team, again and again some time later."""
    names = rota.names()
    for number in range(MOMENTS):
        now = START + number * timedelta(minutes=97)
        for name in names:
            rota.duty(name, now)
    return MOMENTS * TEAMS


def look_ahead(rota: Rota) -> int:
    """Say what is wrong with every team in the next eight weeks."""
    return sum(len(analyse(rota, name, START, START + timedelta(weeks=8))) for name in rota.names()[:10])


def main() -> None:
    """Print all figures."""
    seconds, count = measured(materialise)
    print(f"{YEARS} years of {TEAMS} teams: {seconds:.2f} s for {count:,} shifts")
    seconds, count = measured(ask)
    print(f"who has duty at a moment: {seconds / count * 1e6:.1f} us")
    seconds, count = measured(look_ahead)
    print(f"what is wrong with a team in eight weeks, beside {TEAMS - 1} others: {seconds / 10 * 1e3:.0f} ms")


if __name__ == "__main__":
    main()
