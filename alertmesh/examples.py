"""Run the examples that rule files carry, each through a fresh pipeline with those rules."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta

from alertmesh.config import Config
from alertmesh.config.entries import Placed
from alertmesh.config.examples import ExampleEntry, ExpectEntry, GivenEntry
from alertmesh.core.series import Mark
from alertmesh.mapping_examples import mapping_failures
from alertmesh.recorded import RecordedAlert
from alertmesh.replay import Replay
from alertmesh.tally import Account, Tally
from alertmesh.wiring import Wiring

_MIDNIGHT = datetime(2026, 1, 5, tzinfo=UTC)
_LEASE = timedelta(days=3_650)  # an alert of an example fires until the example resolves it
_AFTERWARDS = timedelta(hours=1)


def failures(config: Config) -> list[str]:
    """Return a problem, `file:line:col message`, for all that comes out otherwise than expected."""
    found = [problem for placed in config.examples for problem in _failures(config, placed)]
    return found + mapping_failures(config)


def _failures(config: Config, placed: Placed[ExampleEntry]) -> Iterator[str]:
    example = placed.entry
    alerts = sorted(_alerts(example.given), key=lambda alert: alert.time)
    until = _MIDNIGHT + example.expect.at if example.expect.at is not None else alerts[-1].time + _AFTERWARDS
    tally = Tally()
    replay = Replay(Wiring(config), tally)
    replay.run(alert for alert in alerts if alert.time <= until)
    replay.advance(until)
    for key, wanted, got in _deviations(example.expect, tally):
        yield placed.fault(
            f"example {example.name!r}: {key} should be {wanted}, came out {got}", "expect", key
        )


def _alerts(given: tuple[GivenEntry, ...]) -> Iterator[RecordedAlert]:
    for place, entry in enumerate(given):
        for turn in range(entry.times):
            at = _MIDNIGHT + entry.at + turn * entry.every
            yield RecordedAlert(
                id=f"{place}.{turn}",
                time=at,
                status=entry.status,
                labels=dict(entry.labels),
                source=entry.source,
                annotations=dict(entry.annotations),
                ends_at=at + _LEASE if entry.status == "firing" else at,
            )


def _deviations(expect: ExpectEntry, tally: Tally) -> Iterator[tuple[str, str, str]]:
    """Yield each key that is not as expected, with what was wanted and what came."""
    accounts = tally.accounts()
    came = _outcome(accounts, tally)
    for key in ExpectEntry.model_fields:
        if key in came and key in expect.model_fields_set and getattr(expect, key) != came[key]:
            yield key, _said(getattr(expect, key)), _said(came[key])
    for name, marks in (expect.marks or {}).items():
        carried = _marks(tally, name)
        if carried is None:
            yield "marks", f"those of {name}", "no such alert"
        elif carried != set(marks):
            yield "marks", f"{name} {_listed(set(marks))}", _listed(carried)


def _outcome(accounts: list[Account], tally: Tally) -> Mapping[str, object]:
    pages = [page for account in accounts for page in account.pages]
    first = min((page.at for page in pages), default=None)
    worst = min((account.incident.priority for account in accounts), default=None)
    return {
        "series": len(tally.series),
        "incidents": len(accounts),
        "priority": None if worst is None else worst.name,
        "watched": tally.watched(),
        "suppressed": len(tally.suppressed),
        "paged": sum(1 for account in accounts if account.pages),
        "pages": len(pages),
        "first_page": None if first is None else first - _MIDNIGHT,
    }


def _marks(tally: Tally, name: str) -> set[Mark] | None:
    """Return every mark that the series of an alert ever carried; None when there is no such alert."""
    named = [series for series, alert in tally.series.items() if alert == name]
    if not named:
        return None
    return {mark for series in named for span in tally.spans.get(series, ()) for mark in span.marks}


def _said(value: object) -> str:
    if isinstance(value, timedelta):
        minutes, seconds = divmod(round(value.total_seconds()), 60)
        hours, minutes = divmod(minutes, 60)
        days, hours = divmod(hours, 24)
        clock = f"{hours:02d}:{minutes:02d}:{seconds:02d}"
        return f"{days}d {clock}" if days else clock
    return "none" if value is None else str(value)


def _listed(marks: set[Mark]) -> str:
    return ", ".join(sorted(marks)) or "no mark"
