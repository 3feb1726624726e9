"""The `message` command: what messages say, before anybody gets one."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import quote

import typer

from alertmesh.cli_clients import Json, Url, fail, print_json

if TYPE_CHECKING:
    from alertmesh.config import Config

message_app = typer.Typer(help="See what messages say.", no_args_is_help=True, rich_markup_mode=None)
_HERE = "http://127.0.0.1:9393"


@message_app.command("preview")
def message_preview(
    incident: Annotated[int | None, typer.Argument(help="Show it for this incident of the server.")] = None,
    kind: Annotated[str, typer.Option(help="page, update, closing, bundle or handover.")] = "page",
    language: Annotated[str | None, typer.Option(help="zh or en; default: both.")] = None,
    channel: Annotated[
        str | None, typer.Option(help="For this kind of channel; default: each that is configured.")
    ] = None,
    config: Annotated[Path | None, typer.Option("--config", "-c", help="Path of alertmesh.yaml.")] = None,
    rules: Annotated[Path | None, typer.Option("--rules", help="Directory of rules.")] = None,
    url: Url = _HERE,
    as_json: Json = False,
) -> None:
    """Show what a message says, who wrote it, and how long it is.

    Without an incident it is about a sample, and needs no server: templates of --rules are tried so.

    Example: alertmesh message preview --kind page --language zh --channel sms
    """
    from alertmesh.config import load

    found = []
    known = load(config, rules, {})
    for kind_of_channel in [channel] if channel else _kinds(known):
        for spoken in [language] if language else ["zh", "en"]:
            wanted = {"kind": kind, "language": spoken, "channel": kind_of_channel}
            found.append(_sample(known, wanted) if incident is None else _real(url, incident, wanted))
    if as_json:
        print_json({"messages": found})
        return
    for place, one in enumerate(found):
        typer.echo(("\n" if place else "") + "\n".join(_shown(one)))


def _kinds(config: "Config") -> list[str]:
    return sorted({channel.kind for channel in config.channels.values()}) or [""]


def _sample(config: "Config", wanted: dict[str, str]) -> dict[str, Any]:
    import msgspec

    from alertmesh.messages import templates
    from alertmesh.notify.preview import previewed
    from alertmesh.notify.samples import briefings, style
    from alertmesh.notify.templates import KINDS

    if wanted["kind"] not in KINDS:
        fail(f"--kind {wanted['kind']}: is one of {', '.join(KINDS)}")
    manner = style(wanted["language"], wanted["channel"], wanted["channel"] or "sample")
    shown: dict[str, Any] = msgspec.to_builtins(
        previewed(templates(config), briefings(wanted["kind"]), manner)
    )
    return shown


def _real(url: str, incident: int, wanted: dict[str, str]) -> dict[str, Any]:
    from alertmesh.client import ApiClient

    shown: dict[str, Any] = ApiClient(url).get(f"/api/v1/incidents/{quote(str(incident))}/message", **wanted)
    return shown


def _shown(one: dict[str, Any]) -> list[str]:
    by = one["template"] or "the built-in text"
    parts = f", {one['parts']} text messages" if one["parts"] else ""
    head = (
        f"--- {one['kind']} {one['language']} {one['channel'] or 'any channel'}, by {by}: "
        f"{one['characters']} characters, {one['bytes']} bytes{parts}"
    )
    return [head, one["title"], one["text"]]
