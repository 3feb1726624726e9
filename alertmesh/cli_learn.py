"""The commands that judge how well alerts were grouped, and learn to do it better."""

from collections.abc import Iterator, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from alertmesh.cli_clients import fail, print_json
from alertmesh.core.clock import SystemClock

if TYPE_CHECKING:
    from alertmesh.config import Config
    from alertmesh.training import Recording, Result, TrainSettings

ModelsDir = Annotated[
    str | None, typer.Option("--models", help="Directory of models, or none; default: those shipped.")
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
_TRUTH = "CSV, plain or .gz, with columns id (or alert_id) and group; empty: noise."
_REFUSED = 3


def score(
    groups: Annotated[Path, typer.Argument(help="What `replay --groups` wrote: columns id, incident.")],
    truth: Annotated[Path, typer.Argument(help=_TRUTH)],
    as_json: Json = False,
) -> None:
    """Judge a grouping against the incidents that the alerts really belong to.

    Example: alertmesh score groups.csv truth.csv
    """
    from alertmesh.scoring import MEANINGS, read_grouping, read_truth, score_against

    found = score_against(read_truth(truth), read_grouping(groups))._asdict()
    if as_json:
        print_json(found)
        return
    for name, value in found.items():
        figure = f"{value:.4f}" if isinstance(value, float) else str(value)
        typer.echo(f"{name:12} {figure:>9}  {MEANINGS[name]}")


def train(
    files: Annotated[
        list[Path] | None, typer.Argument(metavar="FILE...", help="Recorded alerts, as for `replay`.")
    ] = None,
    truth: Annotated[
        list[Path] | None, typer.Option(help=f"Of the FILE in the same place; repeat it. {_TRUTH}")
    ] = None,
    topology: Annotated[
        list[Path] | None, typer.Option(help="CSV with columns a,b,kind[,cluster], likewise; - for none.")
    ] = None,
    holdout: Annotated[
        list[Path] | None, typer.Option(help="Judge by these recordings, not by the end of each FILE.")
    ] = None,
    holdout_truth: Annotated[list[Path] | None, typer.Option(help="Of each --holdout.")] = None,
    from_store: Annotated[
        bool, typer.Option("--from-store", help="Learn from what people merged, split and moved, too.")
    ] = False,
    config: Annotated[Path | None, typer.Option("--config", "-c", help="Path of alertmesh.yaml.")] = None,
    store: Annotated[str | None, typer.Option("--store", help="sqlite:///FILE, for --from-store.")] = None,
    out: Annotated[Path | None, typer.Option(help="Directory to write to; without it, only figures.")] = None,
    models: ModelsDir = None,
    rounds: Annotated[int, typer.Option(min=1, max=5, help="How often to collect and fit.")] = 2,
    seed: Annotated[int, typer.Option(help="The same seed and recordings give the same model.")] = 1,
    variants: Annotated[int, typer.Option(min=0, max=100, help="Parts of each recording, a round.")] = 6,
    margin: Annotated[float, typer.Option(min=0, max=1, help="How much better the model must be.")] = 0.002,
    as_json: Json = False,
) -> None:
    """Learn from recorded alerts how to group them.

    From a FILE with its --truth, a model is trained. It is written to --out only if it groups what it was not
    trained on better than the model in service; otherwise the status is 3. From a FILE without --truth it is
    learned which alerts come with which, and how often.

    Example: alertmesh train storm.jsonl.gz --truth truth.csv --out my-models
    """
    from alertmesh.config import load
    from alertmesh.config.models import models_setting
    from alertmesh.training import TrainSettings, read_recording

    loaded = load(config, None, models_setting(models))
    unknown = (files or [])[len(truth or []) :]
    recordings = [read_recording(*item) for item in _paired("FILE", files, truth, topology)]
    judged = [read_recording(*item) for item in _paired("--holdout", holdout, holdout_truth, None)]
    if from_store:
        recordings += _remembered(loaded, store)
    if not recordings and not unknown:
        fail("there is nothing to learn from: name a FILE, or --from-store")
    settings = TrainSettings(rounds=rounds, seed=seed, variants=variants, margin=margin)
    answer: dict[str, Any] = {}
    if unknown:
        answer["learned"] = _learn(unknown, loaded, out)
    result = _train(loaded, settings, recordings, judged) if recordings else None
    if result is not None:
        answer |= _written(result, out)
    _say(answer, as_json)
    if result is not None and not result.better:
        raise typer.Exit(_REFUSED)


def _paired(
    what: str, files: list[Path] | None, truth: list[Path] | None, topology: list[Path] | None
) -> Iterator[tuple[Path, Path, Path | None]]:
    """Yield each recording that has a truth with it, and with its topology if there is one."""
    if len(truth or []) > len(files or []) or (what != "FILE" and len(files or []) > len(truth or [])):
        fail(f"{len(truth or [])} truths for {len(files or [])} of {what}: each wants the other")
    edges = [None if str(path) == "-" else path for path in topology or []]
    yield from zip_longest(files[: len(truth)], truth, edges[: len(truth)]) if files and truth else ()


def _remembered(config: "Config", store: str | None) -> list["Recording"]:
    """Return what people taught a store, as a recording."""
    import asyncio

    from alertmesh.store import open_reader
    from alertmesh.training.past import remembered

    url = store or config.store
    guest = open_reader(url)
    asyncio.run(guest.open())
    try:
        return [remembered(guest, config, url.rpartition("/")[2])]
    finally:
        asyncio.run(guest.close())


def _learn(files: Sequence[Path], config: "Config", out: Path | None) -> dict[str, Any]:
    """Learn what needs no truth, write it, and return how much it is."""
    from time import perf_counter

    from alertmesh.config.models import LEARNED
    from alertmesh.learned import encode
    from alertmesh.training.experience import learn

    begun = perf_counter()
    found = learn(files, config)
    pace = found.alerts / max(1e-9, perf_counter() - begun)
    _progress(f"without truth: {found.alerts} alerts, {pace:.0f} alerts/s")
    written = _write(out, LEARNED, encode(found))
    counts = {"alerts": found.alerts, "kinds": len(found.kinds), "habits": len(found.beats)}
    return counts | {"values": len(found.values), "written": written}


def _train(
    config: "Config", settings: "TrainSettings", recordings: list["Recording"], judged: list["Recording"]
) -> "Result":
    from alertmesh.training import Course, train

    today = SystemClock().now().date()
    course = Course(config=config, settings=settings, on=today, told=_progress)
    return train(course, recordings, judged)


def _written(result: "Result", out: Path | None) -> dict[str, Any]:
    """Write a model that is better, and return what there is to tell of it."""
    import msgspec

    from alertmesh.config.models import GROUPING
    from alertmesh.correlate.model import encode

    written = _write(out, GROUPING, encode(result.model)) if result.better else ""
    return {
        "better": result.better,
        "verdict": result.verdict,
        "before": msgspec.to_builtins(result.before),
        "after": msgspec.to_builtins(result.after),
        "threshold": result.model.threshold,
        "trees": len(result.model.trees.trees),
        "written": written,
    }


def _write(out: Path | None, name: str, body: bytes) -> str:
    """Write a file as a whole or not at all; return where it is, nothing without a directory."""
    if out is None:
        return ""
    out.mkdir(parents=True, exist_ok=True)
    fresh = out / f"{name}.new"
    fresh.write_bytes(body)
    fresh.replace(out / name)
    return str(out / name)


def _say(answer: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(answer)
        return
    learned = answer.get("learned")
    if learned is not None:
        where = f"written to {learned['written']}" if learned["written"] else "not written: no --out"
        typer.echo(
            f"learned without truth: {learned['kinds']} kinds, {learned['habits']} habits and "
            f"{learned['values']} values of {learned['alerts']} alerts; {where}"
        )
    if "better" not in answer:
        return
    typer.echo(f"{'held out':24} {'incident_f1':>15} {'clean_ari':>15} {'single_ari':>15} {'noise_only':>13}")
    for old, new in zip(answer["before"], answer["after"], strict=True):
        figures = " ".join(
            f"{_moved(old, new, name):>15}" for name in ("incident_f1", "clean_ari", "single_ari")
        )
        typer.echo(f"{new['recording']:24} {figures} {old['noise_only']:>5} -> {new['noise_only']}")
    if answer["better"]:
        where = f"written to {answer['written']}" if answer["written"] else "not written: no --out"
        typer.echo(f"the new model is {answer['verdict']}; {where}")
    else:
        typer.echo(f"the new model is not put in service: {answer['verdict']}")


def _moved(old: dict[str, Any], new: dict[str, Any], name: str) -> str:
    return f"{old[name]:.3f} -> {new[name]:.3f}"


def _progress(line: str) -> None:
    typer.echo(line, err=True)
