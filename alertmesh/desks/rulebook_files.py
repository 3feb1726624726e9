"""The files of a rules directory as the console sees them: which there are, whose, and what they say.

Every path here is relative to the directory, with `/` between its parts. Only what the loader would
read is a path: a file or a directory of a section, and the templates of messages.
"""

import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Set
from contextlib import suppress
from pathlib import Path

from msgspec import Struct

from alertmesh.config.folder import SECTIONS, default_rules_dir
from alertmesh.config.messages import ENDING, FOLDER
from alertmesh.core.errors import BadCommand
from alertmesh.core.texts import digest_of

LONGEST = 256 * 1024
"""How many bytes a file may have at most."""

TEMPLATES = FOLDER
"""The kind of file that is no YAML: a template of messages."""

KINDS = (*SECTIONS, TEMPLATES)
"""What a file may be about: a section of the rules, or the messages."""

LAYERED = frozenset({"mappings", FOLDER})
"""Kinds whose shipped files stay in force beside one's own."""

_RULES = (".yaml", ".yml")
_HIDDEN, _NEW = ".", ".new"  # of what is being written: no ending that the loader would take for a rule's
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")

Draft = Mapping[str, str | None]
"""New texts by path; None takes a file away."""


Signature = tuple[tuple[str, int, int], ...]
"""Name, size and moment of change of every file of a directory: another one when any was changed."""


class RuleFile(Struct, frozen=True, kw_only=True):
    """One file: what it is about, whether it is `own` or a shipped one that holds in its stead.

    `digest` tells its text from others, `size` counts bytes. `outside` says that it is a link to a
    place outside of the directory, which is read and never written.
    """

    path: str
    kind: str
    own: bool
    size: int
    digest: str
    outside: bool = False


def kind_of(path: str) -> str:
    """Return what a path is about; BadCommand when no rule can be there.

    >>> kind_of("dedup/flap.yaml"), kind_of("priority.yaml"), kind_of("messages/page.en.txt.j2")
    ('dedup', 'priority', 'messages')
    """
    folder, _, name = path.rpartition("/")
    if not _NAME.fullmatch(name) or (folder and folder not in KINDS):
        raise BadCommand(f"path: {path[:80]!r} is no place for rules; write one like dedup/flap.yaml")
    if folder == FOLDER:
        if not name.endswith(ENDING):
            raise BadCommand(f"path: {path!r} is no template: its name must end with {ENDING}")
        return folder
    stem, dot, ending = name.rpartition(".")
    if dot + ending not in _RULES:
        raise BadCommand(f"path: {path!r} must end with .yaml")
    if folder:
        return folder
    if stem not in SECTIONS:
        raise BadCommand(f"path: {stem!r} is no section of the rules; known: {', '.join(SECTIONS)}")
    return stem


