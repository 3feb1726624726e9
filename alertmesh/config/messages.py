"""Read the templates of messages as they are; whoever fills them in says what is wrong with them."""

from pathlib import Path

from alertmesh.config.folder import default_rules_dir
from alertmesh.core.texts import TextFile

FOLDER = "messages"
ENDING = ".txt.j2"


def read_templates(folder: Path, problems: list[str]) -> tuple[TextFile, ...]:
    """Return the templates of a rules directory over those that are shipped, by name.

    A file of the same name stands in for a shipped one.
    """
    found: dict[str, TextFile] = {}
    for place in dict.fromkeys((default_rules_dir().resolve(), folder.resolve())):
        below = place / FOLDER
        for path in sorted(below.iterdir()) if below.is_dir() else ():
            if path.name.startswith(".") or not path.is_file():
                continue
            shown = folder / FOLDER / path.name if place == folder.resolve() else path
            if not path.name.endswith(ENDING):
                problems.append(f"{shown}:1:1 is no template: its name must end with {ENDING}")
                continue
            text = _read(path, shown, problems)
            if text is not None:
                found[path.name] = TextFile(path.name, str(shown), text)
    return tuple(found.values())


def _read(path: Path, shown: Path, problems: list[str]) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        problems.append(f"{shown}:1:1 cannot be read: {error.strerror}")
    except UnicodeDecodeError:
        problems.append(f"{shown}:1:1 is not UTF-8")
    return None
