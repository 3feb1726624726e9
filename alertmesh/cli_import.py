"""The command that turns an Alertmanager's configuration into rules."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from alertmesh.cli_clients import Json, fail, print_json

if TYPE_CHECKING:
    from alertmesh.importing.alertmanager import Imported

_MAIN = "# Made by `alertmesh import`.\nrules: rules\n"


def import_alertmanager(
    file: Annotated[Path, typer.Argument(help="An alertmanager.yml.")],
    out: Annotated[
        Path | None, typer.Option(help="Directory to write to; without it nothing is written.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Turn an Alertmanager's routes, receivers, inhibition and mute times into AlertMesh's rules.

    What is left out, or done in another way, is told as file:line:col message. The exit status is 0
    when nothing was left out, 1 when something was, 2 when the file cannot be read. Addresses and tokens
    are written to files of their own.

    Example: alertmesh import alertmanager.yml --out mesh
    """
    from alertmesh.config.document import Document
    from alertmesh.core.errors import BadConfig
    from alertmesh.importing.alertmanager import convert

    try:
        imported = convert(Document.read(file))
    except BadConfig as error:
        typer.echo("\n".join(error.problems), err=True)
        raise typer.Exit(2) from error
    if out is not None:
        _write(out, imported)
    _tell(imported, out, as_json)
    raise typer.Exit(1 if imported.left else 0)


def _write(out: Path, imported: "Imported") -> None:
    from alertmesh.config import load

    texts = {"alertmesh.yaml": _MAIN, **imported.files}
    there = [name for name in (*texts, *imported.secrets) if (out / name).exists()]
    if there:
        fail(f"{out / there[0]} is there already; choose an empty directory")
    for name, text in {**texts, **imported.secrets}.items():
        path = out / name
        path.parent.mkdir(parents=True, exist_ok=True)
        mode = 0o600 if name in imported.secrets else 0o666
        with os.fdopen(
            os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w", encoding="utf-8"
        ) as made:
            made.write(text)
    load(out / "alertmesh.yaml", None, {})


def _tell(imported: "Imported", out: Path | None, as_json: bool) -> None:
    if as_json:
        told = [{"place": one.place, "text": one.text, "left": one.left} for one in imported.remarks]
        print_json({"left": imported.left, "remarks": told, "files": sorted(imported.files)})
        return
    for remark in imported.remarks:
        typer.echo(f"{remark.place} {'left out' if remark.left else 'note'}: {remark.text}")
    done = f"written to {out}" if out is not None else "nothing written; name a directory with --out"
    typer.echo(f"{imported.left} left out, {len(imported.remarks) - imported.left} notes; {done}")
