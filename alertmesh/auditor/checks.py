"""What must hold of a pager that works: one small function a check, over what one look showed."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta

from alertmesh.auditor.look import Bounds, Check, Finding, Look
from alertmesh.core.alert import Priority
from alertmesh.core.oncall import Tier, When
from alertmesh.core.page import Attempt, AttemptState, PageKind
from alertmesh.core.response import Response, State, Timer
from alertmesh.escalate.policy import row_of, steps_of
from alertmesh.notify.probing import EVERY

LONGEST_CLAIM = timedelta(seconds=60)
"""How long a message may be on its way: several times what a channel and the lease of a claim take."""

CLOCK_SLACK = timedelta(seconds=30)
"""How far ahead of our clock the newest entry of the log may be."""

FAILURES = 3
"""After how many failures in a row a channel counts as dead; one is enough when it says so itself."""

_SLACK = timedelta(seconds=60)  # how far what the engine writes down may differ from when it did it
_DEAD = "dead after"  # how the outbox words the failure of a channel that is misconfigured or gone
_PAGING = frozenset({State.T1_PAGING, State.T2_PAGING})
_UNANSWERED = _PAGING | {State.EXHAUSTED}
_LEFT = frozenset({AttemptState.SENT, AttemptState.DELIVERED, AttemptState.READ})
_OVER = frozenset({State.RESOLVED, State.CLOSED, State.MERGED})
_NEEDED: dict[State, tuple[Timer, ...]] = {
    State.HELD: (Timer.HOLD,),
    State.T1_PAGING: (Timer.STEP, Timer.TIER, Timer.LOOP),
    State.T2_PAGING: (Timer.STEP, Timer.LOOP),
    State.T1_ACKED: (Timer.LEASE,),
    State.T2_ACKED: (Timer.LEASE,),
    State.SNOOZED: (Timer.SNOOZE,),
    State.CLEARED: (Timer.CLEAR,),
    State.EXHAUSTED: (Timer.LOUD,),
    State.SUPPRESSED: (Timer.WINDOW,),
}


def is_urgent(priority: Priority) -> bool:
    """Tell whether somebody must be reached at once."""
    return priority <= Priority.P2


def awaits_page(response: Response) -> bool:
    """Tell whether somebody must have been told by now, or soon."""
    return is_urgent(response.priority) and response.state in _UNANSWERED


def has_left(attempt: Attempt) -> bool:
    """Tell whether a channel took it, and did not say later that it came to nothing."""
    return attempt.state in _LEFT


def overdue(look: Look, bounds: Bounds) -> Iterator[Finding]:
    """Every deadline of a response is handled when it is due."""
    latest = look.at - bounds.overdue
    for response in look.responses.values():
        for timer, due in response.deadlines.items():
            if due < latest:
                facts = {"timer": timer.value, "state": response.state.value}
                yield Finding(
                    check=Check.OVERDUE, since=due, incident=response.incident, subject=timer, facts=facts
                )


def stuck(look: Look, bounds: Bounds) -> Iterator[Finding]:
    """A response that is not over has a deadline by which it goes on, however quiet people are."""
    for response in look.responses.values():
        needed = _NEEDED.get(response.state, ())
        if needed and not any(timer in response.deadlines for timer in needed) and _must_move(response):
            facts = {"state": response.state.value, "timers": ", ".join(needed)}
            yield Finding(check=Check.STUCK, since=response.since, incident=response.incident, facts=facts)


def unhandled(look: Look, bounds: Bounds) -> Iterator[Finding]:
    """Every P1 and P2 incident that fires has a response."""
    for incident in look.lost:
        if is_urgent(incident.priority) and look.at - incident.opened_at > bounds.overdue:
            facts = {"priority": f"P{incident.priority:d}"}
            yield Finding(check=Check.UNHANDLED, since=incident.opened_at, incident=incident.id, facts=facts)


def unpaged(look: Look, bounds: Bounds) -> Iterator[Finding]:
    """While nobody answers a P1 or P2, at least one message of this cycle left to a person."""
    for number, paging in look.paging.items():
        response = look.responses.get(number)
        if response is None or not awaits_page(response):
            continue
        pages = [one for one in paging.attempts if _is_page_of(one, response)]
        began = _paging_began(response, pages)
        if began is None or look.at - began <= bounds.unpaged or any(map(has_left, pages)):
            continue
        facts = {"priority": f"P{response.priority:d}", "people": _people(pages)}
        told = paging.undeliverable_at is not None and paging.undeliverable_at >= began
        check = Check.UNDELIVERED if told else Check.UNPAGED
        yield Finding(check=check, since=began, incident=number, facts=facts)


def claimed(look: Look, bounds: Bounds) -> Iterator[Finding]:
    """A message that was given to a channel comes to an end."""
    for attempt in look.open_attempts:
        since = attempt.claimed_at or attempt.due_at
        if attempt.state is AttemptState.CLAIMED and look.at - since > LONGEST_CLAIM:
            yield _of_attempt(Check.CLAIMED, attempt, since)


def waiting(look: Look, bounds: Bounds) -> Iterator[Finding]:
    """A page of a P1 or P2 that is due leaves, unless its channel serves a penalty or another one took it."""
    took = {one.page.id for attempts in look.recent.values() for one in attempts if has_left(one)}
    for attempt in look.open_attempts:
        page = attempt.page
        if attempt.state is AttemptState.CLAIMED or page.kind is not PageKind.PAGE or page.id in took:
            continue
        is_late = look.at - attempt.due_at > bounds.waiting
        penalty = look.paused.get(attempt.channel)
        if is_late and is_urgent(page.priority) and (penalty is None or penalty <= look.at):
            yield _of_attempt(Check.WAITING, attempt, attempt.due_at)


def late_page(look: Look, bounds: Bounds) -> Iterator[Finding]:
    """Nobody is paged once a person has it, or once it is over."""
    for attempts in look.recent.values():
        for attempt in attempts:
            response = look.responses.get(attempt.page.incident)
            if response is None or attempt.claimed_at is None or not _stops(response, attempt):
                continue
            if attempt.claimed_at - response.since > _SLACK:
                yield _of_attempt(Check.LATE_PAGE, attempt, attempt.claimed_at, state=response.state.value)


def endless(look: Look, bounds: Bounds) -> Iterator[Finding]:
    """No ack and no quiet lasts longer than the policy allows."""
    for response in look.responses.values():
        longest = _longest(response)
        for timer, length in longest.items():
            end = response.deadlines.get(timer)
            if end is not None and end - look.at > length + _SLACK:
                facts = {"timer": timer.value, "end": _moment(end), "owner": response.owner}
                yield Finding(
                    check=Check.ENDLESS,
                    since=response.since,
                    incident=response.incident,
                    subject=timer,
                    facts=facts,
                )


def nameless(look: Look, bounds: Bounds) -> Iterator[Finding]:
    """Whatever keeps an incident from paging has a name."""
    for response in look.responses.values():
        if response.state is State.SUPPRESSED and not response.window_rule:
            yield Finding(check=Check.NAMELESS, since=response.since, incident=response.incident)


def undecided(look: Look, bounds: Bounds) -> Iterator[Finding]:
    """What came in is decided."""
    since = look.undecided_at
    if since is not None and look.at - since > bounds.undecided:
        yield Finding(check=Check.UNDECIDED, since=since)


def server(look: Look, bounds: Bounds) -> Iterator[Finding]:
    """The server answers that it takes work."""
    since = look.server.since
    if since is not None and look.at - since >= bounds.server:
        facts = {"trouble": look.server.trouble}
        yield Finding(check=Check.SERVER, since=since, facts=facts, sure=True)


def clock(look: Look, bounds: Bounds) -> Iterator[Finding]:
    """The server's clock and ours show the same."""
    if look.newest_at is not None and look.newest_at - look.at > CLOCK_SLACK:
        ahead = f"{(look.newest_at - look.at).total_seconds():.0f}"
        yield Finding(check=Check.CLOCK, since=look.at, facts={"seconds": ahead})


