"""What is committed is complete, and names neither a machine nor a registry."""

import subprocess
import sys
import tomllib
import zipfile

import pytest

from tests.source import ROOT

LOCKS = sorted(path.name for path in ROOT.glob("requirements*.lock"))
GIVEN = {
    "aiohttp",
    "numpy",
    "scikit-learn",
    "river",
    "redis",
    "prometheus-client",
    "pyzabbix",
    "dingtalkchatbot",
}
# Written in two parts, so that this file does not hold what it looks for.
NEEDLES = [
    *("/wo" + "rk/", "/ro" + "ot/", "/opt/wh" + "eels", "/ho" + "me/"),
    *("pypi." + "org", "python" + "hosted", "registry.npm" + "js", "deb.deb" + "ian", "docker." + "io"),
]


def tracked() -> list[str]:
    """Return the files that git keeps or would keep, without the licence text."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout.decode()
    return sorted({name for name in listed.split("\0") if name and (ROOT / name).is_file()} - {"LICENSE"})


@pytest.fixture(scope="module")
def texts():
    return {name: (ROOT / name).read_text(encoding="utf-8", errors="replace") for name in tracked()}


@pytest.mark.parametrize("needle", NEEDLES)
def test_no_file_names_a_machine_or_a_registry(needle, texts):
    assert [name for name, text in texts.items() if needle in text] == []


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_holds_no_address(lock, texts):
    assert ":" + "//" not in texts[lock]


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_pins_each_package_with_its_hash(lock, texts):
    pins = texts[lock].split("\n    --hash=sha256:")
    unhashed = [line for line in texts[lock].splitlines() if "==" in line and not line.endswith("\\")]
    assert len(pins) > 1
    assert unhashed == []


def test_the_given_libraries_are_declared():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    names = {line.split(">")[0].split("[")[0] for line in project["dependencies"]}
    assert names >= GIVEN


def test_every_dependency_is_pinned(texts):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    names = {line.split(">")[0].split("[")[0] for line in project["dependencies"]}
    pinned = {
        line.split("==")[0].split("[")[0] for line in texts["requirements.lock"].splitlines() if "==" in line
    }
    assert names - pinned == set()


def test_the_licence_is_there():
    assert "Apache License" in (ROOT / "LICENSE").read_text()


def test_the_wheel_carries_the_rules(tmp_path):
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    [wheel] = tmp_path.glob("*.whl")
    packed = {name.removeprefix("alertmesh/_") for name in zipfile.ZipFile(wheel).namelist()}
    rules = {path.relative_to(ROOT).as_posix() for path in (ROOT / "rules").rglob("*") if path.is_file()}
    assert rules
    assert rules <= packed
