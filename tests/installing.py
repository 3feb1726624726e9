"""Packages that the documents show, installed where nothing else is."""

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.source import ROOT


def shown(page: str, kind: str) -> str:
    """Return the first block of a page in a language."""
    found: list[str] = re.findall(rf"```{kind}\n(.*?)```", page, re.DOTALL)
    return found[0]


def install(tmp_path_factory: pytest.TempPathFactory, files: Mapping[str, str]) -> Path:
    """Return a directory with a package of these files installed in it."""
    source, target = tmp_path_factory.mktemp("package"), tmp_path_factory.mktemp("site")
    for name, text in files.items():
        (source / name).write_text(text, encoding="utf-8")
    pip = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-build-isolation", "--no-index"]
    subprocess.run([*pip, "--target", target, source], check=True, timeout=120)
    return target


def run(installed: Path, *arguments: str, **variables: str) -> str:
    """Run a Python module where a package is installed, and return what it prints."""
    environment = {**os.environ, "PYTHONPATH": str(installed), **variables}
    command = [sys.executable, "-m", *arguments]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=180
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
