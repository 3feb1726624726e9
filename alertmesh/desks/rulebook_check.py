"""Try rules without touching those in force: a directory with drafts in place, and what is wrong with it."""

import re
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from msgspec import Struct

from alertmesh.config import Origin, load
from alertmesh.core.errors import BadConfig
from alertmesh.coverage import uncovered
from alertmesh.desks.rulebook_files import Draft
from alertmesh.wiring import vet

_PLACED = re.compile(r"(.+?):(\d+):(\d+) (.*)", re.DOTALL)
_MOST_BESIDE = 256


class Fault(Struct, frozen=True, kw_only=True):
    """One thing that is wrong: in which file, line and column (from 1), and what to do.

    `path` is relative to the rules, or the main file; it is empty when no one place is to blame.
    """

    path: str
    line: int
    column: int
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column} {self.message}" if self.path else self.message


class Verdict(Struct, frozen=True, kw_only=True):
    """What a check found: `faults` keep rules from being taken, `warnings` are likely to be regretted.

    Warnings about the main file are not among them: they are none of a draft's business.
    """

    faults: tuple[Fault, ...] = ()
    warnings: tuple[Fault, ...] = ()


def check(origin: Origin, draft: Draft, now: datetime) -> Verdict:
    """Return what the loader says of the whole set with a draft in place. Slow: for a thread of its own."""
    with drafted(origin.rules, draft) as folder:
        try:
            config = load(origin.file, folder, origin.overrides)
            vet(config)
            problems = uncovered(config, now)
        except BadConfig as error:
            return Verdict(faults=_faults(error.problems, origin, folder))
        warnings = [one for one in config.warnings if one.startswith(f"{folder}/")]
        return Verdict(faults=_faults(problems, origin, folder), warnings=_faults(warnings, origin, folder))


@contextmanager
def drafted(rules: Path, draft: Draft) -> Iterator[Path]:
    """Yield a directory that is the rules with a draft in place, and is gone afterwards.

    What the draft does not touch is linked, and so is what stands beside the rules: a reference such as
    `file:../secret` leads to the same file from there.
    """
    rules = rules.resolve()
    with tempfile.TemporaryDirectory(prefix="alertmesh-draft-") as name:
        root = Path(name)
        _link(root, [path for path in _entries(rules.parent) if path != rules][:_MOST_BESIDE])
        folder = root / rules.name
        folder.mkdir()
        opened = {path.partition("/")[0] for path in draft if "/" in path}
        _link(folder, [one for one in _entries(rules) if one.name not in opened and one.name not in draft])
        for part in opened:
            (folder / part).mkdir()
            inside = rules / part
            kept = _entries(inside) if inside.is_dir() else []
            _link(folder / part, [one for one in kept if f"{part}/{one.name}" not in draft])
        for path, text in draft.items():
            if text is not None:
                (folder / path).write_text(text, encoding="utf-8")
        yield folder


def told(text: str, origin: Origin, folder: Path) -> str:
    """Return a text of the loader with the paths that people know."""
    known = text.replace(f"{folder}/", "").replace(f"{origin.rules}/", "")
    return known if origin.file is None else known.replace(str(origin.file), origin.file.name)


def _faults(problems: Iterable[str], origin: Origin, folder: Path) -> tuple[Fault, ...]:
    return tuple(_fault(told(problem, origin, folder)) for problem in dict.fromkeys(problems))


def _fault(problem: str) -> Fault:
    found = _PLACED.fullmatch(problem)
    if found is None:
        return Fault(path="", line=0, column=0, message=problem)
    return Fault(path=found[1], line=int(found[2]), column=int(found[3]), message=found[4])


def _entries(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []


def _link(folder: Path, targets: Iterable[Path]) -> None:
    for target in targets:
        (folder / target.name).symlink_to(target)
