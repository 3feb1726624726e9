"""Read an iCalendar (RFC 5545): who has duty when, as another tool planned it.

Events once or repeated daily or weekly are read, with durations, time zones, whole days, left-out and
moved occurrences. An event names a person in its summary, or by an attendee.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
from dateutil.rrule import rrulestr
from msgspec import Struct

from alertmesh.core.errors import BadPayload
from alertmesh.core.oncall import User
from alertmesh.escalate.wallclock import instant

_MOST = 5_000
_READ_RULES = ("DAILY", "WEEKLY")
_LINE = re.compile(r"([A-Za-z-]+)[;:]")
_DAY = timedelta(days=1)
_UTC = ZoneInfo("UTC")


Event = Mapping[str, Any]  # the properties of an event, each of a type that the library chose


class Planned(Struct, frozen=True, order=True):
    """Somebody has duty from `start` until `end`."""

    start: datetime
    end: datetime
    person: str


def planned(text: str, users: Mapping[str, User], zone: str, start: datetime, end: datetime) -> list[Planned]:
    """Return who has duty when between `start` and `end`, in order of time.

    Times without a zone are times of `zone`. Raises BadPayload, with the line in its text, for
    what cannot be read and for a person who is not known.
    """
    try:
        calendar = icalendar.Calendar.from_ical(text)
    except ValueError as error:
        raise BadPayload(f"this is no iCalendar: {error}") from error
    events: list[Event] = [*calendar.walk("VEVENT")]
    reading = _Reading(users, ZoneInfo(zone), start, end)
    moved = reading.moved(events)
    found = [
        one
        for event, lines in zip(events, _lines(text), strict=False)
        for one in reading.read(event, lines, moved)
    ]
    if len(found) > _MOST:
        raise BadPayload(f"these are {len(found)} shifts; import {_MOST} at most at a time")
    return sorted(found)


def differing(plan: Iterable[Planned], standing: Sequence[Planned]) -> list[Planned]:
    """Return the shifts of a plan in which somebody else, or nobody, is primary for a time as it stands.

    `standing` is who is primary, in order of time; an empty name is nobody.
    """
    ends = [one.end for one in standing]
    return [
        one
        for one in plan
        if any(
            other.person != one.person
            for other in standing[bisect_right(ends, one.start) :]
            if other.start < one.end
        )
    ]


class _Reading:
    """One run over the events of a calendar."""

    def __init__(self, users: Mapping[str, User], zone: ZoneInfo, start: datetime, end: datetime) -> None:
        self._zone, self._start, self._end = zone, start, end
        named = [(user.display, name) for name, user in users.items() if user.display]
        named += [(name, name) for name in users]
        self._people = {said.casefold(): name for said, name in named}

    def moved(self, events: Iterable[Event]) -> set[tuple[str, datetime]]:
        """Return the occurrences of repeated events that stand as events of their own."""
        return {
            (str(event.get("UID")), self._moment(event["RECURRENCE-ID"].dt))
            for event in events
            if "RECURRENCE-ID" in event
        }

    def read(
        self, event: Event, lines: Mapping[str, int], moved: set[tuple[str, datetime]]
    ) -> Iterator[Planned]:
        """Yield the occurrences of an event; BadPayload with its line when it cannot be read."""
        if str(event.get("STATUS", "")).upper() == "CANCELLED":
            return
        try:
            person = self._person(event)
            zone, begins, length = self._times(event)
            for wall in self._walls(event, zone, begins, length):
                start, end = _at(wall, zone), _at(wall + length, zone)
                if (str(event.get("UID")), start) in moved and "RECURRENCE-ID" not in event:
                    continue
                if start < self._end and end > self._start:
                    yield Planned(start, end, person)
        except BadPayload as error:
            line = lines.get(error.field, lines["BEGIN"])
            raise BadPayload(f"line {line}: {error}", error.field) from error

    def _person(self, event: Event) -> str:
        said = str(event.get("SUMMARY", "")).strip()
        attendees = event.get("ATTENDEE", [])
        names = [said]
        for attendee in attendees if isinstance(attendees, list) else [attendees]:
            address = str(attendee).partition(":")[2]
            names += [str(attendee.params.get("CN", "")), address, address.partition("@")[0]]
        found = next(
            (self._people[name.casefold()] for name in names if name.casefold() in self._people), None
        )
        if found is None:
            raise BadPayload(f"{said!r} is nobody's name; name users as the rosters do", "SUMMARY")
        return found

    def _times(self, event: Event) -> tuple[ZoneInfo, datetime, timedelta]:
        """Return zone, wall-clock time and length by the wall clock of an event."""
        if "DTSTART" not in event:
            raise BadPayload("an event needs a DTSTART", "BEGIN")
        begin = event["DTSTART"].dt
        zone = self._zone_of(begin, "DTSTART")
        wall = _wall(begin, zone)
        if "DTEND" in event:
            length = _wall(event["DTEND"].dt, self._zone_of(event["DTEND"].dt, "DTEND"), zone) - wall
        elif "DURATION" in event:
            length = event["DURATION"].dt
        else:
            length = timedelta() if isinstance(begin, datetime) else _DAY
        if length <= timedelta():
            raise BadPayload("a shift should end after it begins", "DTEND" if "DTEND" in event else "DTSTART")
        return zone, wall, length

    def _zone_of(self, moment: date, field: str) -> ZoneInfo:
        if not isinstance(moment, datetime) or moment.tzinfo is None:
            return self._zone
        if moment.tzinfo is UTC:
            return _UTC
        if not isinstance(moment.tzinfo, ZoneInfo):
            raise BadPayload(f"{moment.tzname()!r} is no IANA time zone", field)
        return moment.tzinfo

    def _moment(self, moment: date) -> datetime:
        zone = self._zone_of(moment, "RECURRENCE-ID")
        return _at(_wall(moment, zone), zone)

    def _walls(self, event: Event, zone: ZoneInfo, begins: datetime, length: timedelta) -> Iterator[datetime]:
        """Yield the wall-clock time of each occurrence up to the end of the time that is asked for."""
        for field in ("RDATE", "EXRULE"):
            if field in event:
                raise BadPayload(f"{field} is not read; write such dates as events of their own", field)
        if "RRULE" not in event:
            yield begins
            return
        rule = event["RRULE"].copy()
        frequency = str(rule.get("FREQ", [""])[0])
        if frequency not in _READ_RULES:
            raise BadPayload(f"repeated {frequency}; only DAILY and WEEKLY are read", "RRULE")
        if "UNTIL" in rule:
            rule["UNTIL"] = [_wall(rule["UNTIL"][0], zone, zone)]
        left_out = event.get("EXDATE", [])
        lists = left_out if isinstance(left_out, list) else [left_out]
        dates = [one.dt for dated in lists for one in dated.dts]
        skipped = {_wall(one, self._zone_of(one, "EXDATE"), zone) for one in dates}
        last = self._end.astimezone(zone).replace(tzinfo=None)
        first = self._start.astimezone(zone).replace(tzinfo=None) - length - _DAY
        try:
            repeated = rrulestr(rule.to_ical().decode(), dtstart=begins)
        except ValueError as error:
            raise BadPayload(f"this repetition cannot be read: {error}", "RRULE") from error
        for wall in repeated.xafter(first, inc=True):
            if wall > last:
                return
            if wall not in skipped:
                yield wall


def _wall(moment: date, zone: ZoneInfo, into: ZoneInfo | None = None) -> datetime:
    """Return what the clock of a zone (or of `into`) shows; a day means its beginning."""
    if not isinstance(moment, datetime):
        return datetime.combine(moment, time())
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone)
    return moment.astimezone(into or zone).replace(tzinfo=None)


def _at(wall: datetime, zone: ZoneInfo) -> datetime:
    return instant(wall.date(), wall.time(), zone)


def _lines(text: str) -> list[dict[str, int]]:
    """Return for each event the lines at which its properties stand, by their names."""
    found: list[dict[str, int]] = []
    for number, line in enumerate(text.splitlines(), 1):
        if line.upper().startswith("BEGIN:VEVENT"):
            found.append({"BEGIN": number})
        property = _LINE.match(line)
        if found and property:
            found[-1].setdefault(property[1].upper(), number)
    return found
