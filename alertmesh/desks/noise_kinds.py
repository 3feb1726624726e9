"""How each rule against noise is counted."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from msgspec import Struct

from alertmesh.core.incident import TimelineEntry
from alertmesh.core.past import Past
from alertmesh.core.series import Mark
from alertmesh.desks.noise_ledger import Hour, is_maintained, is_silenced
from alertmesh.reports import course


class Mechanism(Struct, frozen=True, kw_only=True):
    """What one rule did in a span of time; None: it does not do such a thing.

    `compressed` are alerts or changes that nobody had to be told of, `marked` are series it marked, and
    `marked_now` those that carry its mark. `held` are incidents that it kept from paging for a while, and
    `unpaged` those of them that ended without a page. `rules` counts what it did by the id of the branch,
    `parts` counts along the time. `section` is where it is set.
    """

    name: str
    section: str
    compressed: int | None = None
    held: int | None = None
    unpaged: int | None = None
    marked: int | None = None
    marked_now: int | None = None
    rules: dict[str, int] = {}
    parts: list[int] = []


class Kind(NamedTuple):
    """How one is counted.

    `amount` is what is drawn along the time; it is what was compressed if `compresses`. `marks_by` are the
    branches that set its mark, all of `family` are its own. `holds` tells whether a line of a timeline says
    that it keeps an incident from paging.
    """

    name: str
    section: str
    amount: Callable[[Hour], int]
    compresses: bool = False
    mark: Mark | None = None
    marks_by: tuple[str, ...] = ()
    family: str = ""
    holds: Callable[[TimelineEntry], bool] | None = None


class Held(NamedTuple):
    """Incidents that were kept from paging, and those of them that ended without a page."""

    incidents: int
    unpaged: int


def _under(mark: Mark) -> Callable[[Hour], int]:
    return lambda hour: hour.under.get(mark.value, 0)


def _did(*rules: str) -> Callable[[Hour], int]:
    return lambda hour: sum(hour.rules.get(rule, 0) for rule in rules)


def _says(*rules: str) -> Callable[[TimelineEntry], bool]:
    return lambda line: line.rule in rules


KINDS = (
    Kind("repeats", "dedup", lambda hour: max(0, hour.alerts - hour.changes), compresses=True),
    Kind("flap", "dedup", _under(Mark.FLAPPING), True, Mark.FLAPPING, ("FLAP-1",), "FLAP-", _says("FLAP-1")),
    Kind(
        "selfheal",
        "dedup",
        _did("HEAL-1", "HEAL-2"),
        False,
        Mark.HEALING,
        ("HEAL-1", "HEAL-2"),
        "HEAL-",
        _says("HEAL-1", "HEAL-2"),
    ),
    Kind("routine", "dedup", _under(Mark.ROUTINE), True, Mark.ROUTINE, ("RTN-1",), "RTN-", _says("RTN-1")),
    Kind("chronic", "dedup", _under(Mark.CHRONIC), True, Mark.CHRONIC, ("CHR-1",), "CHR-"),
    Kind("storm", "dedup", _did("STM-1"), family="STM-", marks_by=("STM-1",)),
    Kind("correlation", "correlate", lambda hour: hour.joined, compresses=True),
    Kind("inhibition", "inhibit", lambda hour: hour.inhibited, compresses=True),
    Kind("silences", "", lambda hour: hour.silenced, holds=is_silenced),
    Kind("maintenance", "maintenance", lambda hour: hour.maintained, holds=is_maintained),
)
"""Every rule, in the order of the path."""


def mechanism(
    kind: Kind, whole: Hour, held: Held, marked: Mapping[Mark, int], amounts: list[int]
) -> Mechanism:
    """Return what one rule did, by the sum of all hours and the incidents that it held."""
    return Mechanism(
        name=kind.name,
        section=kind.section,
        compressed=kind.amount(whole) if kind.compresses else None,
        held=held.incidents if kind.holds else None,
        unpaged=held.unpaged if kind.holds else None,
        marked=_did(*kind.marks_by)(whole) if kind.marks_by else None,
        marked_now=marked.get(kind.mark, 0) if kind.mark else None,
        rules={
            rule: count
            for rule, count in sorted(whole.rules.items())
            if kind.family and rule.startswith(kind.family)
        },
        parts=amounts,
    )


def parts(kind: Kind, hours: Iterable[tuple[int, Hour]], count: int) -> list[int]:
    """Return the amount of one rule in each of `count` parts of the time; each hour comes with its part."""
    found = [0] * count
    for place, hour in hours:
        found[place] += kind.amount(hour)
    return found


def kept_back(past: Past, start: datetime, end: datetime) -> dict[str, Held]:
    """Return what each rule kept from paging in a span of time, by the timelines of incidents."""
    found = {kind.name: Held(0, 0) for kind in KINDS}
    for stored in past.courses(start, end):
        lines = [one.line for one in stored]
        names = _holders([line for line in lines if start <= line.at < end])
        if not names:
            continue
        read = course.read(lines)
        unpaged = read.resolved_at is not None and not read.pages
        for name in names:
            before = found[name]
            found[name] = Held(before.incidents + 1, before.unpaged + unpaged)
    return found


def _holders(lines: Sequence[TimelineEntry]) -> list[str]:
    return [kind.name for kind in KINDS if kind.holds and any(kind.holds(line) for line in lines)]
