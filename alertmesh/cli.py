"""The `alertmesh` command. Heavy imports wait inside the commands, so that --help is quick."""

import sys
from collections.abc import Coroutine
from itertools import product
from pathlib import Path
from typing import Annotated, Any

import typer

from alertmesh import __version__
from alertmesh.cli_auditor import auditor
from alertmesh.cli_clients import alert_app, digest, fail, incident_app, pair, print_json
from alertmesh.cli_import import import_alertmanager
from alertmesh.cli_learn import ModelsDir, score, train
from alertmesh.cli_message import message_app
from alertmesh.cli_oncall import oncall_app
from alertmesh.cli_oncallimport import oncall_import
from alertmesh.cli_page import channel_app, page_app
from alertmesh.cli_report import handover_app, report
from alertmesh.cli_route import route_app
from alertmesh.cli_silences import silence_app
from alertmesh.cli_source import source_app
from alertmesh.cli_topology import topology_app
from alertmesh.cli_user import user_app, visit
from alertmesh.cli_whatif import whatif
from alertmesh.cli_why import incident_why
from alertmesh.cli_zabbix import zabbix_app
from alertmesh.core.clock import SystemClock
from alertmesh.core.errors import AlertMeshError, BadConfig
from alertmesh.core.ports import Store, Token

app = typer.Typer(
    help="Takes the alerts of every monitor, compresses them into incidents, gets each to the right person.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # plain help: its styling would take longer to import than all the rest
)
token_app = typer.Typer(
    help="Make, list and revoke access tokens.", no_args_is_help=True, rich_markup_mode=None
)
incident_app.command("why")(incident_why)
app.add_typer(incident_app, name="incident")
app.add_typer(alert_app, name="alert")
app.add_typer(channel_app, name="channel")
app.add_typer(message_app, name="message")
oncall_app.command("import")(oncall_import)
app.add_typer(oncall_app, name="oncall")
app.add_typer(handover_app, name="handover")
app.add_typer(page_app, name="page")
app.add_typer(route_app, name="route")
app.add_typer(silence_app, name="silence")
app.add_typer(source_app, name="source")
app.add_typer(topology_app, name="topology")
app.add_typer(token_app, name="token")
app.add_typer(user_app, name="user")
app.add_typer(zabbix_app, name="zabbix")

