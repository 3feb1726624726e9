"""Who is paged, when and how: people, rosters and policies as plain values."""

from datetime import date, datetime, time, timedelta
from enum import StrEnum

from msgspec import Struct

from alertmesh.core.alert import Priority
from alertmesh.core.silence import Weekday
from alertmesh.core.topology import Service


class Tier(StrEnum):
    """Who works an incident: operations first, then the developers who own the root."""

    OPS = "ops"
    RND = "rnd"


class Reach(Struct, frozen=True):
    """Try `channels` together when `after` has passed since the page was decided."""

    after: timedelta
    channels: tuple[str, ...]


class User(Struct, frozen=True, kw_only=True):
    """A person who can be paged; `channels` are names from `rules/channels`, tried together.

    `reach` says by priority which channels are tried when; a priority that it lacks goes by the nearest
    worse one that it has, else the nearest milder. Only somebody without `reach` is paged by `channels`;
    nobody without `channels` can be paged at all. `contacts` are what channels other
    than those by `mobile` need to find somebody: `email`, `dingtalk` (staff id), `mobile2` and so on.
    """

    name: str
    display: str = ""
    mobile: str = ""
    language: str = "en"
    channels: tuple[str, ...] = ()
    contacts: dict[str, str] = {}
    reach: dict[Priority, tuple[Reach, ...]] = {}


class Rotation(StrEnum):
    """The unit in which the turns of a layer are counted."""

    NONE = "none"
    HOURLY = "hourly"
    DAILY = "daily"
    WEEKLY = "weekly"


class DutyRole(StrEnum):
    """Whom a layer of a roster provides."""

    PRIMARY = "primary"
    SECONDARY = "secondary"


class DayKind(StrEnum):
    """Which days of a calendar are meant."""

    ANY = "any"
    WORKDAYS = "workdays"
    DAYS_OFF = "days_off"


class Calendar(Struct, frozen=True, kw_only=True):
    """Which days are worked, and the hours of work on them, in `zone`.

    `country` names known public holidays and made-up working days ("cn"; empty: none). Days of
    `workdays` and `holidays` overrule both that and the weekend.
    """

    name: str = "default"
    country: str = ""
    weekend: tuple[Weekday, ...] = (Weekday.SAT, Weekday.SUN)
    workdays: tuple[date, ...] = ()
    holidays: tuple[date, ...] = ()
    zone: str = "UTC"
    begins: time = time(9)
    ends: time = time(18)


class Hours(Struct, frozen=True, kw_only=True):
    """Wall-clock hours on certain days; an end at or before the beginning is on the next day.

    `on` narrows `days` to those that the roster's calendar counts as worked, or as off.
    """

    begins: time = time(0)
    ends: time = time(0)
    days: tuple[Weekday, ...] = tuple(Weekday)
    on: DayKind = DayKind.ANY


class Layer(Struct, frozen=True, kw_only=True):
    """People who take turns in order, changing at the local wall-clock time of `start` in `zone`.

    A turn lasts `every` hours, days or weeks. The layer holds from `start` (if it `begins_then`) to
    `until`, and only within `hours` when there are any; elsewhere the layers below it show through.
    """

    members: tuple[str, ...]
    name: str = ""
    role: DutyRole = DutyRole.PRIMARY
    rotation: Rotation = Rotation.NONE
    every: int = 1
    zone: str = "UTC"
    start: datetime | None = None
    begins_then: bool = False
    until: datetime | None = None
    hours: tuple[Hours, ...] = ()


class Roster(Struct, frozen=True, kw_only=True):
    """Who has duty when, for one tier of one team.

    Of the layers that provide a role, the last one that holds at a moment counts. Without one
    for the secondary, whose turn is next in the primary's layer is. `lead` is told when nobody else
    can be. `calendar` is the one that `hours` of layers go by.
    """

    name: str
    layers: tuple[Layer, ...] = ()
    lead: str = ""
    calendar: Calendar = Calendar()

    @property
    def zone(self) -> str:
        """Return the zone in which people read the times of the roster: that of its first layer."""
        return self.layers[0].zone if self.layers else "UTC"


def single(
    name: str,
    *members: str,
    lead: str = "",
    rotation: Rotation = Rotation.NONE,
    zone: str = "UTC",
    start: datetime | None = None,
) -> Roster:
    """Return a roster of one layer, which holds always."""
    layer = Layer(members=members, rotation=rotation, zone=zone, start=start)
    return Roster(name=name, layers=(layer,), lead=lead)


class OverrideState(StrEnum):
    """How far an override is agreed; only an agreed one changes who has duty."""

    ASKED = "asked"
    AGREED = "agreed"
    DECLINED = "declined"
    ENDED = "ended"  # by hand, before its time
    OVER = "over"


class Override(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Somebody has duty in another's place for a while.

    `person` takes the place of `covered`, wherever they would have duty, or with an empty `covered`
    that of the primary. While it is `asked` for, `person` may be empty: anybody may take it.
    In a swap, `covered` has the duty of `person` during `in_return`.
    """

    id: str
    roster: str
    starts_at: datetime
    ends_at: datetime
    covered: str = ""
    person: str = ""
    in_return: tuple[datetime, datetime] | None = None
    state: OverrideState = OverrideState.AGREED
    comment: str = ""
    created_by: str = ""
    created_at: datetime
    answered_by: str = ""


class When(StrEnum):
    """When a step counts, by the calendar of the policy."""

    ALWAYS = "always"
    WORKING = "working"
    OFF = "off"


class Step(Struct, frozen=True):
    """Page `targets` when `after` has passed since the tier began to be paged.

    Targets: `primary`, `secondary`, `lead`, `all`, or `user:<name>`. A step is passed over at
    once when it falls due in hours that `when` leaves out.
    """

    after: timedelta
    targets: tuple[str, ...]
    when: When = When.ALWAYS


class PolicyRow(Struct, frozen=True, kw_only=True):
    """How one priority is treated. A row without `ops_steps` never pages.

    `to_rnd_after` counts from the start of tier-1 paging; with None, tier 2 is paged only by hand, when
    `triage` runs out, or when all rounds are over. With
    `rnd_when` working, a tier 2 that falls due in other hours waits for the next working hour.
    """

    hold: timedelta
    ops_steps: tuple[Step, ...]
    rnd_steps: tuple[Step, ...]
    to_rnd_after: timedelta | None
    triage: timedelta
    ops_lease: timedelta
    rnd_lease: timedelta
    max_snooze: timedelta
    loops: int
    loop_every: timedelta
    loud_every: timedelta
    rnd_when: When = When.ALWAYS


class Policy(Struct, frozen=True, kw_only=True):
    """Which rosters and rows an incident uses; an incident keeps the policy it opened with.

    `matchers` are Alertmanager's, over the incident's common labels; the first policy that
    accepts them is taken. `hold_bounds` is the longest that any hold may delay the first page, from the
    first firing of what is as bad as the incident on.
    `rnd_roster` is paged when the owner of the likely root is not known. `calendar` is what `when` means.
    """

    name: str
    version: str
    matchers: str
    ops_roster: str
    rnd_roster: str
    rows: dict[Priority, PolicyRow]
    hold_bounds: dict[Priority, timedelta]
    clear_hold: timedelta
    reopen_window: timedelta
    calendar: Calendar = Calendar()


class OnCall(Struct, frozen=True, kw_only=True):
    """Everything that decides who is paged; swapped as a whole when rules change."""

    users: dict[str, User]
    rosters: dict[str, Roster]
    policies: tuple[Policy, ...]
    services: tuple[Service, ...] = ()