class RuleFiles:
    """One rules directory over the shipped one; every call looks at the disk."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.shipped = default_rules_dir()
        self.is_shipped = folder.resolve() == self.shipped.resolve()

    def all(self) -> list[RuleFile]:
        """Return every file that holds, by path: one's own, and the shipped ones of sections without any."""
        return sorted((one for kind in KINDS for one in self._about(kind)), key=lambda one: one.path)

    def own(self) -> list[RuleFile]:
        """Return the files of the directory itself."""
        return [one for one in self.all() if one.own]

    def signature(self) -> Signature:
        """Return what changes when a file of the directory does, at little cost."""
        if self.is_shipped:
            return ()
        paths = [path for kind in KINDS for path in _files(self.folder, kind)]
        found = ((path, path.stat()) for path in paths)
        return tuple((str(path), stat.st_size, stat.st_mtime_ns) for path, stat in found)

    def one(self, path: str) -> RuleFile | None:
        """Return a file that holds, None when there is none at that path."""
        return next((one for one in self._about(kind_of(path)) if one.path == path), None)

    def text(self, file: RuleFile) -> str:
        """Return what a file says."""
        return _read(self._place(file))

    def adopted(self, draft: Draft) -> dict[str, str | None]:
        """Return a draft with all that it takes along.

        The first own file of a section puts the shipped ones out of force, so those are copied with it.
        """
        whole = dict(draft)
        for kind in {kind_of(path) for path, text in draft.items() if text is not None} - LAYERED:
            for one in self._about(kind):
                if not one.own:
                    whole.setdefault(one.path, self.text(one))
        return whole

    def write(self, draft: Draft) -> None:
        """Put a draft onto the disk for good; OSError when that fails.

        Wherever it is stopped, each section is as it was, as it is to be, or as it is shipped: never
        without some of its files. What was adopted comes last in a draft, so it is written first, and
        it goes last when all is taken away again.
        """
        places = list(_by_place(draft).items())
        if any(text is not None for text in draft.values()):
            places.reverse()
        for place, part in places:
            if place in KINDS:
                self._write_folder(place, part)
            else:
                _write_each(self.folder, part)
        _flush(self.folder)

    def _write_folder(self, kind: str, part: Draft) -> None:
        target, own = self.folder / kind, {one.path for one in self._of(self.folder, kind, own=True)}
        texts = {path.rpartition("/")[2]: text for path, text in part.items() if text is not None}
        if texts and not own and not target.is_symlink():
            _found(target, texts)
        elif len(own) > 1 and own <= part.keys() and not texts and not target.is_symlink():
            _clear(target, {path.rpartition("/")[2] for path in own})
        else:
            _write_each(self.folder, part)

    def why_not_writable(self, path: str = "") -> str:
        """Return why a file, or any, cannot be written here, and what to do; empty when it can."""
        if self.is_shipped:
            return (
                "these are the shipped rules, which an update replaces; make an empty directory and start "
                "with `alertmesh serve --rules DIR`, or name it as `rules` in alertmesh.yaml: what you "
                "change here is then copied into it"
            )
        target = (self.folder / path) if path else self.folder
        place = target.parent if path and target.parent.is_dir() else self.folder
        if not os.access(place, os.W_OK | os.X_OK):
            return f"{place} cannot be written by this process; give it the right to, or edit the rules there"
        if path and not target.resolve().is_relative_to(self.folder.resolve()):
            return f"{path} is a link to a place outside of the rules; edit it there"
        return ""

    def _about(self, kind: str) -> list[RuleFile]:
        """Return the files of a kind that hold."""
        own = [] if self.is_shipped else list(self._of(self.folder, kind, own=True))
        found: dict[str, RuleFile] = {}
        if kind in LAYERED or not own:
            found |= {one.path: one for one in self._of(self.shipped, kind, own=False)}
        return list((found | {one.path: one for one in own}).values())

    def _of(self, folder: Path, kind: str, *, own: bool) -> Iterator[RuleFile]:
        root = folder.resolve()
        for path in _files(folder, kind):
            name = path.relative_to(folder).as_posix()
            with suppress(BadCommand, OSError, UnicodeDecodeError):
                text = _read(path) if kind_of(name) else ""
                yield RuleFile(
                    path=name,
                    kind=kind,
                    own=own,
                    size=len(text.encode()),
                    digest=digest_of(text),
                    outside=not path.resolve().is_relative_to(root),
                )

    def _place(self, file: RuleFile) -> Path:
        return (self.folder if file.own else self.shipped) / file.path


def _files(folder: Path, kind: str) -> list[Path]:
    inside = folder / kind
    below = sorted(inside.iterdir()) if inside.is_dir() else []
    single = [] if kind == FOLDER else [folder / f"{kind}{ending}" for ending in _RULES]
    return [path for path in (*single, *below) if path.is_file()]


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _by_place(draft: Draft) -> dict[str, dict[str, str | None]]:
    """Return the parts of a draft that lie in one directory, by its name, and single files by their own."""
    places: dict[str, dict[str, str | None]] = {}
    for path, text in draft.items():
        places.setdefault(path.rpartition("/")[0] or path, {})[path] = text
    return places


def _write_each(folder: Path, part: Draft) -> None:
    for path, text in part.items():
        target = folder / path
        if text is None:
            target.unlink(missing_ok=True)
            continue
        target.parent.mkdir(exist_ok=True)
        _put(target, text.encode())


def _found(target: Path, texts: Mapping[str, str]) -> None:
    """Make a directory of files, all at once; what lies at its place and is no rule comes along."""
    stage = Path(tempfile.mkdtemp(prefix=_HIDDEN, suffix=_NEW, dir=target.parent))
    try:
        for name, text in texts.items():
            _put(stage / name, text.encode())
        shutil.copymode(target if target.is_dir() else target.parent, stage)
    except OSError:
        shutil.rmtree(stage, ignore_errors=True)
        raise
    for other in target.iterdir() if target.is_dir() else ():
        if other.name in texts:
            other.unlink()
        else:
            other.replace(stage / other.name)
    stage.replace(target)


def _clear(target: Path, names: Set[str]) -> None:
    """Take files of a directory away, all at once; the directory goes with them unless more lies there."""
    away = Path(tempfile.mkdtemp(prefix=_HIDDEN, suffix=_NEW, dir=target.parent))
    target.replace(away)
    for other in [one for one in away.iterdir() if one.name not in names]:
        target.mkdir(exist_ok=True)
        other.replace(target / other.name)
    shutil.rmtree(away)


def _put(target: Path, body: bytes) -> None:
    """Write a file beside its place and move it there, so that nobody ever reads half of it."""
    mode = target.stat().st_mode & 0o777 if target.exists() else 0o644
    number, name = tempfile.mkstemp(prefix=_HIDDEN, suffix=_NEW, dir=target.parent)
    try:
        with os.fdopen(number, "wb") as file:
            file.write(body)
            file.flush()
            os.fchmod(file.fileno(), mode)
            os.fsync(file.fileno())
        Path(name).replace(target)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
    _flush(target.parent)


def _flush(folder: Path) -> None:
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
