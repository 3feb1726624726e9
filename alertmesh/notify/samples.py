"""Sample messages: templates are tried with them when they are read, and `message preview` shows them."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from msgspec.structs import replace

from alertmesh.core.alert import Priority
from alertmesh.core.group import Cause, Join, Reason
from alertmesh.core.incident import Condition, Incident, Recurrence, Similar
from alertmesh.core.oncall import Policy, Tier, User
from alertmesh.core.page import Page, PageKind
from alertmesh.core.response import Response, State, Timer
from alertmesh.notify.facts import BUNDLE, HANDOVER, Briefing, Facts, Style, facts_of

AT = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
ADDRESS = "https://alertmesh.example.org"
CODE = "7K2M9QXA"
_PEOPLE = (
    User(name="wang", display="Wang Wei", mobile="13800000001"),
    User(name="li", display="Li Na", mobile="13800000002"),
)
_REASONS = {
    PageKind.PAGE: "operations did not answer",
    PageKind.UPDATE: "li has it now",
    PageKind.CLOSING: "resolved by li: moved the log volume",
}
_POLICY = Policy(
    name="default",
    version="1",
    matchers="",
    ops_roster="ops",
    rnd_roster="rnd",
    rows={},
    hold_bounds={},
    clear_hold=timedelta(minutes=5),
    reopen_window=timedelta(minutes=30),
)


def style(language: str, kind: str = "", channel: str = "sample") -> Style:
    """Return how a sample is said."""
    return Style(
        key="sample",
        now=AT,
        people=_PEOPLE,
        language=language,
        external_url=ADDRESS,
        code=CODE,
        channel=channel,
        kind=kind,
    )


def briefings(kind: str) -> list[Briefing]:
    """Return what a sample message of a kind is about: everything that can be known of an incident."""
    if kind == BUNDLE:
        return [_briefing(number, PageKind.PAGE, _REASONS[PageKind.PAGE]) for number in (42, 43, 44)]
    if kind == HANDOVER:
        return [_briefing(42, PageKind.PAGE, "hand-over from wang")]
    return [_briefing(42, PageKind(kind), _REASONS[PageKind(kind)])]


def samples(kind: str, language: str) -> Iterator[Facts]:
    """Yield messages of a kind to try a template with: one that knows everything, one that knows nothing."""
    full = briefings(kind)
    yield facts_of(full, style(language))
    if kind == HANDOVER:
        yield facts_of([full[0], _briefing(43, PageKind.PAGE, "hand-over from wang")], style(language))
    bare = [Briefing(pages=tuple(replace(page, reason="") for page in one.pages)) for one in full]
    nothing = facts_of(bare, replace(style(language), people=(), external_url="", code=""))
    yield replace(nothing, kind=kind)


def _briefing(number: int, kind: PageKind, reason: str) -> Briefing:
    page = Page(
        id=f"sample-{number}",
        incident=number,
        epoch=3,
        cycle=1,
        kind=kind,
        tier=Tier.OPS,
        step=1,
        loop=0,
        person="li",
        priority=Priority.P1,
        at=AT - timedelta(minutes=1),
        reason=reason,
    )
    return Briefing(
        pages=(page,),
        incident=_incident(number, kind is PageKind.CLOSING),
        response=_response(number, kind is PageKind.PAGE),
    )


def _incident(number: int, is_over: bool) -> Incident:
    return Incident(
        id=number,
        group=number,
        title="NodeDiskFull node-7 (+118)",
        priority=Priority.P1,
        condition=Condition.CLEARED if is_over else Condition.FIRING,
        opened_at=AT - timedelta(minutes=12),
        changed_at=AT - timedelta(minutes=1),
        cleared_at=AT - timedelta(minutes=1) if is_over else None,
        labels={"cluster": "prod", "namespace": "shop", "node": "node-7"},
        series=7,
        firing=0 if is_over else 5,
        alerts=119,
        services=("shop", "cart", "pay", "search", "login"),
        summary="Disk of node-7 is 97% full",
        runbook_url="https://runbooks.example.org/disk",
        causes=(
            Cause(
                "node prod/node-7",
                "sample",
                0.42,
                "node node-7 tells of NodeDiskFull, 6 things that alert lie on it",
                0.44,
                "deploy 4 min before by li: cart v1.4.2",
            ),
        ),
        together=Join(0.93, (Reason("time", "They began within 14 s", 2.1),)),
        similar=(
            Similar(
                incident=31,
                score=0.82,
                title="NodeDiskFull node-3 (+40)",
                closed_at=AT - timedelta(days=9),
                root="node-3",
                resolved_by="wang",
                note="moved the log volume",
                shared="the same alerts: NodeDiskFull",
                telling=True,
            ),
        ),
        recurrence=Recurrence("node-7", 4, 30),
    )


def _response(number: int, is_paging: bool) -> Response:
    due = {Timer.STEP: AT + timedelta(minutes=3), Timer.TIER: AT + timedelta(minutes=8)}
    return Response(
        incident=number,
        state=State.T1_PAGING if is_paging else State.T1_ACKED,
        epoch=3,
        cycle=1,
        priority=Priority.P1,
        policy=_POLICY,
        since=AT - timedelta(minutes=4),
        opened_at=AT - timedelta(minutes=12),
        deadlines=due if is_paging else {},
        owner="" if is_paging else "li",
        paged=("wang", "li"),
        rnd_roster="dba",
        rnd_why="dba: owner of cart, the likely root (0.42)",
    )
