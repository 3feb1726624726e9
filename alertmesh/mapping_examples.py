"""Run the examples of mapping files: a body is read, and what comes out is held against the file."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from alertmesh.config import Config
from alertmesh.config.entries import Placed
from alertmesh.config.mappings import MappingExampleEntry, SeenEntry
from alertmesh.core.alert import Parsed
from alertmesh.core.errors import BadPayload
from alertmesh.core.ports import Door, Source
from alertmesh.wiring import Wiring

RECEIVED = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
"""When the bodies of examples are received; a noon, so that their times may lie before it."""


def mapping_failures(config: Config) -> list[str]:
    """Return a problem, `file:line:col message`, for all that is read otherwise than expected."""
    if not any(mapping.examples for mapping in config.mappings):
        return []
    wiring = Wiring(config)
    return [
        problem
        for mapping in config.mappings
        for placed in mapping.examples
        for problem in _failures(wiring, wiring.sources[mapping.name], placed)
    ]


def seen(wiring: Wiring, source: Source, parsed: Parsed) -> list[dict[str, Any]]:
    """Return what each alert of a body comes to, in the words of an example."""
    door = Door(source.name, source.name, source.lease)
    found = []
    for sighting in parsed.sightings:
        alert = wiring.normaliser.describe(door, sighting, RECEIVED)
        found.append(
            {
                "status": "firing" if sighting.firing else "resolved",
                "labels": alert.labels,
                "annotations": alert.annotations,
                "starts_at": alert.starts_at,
                "ends_at": sighting.ends_at,
                "url": alert.generator_url,
                "priority": alert.priority.name,
                "entity": str(alert.entity),
            }
        )
    return found


def _failures(wiring: Wiring, source: Source, placed: Placed[MappingExampleEntry]) -> Iterator[str]:
    example = placed.entry
    begin = f"example {example.name!r}: "
    try:
        parsed = source.parse(example.sent(), RECEIVED)
        found = seen(wiring, source, parsed)
    except BadPayload as error:
        yield placed.fault(f"{begin}the body is refused: {error.placed}", "body")
        return
    if len(parsed.rejected) != example.rejected:
        whys = "; ".join(f"{one.index}: {one.error}" for one in parsed.rejected) or "none"
        yield placed.fault(f"{begin}{example.rejected} should be refused, came out {whys}", "rejected")
    if len(found) != len(example.expect):
        yield placed.fault(
            f"{begin}{len(example.expect)} alerts should be read, came out {len(found)}", "expect"
        )
    for place, (wanted, came) in enumerate(zip(example.expect, found, strict=False)):
        for key, text in _deviations(wanted, came):
            yield placed.fault(f"{begin}{text}", "expect", place, key)


def _deviations(wanted: SeenEntry, came: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for key in sorted(wanted.model_fields_set):
        want, got = getattr(wanted, key), came[key]
        if isinstance(want, dict):
            for name in sorted(want.keys() | got.keys()):
                if want.get(name) != got.get(name):
                    yield (
                        key,
                        f"{key}.{name} should be {_said(want.get(name))}, came out {_said(got.get(name))}",
                    )
        elif want != got:
            yield key, f"{key} should be {_said(want)}, came out {_said(got)}"


def _said(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    return "nothing" if value is None else repr(value)
