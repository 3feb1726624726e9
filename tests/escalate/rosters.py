"""Who has duty by a plain reading of the words, minute by minute.

It shares nothing with the product but the zone data: it looks at what the wall clock shows in every
single minute, and has no notion of a boundary.
"""

from collections.abc import Collection
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate
from zoneinfo import ZoneInfo

from alertmesh.core.oncall import DayKind, DutyRole, Hours, Layer, Roster, Rotation
from alertmesh.core.silence import Weekday

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
LENGTHS = {"hourly": timedelta(hours=1), "daily": DAY, "weekly": 7 * DAY}
NOBODY = ("", "", ())


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def local(text: str, zone: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


class Clockwork:
    """The latest time that the wall clock of a zone has shown by each minute of a span of time."""

    def __init__(self, zone: str, start: datetime, end: datetime) -> None:
        minutes = range((end - start) // MINUTE)
        self.moments = [start + number * MINUTE for number in minutes]
        walls = [moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None) for moment in self.moments]
        self.shown = list(accumulate(walls, max))


def turns(layer: Layer, clock: Clockwork) -> list[int]:
    """Count the turns as the clock comes to show their times."""
    if layer.rotation is Rotation.NONE:
        return [0] * len(clock.moments)
    begin = datetime(2024, 1, 1)  # noqa: DTZ001
    if layer.start is not None:
        begin = layer.start.astimezone(ZoneInfo(layer.zone)).replace(tzinfo=None)
    step = LENGTHS[layer.rotation] * layer.every
    return [(wall - begin) // step % max(len(layer.members), 1) for wall in clock.shown]


def within(hours: Hours, wall: datetime, worked: Collection[date]) -> bool:
    """Tell whether a wall clock that shows `wall` at the latest is past a beginning and not its end."""
    for day in (wall.date() - DAY, wall.date()):
        kind = DayKind.WORKDAYS if day in worked else DayKind.DAYS_OFF
        if [*Weekday][day.weekday()] not in hours.days or hours.on not in (DayKind.ANY, kind):
            continue
        opens = datetime.combine(day, hours.begins)
        closes = datetime.combine(day + DAY if hours.ends <= hours.begins else day, hours.ends)
        if opens <= wall < closes:
            return True
    return False


def holds(layer: Layer, clock: Clockwork, worked: Collection[date]) -> list[bool]:
    return [
        not (layer.begins_then and layer.start and moment < layer.start)
        and not (layer.until and moment >= layer.until)
        and (not layer.hours or any(within(hours, wall, worked) for hours in layer.hours))
        for moment, wall in zip(clock.moments, clock.shown, strict=True)
    ]


def read(roster: Roster, start: datetime, end: datetime, worked: Collection[date] = ()) -> list[tuple]:
    """Return primary, secondary and all others for each minute."""
    early = start - 2 * DAY  # so that what the clock showed before a change of it is known
    rows = []
    for layer in roster.layers:
        clock = Clockwork(layer.zone, early, end)
        skipped = (start - early) // MINUTE
        rows.append(list(zip(holds(layer, clock, worked), turns(layer, clock), strict=True))[skipped:])
    return [_minute(roster, [row[number] for row in rows]) for number in range((end - start) // MINUTE)]


def _minute(roster: Roster, states: list[tuple[bool, int]]) -> tuple:
    queues: dict[DutyRole, list[str]] = {}
    for layer, (held, turn) in zip(roster.layers, states, strict=True):
        if held:
            queues[layer.role] = [*layer.members[turn:], *layer.members[:turn]]
    first = list(dict.fromkeys(queues.get(DutyRole.PRIMARY, [])))
    second = list(dict.fromkeys(queues.get(DutyRole.SECONDARY, first[1:])))
    pair = [*first[:1]] or [""], [*second[:1]] or [""]
    rest = [name for name in dict.fromkeys([*first, *second]) if [name] not in pair]
    return pair[0][0], pair[1][0], tuple(rest)