def disk(look: Look, bounds: Bounds) -> Iterator[Finding]:
    """There is room for what comes next."""
    if look.disk_free is not None and look.disk_free < bounds.disk_bytes:
        facts = {"free": _mib(look.disk_free), "wanted": _mib(bounds.disk_bytes)}
        yield Finding(check=Check.DISK, since=look.at, facts=facts)


def channel(look: Look, bounds: Bounds) -> Iterator[Finding]:
    """Each channel that was used takes messages, and those that can be asked say that they would."""
    sick = {finding.subject: finding for finding in _sick(look)}
    yield from sick.values()
    for name, attempts in look.recent.items():
        if name in sick:
            continue
        newest_first = {attempt.key: attempt for attempt in reversed(attempts) if _has_ended(attempt)}
        ended = sorted(newest_first.values(), key=_claim, reverse=True)[:FAILURES]
        failed = [attempt for attempt in ended if not has_left(attempt)]
        is_dead = bool(ended) and ended[0] in failed and ended[0].error.startswith(_DEAD)
        if is_dead or len(failed) == FAILURES:
            facts = {"channel": name, "error": ended[0].error}
            yield Finding(check=Check.CHANNEL, since=_claim(ended[-1]), subject=name, facts=facts)


CHECKS: tuple[Callable[[Look, Bounds], Iterable[Finding]], ...] = (
    server,
    undecided,
    overdue,
    stuck,
    unhandled,
    unpaged,
    claimed,
    waiting,
    late_page,
    endless,
    nameless,
    channel,
    clock,
    disk,
)
"""Every check of a look; `store` is found by whoever cannot look, `undelivered` along with `unpaged`."""


