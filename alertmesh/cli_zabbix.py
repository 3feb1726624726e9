"""The `zabbix` commands, which make a Zabbix server tell AlertMesh of its problems."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import typer

from alertmesh.cli_clients import fail
from alertmesh.core.clock import SystemClock

if TYPE_CHECKING:
    from alertmesh.zabbix.client import ZabbixClient
    from alertmesh.zabbix.setup import Step, Wanted

zabbix_app = typer.Typer(help="Set a Zabbix server up.", no_args_is_help=True, rich_markup_mode=None)
_MEDIA = Path("zabbix") / "media_alertmesh.yaml"
_TRAPPER = 10051


@zabbix_app.callback()
def _zabbix() -> None:
    """Set a Zabbix server up."""


@zabbix_app.command("setup")
def zabbix_setup(
    url: Annotated[str, typer.Option(help="Zabbix' frontend: what comes before /api_jsonrpc.php.")],
    alertmesh_url: Annotated[str, typer.Option(help="AlertMesh, as Zabbix' server reaches it.")],
    user: Annotated[str, typer.Option(help="An administrator of Zabbix.")] = "",
    password: Annotated[str, typer.Option(envvar="ZABBIX_PASSWORD", help="Better set ZABBIX_PASSWORD.")] = "",
    token: Annotated[
        str, typer.Option(envvar="ZABBIX_TOKEN", help="An API token instead of user and password.")
    ] = "",
    alertmesh_token: Annotated[
        str,
        typer.Option(
            envvar="ALERTMESH_INGEST_TOKEN", help="What Zabbix shows to AlertMesh; empty: leave as it is."
        ),
    ] = "",
    server: Annotated[str, typer.Option(help="What this Zabbix is called in AlertMesh.")] = "zabbix",
    frontend_url: Annotated[str, typer.Option(help="Its address for people; default: that of --url.")] = "",
    messenger: Annotated[str, typer.Option(help="The user of Zabbix who gets the messages.")] = "alertmesh",
    role: Annotated[str, typer.Option(help="An existing role for that user; default: one of its own.")] = "",
    ca_file: Annotated[str, typer.Option(help="Certificates to trust, for https.")] = "",
    make_token: Annotated[
        bool, typer.Option("--make-token", help="Make an API token for asking Zabbix, and print it once.")
    ] = False,
    check: Annotated[bool, typer.Option("--check", help="Prove the way with a problem made for it.")] = False,
    sender: Annotated[str, typer.Option(help="HOST:PORT where the server takes values, for --check.")] = "",
) -> None:
    """Make macros, media type, role, user and actions, or change what differs; can be done again.

    Example: alertmesh zabbix setup --url https://zabbix.example --user Admin
    --alertmesh-url https://alertmesh.example:9393 --check
    """
    import asyncio

    from alertmesh.config import default_rules_dir
    from alertmesh.zabbix.client import Account, ZabbixClient
    from alertmesh.zabbix.setup import Wanted

    for option, given in (("--url", url), ("--alertmesh-url", alertmesh_url)):
        if not given.startswith(("http://", "https://")):
            fail(f"{option} {given}: an address begins with http:// or https://")
    if bool(token) == bool(user and password):
        fail("give --user and ZABBIX_PASSWORD, or ZABBIX_TOKEN")
    wanted = Wanted(
        alertmesh_url=alertmesh_url.rstrip("/"),
        alertmesh_token=alertmesh_token,
        server=server,
        frontend_url=(frontend_url or url).rstrip("/"),
        media=(default_rules_dir() / _MEDIA).read_text(encoding="utf-8"),
        user=messenger,
        role=role,
    )
    place = _place(sender, url) if check else None
    client = ZabbixClient(Account(url.rstrip("/"), token, user, password, ca_file))
    asyncio.run(_set_up(client, wanted, make_token, place))


async def _set_up(
    client: "ZabbixClient", wanted: "Wanted", make_token: bool, place: tuple[str, int] | None
) -> None:
    from alertmesh.zabbix.setup import Setup
    from alertmesh.zabbix.trial import Trial
    from alertmesh.zabbix.versions import OLDEST

    try:
        version = await client.version()
        if version < OLDEST:
            there, needed = (".".join(map(str, one)) for one in (version, OLDEST))
            fail(f"{client.url} is Zabbix {there}; {needed} or newer is needed")
        setup = Setup(client, wanted, _tell)
        made = await setup.run()
        if make_token:
            typer.echo(f"token      {await setup.make_token(made.user)}")
        if place is not None:
            name = f"alertmesh-trial-{SystemClock().now():%Y%m%d%H%M%S}"
            began, ended = await Trial(client, name, place, made.media).run(_checked)
            _checked(f"the way is open: {began:.1f} s for a problem, {ended:.1f} s for its end")
    finally:
        await client.close()


def _tell(step: "Step") -> None:
    typer.echo(f"{step.done:10} {step.what}{f': {step.note}' if step.note else ''}")


def _checked(text: str) -> None:
    typer.echo(f"{'check':10} {text}")


def _place(sender: str, url: str) -> tuple[str, int]:
    """Return where values are taken: as given, or on the frontend's host at the usual port."""
    try:
        parts = urlsplit(f"//{sender}" if sender else url)
        port = parts.port if sender else _TRAPPER
    except ValueError:
        fail(f"--sender {sender}: write HOST:PORT")
    return parts.hostname or "127.0.0.1", port or _TRAPPER
