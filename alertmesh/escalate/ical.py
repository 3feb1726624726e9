"""Write shifts as an iCalendar (RFC 5545), for the calendars that people live by.

It is written by hand: three rules of the format are all that shifts need, and whoever serves a calendar
would else carry a library that takes a third of a second to load.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import groupby

from alertmesh.escalate.duties import Duty, Shift
from alertmesh.escalate.roster import Rota

_LONGEST_LINE = 75  # octets
_BACK = timedelta(days=70)  # how far the true beginning of a running shift is looked for
_ROLES: dict[str, Callable[[Duty], str]] = {
    "primary": lambda duty: duty.primary,
    "secondary": lambda duty: duty.secondary,
}
_ESCAPED = str.maketrans({"\\": r"\\", ";": r"\;", ",": r"\,", "\n": r"\n", "\r": None})


def roster_calendar(rota: Rota, roster: str, start: datetime, end: datetime, now: datetime) -> str:
    """Return the shifts of a roster from `start` until `end`; each is called by its primary.

    Whoever reads it again at another time finds the same shifts under the same ids. Gaps are left out.
    """
    since = start - _BACK
    shifts = [one for one in rota.shifts(roster, since, end) if one.end > start and one.duty.primary]
    events = (
        _event(_uid(roster, "", one, since), one, one.duty.primary, _told(roster, one), now) for one in shifts
    )
    return _calendar(f"On call: {roster}", events)


def person_calendar(rota: Rota, person: str, start: datetime, end: datetime, now: datetime) -> str:
    """Return when somebody is primary or secondary of any roster from `start` until `end`."""
    since = start - _BACK
    events = (
        _event(
            _uid(roster, f"{person}-{role}-", run, since), run, f"{roster}: {role}", _told(roster, run), now
        )
        for roster in rota.names()
        for role in _ROLES
        for run in _runs(rota.shifts(roster, since, end), role, person)
        if run.end > start
    )
    return _calendar(f"On call: {person}", events)


def _runs(shifts: Iterable[Shift], role: str, person: str) -> Iterator[Shift]:
    """Yield the stretches in which somebody has a role, as one shift each."""
    for name, group in groupby(shifts, lambda shift: _ROLES[role](shift.duty)):
        run = list(group)
        if name == person:
            yield Shift(start=run[0].start, end=run[-1].end, duty=run[0].duty)


def _told(roster: str, shift: Shift) -> str:
    duty = shift.duty
    lines = [f"roster: {roster}", f"primary: {duty.primary}"]
    lines += [f"secondary: {duty.secondary}"] if duty.secondary else []
    return "\n".join([*lines, duty.why])


def _uid(roster: str, of: str, shift: Shift, since: datetime) -> str:
    """Return an id that stays the same: by the beginning, unless that lies before all that is looked at."""
    begin = _stamp(shift.start) if shift.start > since else "running"
    return f"{roster}-{of}{begin}@alertmesh"


def _stamp(moment: datetime) -> str:
    """Return a moment as the format has it.

    >>> _stamp(datetime(2026, 11, 23, 4, tzinfo=UTC))
    '20261123T040000Z'
    """
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _event(uid: str, shift: Shift, summary: str, description: str, now: datetime) -> str:
    lines = (
        "BEGIN:VEVENT",
        f"UID:{uid}",
        f"DTSTAMP:{_stamp(now)}",
        f"DTSTART:{_stamp(shift.start)}",
        f"DTEND:{_stamp(shift.end)}",
        f"SUMMARY:{summary.translate(_ESCAPED)}",
        f"DESCRIPTION:{description.translate(_ESCAPED)}",
        "END:VEVENT",
    )
    return _lines(lines)


def _calendar(name: str, events: Iterable[str]) -> str:
    head = (
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//AlertMesh//On call//EN",
        f"X-WR-CALNAME:{name.translate(_ESCAPED)}",
    )
    return _lines(head) + "".join(events) + _lines(["END:VCALENDAR"])


def _lines(lines: Iterable[str]) -> str:
    return "".join(f"{part}\r\n" for line in lines for part in _folded(line))


def _folded(line: str) -> Iterator[str]:
    """Yield a line in parts of 75 octets at most, no character divided, each later one after a space."""
    part, size = "", 0
    for character in line:
        octets = len(character.encode())
        if size + octets > _LONGEST_LINE:
            yield part
            part, size = " ", 1
        part += character
        size += octets
    yield part