def judge(look: Look, bounds: Bounds) -> tuple[Finding, ...]:
    """Return everything that is wrong."""
    return tuple(finding for check in CHECKS for finding in check(look, bounds))


def _must_move(response: Response) -> bool:
    """Tell whether quiet is not what the policy wants: a row without steps pages nobody."""
    return response.state is not State.HELD or bool(row_of(response.policy, response.priority).ops_steps)


def _is_page_of(attempt: Attempt, response: Response) -> bool:
    return attempt.page.kind is PageKind.PAGE and attempt.page.cycle == response.cycle


def _paging_began(response: Response, pages: list[Attempt]) -> datetime | None:
    """Return when the first page of this cycle was decided or due; None when none may be due yet."""
    if pages:
        return min(attempt.page.at for attempt in pages)
    if response.state is State.EXHAUSTED:
        return response.since
    steps = steps_of(row_of(response.policy, response.priority), response.tier)
    if not steps or any(step.when is not When.ALWAYS for step in steps):
        return None
    return response.since + steps[0].after


def _people(pages: list[Attempt]) -> str:
    return ", ".join(dict.fromkeys(attempt.page.person for attempt in pages))


def _stops(response: Response, attempt: Attempt) -> bool:
    """Tell whether the response as it is now leaves no room for such a page."""
    page = attempt.page
    if page.kind is not PageKind.PAGE or page.cycle > response.cycle:
        return False
    if response.state in _OVER or response.state is State.T1_ACKED:
        return True
    return response.state is State.T2_ACKED and page.tier == Tier.RND


def _longest(response: Response) -> dict[Timer, timedelta]:
    row = row_of(response.policy, response.priority)
    if response.state is State.SNOOZED:
        return {Timer.SNOOZE: row.max_snooze}
    if response.state is State.T2_ACKED:
        return {Timer.LEASE: row.rnd_lease}
    return {Timer.LEASE: row.ops_lease}


def _has_ended(attempt: Attempt) -> bool:
    """Tell whether a channel has had its say about a message: taken, failed, or failing again and again."""
    given_up = attempt.state is AttemptState.FAILED
    failing = attempt.tries >= FAILURES and attempt.state in (AttemptState.QUEUED, AttemptState.UNKNOWN)
    return has_left(attempt) or given_up or (failing and bool(attempt.error))


def _sick(look: Look) -> Iterator[Finding]:
    """Yield the channels that said lately, and more than once, that they take nothing."""
    for name, probe in look.probes.items():
        is_new = look.at - probe.at <= 3 * EVERY
        if is_new and not probe.healthy and probe.at > probe.since:
            facts = {"channel": name, "error": probe.error}
            yield Finding(check=Check.CHANNEL, since=probe.since, subject=name, facts=facts)


def _claim(attempt: Attempt) -> datetime:
    return attempt.claimed_at or attempt.due_at


def _of_attempt(check: Check, attempt: Attempt, since: datetime, **facts: str) -> Finding:
    page = attempt.page
    told = {"channel": attempt.channel, "person": page.person, "error": attempt.error, **facts}
    return Finding(check=check, since=since, incident=page.incident, subject=attempt.id, facts=told)


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"


def _mib(size: int) -> str:
    return f"{size // (1024 * 1024)} MiB"
