"""How much each person was paged, by night too."""

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

from msgspec import Struct, field

from alertmesh.core.incident import TimelineEntry
from alertmesh.core.oncall import OnCall, Tier
from alertmesh.reports.course import is_by_person
from alertmesh.reports.figures import day_of

NIGHT_BEGINS = time(22)
NIGHT_ENDS = time(8)

ZoneOf = Callable[[str], str]


class Night(Struct, frozen=True):
    """One night of a person, named by the day on which it began, and its pages."""

    night: date
    pages: int


class DayLoad(Struct, frozen=True):
    """The pages of one day to anybody, and those of them that came by night where the person is."""

    day: date
    pages: int
    night_pages: int


class PersonLoad(Struct, frozen=True, kw_only=True):
    """What one person had to bear.

    `night_pages` came from 22:00 until before 08:00 in the person's `zone`; `nights` are those with a page.
    `tiers` counts the pages by tier, `acks` how often the person took an incident.
    """

    person: str
    zone: str
    pages: int
    incidents: int
    acks: int
    night_pages: int
    nights_interrupted: int
    nights: list[Night]
    tiers: dict[str, int]


class LoadReport(Struct, frozen=True, kw_only=True, rename={"start": "from", "end": "to"}):
    """The pages of a span of time by person, those with the most pages at night first, and by day."""

    start: datetime
    end: datetime
    pages: int
    night_pages: int
    people: list[PersonLoad]
    days: list[DayLoad]


class _Count(Struct):
    """The load of one person while it is being counted."""

    zone: ZoneInfo
    pages: int = 0
    acks: int = 0
    incidents: set[int] = field(default_factory=set)
    tiers: dict[str, int] = field(default_factory=lambda: {tier.value: 0 for tier in Tier})
    nights: dict[date, int] = field(default_factory=dict)

    def page(self, line: TimelineEntry) -> bool:
        """Count one page, and tell whether it came by night."""
        self.pages += 1
        self.incidents.add(line.incident)
        tier = line.data.get("tier", "")
        self.tiers[tier] = self.tiers.get(tier, 0) + 1
        night = night_of(line.at, self.zone)
        if night is not None:
            self.nights[night] = self.nights.get(night, 0) + 1
        return night is not None


def report(
    lines: Iterable[TimelineEntry], zone_of: ZoneOf, start: datetime, end: datetime, zone: tzinfo = UTC
) -> LoadReport:
    """Count pages and acks by person; `zone_of` gives a person's IANA zone, days are those of `zone`."""
    counts: dict[str, _Count] = {}
    days: dict[date, list[bool]] = {}

    def of(person: str) -> _Count:
        if person not in counts:
            counts[person] = _Count(ZoneInfo(zone_of(person)))
        return counts[person]

    for line in lines:
        if line.kind == "page" and line.data.get("person"):
            by_night = of(line.data["person"]).page(line)
            days.setdefault(day_of(line.at, zone), []).append(by_night)
        elif line.kind == "ack" and is_by_person(line):
            of(line.actor).acks += 1
    people = [_load(person, count) for person, count in counts.items()]
    people.sort(key=lambda one: (-one.night_pages, -one.pages, one.person))
    return LoadReport(
        start=start,
        end=end,
        pages=sum(one.pages for one in people),
        night_pages=sum(one.night_pages for one in people),
        people=people,
        days=[DayLoad(day, len(found), sum(found)) for day, found in sorted(days.items())],
    )


def night_of(moment: datetime, zone: ZoneInfo) -> date | None:
    """Return the day on which the night of a moment began; None by day.

    >>> from datetime import UTC
    >>> night_of(datetime(2026, 11, 23, 20, tzinfo=UTC), ZoneInfo("Asia/Shanghai"))
    datetime.date(2026, 11, 23)
    """
    local = moment.astimezone(zone)
    if local.time() >= NIGHT_BEGINS:
        return local.date()
    return local.date() - timedelta(days=1) if local.time() < NIGHT_ENDS else None


def zones(oncall: OnCall) -> ZoneOf:
    """Return the zone of a person: that of the first layer, by name of roster, that has them; UTC else."""
    found: dict[str, str] = {}
    for _, roster in sorted(oncall.rosters.items()):
        for layer in roster.layers:
            for name in (*layer.members, roster.lead):
                found.setdefault(name, layer.zone)
    return lambda person: found.get(person, "UTC")


def _load(person: str, count: _Count) -> PersonLoad:
    return PersonLoad(
        person=person,
        zone=count.zone.key,
        pages=count.pages,
        incidents=len(count.incidents),
        acks=count.acks,
        night_pages=sum(count.nights.values()),
        nights_interrupted=len(count.nights),
        nights=[Night(night, pages) for night, pages in sorted(count.nights.items())],
        tiers=count.tiers,
    )
