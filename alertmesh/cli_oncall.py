"""The `oncall` commands, which work a running AlertMesh over its API."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import quote, urlencode

import typer

from alertmesh.cli_clients import Json, Url, fail, print_json
from alertmesh.core.clock import SystemClock

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from alertmesh.client import ApiClient

oncall_app = typer.Typer(
    help="See who has duty, and give, ask for and take it.", no_args_is_help=True, rich_markup_mode=None
)
_HERE = "http://127.0.0.1:9393"
_PATH = "/api/v1/oncall"
_OVERRIDES = f"{_PATH}/overrides"

RosterName = Annotated[str, typer.Argument(metavar="ROSTER", help="Name of the roster.")]
Start = Annotated[
    str, typer.Option("--from", help="When it begins, on the roster's clock: 2026-12-24T18:00, 18:00 or +8h.")
]
End = Annotated[str, typer.Option("--to", help="When it ends, in the same forms; +8h counts from its start.")]
Comment = Annotated[str, typer.Option(help="Why, for everybody else.")]
Author = Annotated[str, typer.Option("--as", help="Who asks or answers; default: the name of the token.")]
Id = Annotated[str, typer.Argument(metavar="ID", help="Id of the override, as `oncall requests` shows it.")]


@oncall_app.command("show")
def oncall_show(
    roster: Annotated[str | None, typer.Argument(help="Only this roster, with why.")] = None,
    at: Annotated[str, typer.Option(help="Then instead of now; the roster's clock, UTC without one.")] = "",
    person: Annotated[str | None, typer.Option(help="Only where this person would be paged.")] = None,
    url: Url = _HERE,
    as_json: Json = False,
) -> None:
    """Show who has duty now, until when, and who is next.

    Example: alertmesh oncall show ops --at 2026-12-24T18:00
    """
    client = _client(url)
    moment = _read("--at", at, _now(), zone_of(client, roster)).isoformat() if at else None
    found = list(pages(client, _PATH, "oncall", roster=roster, person=person, at=moment))
    if as_json:
        print_json({"oncall": found})
        return
    for one in found:
        when = f"until {_told(one['until'], one['zone'])}" if one["until"] else "for good"
        then = f", then {one['next']['primary'] or 'nobody'}" if one["next"] else ""
        unreachable = "" if one["reachable"] else " (cannot be reached)" if one["primary"] else ""
        second = f", second {one['secondary']}" if one["secondary"] else ""
        typer.echo(f"{one['roster']:16} {one['primary'] or 'NOBODY'}{unreachable}{second}, {when}{then}")
    if roster and found:
        typer.echo(
            f"{'':16} {found[0]['why'] or 'no layer provides anybody'}; lead {found[0]['lead'] or '-'}"
        )


@oncall_app.command("shifts")
def oncall_shifts(
    roster: RosterName,
    days: Annotated[int, typer.Option(min=1, max=366, help="How far ahead.")] = 14,
    url: Url = _HERE,
    as_json: Json = False,
) -> None:
    """List who has duty in the days ahead.

    Example: alertmesh oncall shifts ops --days 7
    """
    client, start = _client(url), _now()
    page = shifts_of(client, roster, start, start + timedelta(days=days))
    found = page["shifts"]
    if as_json:
        print_json({"roster": roster, "zone": page["zone"], "shifts": found})
        return
    for one in found:
        second = f", second {one['secondary']}" if one["secondary"] else ""
        span = f"{_told(one['starts_at'], page['zone'])} to {_told(one['ends_at'], page['zone'])}"
        typer.echo(f"{span}  {one['primary'] or 'NOBODY'}{second}  ({one['why']})")


@oncall_app.command("gaps")
def oncall_gaps(
    roster: Annotated[str | None, typer.Argument(help="Only this roster.")] = None,
    days: Annotated[int, typer.Option(min=1, max=366, help="How far ahead.")] = 56,
    url: Url = _HERE,
    as_json: Json = False,
) -> None:
    """Say what is wrong with rosters in the weeks ahead: gaps, and who has too much. Status 1 for a gap.

    Example: alertmesh oncall gaps ops --days 28
    """
    client, start = _client(url), _now()
    names = [roster] if roster else [one["name"] for one in pages(client, "/api/v1/rosters", "rosters")]
    span = {"from": start.isoformat(), "to": (start + timedelta(days=days)).isoformat()}
    found = [client.get(f"{_PATH}/{quote(name, safe='')}/gaps", **span) for name in names]
    if as_json:
        print_json({"rosters": found})
    else:
        for one in found:
            typer.echo(f"{one['roster']}: {len(one['faults']) or 'no'} findings in {days} days")
            for fault in one["faults"]:
                typer.echo(f"  {fault['kind']:12} {fault['text']}")
    if any(fault["kind"] == "gap" for one in found for fault in one["faults"]):
        raise typer.Exit(1)


@oncall_app.command("override")
def oncall_override(
    roster: RosterName,
    person: Annotated[str, typer.Argument(help="Who has duty instead.")],
    end: End,
    start: Start = "+0s",
    covers: Annotated[str, typer.Option(help="In whose place; default: that of the primary.")] = "",
    comment: Comment = "",
    author: Author = "",
    url: Url = _HERE,
    as_json: Json = False,
) -> None:
    """Give duty to somebody for a while. It counts at once; ask first with `oncall ask` if need be.

    Example: alertmesh oncall override ops chen --from 18:00 --to 08:00 --covers wang
    """
    body = {"person": person, "covered": covers, "comment": comment, "created_by": author}
    _make(_client(url), roster, (start, end), body, as_json)


@oncall_app.command("ask")
def oncall_ask(
    roster: RosterName,
    start: Start,
    end: End,
    person: Annotated[str, typer.Option("--of", help="Ask this person alone; default: anybody.")] = "",
    in_return: Annotated[
        str, typer.Option(help="FROM..TO: a time that you take of theirs in return, which makes it a swap.")
    ] = "",
    covers: Annotated[str, typer.Option(help="Whose duty it is; default: who asks.")] = "",
    comment: Comment = "",
    author: Author = "",
    url: Url = _HERE,
    as_json: Json = False,
) -> None:
    """Ask somebody, or anybody, to take duty over. Nothing changes until somebody accepts.

    Example: alertmesh oncall ask ops --from 2026-12-24T18:00 --to +14h --of chen --as wang
    """
    body: dict[str, Any] = {"state": "asked", "person": person, "covered": covers, "comment": comment}
    body["created_by"] = author
    _make(_client(url), roster, (start, end), body, as_json, in_return)


@oncall_app.command("accept")
def oncall_accept(override: Id, author: Author = "", url: Url = _HERE, as_json: Json = False) -> None:
    """Take duty that was asked for.

    Example: alertmesh oncall accept 6f1d0c5e-52a4-4f5c-9f0e-0a8a8e1a7b11 --as chen
    """
    _say(_client(url).post(f"{_one(override)}/accept", {"person": author}), as_json)


@oncall_app.command("decline")
def oncall_decline(override: Id, author: Author = "", url: Url = _HERE, as_json: Json = False) -> None:
    """Say no to duty that you were asked for by name.

    Example: alertmesh oncall decline 6f1d0c5e-52a4-4f5c-9f0e-0a8a8e1a7b11 --as chen
    """
    _say(_client(url).post(f"{_one(override)}/decline", {"person": author}), as_json)


@oncall_app.command("end")
def oncall_end(override: Id, url: Url = _HERE, as_json: Json = False) -> None:
    """End an override now, or take back what was asked for.

    Example: alertmesh oncall end 6f1d0c5e-52a4-4f5c-9f0e-0a8a8e1a7b11
    """
    _say(_client(url).delete(_one(override)), as_json)


@oncall_app.command("requests")
def oncall_requests(
    roster: Annotated[str | None, typer.Argument(help="Only this roster.")] = None,
    person: Annotated[str | None, typer.Option(help="Only what concerns this person.")] = None,
    state: Annotated[str, typer.Option(help="asked, agreed, declined, ended or over.")] = "asked,agreed",
    url: Url = _HERE,
    as_json: Json = False,
) -> None:
    """List what waits for an answer, then what is agreed.

    Example: alertmesh oncall requests --person chen
    """
    client = _client(url)
    found = list(pages(client, _OVERRIDES, "overrides", roster=roster, person=person, state=state))
    if as_json:
        print_json({"overrides": found})
        return
    zones = {one["name"]: one["zone"] for one in pages(client, "/api/v1/rosters", "rosters")}
    for one in found:
        typer.echo(_line(one, zones.get(one["roster"], "UTC")))


@oncall_app.command("export")
def oncall_export(
    roster: Annotated[str | None, typer.Argument(help="The roster whose shifts are written.")] = None,
    person: Annotated[str | None, typer.Option(help="The duty of this person in any roster instead.")] = None,
    days: Annotated[int, typer.Option(min=1, max=366, help="How far ahead.")] = 92,
    file: Annotated[Path | None, typer.Option("--out", help="Write into this file; default: print.")] = None,
    url: Url = _HERE,
) -> None:
    """Write shifts as an iCalendar, which every calendar program reads.

    Example: alertmesh oncall export ops --out ops.ics
    """
    if (roster is None) == (person is None):
        fail("name a roster or a --person, one of both")
    whose = f"people/{quote(person, safe='')}" if person else quote(roster or "", safe="")
    span = urlencode({"to": (_now() + timedelta(days=days)).isoformat()})
    text = _client(url).fetch(f"{_PATH}/{whose}/calendar.ics?{span}")
    if file is not None:
        file.write_bytes(text)
    else:
        typer.echo(text, nl=False)


def _client(url: str) -> "ApiClient":
    from alertmesh.client import ApiClient

    return ApiClient(url)


def pages(client: "ApiClient", path: str, key: str, **query: str | None) -> Iterator[dict[str, Any]]:
    """Yield every item of a list that comes a page at a time."""
    after = None
    while True:
        page = client.get(path, **query, limit=500, after=after)
        yield from page[key]
        after = page["next"]
        if after is None:
            return


def _make(
    client: "ApiClient",
    roster: str,
    times: tuple[str, str],
    body: dict[str, Any],
    as_json: bool,
    in_return: str = "",
) -> None:
    from alertmesh.moments import read_span

    zone, now = zone_of(client, roster), _now()
    start = _read("--from", times[0], now, zone)
    end = _read("--to", times[1], start, zone)
    body |= {"roster": roster, "starts_at": start.isoformat(), "ends_at": end.isoformat()}
    if in_return:
        try:
            first, last = read_span(in_return, now, zone)
        except ValueError as error:
            fail(f"--in-return {in_return}: {error}")
        body["in_return"] = {"starts_at": first.isoformat(), "ends_at": last.isoformat()}
    answer = client.post(_OVERRIDES, body)
    if as_json:
        print_json(answer)
        return
    typer.echo(_line(answer["override"], zone.key))
    for warning in answer["warnings"]:
        typer.echo(f"warning: {warning}", err=True)


def _say(override: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(override)
    else:
        typer.echo(f"{override['id']} is {override['state']}")


def _line(one: dict[str, Any], zone: str) -> str:
    span = f"{_told(one['starts_at'], zone)} to {_told(one['ends_at'], zone)} ({zone})"
    who = f"{one['person'] or 'anybody'} for {one['covered'] or 'the primary'}"
    back = one["in_return"]
    swap = f", in return {_told(back['starts_at'], zone)} to {_told(back['ends_at'], zone)}" if back else ""
    comment = f": {one['comment']}" if one["comment"] else ""
    return f"{one['id']} {one['state']:8} {one['roster']} {who}, {span}{swap}{comment}"


def _one(override: str) -> str:
    return f"{_OVERRIDES}/{quote(override, safe='')}"


def shifts_of(client: "ApiClient", roster: str, start: datetime, end: datetime) -> dict[str, Any]:
    """Return all shifts of a roster in a time, and the zone that it is told in."""
    path, asked = (
        f"{_PATH}/{quote(roster, safe='')}/shifts",
        {"from": start.isoformat(), "to": end.isoformat()},
    )
    page: dict[str, Any] = client.get(path, **asked, limit=500)
    found = page["shifts"]
    while page["next"]:
        page = client.get(path, after=page["next"], limit=500)
        found += page["shifts"]
    return {"zone": page["zone"], "shifts": found}


def zone_of(client: "ApiClient", roster: str | None) -> "ZoneInfo":
    """Return the zone in which times of a roster are read, UTC without one."""
    from zoneinfo import ZoneInfo

    if roster is None:
        return ZoneInfo("UTC")
    zones = {one["name"]: one["zone"] for one in pages(client, "/api/v1/rosters", "rosters")}
    if roster not in zones:
        fail(f"there is no roster {roster!r}, only {', '.join(zones) or 'none at all'}")
    return ZoneInfo(zones[roster])


def _read(option: str, text: str, base: datetime, zone: "ZoneInfo") -> datetime:
    from alertmesh.moments import read

    try:
        return read(text, base, zone)
    except ValueError as error:
        fail(f"{option} {text}: {error}")


def _told(text: str, zone: str) -> str:
    from zoneinfo import ZoneInfo

    from alertmesh.moments import told

    return told(datetime.fromisoformat(text), ZoneInfo(zone))


def _now() -> datetime:
    return SystemClock().now()
