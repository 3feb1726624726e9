"""The `incident why` command: why each alert is in an incident, and why two incidents are not one."""

from typing import Annotated, Any

import typer

from alertmesh.cli_clients import Json, Number, Url, print_json

_HERE = "http://127.0.0.1:9393"


def incident_why(
    number: Number,
    other: Annotated[int | None, typer.Option("--not", help="Why it is not one with this incident.")] = None,
    url: Url = _HERE,
    as_json: Json = False,
) -> None:
    """Say why each alert is in an incident, how sure that is, and what would have kept it out.

    Example: alertmesh incident why 42 --not 43
    """
    from alertmesh.client import ApiClient

    path = f"/api/v1/incidents/{number}"
    answer = ApiClient(url).get(f"{path}/why" if other is None else f"{path}/why-not/{other}")
    if as_json:
        print_json(answer)
        return
    for line in _members(answer) if other is None else _apart(answer):
        typer.echo(line)


def _members(answer: dict[str, Any]) -> list[str]:
    lines = []
    for why in answer["why"]:
        takes = "" if why["threshold"] is None else f" of {why['threshold']:.0%} needed"
        lines.append(f"{why['name']} on {why['entity']}: {why['probability']:.0%}{takes}")
        lines += [f"  {_reason(reason)}" for reason in why["reasons"]]
        lines += [f"  * {text}" for text in why["kept_out"]]
        rival = why["rival"]
        if rival is not None:
            lines.append(f"  * next best: {_called(rival)}, {rival['probability']:.0%}")
    return lines


def _apart(answer: dict[str, Any]) -> list[str]:
    one, other = answer["incidents"]
    lines = [f"#{one} and #{other} are two. {answer['answer']}."]
    lines += [f"  {text}" for text in (*answer["verdicts"], *answer["facts"])]
    for when, opinion in (("then", answer["then"]), ("now", answer["now"])):
        if opinion is not None:
            lines.append(
                f"{when} ({opinion['at'][:19]}): {opinion['name']} in {_called(opinion)} "
                f"{opinion['probability']:.0%} of {opinion['threshold']:.0%} needed"
            )
            lines += [f"  {_reason(one)}" for one in (*opinion["for_it"], *opinion["against_it"])]
    return lines


def _called(told: dict[str, Any]) -> str:
    return f"group {told['group']}" if told["incident"] is None else f"#{told['incident']}"


def _reason(reason: dict[str, Any]) -> str:
    return f"{reason['weight']:+5.2f}  {reason['text']}"
