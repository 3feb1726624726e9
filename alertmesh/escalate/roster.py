"""Who is on duty at a moment, by wall-clock rotation."""

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from msgspec import Struct

from alertmesh.core.oncall import Roster, Rotation, User
from alertmesh.escalate.wallclock import instant

_FIRST_MONDAY = datetime(2024, 1, 1)  # noqa: DTZ001  # a wall-clock time, read in the roster's zone
_TURN_DAYS = {Rotation.DAILY: 1, Rotation.WEEKLY: 7}
_USER = "user:"


class Resolved(Struct, frozen=True):
    """The people behind some targets, and the targets behind which nobody can be reached."""

    people: tuple[str, ...]
    missing: tuple[str, ...] = ()


def on_duty(roster: Roster, now: datetime) -> tuple[str, ...]:
    """Return the members, the one on duty first and the others in the order of their turns.

    Turns change at the local time of `start` whatever the offset from UTC is that day; without
    a start they change at local midnight, weekly ones on Mondays.
    """
    turn_days = _TURN_DAYS.get(roster.rotation)
    if turn_days is None or not roster.members:
        return roster.members
    first = (_days_passed(roster, now) // turn_days) % len(roster.members)
    return roster.members[first:] + roster.members[:first]


def resolve(
    targets: tuple[str, ...], roster: Roster | None, now: datetime, users: Mapping[str, User]
) -> Resolved:
    """Return each reachable person behind `targets` once, in order.

    Somebody unknown or without a channel counts as nobody.
    """
    people: dict[str, None] = {}
    missing: list[str] = []
    for target in targets:
        reachable = [name for name in _names(target, roster, now) if _is_reachable(users.get(name))]
        people.update(dict.fromkeys(reachable))
        if not reachable:
            missing.append(target)
    return Resolved(tuple(people), tuple(missing))


def _is_reachable(user: User | None) -> bool:
    return user is not None and bool(user.channels)


def _names(target: str, roster: Roster | None, now: datetime) -> tuple[str, ...]:
    if target.startswith(_USER):
        return (target.removeprefix(_USER),)
    if roster is None:
        return ()
    if target == "lead":
        return (roster.lead,)
    duty = on_duty(roster, now)
    return {"primary": duty[:1], "secondary": duty[1:2], "all": duty}.get(target, ())


def _days_passed(roster: Roster, now: datetime) -> int:
    zone = ZoneInfo(roster.zone)
    start = _FIRST_MONDAY if roster.start is None else roster.start.astimezone(zone)
    today = now.astimezone(zone).date()
    days = (today - start.date()).days
    return days - (now < instant(today, start.time(), zone))
