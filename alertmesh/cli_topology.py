"""The `topology` commands, which tell a running AlertMesh what stands next to what."""

from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlencode

import typer

from alertmesh.cli_clients import Json, Url, fail, print_json

topology_app = typer.Typer(
    help="Say and see what stands next to what.", no_args_is_help=True, rich_markup_mode=None
)
_HERE = "http://127.0.0.1:9393"


@topology_app.command("import")
def topology_import(
    file: Annotated[Path, typer.Argument(help="CSV with columns a,b,kind[,cluster], or JSON.")],
    source: Annotated[str, typer.Option(help="Who knows this; it takes the place of what it told before.")],
    ttl: Annotated[str | None, typer.Option(help="Forget it after this time unless told again.")] = None,
    url: Url = _HERE,
    as_json: Json = False,
) -> None:
    """Tell which things call, carry or own which.

    Example: alertmesh topology import edges.csv --source cmdb --ttl 2d
    """
    from alertmesh.client import ApiClient

    try:
        body = file.read_bytes()
    except OSError as error:
        fail(f"{file}: {error.strerror}")
    kind = "application/json" if file.suffix.lower() == ".json" else "text/csv"
    asked = {"source": source} | ({"ttl": ttl} if ttl else {})
    answer = ApiClient(url).send(f"/api/v1/topology?{urlencode(asked)}", body, kind)
    if as_json:
        print_json(answer)
        return
    typer.echo(
        f"{answer['source']} has {answer['edges']} edges: "
        f"{answer['added']} added, {answer['removed']} removed"
    )


@topology_app.command("list")
def topology_list(
    url: Url = _HERE,
    name: Annotated[str | None, typer.Option(help="A thing at either end.")] = None,
    kind: Annotated[str | None, typer.Option(help="calls, runs_on, owns or linked.")] = None,
    matchers: Annotated[
        str | None, typer.Option("--filter", help='Over a, b, cluster, source, inferred: source="cmdb".')
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=500)] = 100,
    as_json: Json = False,
) -> None:
    """List what is known to stand next to what, and by whom.

    Example: alertmesh topology list --name checkout
    """
    from alertmesh.client import ApiClient

    answer = ApiClient(url).get("/api/v1/topology", name=name, kind=kind, filter=matchers, limit=limit)
    if as_json:
        print_json(answer)
        return
    for edge in answer["edges"]:
        typer.echo(_line(edge))
    if answer["next"]:
        typer.echo("and more")


def _line(edge: dict[str, Any]) -> str:
    told = edge["source"] + (f", seen {edge['seen'][:19]}" if edge["seen"] else "")
    words = f": {edge['words'].removesuffix(' with')}" if edge["words"] else ""
    return f"{edge['cluster'] or 'any cluster'}: {edge['a']} {edge['kind']} {edge['b']} ({told}{words})"
