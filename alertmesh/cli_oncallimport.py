"""The command that takes over a plan of duty from a calendar of another tool."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import quote

import typer

from alertmesh.cli_clients import Json, Url, fail, print_json
from alertmesh.cli_oncall import pages, shifts_of, zone_of
from alertmesh.core.clock import SystemClock
from alertmesh.core.errors import AlertMeshError

if TYPE_CHECKING:
    from alertmesh.client import ApiClient
    from alertmesh.rosterimport import Planned

_HERE = "http://127.0.0.1:9393"
_OVERRIDES = "/api/v1/oncall/overrides"
_COMMENT = "imported from a calendar"


def oncall_import(
    roster: Annotated[str, typer.Argument(metavar="ROSTER", help="Name of the roster.")],
    file: Annotated[Path, typer.Argument(help="The iCalendar, a .ics file.")],
    days: Annotated[int, typer.Option(min=1, max=366, help="How far ahead it is read.")] = 92,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Change nothing, say what would be.")] = False,
    url: Url = _HERE,
    as_json: Json = False,
) -> None:
    """Give the primary's duty to whoever a calendar names, where that is not who has it as it is.

    Events name a person in their summary, or by an attendee. To import a plan again ends those of its
    overrides that it does not have any more.

    Example: alertmesh oncall import ops plan.ics --dry-run
    """
    from alertmesh.client import ApiClient
    from alertmesh.core.errors import BadPayload
    from alertmesh.rosterimport import differing

    client, now = ApiClient(url), SystemClock().now()
    try:
        plan = _planned(client, roster, file, (now, now + timedelta(days=days)))
    except BadPayload as error:
        fail(f"{file}: {error}")
    gone = _gone(client, roster, plan) if plan else []
    if not dry_run:
        for override in gone:
            client.delete(f"{_OVERRIDES}/{quote(override['id'], safe='')}")
    wanted = differing(plan, _standing(client, roster, plan, now)) if plan else []
    refused = [] if dry_run else _give(client, roster, wanted)
    if as_json:
        given = [{"person": one.person, "starts_at": one.start, "ends_at": one.end} for one in wanted]
        print_json({"ended": [override["id"] for override in gone], "given": given, "refused": refused})
    else:
        for one in wanted:
            typer.echo(f"{one.person} from {one.start:%Y-%m-%d %H:%M} to {one.end:%Y-%m-%d %H:%M} UTC")
        would = "would be " if dry_run else ""
        typer.echo(f"{len(wanted)} {would}given, {len(gone)} {would}ended, {len(refused)} refused")
        for text in refused:
            typer.echo(text, err=True)
    if refused:
        raise typer.Exit(1)


def _planned(
    client: "ApiClient", roster: str, file: Path, span: tuple[datetime, datetime]
) -> "list[Planned]":
    from alertmesh.core.oncall import User
    from alertmesh.rosterimport import planned

    zone = zone_of(client, roster)
    people = pages(client, "/api/v1/users", "users")
    users = {one["name"]: User(name=one["name"], display=one["display"]) for one in people}
    return planned(file.read_text(encoding="utf-8"), users, zone.key, *span)


def _gone(client: "ApiClient", roster: str, plan: "list[Planned]") -> list[dict[str, Any]]:
    """Return what an earlier import gave in this time and the plan does not have like that any more."""
    start, end = plan[0].start, max(one.end for one in plan)
    return [
        one
        for one in pages(client, _OVERRIDES, "overrides", roster=roster, state="agreed")
        if one["comment"] == _COMMENT
        and _at(one["starts_at"]) < end
        and _at(one["ends_at"]) > start
        and not any(_is(one, planned) for planned in plan)
    ]


def _is(one: dict[str, Any], planned: "Planned") -> bool:
    """Tell whether an override is what a plan has; one made in the middle of its time holds from then on."""
    starts_at = _at(one["starts_at"])
    begins = planned.start == starts_at or planned.start < starts_at == _at(one["created_at"])
    return begins and (one["person"], _at(one["ends_at"])) == (planned.person, planned.end)


def _standing(client: "ApiClient", roster: str, plan: "list[Planned]", now: datetime) -> "list[Planned]":
    """Return who is primary from now on, since nothing can be given for the past."""
    from alertmesh.rosterimport import Planned

    found = shifts_of(client, roster, max(now, plan[0].start), max(one.end for one in plan))["shifts"]
    return [Planned(_at(one["starts_at"]), _at(one["ends_at"]), one["primary"]) for one in found]


def _give(client: "ApiClient", roster: str, wanted: "list[Planned]") -> list[str]:
    """Make an override of each; return why those that could not be were refused."""
    refused = []
    for one in wanted:
        times = {"starts_at": one.start.isoformat(), "ends_at": one.end.isoformat()}
        try:
            client.post(_OVERRIDES, {"roster": roster, "person": one.person, "comment": _COMMENT, **times})
        except AlertMeshError as error:
            refused.append(f"{one.person} from {one.start:%Y-%m-%d %H:%M} UTC: {error}")
    return refused


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)
