"""The `page` and `channel` commands: what became of messages, and how channels do."""

from collections.abc import Callable, Iterator
from datetime import datetime
from threading import Event
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import quote

import typer

from alertmesh.cli_clients import Json, Url, print_json
from alertmesh.core.clock import SystemClock

if TYPE_CHECKING:
    from alertmesh.client import ApiClient

page_app = typer.Typer(
    help="See what became of messages, send failed ones again, try the ways to somebody.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
channel_app = typer.Typer(help="See how channels do.", no_args_is_help=True, rich_markup_mode=None)
_HERE = "http://127.0.0.1:9393"
_LOOK_AGAIN_S = 0.5
_UNDER_WAY = frozenset({"queued", "claimed", "unknown"})
_FINAL = frozenset({"delivered", "read", "failed", "withdrawn"})

Tell = Callable[[str], None]
Limit = Annotated[int, typer.Option(min=1, max=500, help="At most so many.")]
ChannelName = Annotated[str | None, typer.Option("--channel", help="Only this channel.")]


@page_app.command("list")
def page_list(
    person: Annotated[str | None, typer.Option(help="Only to this person.")] = None,
    channel: ChannelName = None,
    state: Annotated[
        str | None, typer.Option(help="queued, sent, delivered, read, failed, withdrawn.")
    ] = None,
    since: Annotated[str | None, typer.Option(help="Since then, for example 2026-11-23T00:00:00Z.")] = None,
    failed: Annotated[bool, typer.Option("--failed", help="Only what failed and is worth trying.")] = False,
    limit: Limit = 50,
    url: Url = _HERE,
    as_json: Json = False,
) -> None:
    """List the tries to reach people, of all incidents, newest first.

    Example: alertmesh page list --person wang --state failed
    """
    path = "/api/v1/deliveries/failed" if failed else "/api/v1/pages"
    query = {"person": person, "channel": channel, "state": state, "since": since}
    found = list(_pages(_client(url), path, query, limit))
    if as_json:
        print_json({"pages": found})
        return
    for one in found:
        typer.echo(_line(one))


@page_app.command("retry")
def page_retry(
    attempt: Annotated[str, typer.Argument(help="Id of the try, as `page list` shows it.")],
    url: Url = _HERE,
    as_json: Json = False,
) -> None:
    """Send once more what failed. Refused when it did not fail, or nobody needs it any more.

    Example: alertmesh page retry 42-1-ops-0-0-wang-page/sms
    """
    answer = _client(url).post(f"/api/v1/pages/{quote(attempt, safe='')}/retry", {})
    if as_json:
        print_json(answer)
        return
    typer.echo(f"{answer['id']} is {answer['state']}")


@page_app.command("test")
def page_test(
    person: Annotated[str, typer.Argument(metavar="USER", help="Whom to reach.")],
    channel: ChannelName = None,
    priority: Annotated[str | None, typer.Option(help="The ways for P1, P2, P3 or P4; default: all.")] = None,
    wait: Annotated[int, typer.Option(min=0, max=600, help="Seconds to wait for receipts.")] = 30,
    url: Url = _HERE,
    as_json: Json = False,
) -> None:
    """Send somebody a message that is marked as a test, by every way to them, and show the receipts.

    Limits and quotas of the channels hold. Status 1 when a way failed or nothing left in time.

    Example: alertmesh page test wang --priority P1
    """
    client = _client(url)
    body = {"channel": channel or "", "priority": priority}
    sent = client.post(f"/api/v1/users/{quote(person, safe='')}/test", body)
    channels = client.get("/api/v1/channels")["channels"]
    reporting = {one["name"] for one in channels if one["reports"]}
    found = list(_watched(client, sent, reporting, wait, None if as_json else typer.echo))
    if as_json:
        print_json({"page": sent["page"], "attempts": found})
    bad = [one for one in found if one["state"] in _UNDER_WAY | {"failed", "withdrawn"}]
    if bad:
        raise typer.Exit(1)


@channel_app.command("list")
def channel_list(url: Url = _HERE, as_json: Json = False) -> None:
    """Show every channel: what waits, penalties, how fast it was, what it refused, how its probe went.

    Example: alertmesh channel list
    """
    answer = _client(url).get("/api/v1/channels")
    if as_json:
        print_json(answer)
        return
    for one in answer["channels"]:
        typer.echo("\n".join(_channel(one)))


@channel_app.command("probe")
def channel_probe(
    name: Annotated[str, typer.Argument(help="Name of the channel.")], url: Url = _HERE, as_json: Json = False
) -> None:
    """Ask a channel whether it would take messages, without sending any. Status 1 when it would not.

    Example: alertmesh channel probe sms
    """
    answer = _client(url).post(f"/api/v1/channels/{quote(name, safe='')}/probe", {})
    if as_json:
        print_json(answer)
    else:
        typer.echo("\n".join(_channel(answer)))
    if not answer["healthy"]:
        raise typer.Exit(1)


def _watched(
    client: "ApiClient", sent: dict[str, Any], reporting: set[str], wait: int, tell: Tell | None
) -> list[dict[str, Any]]:
    """Look at a test until every way had its say, for `wait` seconds at most; tell each change."""
    clock, pause, shown = SystemClock(), Event(), dict[str, str]()
    end = clock.monotonic() + wait
    while True:
        query = {"page": sent["page"]}
        tries = _pages(client, "/api/v1/pages", query, len(sent["attempts"]))
        found = [one["attempt"] for one in tries]
        for one in found:
            if tell is not None and shown.get(one["channel"]) != one["state"]:
                tell(_receipt(one))
            shown[one["channel"]] = one["state"]
        if clock.monotonic() >= end or all(_is_final(one, reporting) for one in found):
            return found
        pause.wait(_LOOK_AGAIN_S)


def _is_final(attempt: dict[str, Any], reporting: set[str]) -> bool:
    """Tell whether no more is to be heard: a channel that never reports has had its say when it took it."""
    return attempt["state"] in _FINAL or (attempt["state"] == "sent" and attempt["channel"] not in reporting)


def _client(url: str) -> "ApiClient":
    from alertmesh.client import ApiClient

    return ApiClient(url)


def _pages(
    client: "ApiClient", path: str, query: dict[str, str | None], limit: int
) -> Iterator[dict[str, Any]]:
    """Yield at most `limit` tries; a page of them may be empty and still have a next one."""
    before = None
    while limit > 0:
        answer = client.get(path, **query, limit=limit, before=before)
        yield from answer["pages"]
        limit -= len(answer["pages"])
        before = answer["next"]
        if before is None:
            return


def _line(one: dict[str, Any]) -> str:
    attempt = one["attempt"]
    about = f"#{one['incident']}" if one["incident"] is not None else "test"
    error = f": {attempt['error']}" if attempt["error"] else ""
    return (
        f"{attempt['due_at'][:19]} {about:6} {attempt['priority']} {attempt['kind']:8}"
        f" {attempt['person']:12} {attempt['channel']:12} {attempt['state']}{error}  {attempt['id']}"
    )


def _receipt(attempt: dict[str, Any]) -> str:
    """Return what became of one way so far, and how long it took."""
    begun, ended = attempt["due_at"], attempt["settled_at"]
    took = ""
    if ended is not None:
        seconds = (datetime.fromisoformat(ended) - datetime.fromisoformat(begun)).total_seconds()
        took = f" after {max(0.0, seconds):.1f} s"
    error = f": {attempt['error']}" if attempt["error"] else ""
    return f"{attempt['channel']:16} {attempt['state']}{took}{error}"


def _channel(one: dict[str, Any]) -> list[str]:
    """Return a channel as it stands, in a few lines."""
    health = {True: "well", False: "SICK", None: "not probed"}[one["healthy"]]
    speed = ""
    if one["latency_p50_s"] is not None:
        speed = f", taken in {one['latency_p50_s']:.1f} s (p95 {one['latency_p95_s']:.1f} s)"
    lines = [
        f"{one['name']:16} {one['kind']:14} {health}; {one['sends']} sent lately, "
        f"{one['delivered']} delivered{speed}"
    ]
    if one["waiting"]:
        lines.append(f"  {one['waiting']} wait, the longest for {one['oldest_s']:.0f} s")
    if one["paused_until"]:
        lines.append(f"  pauses until {one['paused_until'][:19]}: {one['why']}")
    lines += [f"  robot {robot['name']} pauses: {robot['why']}" for robot in one["robots"] if robot["why"]]
    if one["refusals"]:
        told = ", ".join(f"{count} {reason}" for reason, count in sorted(one["refusals"].items()))
        lines.append(f"  failed: {told}; last {_ago(one['last_failure_at'])}: {one['last_error']}")
    if one["probe_error"]:
        lines.append(f"  probe, since {one['probe_since'][:19]}: {one['probe_error']}")
    return lines


def _ago(at: str | None) -> str:
    if at is None:
        return "at an unknown time"
    minutes = int((SystemClock().now() - datetime.fromisoformat(at)).total_seconds() // 60)
    return f"{max(0, minutes)} min ago"
