"""The `silence` commands, which work a running AlertMesh over its API."""

from typing import TYPE_CHECKING, Annotated
from urllib.parse import quote

import typer

from alertmesh.cli_clients import Json, Url, fail, print_json

if TYPE_CHECKING:
    from alertmesh.client import ApiClient

silence_app = typer.Typer(help="Keep alerts from paging.", no_args_is_help=True, rich_markup_mode=None)
_HERE = "http://127.0.0.1:9393"


def _client(url: str) -> "ApiClient":
    from alertmesh.client import ApiClient

    return ApiClient(url)


@silence_app.command("add")
def silence_add(
    matchers: Annotated[
        str, typer.Argument(help='Which alerts, for example alertname="DiskFull",node="n1".')
    ],
    comment: Annotated[str, typer.Option(help="Why, for everybody else.")],
    duration: Annotated[str, typer.Option("--for", help="How long, for example 30m, 2h or 1d.")] = "1h",
    author: Annotated[str, typer.Option(help="Who asks; default: the name of the token.")] = "",
    silence: Annotated[str, typer.Option("--id", help="Change this silence instead.")] = "",
    url: Url = _HERE,
    as_json: Json = False,
) -> None:
    """Make a silence: what it matches pages nobody until it ends.

    Example: alertmesh silence add 'alertname="DiskFull",node="n1"' --for 2h --comment "disk is on its way"
    """
    from alertmesh.config.values import parse_duration

    try:
        seconds = int(parse_duration(duration).total_seconds())
    except ValueError as error:
        fail(f"--for {duration}: {error}")
    body = {
        "matchers": matchers,
        "comment": comment,
        "duration_s": seconds,
        "created_by": author,
        "id": silence,
    }
    answer = _client(url).post("/api/v1/silences", body)
    if as_json:
        print_json(answer)
        return
    made = answer["silence"]
    typer.echo(
        f"{made['id']} is {made['state']} until {made['ends_at'][:19]}, covers {made['alerts']} alerts now"
    )
    for warning in answer["warnings"]:
        typer.echo(f"warning: {warning}", err=True)


@silence_app.command("list")
def silence_list(
    url: Url = _HERE,
    state: Annotated[str | None, typer.Option(help="pending, active or expired.")] = None,
    matchers: Annotated[str | None, typer.Option("--filter", help='For example team="db".')] = None,
    limit: Annotated[int, typer.Option(min=1, max=500)] = 100,
    as_json: Json = False,
) -> None:
    """List silences, those that hold first.

    Example: alertmesh silence list --state active
    """
    answer = _client(url).get("/api/v1/silences", state=state, filter=matchers, limit=limit)
    if as_json:
        print_json(answer)
        return
    for one in answer["silences"]:
        typer.echo(
            f"{one['id']} {one['state']:8} until {one['ends_at'][:19]} {one['alerts']:5} alerts "
            f"{one['matchers']} ({one['comment']}, {one['created_by']})"
        )


@silence_app.command("expire")
def silence_expire(
    silence: Annotated[str, typer.Argument(help="Id of the silence.")],
    url: Url = _HERE,
    as_json: Json = False,
) -> None:
    """End a silence now: what it kept quiet and still fires is paged.

    Example: alertmesh silence expire 6f1d0c5e-52a4-4f5c-9f0e-0a8a8e1a7b11
    """
    ended = _client(url).delete(f"/api/v1/silences/{quote(silence, safe='')}")
    if as_json:
        print_json(ended)
    else:
        typer.echo(f"{ended['id']} is {ended['state']}")
