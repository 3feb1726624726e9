"""A directory of rules with one file of the test's own, and what is wrong with it."""

from pathlib import Path

import pytest

from alertmesh.config import load
from alertmesh.core.errors import BadConfig


def written(folder: Path, text: str, name: str) -> Path:
    """Write a rule file below a directory and return the directory."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return folder


def problems(folder: Path) -> list[str]:
    """Return everything that is wrong with a directory of rules, each with its place in it."""
    with pytest.raises(BadConfig) as caught:
        load(None, folder, {})
    return [problem.replace(f"{folder}/", "") for problem in caught.value.problems]