ConfigFile = Annotated[Path | None, typer.Option("--config", "-c", help="Path of alertmesh.yaml.")]
StoreUrl = Annotated[str | None, typer.Option("--store", help="sqlite:///FILE or memory://.")]
RulesDir = Annotated[Path | None, typer.Option("--rules", help="Directory of rules; default: those shipped.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command()
def serve(
    config: ConfigFile = None,
    store: StoreUrl = None,
    listen: Annotated[str | None, typer.Option(help="HOST:PORT; default 127.0.0.1:9393.")] = None,
    rules: RulesDir = None,
    role: Annotated[str, typer.Option(help="Which part to run; an SQLite store has only `all`.")] = "all",
    models: ModelsDir = None,
) -> None:
    """Run AlertMesh.

    Example: alertmesh serve --config alertmesh.yaml
    """
    from alertmesh.config.models import models_setting
    from alertmesh.server import serve_forever

    if role != "all":
        fail(f"--role {role}: parts can run apart only on a shared store, which is not there yet; use all")
    overrides = {name: value for name, value in (("store", store), ("listen", listen)) if value}
    _run(serve_forever(config, rules, overrides | models_setting(models)))


@app.command()
def demo(
    speed: Annotated[float, typer.Option(min=1, max=100, help="How much faster than real time.")] = 20.0,
    port: Annotated[int, typer.Option(help="Port to listen on; 0 takes a free one.")] = 9393,
    seconds: Annotated[float | None, typer.Option(help="Stop by itself after this many seconds.")] = None,
    browser: Annotated[bool, typer.Option(help="Open the console in a browser.")] = True,
    models: ModelsDir = None,
) -> None:
    """Run a recorded storm against a local DingTalk stand-in and show what becomes of it.

    Example: alertmesh demo --speed 20
    """
    from alertmesh.config.models import models_setting
    from alertmesh.demo.show import run_demo

    _run(run_demo(speed, port, seconds, browser, models_setting(models)))


@app.command()
def check(
    paths: Annotated[
        list[Path] | None, typer.Argument(help="alertmesh.yaml files and rules directories.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Validate configuration and rules, and run the examples in them: every error at once.

    Each error is file:line:col message. What can be used but is likely to be regretted is told on
    standard error, and is no error.

    Example: alertmesh check alertmesh.yaml rules/
    """
    from alertmesh.config import load
    from alertmesh.coverage import uncovered, unknown_years
    from alertmesh.examples import failures
    from alertmesh.messages import unwritable

    now = SystemClock().now()
    files: list[Path | None] = [path for path in paths or [] if not path.is_dir()]
    folders: list[Path | None] = [path for path in paths or [] if path.is_dir()]
    problems: list[str] = []
    warnings: list[str] = []
    examples = 0
    for file, folder in product(files or [None], folders or [None]):
        try:
            config = load(file, folder, {})
        except BadConfig as error:
            found = error.problems
        else:
            examples += config.example_count
            regrets = (*config.warnings, *unknown_years(config, now))
            warnings += [warning for warning in regrets if warning not in warnings]
            found = [*unwritable(config), *uncovered(config, now), *failures(config)]
        problems += [problem for problem in found if problem not in problems]
    if as_json:
        print_json({"problems": problems, "warnings": warnings, "examples": examples})
    else:
        if warnings:
            typer.echo("\n".join(f"warning: {warning}" for warning in warnings), err=True)
        typer.echo("\n".join(problems) if problems else f"all is well, {examples} examples hold")
    raise typer.Exit(1 if problems else 0)


@app.command()
def replay(
    file: Annotated[Path, typer.Argument(help="Recorded alerts, JSON lines, plain or .gz.")],
    topology: Annotated[Path | None, typer.Option(help="CSV with columns a,b,kind[,cluster].")] = None,
    groups: Annotated[Path | None, typer.Option(help="Write id,incident,role here.")] = None,
    causes: Annotated[Path | None, typer.Option(help="Write incident,entity,score,reason here.")] = None,
    relations: Annotated[Path | None, typer.Option(help="Write src,dst,score,lag_s here.")] = None,
    summary: Annotated[Path | None, typer.Option(help="Write the counts here as JSON.")] = None,
    feedback: Annotated[
        Path | None, typer.Option(help="CSV with columns time,action,a,b: what people said meanwhile.")
    ] = None,
    rules: RulesDir = None,
    settings: Annotated[
        list[str] | None, typer.Option("--set", help="key=value, as in alertmesh.yaml.")
    ] = None,
    models: ModelsDir = None,
) -> None:
    """Run the whole pipeline over a recording, offline and deterministic.

    Example: alertmesh replay storm.jsonl.gz --groups groups.csv --summary summary.json
    """
    import msgspec

    from alertmesh.config import load
    from alertmesh.config.models import models_setting
    from alertmesh.feedback import read_remarks
    from alertmesh.recorded import read_recorded
    from alertmesh.replay import Replay, read_edges
    from alertmesh.wiring import Wiring

    overrides = dict(pair(item) for item in settings or []) | models_setting(models)
    edges = read_edges(topology) if topology else []
    run = Replay(Wiring(load(None, rules, overrides), edges=edges))
    run.run(read_recorded(file), read_remarks(feedback) if feedback else ())
    if groups:
        run.write_groups(groups)
    if causes:
        run.write_causes(causes)
    if relations:
        run.write_relations(relations)
    counts = msgspec.to_builtins(run.summary())
    if summary:
        summary.write_bytes(msgspec.json.encode(counts) + b"\n")
    else:
        print_json(counts)


app.command()(auditor)
app.command("import")(import_alertmanager)
app.command()(whatif)
app.command()(score)
app.command()(train)
app.command()(digest)
app.command()(report)


@app.command()
def plugins(as_json: Json = False) -> None:
    """List the sources, notifiers and modules that are installed.

    Example: alertmesh plugins --json
    """
    from alertmesh import registry

    found = registry.plugins()
    if as_json:
        print_json([{"group": p.group, "name": p.name, "value": p.value, "error": p.error} for p in found])
        return
    for plugin in found:
        typer.echo(f"{plugin.group:22} {plugin.name:14} {plugin.error or plugin.value}")


@app.command()
def version(as_json: Json = False) -> None:
    """Print the version.

    Example: alertmesh version
    """
    if as_json:
        print_json({"version": __version__})
    else:
        typer.echo(__version__)


@token_app.command("create")
def token_create(
    name: Annotated[str, typer.Argument(help="What the token is for; a word for the audit log.")],
    scope: Annotated[
        list[str] | None, typer.Option(help="ingest, read, respond or admin; repeat it.")
    ] = None,
    config: ConfigFile = None,
    store: StoreUrl = None,
) -> None:
    """Make an access token and print it once; only its hash is kept.

    Example: alertmesh token create prometheus --scope ingest
    """
    from alertmesh.store import tokens

    scopes = scope or ["ingest"]
    now = SystemClock().now()
    typer.echo(visit(config, store, lambda guest: tokens.create(guest, name, scopes, now)))


@token_app.command("list")
def token_list(config: ConfigFile = None, store: StoreUrl = None, as_json: Json = False) -> None:
    """List access tokens by name and scopes.

    Example: alertmesh token list
    """
    from alertmesh.store import tokens

    async def read(guest: Store) -> list[Token]:
        return tokens.listed(guest)

    found: list[Token] = visit(config, store, read)
    if as_json:
        print_json([{"name": t.name, "scopes": t.scopes, "created_at": t.created_at} for t in found])
        return
    for token in found:
        typer.echo(f"{token.name:24} {' '.join(token.scopes):24} {token.created_at:%Y-%m-%d}")


@token_app.command("revoke")
def token_revoke(name: str, config: ConfigFile = None, store: StoreUrl = None) -> None:
    """Take an access token out of use.

    Example: alertmesh token revoke prometheus
    """
    from alertmesh.store import tokens

    now = SystemClock().now()
    if not visit(config, store, lambda guest: tokens.revoke(guest, name, now)):
        fail(f"there is no token called {name!r}")


def _run(work: Coroutine[Any, Any, Any]) -> Any:
    import asyncio

    import uvloop

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(work)


def main() -> None:
    """Run the command line; what goes wrong is said in one line, without a traceback."""
    try:
        app()
    except AlertMeshError as error:
        typer.echo(f"alertmesh: {error}", err=True)
        sys.exit(1)
    except OSError as error:
        named = f"{error.filename}: " if error.filename else ""
        typer.echo(f"alertmesh: {named}{error.strerror or error}", err=True)
        sys.exit(1)
