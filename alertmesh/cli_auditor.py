"""The `auditor` command, which watches the pager itself from a process of its own."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from alertmesh.core.clock import SystemClock

if TYPE_CHECKING:
    from alertmesh.auditor.watch import Round

_FINDINGS, _BLIND = 1, 2


def auditor(
    config: Annotated[Path | None, typer.Option("--config", "-c", help="Path of alertmesh.yaml.")] = None,
    store: Annotated[str | None, typer.Option("--store", help="sqlite:///FILE.")] = None,
    once: Annotated[bool, typer.Option("--once", help="Look once, tell nobody, and leave.")] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the findings of each look as one line of JSON.")
    ] = False,
) -> None:
    """Watch the pager itself: ping while all is well, say so by channels of its own when it is not.

    The store is only read, beside the server. With --once the exit status is 0 when all is well, 1 when
    something is wrong, 2 when the store could not be looked at.

    Example: alertmesh auditor --config alertmesh.yaml
    """
    import asyncio

    from alertmesh.auditor.watch import look_once, watch_forever
    from alertmesh.config import load
    from alertmesh.logs import configure_logs

    configure_logs()
    settings = load(config, None, {})
    url = store or settings.store
    show = _show_json if as_json else _show
    if not once:
        asyncio.run(watch_forever(settings, url, SystemClock(), _show_json if as_json else _stay_quiet))
        return
    found = asyncio.run(look_once(settings, url, SystemClock()))
    show(found)
    if found.look is None:
        raise typer.Exit(_BLIND)
    raise typer.Exit(_FINDINGS if found.findings else 0)


def _show(found: "Round") -> None:
    from alertmesh.auditor.voice import lines_of

    typer.echo("\n".join(lines_of(found.findings)) or "all is well")


def _show_json(found: "Round") -> None:
    import msgspec

    from alertmesh.auditor.watch import as_data

    typer.echo(msgspec.json.encode(as_data(found)).decode())


def _stay_quiet(found: "Round") -> None:
    """Print nothing: the log has what is new."""
