"""The command that says who would hear of an alert."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from alertmesh.cli_clients import Json, fail, print_json
from alertmesh.core.clock import SystemClock

if TYPE_CHECKING:
    from alertmesh.core.silence import Silence
    from alertmesh.forecast import Forecast, Foreseen

route_app = typer.Typer(help="Say who hears of what.", no_args_is_help=True, rich_markup_mode=None)
_TIERS = {"ops": "tier 1", "rnd": "tier 2"}


@route_app.callback()
def _route() -> None:
    """Keep `test` a word of its own."""


@route_app.command("test")
def route_test(
    labels: Annotated[list[str], typer.Argument(help="LABEL=VALUE, as the alert would have them.")],
    config: Annotated[Path | None, typer.Option("--config", "-c", help="Path of alertmesh.yaml.")] = None,
    rules: Annotated[
        Path | None, typer.Option("--rules", help="Directory of rules; default: those shipped.")
    ] = None,
    at: Annotated[
        str, typer.Option(help="When it fires, such as 2026-11-23T04:00 (UTC unless it says otherwise).")
    ] = "",
    source: Annotated[str, typer.Option("--from", help="The sender, whose default labels are added.")] = "",
    url: Annotated[str, typer.Option("--url", help="Ask this server for its silences too.")] = "",
    as_json: Json = False,
) -> None:
    """Say who would hear of an alert with these labels, when, and by which channel, if nobody takes it.

    It goes by the configuration, the rosters and the maintenance windows; with --url by the silences of a
    running server too. What is learned from the past is not foretold.

    Example: alertmesh route test alertname=DiskFull severity=critical node=n1 --at 2026-11-23T04:00
    """
    import msgspec

    from alertmesh.config import load
    from alertmesh.forecast import forecast

    loaded = load(config, rules, {})
    given = _labels(labels)
    if source:
        door = loaded.doors.get(source)
        if door is None:
            fail(f"--from {source}: there is no source of that name")
        given = {**door.labels, **given}
    moment = _moment(at)
    found = forecast(loaded, given, moment, _silences(url) if url else ())
    if as_json:
        print_json(msgspec.to_builtins(found))
        return
    typer.echo("\n".join(_lines(found)))


def _labels(words: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not name or not equals:
            fail(f"{word}: write LABEL=VALUE")
        if value:
            found[name] = value
    return found


def _moment(text: str) -> datetime:
    if not text:
        return SystemClock().now()
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        fail(f"--at {text}: write a moment such as 2026-11-23T04:00")
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def _silences(url: str) -> "list[Silence]":
    from alertmesh.client import ApiClient
    from alertmesh.core.matchers import parse_matchers
    from alertmesh.core.silence import Condition, Silence

    client, found, after = ApiClient(url), list[Silence](), None
    while True:
        page = client.get("/api/v1/silences", state="active,pending", limit=500, after=after)
        found += [
            Silence(
                id=one["id"],
                matchers=tuple(map(Condition.of, parse_matchers(one["matchers"]))),
                starts_at=datetime.fromisoformat(one["starts_at"]),
                ends_at=datetime.fromisoformat(one["ends_at"]),
                created_by=one["created_by"],
                comment=one["comment"],
                updated_at=datetime.fromisoformat(one["updated_at"]),
            )
            for one in page["silences"]
        ]
        after = page["next"]
        if after is None:
            return found


def _lines(found: "Forecast") -> Iterator[str]:
    word = f" (severity {found.severity})" if found.severity else " (no severity)"
    yield f"{found.priority}{word}, policy {found.policy}, version {found.version}"
    if found.watched_s is None:
        yield "alone it is watched and becomes no incident"
    elif found.watched_s:
        yield f"alone it is watched for {_span(found.watched_s)} before it becomes an incident"
    for cover in found.covers:
        why = f" ({cover.comment})" if cover.comment else ""
        yield f"{cover.kind} {cover.name}{why} hides it until {_time(cover.until)}: {cover.matchers}"
    if found.first_page is None:
        yield "nobody is paged"
    elif found.held_at_most is not None and found.held_at_most > found.first_page:
        yield f"the first page may be held until {_time(found.held_at_most)} if it is likely to clear alone"
    if found.team_why and found.pages:
        yield f"tier 2 would be {found.team_why}"
    tier = ""
    for page in found.pages:
        if page.tier != tier:
            tier = page.tier
            yield f"{_TIERS[tier]}:" if tier == "ops" else f"{_TIERS[tier]}, if nobody of tier 1 takes it:"
        yield f"  {_time(page.at)} {_since(page.at - found.at):>8} {_people(page)}"
    if found.pages:
        every, loud = _span(found.loop_every_s), _span(found.loud_every_s)
        rounds = f"{found.rounds} rounds, {every} apart" if found.rounds > 1 else "one round"
        yield f"{rounds}; then everybody every {loud}"
    for rule in found.hides:
        same = ", ".join(f'{name}="{value}"' for name, value in rule.equal.items())
        yield f"rule {rule.rule} hides it while {rule.source} fires" + (f" with {same}" if same else "")


def _people(page: "Foreseen") -> str:
    told = [f"{one.person} ({one.target}) by {', '.join(one.channels)}" for one in page.people]
    return "; ".join([*told, *(f"nobody as {target}" for target in page.missing)])


def _time(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"


def _since(passed: timedelta) -> str:
    return f"+{_span(passed.total_seconds())}"


def _span(seconds: float) -> str:
    """Return how long something is, as people write it.

    >>> _span(5400), _span(0), _span(90)
    ('1h30m', '0s', '1m30s')
    """
    hours, rest = divmod(round(seconds), 3600)
    minutes, left = divmod(rest, 60)
    parts = [f"{count}{unit}" for count, unit in ((hours, "h"), (minutes, "m"), (left, "s")) if count]
    return "".join(parts) or "0s"
