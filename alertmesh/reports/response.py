"""How fast incidents are taken and ended, and how many nobody took."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta, tzinfo

from msgspec import Struct

from alertmesh.core.oncall import Tier
from alertmesh.reports.account import Account, key_of
from alertmesh.reports.course import Course
from alertmesh.reports.figures import Spread, share, spread


class TierFigures(Struct, frozen=True, kw_only=True):
    """How one tier answered its pages.

    `answered` pages were acked within their step; for `waiting` ones the step still lasts. `to_ack_s`
    is from the first page of the tier to its first ack.
    """

    pages: int
    answered: int
    waiting: int
    effectiveness: float | None
    to_ack_s: Spread


class Figures(Struct, frozen=True, kw_only=True):
    """What became of some incidents.

    Of the `paged` ones, `acked` were taken by a person; `handled` were ended or passed on by hand
    without an ack; `waiting` are open and may still be taken; nobody cared for the `unacked`, who
    are a part `no_ack_rate` of those that wait no more.
    """

    incidents: int
    open: int
    paged: int
    acked: int
    handled: int
    waiting: int
    unacked: int
    exhausted: int
    escalated: int
    reopened: int
    no_ack_rate: float | None
    escalation_rate: float | None
    page_effectiveness: float | None
    to_ack_s: Spread
    open_to_ack_s: Spread
    to_resolve_s: Spread
    suppressed_s: Spread
    to_tier2_page_s: Spread
    escalation_to_tier2_ack_s: Spread
    tiers: dict[str, TierFigures]


class Part(Struct, frozen=True):
    """The figures of those incidents that share a key."""

    key: str
    figures: Figures


class ResponseReport(Struct, frozen=True, kw_only=True, rename={"start": "from", "end": "to"}):
    """The response to the incidents that were opened from `start` until just before `end`."""

    start: datetime
    end: datetime
    by: str
    total: Figures
    parts: list[Part]


def report(
    accounts: Sequence[Account], by: str, start: datetime, end: datetime, zone: tzinfo = UTC
) -> ResponseReport:
    """Report on the incidents opened in a span of time, in parts as `key_of` sorts them."""
    key = key_of(by, zone)
    wanted = [one for one in accounts if start <= one.course.opened_at < end]
    parts: dict[str, list[Account]] = {}
    for one in wanted:
        parts.setdefault(key(one), []).append(one)
    return ResponseReport(
        start=start,
        end=end,
        by=by,
        total=figures(wanted),
        parts=[Part(key, figures(found)) for key, found in sorted(parts.items())],
    )


def figures(accounts: Sequence[Account]) -> Figures:
    """Count what became of some incidents."""
    courses = [one.course for one in accounts]
    paged = [course for course in courses if course.pages]
    fates = [_fate(course) for course in paged]
    waiting, unacked = fates.count("waiting"), fates.count("unacked")
    escalated = [course for course in courses if course.escalated_at is not None]
    over = [course for course in courses if course.resolved_at is not None]
    tiers = {tier.value: _tier(courses, tier) for tier in Tier}
    return Figures(
        incidents=len(courses),
        open=len(courses) - len(over),
        paged=len(paged),
        acked=fates.count("acked"),
        handled=fates.count("handled"),
        waiting=waiting,
        unacked=unacked,
        exhausted=sum(course.exhausted for course in courses),
        escalated=len(escalated),
        reopened=sum(course.reopened > 0 for course in courses),
        no_ack_rate=share(unacked, len(paged) - waiting),
        escalation_rate=share(sum(course.escalated_at is not None for course in paged), len(paged)),
        page_effectiveness=_effectiveness(tiers.values()),
        to_ack_s=spread(_after(course.first_page(), course.first_ack()) for course in courses),
        open_to_ack_s=spread(_after(course.opened_at, course.first_ack()) for course in courses),
        to_resolve_s=spread(course.worked for course in over),
        suppressed_s=spread(course.suppressed for course in courses if course.suppressed),
        to_tier2_page_s=spread(_after(course.opened_at, course.first_page(Tier.RND)) for course in courses),
        escalation_to_tier2_ack_s=spread(
            _after(course.escalated_at, course.first_ack(Tier.RND)) for course in escalated
        ),
        tiers=tiers,
    )


def _fate(course: Course) -> str:
    """Return the one thing that became of an incident that was paged."""
    if course.acks:
        return "acked"
    if course.exhausted:
        return "unacked"
    if course.taken_on:
        return "handled"
    return "waiting" if course.resolved_at is None else "unacked"


def _tier(courses: Sequence[Course], tier: Tier) -> TierFigures:
    answers = [answer for course in courses for answer in course.answers(tier)]
    answered, waiting = answers.count(True), answers.count(None)
    return TierFigures(
        pages=len(answers),
        answered=answered,
        waiting=waiting,
        effectiveness=share(answered, len(answers) - waiting),
        to_ack_s=spread(_after(course.first_page(tier), course.first_ack(tier)) for course in courses),
    )


def _effectiveness(tiers: Iterable[TierFigures]) -> float | None:
    found = list(tiers)
    return share(sum(one.answered for one in found), sum(one.pages - one.waiting for one in found))


def _after(start: datetime | None, end: datetime | None) -> timedelta | None:
    """Return how long something took; None when one end is not there, or they do not follow."""
    return end - start if start is not None and end is not None and end >= start else None
