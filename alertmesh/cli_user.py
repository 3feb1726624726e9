"""The `user` commands, which make and change accounts in the store, beside a server or without one."""

import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from alertmesh.cli_clients import Json, fail, print_json
from alertmesh.core.clock import SystemClock

if TYPE_CHECKING:
    from alertmesh.core.ports import Store

user_app = typer.Typer(
    help="Make, change and list the accounts that sign in to the console.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Name = Annotated[str, typer.Argument(help="Name to sign in with; that of the person in `users`, if any.")]
Role = Annotated[str, typer.Option(help="viewer (reads), responder (acts on incidents too) or admin.")]
ConfigFile = Annotated[Path | None, typer.Option("--config", "-c", help="Path of alertmesh.yaml.")]
StoreUrl = Annotated[str | None, typer.Option("--store", help="sqlite:///FILE.")]


def visit(config: Path | None, store: str | None, work: "Callable[[Store], Awaitable[Any]]") -> Any:
    """Do something in a store that a server may be using at the same time."""
    import asyncio

    from alertmesh.config import load
    from alertmesh.store import open_guest

    async def stay() -> Any:
        guest = open_guest(store or load(config, None, {}).store)
        await guest.open()
        try:
            return await work(guest)
        finally:
            await guest.close()

    return asyncio.run(stay())


@user_app.command("add")
def user_add(name: Name, role: Role = "responder", config: ConfigFile = None, store: StoreUrl = None) -> None:
    """Make an account; the password is asked for, or read as a line of standard input.

    Example: alertmesh user add wang --role responder
    """
    from alertmesh.store import accounts

    kept = accounts.hashed(_new_password(name))
    now = SystemClock().now()
    visit(config, store, lambda guest: accounts.add(guest, name, role, kept, now))
    typer.echo(f"{name} may sign in as {role}")


@user_app.command("passwd")
def user_passwd(name: Name, config: ConfigFile = None, store: StoreUrl = None) -> None:
    """Give an account another password, which ends its sessions; it is asked for as by `user add`.

    Example: alertmesh user passwd wang
    """
    from alertmesh.store import accounts

    kept = accounts.hashed(_new_password(name))
    now = SystemClock().now()
    visit(config, store, lambda guest: accounts.set_password(guest, name, kept, now))
    typer.echo(f"{name} has another password and is signed out everywhere")


@user_app.command("sso")
def user_sso(name: Name, config: ConfigFile = None, store: StoreUrl = None) -> None:
    """Have an account sign in by the OpenID provider from now on; its password and sessions end.

    It is whose the provider says has that name, at the next sign-in and for good. Use it too when
    the provider was replaced, or tells somebody apart anew.

    Example: alertmesh user sso wang
    """
    from alertmesh.store import accounts

    now = SystemClock().now()
    visit(config, store, lambda guest: accounts.hand_over(guest, name, now))
    typer.echo(f"{name} signs in by the provider from now on")


@user_app.command("provider")
def user_provider(config: ConfigFile = None) -> None:
    """Ask the OpenID provider about itself; tell what is wrong, or what to register there.

    Example: alertmesh user provider
    """
    import asyncio

    from alertmesh.config import load
    from alertmesh.console.oidc import CALLBACK
    from alertmesh.oidc import SignInFailed, examine

    found = load(config, None, {})
    if found.oidc is None:
        fail("no OpenID provider is configured: write a section oidc into alertmesh.yaml")
    try:
        told = asyncio.run(examine(found.oidc, SystemClock()))
    except SignInFailed as error:
        fail(str(error))
    home = found.external_url
    for name, value in {**told, "register to come back to": home + CALLBACK, "and after": f"{home}/"}.items():
        typer.echo(f"{name:26} {value}")


@user_app.command("role")
def user_role(
    name: Name,
    role: Annotated[str, typer.Argument(help="viewer, responder or admin.")],
    config: ConfigFile = None,
    store: StoreUrl = None,
) -> None:
    """Give an account another role; whoever is signed in has it within a second.

    Example: alertmesh user role wang admin
    """
    from alertmesh.store import accounts

    now = SystemClock().now()
    visit(config, store, lambda guest: accounts.set_role(guest, name, role, now))
    typer.echo(f"{name} is {role}")


@user_app.command("remove")
def user_remove(name: Name, config: ConfigFile = None, store: StoreUrl = None) -> None:
    """Delete an account; whoever is signed in with it is out within a second.

    Example: alertmesh user remove wang
    """
    from alertmesh.store import accounts

    now = SystemClock().now()
    if not visit(config, store, lambda guest: accounts.remove(guest, name, now)):
        fail(f"there is no account called {name!r}")
    typer.echo(f"{name} cannot sign in any more")


@user_app.command("list")
def user_list(config: ConfigFile = None, store: StoreUrl = None, as_json: Json = False) -> None:
    """List accounts by name and role.

    Example: alertmesh user list
    """
    from alertmesh.store import accounts

    async def read(guest: "Store") -> list[accounts.Account]:
        return accounts.listed(guest)

    found: list[accounts.Account] = visit(config, store, read)
    if as_json:
        shown = ("name", "role", "created_at", "changed_at")
        print_json([{key: getattr(account, key) for key in shown} for account in found])
        return
    for account in found:
        known = f"password of {account.changed_at:%Y-%m-%d}" if account.password else "by the provider"
        typer.echo(f"{account.name:24} {account.role:10} {known}")


def _new_password(name: str) -> str:
    """Return a password that can be taken. It never stands among the arguments, which others can see."""
    from alertmesh.store.accounts import weakness

    if sys.stdin.isatty():
        password = str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))
    else:
        password = sys.stdin.readline().rstrip("\r\n")
    if why := weakness(name, password):
        fail(why)
    return password
