"""Ask a provider what became of messages, each one once."""

from collections.abc import Awaitable, Callable, Iterable

from alertmesh.core.page import Attempt, Report

Outcome = Callable[[Attempt], Awaitable[Report | None]]


async def ask_each(attempts: Iterable[Attempt], outcome: Outcome) -> list[Report]:
    """Return what `outcome` finds out, asked once a key, about the last attempt that has it."""
    by_key = {attempt.key: attempt for attempt in attempts if attempt.key}
    found = [await outcome(attempt) for attempt in by_key.values()]
    return [report for report in found if report is not None]
