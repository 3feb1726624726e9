"""A clean clone becomes a wheel with the console in it, by Python alone."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.ui.paths import ROOT

BUILD = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d"]


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return what a clone of this working tree would hold."""
    folder = tmp_path_factory.mktemp("clone") / "alertmesh"
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes((ROOT / name).read_bytes())
    return folder


def make(clone: Path, to: Path, **more: str) -> set[str]:
    """Make a wheel where no Node is on the path, and return what it holds."""
    tools = to / "tools"
    tools.mkdir(parents=True)
    (tools / "sh").symlink_to("/bin/sh")
    environment = {**os.environ, "PATH": str(tools), **more}
    done = subprocess.run([*BUILD, to], cwd=clone, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    (wheel,) = to.glob("*.whl")
    return set(zipfile.ZipFile(wheel).namelist())


def test_a_clean_clone_makes_a_wheel_without_node_on_the_path(clone, tmp_path):
    held = make(clone, tmp_path)
    assert "alertmesh/console/static/index.html" in held
    assert any(name.endswith(".js.gz") for name in held)
    assert not [name for name in held if name.startswith("alertmesh/console/ui/")]
    # A second one builds nothing anew.
    stamp = clone / "alertmesh/console/static/index.html"
    before = stamp.stat().st_mtime_ns
    make(clone, tmp_path / "again")
    assert stamp.stat().st_mtime_ns == before
    main = clone / "alertmesh/console/ui/src/main.tsx"
    main.write_text(main.read_text() + "// changed\n")
    make(clone, tmp_path / "changed")
    assert stamp.stat().st_mtime_ns != before


def test_an_api_alone_has_no_console(clone, tmp_path):
    for file in (clone / "alertmesh/console/static").rglob("*"):
        if file.is_file():
            file.unlink()
    held = make(clone, tmp_path, ALERTMESH_NO_UI="1")
    assert "alertmesh/console/static.py" in held
    assert "alertmesh/console/static/index.html" not in held


def test_a_broken_source_fails_the_build_and_says_where(clone, tmp_path):
    (clone / "alertmesh/console/ui/src/broken.ts").write_text("export const n: number = 'one';\n")
    done = subprocess.run([*BUILD, tmp_path], cwd=clone, capture_output=True, text=True)
    (clone / "alertmesh/console/ui/src/broken.ts").unlink()
    assert done.returncode != 0
    assert "src/broken.ts(1,14)" in done.stdout + done.stderr


@pytest.mark.parametrize("lock", ["alertmesh/console/ui/package-lock.json", "requirements-build.lock"])
def test_a_lock_names_no_host_that_packages_come_from(lock):
    text = (ROOT / lock).read_text()
    assert "registry" not in text
    assert "resolved" not in text
