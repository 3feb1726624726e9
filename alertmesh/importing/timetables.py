"""Turn the times in which routes are mute into maintenance windows."""

import re
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from msgspec import Struct
from msgspec.structs import asdict

from alertmesh.core.errors import BadConfig
from alertmesh.importing.matching import Conditions, written
from alertmesh.importing.naming import Names
from alertmesh.importing.reading import Part, Report
from alertmesh.importing.routes import Route, every, reaching

_DAYS = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
_CLOCK = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d|24:00")
_DATED = ("days_of_month", "months", "years")
_CASES = (
    "is not carried over: it is the alerts of this route alone that are to be mute, "
    "and no conditions say which these are"
)


class Hours(Struct, frozen=True):
    """Some hours on some days, as a window has them."""

    days: tuple[str, ...]
    begins: str
    ends: str
    zone: str


class Timetables:
    """Read the named time intervals; `hours` of a name is None for one that could not be read whole."""

    def __init__(self, root: Part, report: Report) -> None:
        self.hours: dict[str, list[Hours] | None] = {}
        self._report = report
        for key in ("mute_time_intervals", "time_intervals"):
            for part in root.each(key):
                self.hours[part.text("name")] = self._read(part)

    def windows(self, root: Route) -> list[dict[str, Any]]:
        """Return the windows in which the alerts of mute routes are to page nobody."""
        names, found = Names(), list[dict[str, Any]]()
        for route in every(root):
            if route.part.get("active_time_intervals") is not None:
                part = route.part.get("active_time_intervals") or route.part
                self._report.left(part, "active_time_intervals: write windows for all the other times")
            for part in route.part.each("mute_time_intervals"):
                found += self._muted(root, route, part, names)
        return found

    def _muted(self, root: Route, route: Route, part: Part, names: Names) -> list[dict[str, Any]]:
        name = part.word()
        if name not in self.hours:
            self._report.left(part, f"there is no time interval {name!r}")
            return []
        hours, ways = self.hours[name], reaching(root, route)
        if hours is None:
            self._report.left(
                part, f"the time interval {name!r} is not carried over, so the route pages in it"
            )
            return []
        if ways is None or () in ways:
            self._report.left(part, f"the time interval {name!r} {_CASES}")
            return []
        return [_window(names.fresh(name), name, way, some) for way in ways for some in hours]

    def _read(self, part: Part) -> list[Hours] | None:
        found: list[Hours] | None = []
        for item in part.each("time_intervals"):
            for key, below in item.others(("times", "weekdays", "location")):
                text = "windows know days of the week only" if key in _DATED else "is not known"
                self._report.left(below, f"{key}: {text}; the interval is left out")
                found = None
            if found is not None:
                found += _hours(item)
        return found


def _hours(part: Part) -> list[Hours]:
    days = tuple(dict.fromkeys(day for item in part.each("weekdays") for day in _weekdays(item)))
    zone = _zone(part)
    spans = [(_clock(item, "start_time"), _clock(item, "end_time")) for item in part.each("times")]
    return [Hours(days, begins, ends, zone) for begins, ends in spans or [("00:00", "24:00")]]


def _zone(part: Part) -> str:
    name = part.text("location", "UTC")
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise BadConfig([f"{part.place} {name!r} is no time zone that is known here"]) from error
    return name


def _clock(part: Part, name: str) -> str:
    text = part.text(name)
    if not _CLOCK.fullmatch(text):
        raise BadConfig([f"{part.place} {name} should be a time of day such as 09:00, in quotes"])
    return text


def _weekdays(part: Part) -> list[str]:
    first, colon, last = part.word().lower().partition(":")
    names = [first, last] if colon else [first]
    if any(name not in _DAYS for name in names) or _DAYS.index(names[0]) > _DAYS.index(names[-1]):
        raise BadConfig([f"{part.place} should be a day such as monday, or days such as monday:friday"])
    return [day[:3] for day in _DAYS[_DAYS.index(names[0]) : _DAYS.index(names[-1]) + 1]]


def _window(name: str, interval: str, matchers: Conditions, hours: Hours) -> dict[str, Any]:
    times = asdict(hours)
    days = {"days": list(times.pop("days"))} if hours.days else {}
    times.pop("days", None)
    return {
        "name": name,
        "comment": f"time interval {interval}",
        "matchers": written(matchers),
        **days,
        **times,
    }
