"""What goes out next, and what goes out together: many waiting pages become one message."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from hashlib import sha256

from alertmesh.core.alert import Priority
from alertmesh.core.page import Attempt, PageKind

SINGLES = 3  # more waiting messages than this are merged
BUNDLE_INCIDENTS = 60  # one line each must fit into one message

Rank = tuple[int, int, datetime, str]


def is_urgent(attempt: Attempt) -> bool:
    """Tell whether this is the first page of a P1 incident in its tier."""
    return attempt.page.priority is Priority.P1 and _place(attempt) == 0


def rank(attempt: Attempt) -> Rank:
    """Order attempts: first pages, then repeats, then updates; worse priorities and older ones first."""
    page = attempt.page
    return (_place(attempt), page.priority, page.at, attempt.id)


def _place(attempt: Attempt) -> int:
    page = attempt.page
    if page.kind is not PageKind.PAGE:
        return 2
    return 0 if page.step == 0 and page.loop == 0 else 1


def message_key(attempts: Iterable[Attempt]) -> str:
    """Return the idempotency key of the message that carries `attempts`, whatever their order."""
    ids = "\n".join(sorted(attempt.id for attempt in attempts))
    return sha256(ids.encode()).hexdigest()[:32]


def pick(waiting: Sequence[Attempt], room: int, common_room: int) -> list[Attempt]:
    """Choose the attempts of the next message; empty when none may leave now.

    `room` is how many first pages of P1 incidents may leave, `common_room` how many others.
    A few messages leave one by one; more than that, or more than there is room for, leave as
    one. Everything that waits for a chosen incident leaves with it.
    """
    ordered = sorted(waiting, key=rank)
    urgent = [attempt for attempt in ordered if is_urgent(attempt)]
    if urgent and room > 0:
        return _together(urgent, ordered, room)
    common = [attempt for attempt in ordered if not is_urgent(attempt)]
    if common and common_room > 0:
        return _together(common, common, common_room)
    return []


def _together(lane: Sequence[Attempt], everything: Sequence[Attempt], room: int) -> list[Attempt]:
    singles = dict.fromkeys((attempt.page.incident, attempt.page.kind) for attempt in lane)
    if len(singles) <= min(SINGLES, room):
        first = next(iter(singles))
        return [attempt for attempt in everything if (attempt.page.incident, attempt.page.kind) == first]
    incidents = dict.fromkeys(attempt.page.incident for attempt in lane)
    chosen = frozenset(list(incidents)[:BUNDLE_INCIDENTS])
    return [attempt for attempt in everything if attempt.page.incident in chosen]
