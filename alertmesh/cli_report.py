"""The `report` and `handover` commands, which ask a running AlertMesh over its API."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import quote

import typer

from alertmesh.cli_clients import Json, Url, fail, print_json

if TYPE_CHECKING:
    from alertmesh.client import ApiClient

handover_app = typer.Typer(help="Hand a shift over.", no_args_is_help=True, rich_markup_mode=None)
RosterName = Annotated[str, typer.Argument(help="Name of the roster.")]
From = Annotated[str | None, typer.Option("--from", help="Beginning, for example 2026-11-23T00:00:00Z.")]
To = Annotated[str | None, typer.Option("--to", help="End; default: now.")]
_HERE = "http://127.0.0.1:9393"
_SHOWN = 20


def _client(url: str) -> "ApiClient":
    from alertmesh.client import ApiClient

    return ApiClient(url)


def report(
    kind: Annotated[str, typer.Argument(help="response, load, noise, delivery or coverage.")] = "response",
    start: From = None,
    end: To = None,
    by: Annotated[str, typer.Option(help="Parts of response: priority, week, team or roster.")] = "priority",
    url: Url = _HERE,
    as_json: Json = False,
) -> None:
    """Tell how people's work went: how fast, how much, how often for nothing. Seven days unless told.

    Example: alertmesh report load --from 2026-11-01T00:00:00Z
    """
    if kind not in _WRITERS:
        fail(f"{kind}: a report is one of {', '.join(_WRITERS)}")
    query = {"from": start, "to": end} | ({"by": by} if kind == "response" else {})
    answer = _client(url).get(f"/api/v1/reports/{kind}", **query)
    if as_json:
        print_json(answer)
        return
    typer.echo(f"{answer['from'][:16]} to {answer['to'][:16]} UTC")
    for line in _WRITERS[kind](answer):
        typer.echo(line)


@handover_app.command("show")
def handover_show(
    roster: RosterName,
    start: From = None,
    end: To = None,
    url: Url = _HERE,
    as_json: Json = False,
) -> None:
    """Draft the hand-over of the shift that ends now, or of a time.

    Example: alertmesh handover show ops
    """
    query = {"from": start, "to": end}
    answer = _client(url).get(_path(roster), **query)
    if as_json:
        print_json(answer)
    else:
        typer.echo(answer["text"].rstrip())


@handover_app.command("accept")
def handover_accept(
    roster: RosterName,
    text: Annotated[str, typer.Option(help="Notes that go with it.")] = "",
    file: Annotated[Path | None, typer.Option(help="Read the notes from this file.")] = None,
    outgoing: Annotated[str, typer.Option(help="Who hands over; default: who had the shift.")] = "",
    incoming: Annotated[str, typer.Option(help="Who takes over; default: the name of the token.")] = "",
    url: Url = _HERE,
    as_json: Json = False,
) -> None:
    """Take over every incident that waits for a hand-over, and keep the notes.

    Example: alertmesh handover accept ops --incoming chen --text "watch the disk of n9"
    """
    notes = file.read_text(encoding="utf-8") if file is not None else text
    answer = _client(url).post(_path(roster), {"text": notes, "outgoing": outgoing, "incoming": incoming})
    if as_json:
        print_json(answer)
        return
    signed = answer["handover"]
    taken = ", ".join(f"#{number}" for number in signed["incidents"]) or "no incident"
    typer.echo(f"{signed['incoming']} takes over {taken} from {signed['outgoing']}")


def _path(roster: str) -> str:
    return f"/api/v1/oncall/{quote(roster, safe='')}/handover"


def _response(answer: dict[str, Any]) -> list[str]:
    parts = [(part["key"], part["figures"]) for part in answer["parts"]] + [("all", answer["total"])]
    head = f"{'':12} incidents paged unacked  to ack median/p90  to end median/p90  escalated"
    return [head] + [
        f"{key:12} {found['incidents']:9} {found['paged']:5} {found['unacked']:7}  "
        f"{_minutes(found['to_ack_s']):>17}  {_minutes(found['to_resolve_s']):>17}  {found['escalated']:9}"
        for key, found in parts
    ]


def _load(answer: dict[str, Any]) -> list[str]:
    return [f"{'':16} pages incidents acks night pages nights interrupted"] + [
        f"{one['person']:16} {one['pages']:5} {one['incidents']:9} {one['acks']:4} "
        f"{one['night_pages']:11} {one['nights_interrupted']:18}"
        for one in answer["people"]
    ]


def _noise(answer: dict[str, Any]) -> list[str]:
    return [f"{'':32} alerts series incidents paged untouched  owner"] + [
        f"{one['name']:32} {one['alerts']:6} {one['series']:6} {one['incidents']:9} {one['paged']:5} "
        f"{one['untouched']:9}  {' '.join(one['owner'].values())}"
        for one in answer["names"][:_SHOWN]
    ]


def _delivery(answer: dict[str, Any]) -> list[str]:
    return [f"{'':16} attempts   sent failed waiting  latency p50/p95"] + [
        f"{one['channel'] or 'all':16} {one['attempts']:8} {one['sent']:6} {one['failed']:6} "
        f"{one['waiting']:7}  {_seconds(one['latency_p50_s'])}/{_seconds(one['latency_p95_s'])}"
        for one in (*answer["channels"], answer["total"])
    ]


def _coverage(answer: dict[str, Any]) -> list[str]:
    return [f"{kind}: {count}" for kind, count in answer["counts"].items()] + [
        f"{one['at'][:19]} #{one['incident']} {one['priority']} {one['text']}"
        for one in answer["gaps"][:_SHOWN]
    ]


def _minutes(found: dict[str, Any]) -> str:
    if found["median"] is None:
        return "-"
    return f"{found['median'] / 60:.1f}/{found['p90'] / 60:.1f} min"


def _seconds(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f} s"


_WRITERS: dict[str, Callable[[dict[str, Any]], list[str]]] = {
    "response": _response,
    "load": _load,
    "noise": _noise,
    "delivery": _delivery,
    "coverage": _coverage,
}
