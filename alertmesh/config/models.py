"""Find the files of trained models, and read them as they are."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

NONE = "none"
"""The name that stands for no model at all."""

GROUPING = "grouping.json"
LEARNED = "learned.json.gz"
_PLAIN = "learned.json"


@dataclass(frozen=True, slots=True)
class ModelFiles:
    """The models that hold: the trees of the correlator and what was learned of alerts, as their bytes.

    Each comes with its path, for messages. What there is none of is empty.
    """

    grouping: bytes = field(default=b"", repr=False)
    grouping_path: str = ""
    learned: bytes = field(default=b"", repr=False)
    learned_path: str = ""


NO_MODELS = ModelFiles()


def default_models_dir() -> Path:
    """Return the models that are shipped: in the installed package, or beside the source."""
    package = Path(__file__).parent.parent
    installed = package / "_models"
    return installed if installed.is_dir() else package.parent / "models"


def read_models(named: str, beside: Path, problems: list[str]) -> ModelFiles:
    """Return the files of a directory; empty stands for the shipped models, `none` for no models.

    A directory without trees goes with the shipped ones, as one of rules without a section does.
    """
    if named == NONE:
        return NO_MODELS
    folder = beside / named if named else default_models_dir()
    if named and not folder.is_dir():
        problems.append(f"{folder}:1:1 is no directory of models")
        return NO_MODELS
    grouping = _first(folder / GROUPING, default_models_dir() / GROUPING)
    learned = _first(folder / LEARNED, folder / _PLAIN)
    body = {path: _read(path, problems) for path in (grouping, learned) if path is not None}
    return ModelFiles(*_part(grouping, body), *_part(learned, body))


def _first(*paths: Path) -> Path | None:
    return next((path for path in paths if path.is_file()), None)


def _part(path: Path | None, body: Mapping[Path, bytes]) -> tuple[bytes, str]:
    return (b"", "") if path is None else (body[path], str(path))


def _read(path: Path, problems: list[str]) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        problems.append(f"{path}:1:1 cannot be read: {error.strerror}")
        return b""


def models_setting(named: str | None) -> dict[str, str]:
    """Return what to set so that a directory holds that was named on the command line, if one was.

    There a path is meant from where one stands, and not from the file of the configuration.
    """
    if named is None:
        return {}
    quoted = str(Path(named).absolute()).replace("'", "''")
    return {"models": NONE if named == NONE else f"'{quoted}'"}
