"""Recorded requests, each a file with what was made of it."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import orjson

from tests.ingest.samples import ROOT


def recorded(names: Iterable[str]) -> list[Path]:
    """Return the files of some sources."""
    return sorted(path for name in names for path in (ROOT / "tests" / "golden" / name).glob("*.json"))


def read(path: Path) -> dict[str, Any]:
    """Return a recorded request: its body, when it was received, and what is expected."""
    return orjson.loads(path.read_bytes())


def hold(path: Path, found: dict[str, Any], update: bool) -> None:
    """Hold what was made of a request against what is expected; `update` writes that anew first."""
    if update:
        path.write_bytes(orjson.dumps(read(path) | {"expected": found}, option=orjson.OPT_INDENT_2) + b"\n")
    assert found == read(path)["expected"]
