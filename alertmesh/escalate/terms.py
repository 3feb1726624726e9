"""What an override must be like to be taken, and what becomes of it when it is answered or ended."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import NoReturn

from msgspec import Struct
from msgspec.structs import replace

from alertmesh.core.errors import BadCommand
from alertmesh.core.oncall import OnCall, Override, OverrideState, Roster

Span = tuple[datetime, datetime]


class Terms(Struct, frozen=True, kw_only=True):
    """How long an override may last, and how far ahead it may end."""

    longest: timedelta = timedelta(days=62)
    furthest: timedelta = timedelta(days=400)


def checked(override: Override, people: OnCall, limits: Terms, now: datetime) -> Override:
    """Return a new override as it is kept, never with a beginning in the past; BadCommand names the field.

    What is asked for must lie ahead as a whole, so that somebody can still say yes.
    """
    if override.state not in (OverrideState.AGREED, OverrideState.ASKED):
        _refuse("state", "is agreed or asked when an override is made")
    _check_people(override, people)
    spans = {"ends_at": (override.starts_at, override.ends_at)}
    if override.in_return is not None:
        spans["in_return"] = override.in_return
    for field, span in spans.items():
        _check_span(field, span, limits, now)
    if override.state is OverrideState.ASKED and first_moment(override) <= now:
        _refuse(
            "starts_at", "ask for a time that is still ahead; to give duty at once, name who has it instead"
        )
    if override.in_return is not None and _overlap(*spans.values()):
        _refuse("in_return", "must not overlap the time that it is in return for")
    return replace(
        override,
        starts_at=max(override.starts_at, now),
        in_return=override.in_return and (max(override.in_return[0], now), override.in_return[1]),
    )


def accepted(asked: Override, person: str, people: OnCall) -> Override:
    """Return what was asked for as agreed with `person`; BadCommand when they cannot be the one."""
    if asked.person and person != asked.person:
        _refuse("person", f"{asked.person} was asked, so nobody else can take it")
    if person == (asked.covered or asked.created_by):
        _refuse("person", f"{person} asked for this and cannot take it")
    taken = replace(asked, person=person, state=OverrideState.AGREED, answered_by=person)
    _check_people(taken, people)
    return taken


def declined(asked: Override, person: str) -> Override:
    """Return what was asked for as declined; BadCommand when `person` was not asked by name."""
    if not asked.person:
        _refuse("person", "nobody was asked by name; who will not take it need not answer")
    if person != asked.person:
        _refuse("person", f"{asked.person} was asked, so nobody else can decline")
    return replace(asked, state=OverrideState.DECLINED, answered_by=person)


def cut(override: Override, now: datetime) -> Override | None:
    """Return the part of an override that has been by `now`, None when it had not begun."""
    if now <= first_moment(override):
        return None
    given = override.in_return
    if given is not None:
        given = (given[0], min(given[1], now)) if given[0] < now else None
    ends_at = min(override.ends_at, max(override.starts_at, now))
    return replace(override, ends_at=ends_at, in_return=given)


def refuse_clash(override: Override, agreed: Iterable[Override]) -> None:
    """Raise BadCommand when the same place of the same roster is given to somebody at the same time."""
    for other in agreed:
        if other.roster != override.roster:
            continue
        for name, span in _places(override):
            for taken, at in _places(other):
                if name == taken and _overlap(span, at):
                    where = f"the place of {name or 'the primary'} in {other.roster}"
                    _refuse(
                        "covered", f"{where} is given away {_said(at)} by override {other.id}; end it first"
                    )


def first_moment(override: Override) -> datetime:
    """Return when an override changes who has duty for the first time."""
    given = override.in_return
    return override.starts_at if given is None else min(override.starts_at, given[0])


def last_moment(override: Override) -> datetime:
    """Return when an override is over."""
    given = override.in_return
    return override.ends_at if given is None else max(override.ends_at, given[1])


def _check_people(override: Override, people: OnCall) -> None:
    roster = people.rosters.get(override.roster)
    if roster is None:
        _refuse("roster", f"there is no roster {override.roster!r}")
    if override.covered and not _belongs(roster, override.covered):
        _refuse("covered", f"{override.covered} does not belong to roster {roster.name}")
    if override.in_return is not None:
        _check_swap(override, roster)
    if not override.person:
        if override.state is OverrideState.AGREED:
            _refuse("person", "say who has duty instead")
        return
    user = people.users.get(override.person)
    if user is None:
        _refuse("person", f"there is nobody called {override.person!r}")
    if not user.channels:
        _refuse("person", f"{override.person} has no channel and could not be paged")
    asks_self = override.state is OverrideState.ASKED and override.person == override.created_by
    if override.person == override.covered or (asks_self and not override.covered):
        _refuse("person", f"{override.person} cannot take their own place")


def _check_swap(override: Override, roster: Roster) -> None:
    if not override.covered or not override.person:
        missing = "person" if override.covered else "covered"
        _refuse(missing, "a swap is between two people; name both")
    if not _belongs(roster, override.person):
        _refuse(
            "person", f"{override.person} does not belong to roster {roster.name}, so has nothing to swap"
        )


def _check_span(field: str, span: Span, limits: Terms, now: datetime) -> None:
    starts_at, ends_at = span
    if ends_at <= starts_at:
        _refuse(field, "must end after it starts")
    if ends_at <= now:
        _refuse(field, "is in the past")
    if ends_at - starts_at > limits.longest:
        _refuse(field, f"may last {limits.longest.days} days at most; change the roster for longer")
    if ends_at - now > limits.furthest:
        _refuse(field, f"may be {limits.furthest.days} days ahead at most")


def _belongs(roster: Roster, person: str) -> bool:
    return person == roster.lead or any(person in layer.members for layer in roster.layers)


def _places(override: Override) -> Iterator[tuple[str, Span]]:
    """Yield whose places are given to somebody else, and when; the primary's has no name."""
    yield override.covered, (override.starts_at, override.ends_at)
    if override.in_return is not None:
        yield override.person, override.in_return


def _overlap(one: Span, other: Span) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def _said(span: Span) -> str:
    return f"from {span[0]:%Y-%m-%d %H:%M} to {span[1]:%Y-%m-%d %H:%M} UTC"


def _refuse(field: str, why: str) -> NoReturn:
    raise BadCommand(f"{field}: {why}")
