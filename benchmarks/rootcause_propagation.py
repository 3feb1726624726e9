"""Read graphs of how faults spread through a system as groups whose root is known.

The graphs tell what hurts what, not who calls whom. What a fault reaches is taken to call where it came
from, save for things that only miss requests: those are taken to be called.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from alertmesh.correlate.root_view import Told, View
from alertmesh.correlate.root_words import Kind, Reader


class Scenario(NamedTuple):
    """A group of alerts and the things any of which is its root."""

    view: View
    roots: frozenset[str]


def read_scenarios(path: Path, reader: Reader) -> list[Scenario]:
    """Read a file of scenarios."""
    return [scenario(one, reader) for one in json.loads(path.read_bytes())]


def scenario(given: Mapping[str, Any], reader: Reader) -> Scenario:
    """Read one scenario; names of one thing (its service, its pod) become one."""
    names = _one_name(given["aliases"])
    known = {entity["id"] for entity in given["entities"]}
    told = []
    for number, alert in enumerate(given["alerts"]):
        entity = alert["entity"]
        if not entity:
            continue
        entity = entity if entity in known or f"{entity}-1" not in known else f"{entity}-1"
        said = reader.read(alert["alert"])
        told.append(
            Told(
                series=str(number),
                entity=names.get(entity, entity),
                level="service",
                name=alert["alert"],
                kind=said.kind,
                outward=said.outward,
            )
        )
    calls = _calls(
        [
            (names.get(p["source"], p["source"]), names.get(p["target"], p["target"]))
            for p in given["propagations"]
        ],
        told,
    )
    roots = frozenset(names.get(e["id"], e["id"]) for e in given["entities"] if e["root_cause"])
    return Scenario(View(told=tuple(told), calls=calls, size=len(told)), roots)


def _one_name(aliases: Sequence[Sequence[str]]) -> dict[str, str]:
    names: dict[str, str] = {}
    for group in aliases:
        known = next((names[name] for name in group if name in names), group[0])
        for name in group:
            names.setdefault(name, known)
    return names


def _calls(spread: Sequence[tuple[str, str]], told: Sequence[Told]) -> tuple[tuple[str, str], ...]:
    kinds: dict[str, set[Kind]] = {}
    for one in told:
        kinds.setdefault(one.entity, set()).add(one.kind)
    starved = {name for name, tells in kinds.items() if tells == {Kind.TRAFFIC}}
    return tuple(sorted({(a, b) if b in starved else (b, a) for a, b in spread if a != b}))
