"""Commands that work a running AlertMesh over its API: `incident` and `alert`."""

from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import msgspec
import typer

if TYPE_CHECKING:
    from alertmesh.client import ApiClient

incident_app = typer.Typer(help="See and work incidents.", no_args_is_help=True, rich_markup_mode=None)
alert_app = typer.Typer(help="See alerts.", no_args_is_help=True, rich_markup_mode=None)

Url = Annotated[str, typer.Option("--url", envvar="ALERTMESH_URL", help="Address of the server.")]
Number = Annotated[int, typer.Argument(help="Number of the incident.")]
Epoch = Annotated[int | None, typer.Option(help="Refuse if the incident moved on since this epoch.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
_HERE = "http://127.0.0.1:9393"


def _client(url: str) -> "ApiClient":
    from alertmesh.client import ApiClient

    return ApiClient(url)


def fail(message: str) -> NoReturn:
    """Say what is wrong on standard error and leave with status 1."""
    typer.echo(f"alertmesh: {message}", err=True)
    raise typer.Exit(1)


def pair(text: str) -> tuple[str, str]:
    """Return the two sides of a `--set key=value`."""
    key, equals, value = text.partition("=")
    if not equals:
        fail(f"--set {text}: write key=value")
    return key, value


def print_json(value: Any) -> None:
    """Print a value as indented JSON."""
    typer.echo(msgspec.json.format(msgspec.json.encode(value)).decode())


@incident_app.command("list")
def incident_list(
    url: Url = _HERE,
    state: Annotated[str | None, typer.Option(help="For example t1_paging.")] = None,
    priority: Annotated[str | None, typer.Option(help="P1, P2, P3 or P4.")] = None,
    matchers: Annotated[str | None, typer.Option("--filter", help='For example cluster="a".')] = None,
    limit: Annotated[int, typer.Option(min=1, max=500)] = 50,
    as_json: Json = False,
) -> None:
    """List incidents, newest first.

    Example: alertmesh incident list --priority P1
    """
    answer = _client(url).get(
        "/api/v1/incidents", state=state, priority=priority, filter=matchers, limit=limit
    )
    if as_json:
        print_json(answer)
        return
    for incident in answer["incidents"]:
        typer.echo(
            f"#{incident['id']:<6} {incident['priority']} {incident['state']:10} "
            f"{incident['condition']:8} {incident['owner'] or '-':12} {incident['title']}"
        )


@incident_app.command("show")
def incident_show(number: Number, url: Url = _HERE, as_json: Json = False) -> None:
    """Show an incident with its likely causes, past incidents like it and its timeline.

    Example: alertmesh incident show 42
    """
    client = _client(url)
    incident = client.get(f"/api/v1/incidents/{number}")
    lines = client.get(f"/api/v1/incidents/{number}/timeline", limit=500)["timeline"]
    if as_json:
        print_json({"incident": incident, "timeline": lines})
        return
    typer.echo(f"#{incident['id']} {incident['priority']} {incident['title']}")
    typer.echo(f"{incident['state']}, {incident['condition']}, owner {incident['owner'] or 'nobody'}")
    for cause in incident["causes"]:
        changed = f"; changed: {cause['changed']}" if cause["changed"] else ""
        typer.echo(f"  likely {cause['entity']} ({cause['score']:.0%}): {cause['reason']}{changed}")
    for cause in incident["causes"][:1]:
        if cause["unseen"] > cause["score"]:
            typer.echo(f"  likelier ({cause['unseen']:.0%}) the root is not among what alerts")
    for made in incident["suggestions"]:
        what = f"split off {len(made['series'])} series" if made["kind"] == "split" else "be one with "
        if made["kind"] == "merge":
            what += f"#{made['other']}" if made["other"] else "what is only watched"
        typer.echo(f"  suggestion {made['number']}: {what} ({made['confidence']:.0%}): {made['reason']}")
    for line in seen_before(incident):
        typer.echo(f"  {line}")
    for line in lines:
        typer.echo(f"{line['at'][:19]} {line['kind']:12} {line['text']}")


def seen_before(incident: dict[str, Any]) -> list[str]:
    """Return what is known of past incidents like this one, a line each."""
    again = incident["recurrence"]
    lines = (
        [f"{again['times']} times in {again['days']} days on {again['entity']}, this one included"]
        if again
        else []
    )
    for past in incident["similar"]:
        handled = f", handled by {past['resolved_by']}" if past["resolved_by"] else ""
        note = f": {past['note']}" if past["note"] else ""
        lines.append(f"like #{past['incident']} ({past['score']:.0%}) {past['title']}{handled}{note}")
        lines.append(f"  {past['shared']}")
    return lines


def _act(number: int, action: str, url: str, body: dict[str, Any]) -> None:
    told = {name: value for name, value in body.items() if value is not None}
    incident = _client(url).post(f"/api/v1/incidents/{number}/{action}", told)
    typer.echo(f"#{incident['id']} is {incident['state']}, owner {incident['owner'] or 'nobody'}")


@incident_app.command("ack")
def incident_ack(number: Number, url: Url = _HERE, epoch: Epoch = None) -> None:
    """Take an incident: its tier is paged no more.

    Example: alertmesh incident ack 42
    """
    _act(number, "ack", url, {"epoch": epoch})


@incident_app.command("unack")
def incident_unack(number: Number, url: Url = _HERE, epoch: Epoch = None) -> None:
    """Give an incident back: its tier is paged again.

    Example: alertmesh incident unack 42
    """
    _act(number, "unack", url, {"epoch": epoch})


@incident_app.command("escalate")
def incident_escalate(
    number: Number,
    url: Url = _HERE,
    epoch: Epoch = None,
    step: Annotated[int | None, typer.Option(help="Step of tier 2 to begin at.")] = None,
    team: Annotated[str | None, typer.Option(help="Roster to page; default: who owns the root.")] = None,
) -> None:
    """Pass an incident on to the developers.

    Example: alertmesh incident escalate 42
    """
    _act(number, "escalate", url, {"epoch": epoch, "step": step, "team": team})


@incident_app.command("resolve")
def incident_resolve(
    number: Number,
    url: Url = _HERE,
    epoch: Epoch = None,
    text: Annotated[str | None, typer.Option(help="What it was.")] = None,
) -> None:
    """Say that an incident is over.

    Example: alertmesh incident resolve 42 --text "restarted the node"
    """
    _act(number, "resolve", url, {"epoch": epoch, "text": text})


@incident_app.command("snooze")
def incident_snooze(number: Number, minutes: int, url: Url = _HERE, epoch: Epoch = None) -> None:
    """Keep an incident that you own quiet for some minutes.

    Example: alertmesh incident snooze 42 30
    """
    _act(number, "snooze", url, {"epoch": epoch, "minutes": minutes})


@incident_app.command("assign")
def incident_assign(number: Number, person: str, url: Url = _HERE, epoch: Epoch = None) -> None:
    """Hand an incident to somebody, who is paged.

    Example: alertmesh incident assign 42 li
    """
    _act(number, "assign", url, {"epoch": epoch, "person": person})


@incident_app.command("priority")
def incident_priority(
    number: Number,
    priority: Annotated[str, typer.Argument(help="P1, P2, P3 or P4.")],
    url: Url = _HERE,
    epoch: Epoch = None,
    text: Annotated[str | None, typer.Option(help="Why.")] = None,
) -> None:
    """Say how bad an incident is; it stands until its alerts get worse.

    Example: alertmesh incident priority 42 P2
    """
    _act(number, "priority", url, {"epoch": epoch, "priority": priority, "text": text})


@incident_app.command("merge")
def incident_merge(
    number: Number,
    into: Annotated[int, typer.Argument(help="The incident that it belongs to.")],
    url: Url = _HERE,
    epoch: Epoch = None,
) -> None:
    """Say that two incidents are one.

    Example: alertmesh incident merge 43 42
    """
    _act(number, "merge", url, {"epoch": epoch, "into": into})


@incident_app.command("split")
def incident_split(
    number: Number,
    series: Annotated[list[str], typer.Argument(help="Series to take out.")],
    url: Url = _HERE,
    epoch: Epoch = None,
) -> None:
    """Say that some series of an incident are another trouble.

    Example: alertmesh incident split 42 9f86d081884c7d65
    """
    _act(number, "split", url, {"epoch": epoch, "series": series})


@incident_app.command("move")
def incident_move(
    number: Number,
    series: Annotated[list[str], typer.Argument(help="Series to move.")],
    into: Annotated[int | None, typer.Option(help="Where they belong; default: a new incident.")] = None,
    url: Url = _HERE,
    epoch: Epoch = None,
) -> None:
    """Put some series of an incident where they belong.

    Example: alertmesh incident move 42 9f86d081884c7d65 --into 43
    """
    _act(number, "move", url, {"epoch": epoch, "series": series, "into": into})


@incident_app.command("root")
def incident_root(
    number: Number,
    series: Annotated[str | None, typer.Option(help="The series that tells of the root.")] = None,
    entity: Annotated[str | None, typer.Option(help="The thing that is the root.")] = None,
    url: Url = _HERE,
    epoch: Epoch = None,
) -> None:
    """Say what the root of an incident is.

    Example: alertmesh incident root 42 --entity tor-3
    """
    named = [series] if series else None
    _act(number, "root", url, {"epoch": epoch, "series": named, "entity": entity})


@incident_app.command("unrelated")
def incident_unrelated(
    number: Number,
    series: Annotated[list[str] | None, typer.Argument(help="Series that do not belong here.")] = None,
    other: Annotated[int | None, typer.Option(help="The incident it has nothing to do with.")] = None,
    url: Url = _HERE,
    epoch: Epoch = None,
) -> None:
    """Say what has nothing to do with an incident: some of its series, or another incident.

    Example: alertmesh incident unrelated 42 --other 43
    """
    _act(number, "unrelated", url, {"epoch": epoch, "series": series or None, "other": other})


@incident_app.command("note")
def incident_note(number: Number, text: str, url: Url = _HERE) -> None:
    """Write a line into the timeline.

    Example: alertmesh incident note 42 "the vendor is told"
    """
    _act(number, "note", url, {"text": text})


@alert_app.command("list")
def alert_list(
    url: Url = _HERE,
    state: Annotated[str | None, typer.Option(help="firing or resolved.")] = None,
    matchers: Annotated[str | None, typer.Option("--filter", help='For example severity="critical".')] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 100,
    as_json: Json = False,
) -> None:
    """List alerts.

    Example: alertmesh alert list --filter 'severity="critical"'
    """
    answer = _client(url).get("/api/v1/alerts", state=state, filter=matchers, limit=limit)
    if as_json:
        print_json(answer)
        return
    for alert in answer["alerts"]:
        labels = " ".join(f"{name}={value}" for name, value in sorted(alert["labels"].items()))
        typer.echo(f"{alert['fingerprint']} {alert['priority']} {alert['state']:8} {labels}")


def digest(
    url: Url = _HERE,
    noise: Annotated[str | None, typer.Option(help="For example always_on or recurring.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=500)] = 50,
    as_json: Json = False,
) -> None:
    """List the noise that pages nobody, by owner, with what to do about it.

    Example: alertmesh digest
    """
    answer = _client(url).get("/api/v1/digest", noise=noise, limit=limit)
    if as_json:
        print_json(answer)
        return
    for one in answer["proposals"]:
        owner = " ".join(one["owner"].values()) or "nobody"
        typer.echo(f"{one['remedy']:11} {one['priority']} {one['name']:28} {owner:24} {one['why']}")
    left = answer["total"] - len(answer["proposals"])
    if left:
        typer.echo(f"and {left} more")
