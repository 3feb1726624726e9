"""What became of one incident, read from the lines of its timeline."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import chain

from msgspec import Struct
from msgspec.structs import replace

from alertmesh.core.incident import TimelineEntry
from alertmesh.core.oncall import Tier
from alertmesh.core.response import State

_STATES = {state.value: state for state in State}
_OVER = frozenset({State.RESOLVED, State.CLOSED})
_GOES_ON_ELSEWHERE = frozenset({"INC-08"})  # on an incident that ended in another
_CAME_IN = frozenset({"INC-07"})  # on the one that goes on
_FROM_THE_OTHER = "MRG-"  # rules that carry over what was done to an incident that was merged in
_TAKES_ON = frozenset({"escalate", "return", "assign", "snooze", "resolved"})
_ACK_TIERS = {State.T1_ACKED: Tier.OPS, State.T2_PAGING: Tier.OPS, State.T2_ACKED: Tier.RND}


class Paged(Struct, frozen=True, gc=False):
    """A person of a tier was paged."""

    at: datetime
    person: str
    tier: str


class Acked(Struct, frozen=True, gc=False):
    """A person took it; `tier` is empty when the timeline does not tell for which tier."""

    at: datetime
    person: str
    tier: str


class Course(Struct, frozen=True, kw_only=True, gc=False):
    """The course of one incident, as far as its timeline goes.

    `worked` is how long it was open, without the time in which it was suppressed and without the time
    between an end and a reopening. `resolved_at` is None while it is open; `closed` says that its cause
    was told. `taken_on` says that a person ended it or passed it on, `touched` that a person did anything
    at all. `absorbed` are the incidents that ended in it.
    """

    incident: int
    opened_at: datetime
    pages: tuple[Paged, ...] = ()
    acks: tuple[Acked, ...] = ()
    worked: timedelta = timedelta()
    suppressed: timedelta = timedelta()
    escalated_at: datetime | None = None
    resolved_at: datetime | None = None
    closed: bool = False
    reopened: int = 0
    flaps: int = 0
    exhausted: bool = False
    taken_on: bool = False
    touched: bool = False
    merged_into: int | None = None
    absorbed: tuple[int, ...] = ()

    def first_page(self, tier: str = "") -> datetime | None:
        """Return when somebody was first paged, of `tier` if one is named."""
        return next((page.at for page in self.pages if tier in ("", page.tier)), None)

    def first_ack(self, tier: str = "") -> datetime | None:
        """Return when a person first took it, for `tier` if one is named."""
        return next((ack.at for ack in self.acks if tier in ("", ack.tier)), None)

    def answers(self, tier: str = "") -> list[bool | None]:
        """Tell for each page of a tier, or of both, whether it was answered within its step.

        A step lasts until its tier is paged again; None: it still lasts.
        """
        wanted = [page for page in self.pages if tier in ("", page.tier)]
        return [self._is_answered(page) for page in wanted]

    def _is_answered(self, page: Paged) -> bool | None:
        later = (other.at for other in self.pages if other.tier == page.tier and other.at > page.at)
        end = next(later, self.resolved_at)
        for ack in self.acks:
            if ack.at >= page.at and ack.tier in ("", page.tier):
                return end is None or ack.at <= end
        return None if end is None else False


def read(lines: Sequence[TimelineEntry]) -> Course:
    """Read the timeline of one incident, in the order in which it was written; it has a line at least."""
    reading = _Reading(lines[0].at)
    for line in lines:
        reading.take(line)
    return reading.course(lines[0].incident)


def united(courses: Mapping[int, Course]) -> list[Course]:
    """Return one course for each incident that did not end in another, with what those brought along.

    It began with the earliest of them. One whose survivor is not among `courses` stands for itself.
    """
    parts: dict[int, list[Course]] = {number: [] for number in sorted(courses)}
    for number, course in courses.items():
        parts[_survivor(number, courses)].append(course)
    return [_joined(courses[number], found) for number, found in parts.items() if found]


def _survivor(number: int, courses: Mapping[int, Course]) -> int:
    seen = {number}
    into = courses[number].merged_into
    while into is not None and into in courses and into not in seen:
        number = into
        seen.add(number)
        into = courses[number].merged_into
    return number


def _joined(survivor: Course, parts: Sequence[Course]) -> Course:
    if len(parts) == 1:
        return survivor
    first = min(part.opened_at for part in parts)
    escalations = [part.escalated_at for part in parts if part.escalated_at is not None]
    return replace(
        survivor,
        opened_at=first,
        pages=tuple(sorted(chain.from_iterable(part.pages for part in parts), key=_moment)),
        acks=tuple(sorted(chain.from_iterable(part.acks for part in parts), key=_moment)),
        worked=survivor.worked + (survivor.opened_at - first),
        escalated_at=min(escalations, default=None),
        flaps=sum(part.flaps for part in parts),
        exhausted=any(part.exhausted for part in parts),
        taken_on=any(part.taken_on for part in parts),
        touched=any(part.touched for part in parts),
    )


def _moment(one: Paged | Acked) -> datetime:
    return one.at


def is_by_person(line: TimelineEntry) -> bool:
    """Tell whether a line tells of something that a person did to this incident, in time."""
    return bool(line.actor) and line.kind != "noop" and not line.rule.startswith(_FROM_THE_OTHER)


class _Reading:
    """A course while its lines are being read."""

    def __init__(self, opened_at: datetime) -> None:
        self._opened_at = opened_at
        self._state = State.HELD
        self._since = opened_at
        self._spent: dict[State, timedelta] = {}
        self._pages: list[Paged] = []
        self._acks: list[Acked] = []
        self._escalated_at: datetime | None = None
        self._reopened = self._flaps = 0
        self._taken_on = self._touched = self._closed = False
        self._merged_into: int | None = None
        self._absorbed: list[int] = []

    def take(self, line: TimelineEntry) -> None:
        """Take the next line."""
        state = _STATES.get(line.data.get("state", ""))
        if state is not None:
            self._flaps += line.kind in ("refired", "reopened")
            if state is not self._state:
                self._enter(state, line)
        if line.kind == "page":
            self._page(line)
        elif line.kind == "merged":
            self._merge(line)
        if line.actor and is_by_person(line):
            self._touched = True
            self._taken_on = self._taken_on or line.kind in _TAKES_ON
            if line.kind == "ack":
                self._acks.append(Acked(line.at, line.actor, _ACK_TIERS.get(self._state, "")))

    def course(self, incident: int) -> Course:
        """Return what was read."""
        is_over = self._state in _OVER
        idle = _OVER | {State.SUPPRESSED, State.MERGED}
        worked = [length for state, length in self._spent.items() if state not in idle]
        return Course(
            incident=incident,
            opened_at=self._opened_at,
            pages=tuple(sorted(self._pages, key=_moment)),
            acks=tuple(self._acks),
            worked=sum(worked, timedelta()),
            suppressed=self._spent.get(State.SUPPRESSED, timedelta()),
            escalated_at=self._escalated_at,
            resolved_at=self._since if is_over else None,
            closed=self._closed,
            reopened=self._reopened,
            flaps=self._flaps,
            exhausted=State.EXHAUSTED in self._spent or self._state is State.EXHAUSTED,
            taken_on=self._taken_on,
            touched=self._touched,
            merged_into=self._merged_into,
            absorbed=tuple(self._absorbed),
        )

    def _enter(self, state: State, line: TimelineEntry) -> None:
        self._closed = state is State.CLOSED
        if state in _OVER and self._state in _OVER:
            return
        now = max(line.at, self._since)
        self._spent[self._state] = self._spent.get(self._state, timedelta()) + (now - self._since)
        self._reopened += self._state in _OVER and state is not State.MERGED
        if state is State.T2_PAGING:
            self._escalate(line.at)
        self._state, self._since = state, now

    def _page(self, line: TimelineEntry) -> None:
        tier = line.data.get("tier", "")
        self._pages.append(Paged(line.at, line.data.get("person", ""), tier))
        if tier == Tier.RND:
            self._escalate(line.at)

    def _escalate(self, at: datetime) -> None:
        if self._escalated_at is None:
            self._escalated_at = at

    def _merge(self, line: TimelineEntry) -> None:
        other = line.data.get("other", "")
        if not other.isdecimal():
            return
        if line.rule in _GOES_ON_ELSEWHERE:
            self._merged_into = int(other)
        elif line.rule in _CAME_IN:
            self._absorbed.append(int(other))
