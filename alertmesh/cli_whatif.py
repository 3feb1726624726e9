"""The command that replays the recorded past with other rules."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from alertmesh.cli_clients import fail, pair, print_json
from alertmesh.cli_learn import ModelsDir
from alertmesh.core.clock import SystemClock

_MOMENT = "2026-11-23T04:00 (UTC unless it says otherwise), or how long ago, such as 7d"


def whatif(
    begin: Annotated[str, typer.Option("--from", help=f"First moment that counts: {_MOMENT}.")],
    rules: Annotated[Path, typer.Option("--rules", help="Directory of the rules to try.")],
    end: Annotated[str, typer.Option("--to", help="Where to stop, likewise.")] = "0s",
    config: Annotated[Path | None, typer.Option("--config", "-c", help="Path of alertmesh.yaml.")] = None,
    store: Annotated[str | None, typer.Option("--store", help="sqlite:///FILE.")] = None,
    learn: Annotated[str, typer.Option(help="How much before --from is replayed without counting.")] = "7d",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    models: ModelsDir = None,
    present: Annotated[
        Path | None, typer.Option(help="Directory of the rules in force; default: that of the configuration.")
    ] = None,
    settings: Annotated[
        list[str] | None, typer.Option("--set", help="key=value for both sides, as in alertmesh.yaml.")
    ] = None,
    progress: Annotated[bool, typer.Option(help="Write the share that is done to standard error.")] = False,
) -> None:
    """Replay the recorded past with other rules: incidents and pages, then and now, side by side.

    A server may use the store meanwhile; it is only read.

    Example: alertmesh whatif --from 7d --to 0s --rules my-rules
    """
    import asyncio

    import msgspec

    from alertmesh.config import load
    from alertmesh.config.models import models_setting
    from alertmesh.store import open_reader
    from alertmesh.whatif import Window, compare
    from alertmesh.whatif_report import report

    now = SystemClock().now()
    first, last = _moment(begin, now, "--from"), _moment(end, now, "--to")
    if first >= last:
        fail("--from must be earlier than --to")
    both = dict(pair(item) for item in settings or [])
    in_force, other = load(config, present, both), load(config, rules, both | models_setting(models))
    guest = open_reader(store or in_force.store)
    asyncio.run(guest.open())
    try:
        window = Window(first - (now - _moment(learn, now, "--learn")), first, last)
        found = compare(guest, window, in_force, other, _tell if progress else lambda done: None)
    finally:
        asyncio.run(guest.close())
    if as_json:
        print_json(msgspec.to_builtins(found))
    else:
        typer.echo(report(found))


def _tell(done: float) -> None:
    typer.echo(f"progress {done}", err=True)


def _moment(text: str, now: datetime, option: str) -> datetime:
    """Read a moment, or how long before `now` it was."""
    from alertmesh.config.values import parse_duration

    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        try:
            return now - parse_duration(text)
        except ValueError:
            fail(f"{option} {text}: write {_MOMENT}")
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
