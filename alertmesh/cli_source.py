"""The `source` commands: who reports, how it stands, and what becomes of a body."""

from pathlib import Path
from typing import Annotated, Any

import typer

from alertmesh.cli_clients import Json, Url, fail, print_json

source_app = typer.Typer(help="See and try sources.", no_args_is_help=True, rich_markup_mode=None)
_HERE = "http://127.0.0.1:9393"


@source_app.command("list")
def source_list(url: Url = _HERE, as_json: Json = False) -> None:
    """List every source: plugins and mapping files, and how those stand that were heard.

    Example: alertmesh source list
    """
    from alertmesh.client import ApiClient

    answer = ApiClient(url).get("/api/v1/sources")
    if as_json:
        print_json(answer)
        return
    heard = {one["source"] for one in answer["sources"]}
    typer.echo(f"{'SOURCE':32} {'LAST SEEN':20} {'ALERTS/MIN':>10} {'REFUSED':>8} {'SKEW':>8}")
    for one in answer["sources"]:
        name = one["source"] if one["name"] == one["source"] else f"{one['source']}/{one['name']}"
        refused = one["rejected"] + one["unreadable"]
        skew = "-" if one["skew_s"] is None else f"{one['skew_s']:.1f} s"
        silent = f"  silent since {one['silent_since'][:19]}" if one["silent_since"] else ""
        rate = one["alerts_per_minute"]
        typer.echo(f"{name:32} {one['last_seen'][:19]:20} {rate:>10.1f} {refused:>8} {skew:>8}{silent}")
    for kind in answer["kinds"]:
        if kind["name"] not in heard:
            typer.echo(f"{kind['name']:32} {'never':20} {'mapping' if kind['mapped'] else 'plugin':>10}")
    if words := answer["unknown_words"]:
        told = ", ".join(f"{one['word']} ({one['alerts']})" for one in words)
        typer.echo(f"unknown severity words, which should stand in rules/priority.yaml: {told}")


@source_app.command("test")
def source_test(
    name: Annotated[str, typer.Argument(help="The source, as `source list` shows it.")],
    file: Annotated[
        Path | None, typer.Option(help="A body as the monitor sends it; default: the source's sample.")
    ] = None,
    instance: Annotated[str | None, typer.Option("--from", help="The sender, as in /from/NAME/.")] = None,
    send: Annotated[
        bool, typer.Option("--send", help="Let the alert AlertMeshTest (P4, one minute) through besides.")
    ] = False,
    url: Url = _HERE,
    as_json: Json = False,
) -> None:
    """Show what would become of a body: what is taken, what is refused and why. Nothing of it is taken.

    Leaves with status 1 when an alert of the body is refused or none is found in it.

    Example: alertmesh source test grafana --file body.json
    """
    from urllib.parse import quote, urlencode

    from alertmesh.client import ApiClient

    asked = {key: value for key, value in (("from", instance), ("send", "true" if send else None)) if value}
    path = f"/api/v1/sources/{quote(name, safe='')}/test?{urlencode(asked)}"
    body = file.read_bytes() if file else b""
    if file and not body:
        fail(f"{file} is empty")
    trial = ApiClient(url).send(path.rstrip("?"), body, "application/octet-stream")
    if as_json:
        print_json(trial)
    else:
        _show(trial)
    raise typer.Exit(1 if trial["rejected"] or not trial["accepted"] else 0)


def _show(trial: dict[str, Any]) -> None:
    what = "the sample of the source" if trial["sample"] else "the body"
    typer.echo(f"{what}: {trial['accepted']} accepted, {trial['changed']} of them news")
    for alert in trial["alerts"]:
        typer.echo(f"{alert['status']:8} {alert['priority']} {alert['entity']}  {alert['fingerprint']}")
        for part in ("labels", "annotations"):
            for label, value in sorted(alert[part].items()):
                typer.echo(f"  {part[:-1]} {label} = {value}")
        ends = (alert["ends_at"] or "open")[:19]
        typer.echo(f"  from {alert['starts_at'][:19]} to {ends} {alert['url']}".rstrip())
    for one in trial["rejected"]:
        typer.echo(f"refused  #{one['index']}: {one['error']}")
    if trial["sent"]:
        typer.echo(f"sent     AlertMeshTest, P4, over in a minute: alert {trial['sent']}")
