"""When a layer of a roster holds, and whose turn it is: wall-clock arithmetic in the layer's zone."""

from bisect import bisect_right
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from alertmesh.core.oncall import Calendar, DayKind, Hours, Layer, Rotation
from alertmesh.escalate.wallclock import instant
from alertmesh.escalate.workdays import is_workday, weekday

ABSENT = -1
"""Stands for the turn of a layer that does not hold."""

Span = tuple[datetime, datetime]
_FIRST_MONDAY = datetime(2024, 1, 1)  # noqa: DTZ001  # a wall-clock time, read in the layer's zone
_DAY = timedelta(days=1)
_UNITS = {Rotation.HOURLY: timedelta(hours=1), Rotation.DAILY: _DAY, Rotation.WEEKLY: 7 * _DAY}
_moment = lru_cache(maxsize=32_768)(instant)


class Turns:
    """One layer, made ready to be asked about moments.

    A turn is told by its place among the members, ABSENT while the layer does not hold.
    """

    def __init__(self, layer: Layer, calendar: Calendar) -> None:
        self.layer = layer
        self._calendar = calendar
        self._zone = ZoneInfo(layer.zone)
        begin = layer.start
        self._first = (
            _FIRST_MONDAY if begin is None else begin.astimezone(self._zone).replace(tzinfo=None, fold=0)
        )
        self._from = begin if layer.begins_then else None
        self._day: date | None = None  # of which the hours are near at hand
        self._near: tuple[Span, ...] = ()
        unit = _UNITS.get(layer.rotation)
        self._step = unit * layer.every if unit and len(layer.members) > 1 else None

    def turn(self, now: datetime) -> int:
        """Return whose turn it is."""
        if not self._holds(now):
            return ABSENT
        return self._number(now) % max(len(self.layer.members), 1)

    def order(self, turn: int) -> tuple[str, ...]:
        """Return the members in the order of their turns, from `turn` on."""
        return self.layer.members[turn:] + self.layer.members[:turn]

    def changes(self, start: datetime, end: datetime) -> list[tuple[datetime, int]]:
        """Return each moment from `start` until `end` at which a turn may begin, and whose.

        Of several for one moment the last counts.
        """
        found: list[tuple[datetime, int]] = []
        count = max(len(self.layer.members), 1)
        number = self._number(start)
        due = self._begins(number + 1)
        for begin, finish in self._spans(start, end):
            while due is not None and due <= begin:
                number += 1
                due = self._begins(number + 1)
            found.append((begin, number % count))
            while due is not None and due < finish:
                number += 1
                found.append((due, number % count))
                due = self._begins(number + 1)
            found.append((finish, ABSENT))
        return found

    def _number(self, now: datetime) -> int:
        """Return how many turns before the one at `now` have begun since the first; negative before it."""
        if self._step is None:
            return 0
        wall = now.astimezone(self._zone).replace(tzinfo=None)
        number = (wall - self._first) // self._step
        while self._at(number) > now:  # the wall clock alone cannot tell around a clock change
            number -= 1
        while self._at(number + 1) <= now:
            number += 1
        return number

    def _begins(self, number: int) -> datetime | None:
        return None if self._step is None else self._at(number)

    def _at(self, number: int) -> datetime:
        wall = self._first + number * (self._step or timedelta())
        return _moment(wall.date(), wall.time(), self._zone)

    def _holds(self, now: datetime) -> bool:
        if (self._from is not None and now < self._from) or (
            self.layer.until is not None and now >= self.layer.until
        ):
            return False
        if not self.layer.hours:
            return True
        today = now.astimezone(self._zone).date()
        if today != self._day:
            self._day = today
            self._near = _open(self.layer.hours, self._zone, self._calendar, today - _DAY, today)
        return any(begin <= now < end for begin, end in self._near)

    def _spans(self, start: datetime, end: datetime) -> list[Span]:
        """Return the stretches between `start` and `end` in which the layer holds."""
        first = start if self._from is None else max(start, self._from)
        last = end if self.layer.until is None else min(end, self.layer.until)
        if first >= last:
            return []
        if not self.layer.hours:
            return [(first, last)]
        from_day = first.astimezone(self._zone).date() - _DAY
        to_day = last.astimezone(self._zone).date()
        spans = _open(self.layer.hours, self._zone, self._calendar, from_day, to_day)
        index = max(bisect_right(spans, (first,)) - 1, 0)
        clipped = ((max(begin, first), min(finish, last)) for begin, finish in spans[index:])
        return [(begin, finish) for begin, finish in clipped if begin < finish]


@lru_cache(maxsize=256)
def _open(
    hours: tuple[Hours, ...], zone: ZoneInfo, calendar: Calendar, first: date, last: date
) -> tuple[Span, ...]:
    """Return the stretches that begin on the days from `first` to `last`, joined where they touch."""
    joined: list[Span] = []
    found = sorted(span for part in hours for span in _spans_of(part, zone, calendar, first, last))
    for begin, end in found:
        if joined and begin <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((begin, end))
    return tuple(joined)


def _spans_of(hours: Hours, zone: ZoneInfo, calendar: Calendar, first: date, last: date) -> Iterator[Span]:
    overnight = _DAY if hours.ends <= hours.begins else timedelta()
    for number in range((last - first).days + 1):
        day = first + number * _DAY
        if weekday(day) in hours.days and _is_kind(hours.on, calendar, day):
            span = _moment(day, hours.begins, zone), _moment(day + overnight, hours.ends, zone)
            if span[0] < span[1]:
                yield span


def _is_kind(kind: DayKind, calendar: Calendar, day: date) -> bool:
    return kind is DayKind.ANY or is_workday(calendar, day) is (kind is DayKind.WORKDAYS)
