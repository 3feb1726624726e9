"""Say what each key of the rules is for, in English and in Chinese."""

from functools import cache
from pathlib import Path

import yaml

Said = dict[str, dict[str, str]]
"""Texts by language, by the path of the key."""

_FOLDER = Path(__file__).parent / "help"
_EXAMPLES = "examples"
"""They are the same beside all rules; only those of mappings have a form of their own."""


def key_help(kind: str, language: str = "en") -> dict[str, str]:
    """Return what each key of a kind of rule file is for, by its path; empty for an unknown kind.

    In a path `[]` is an entry of a list and `*` any name: `policies[].rows.*.hold`.

    >>> key_help("priority", "zh").keys() == key_help("priority").keys()
    True
    """
    return {path: texts[language] for path, texts in _read(kind).items()}


@cache
def _read(kind: str) -> Said:
    path = _FOLDER / f"{kind}.yaml"
    own = _texts(path) if path.is_file() else {}
    return own if _EXAMPLES in own or not own else {**own, **_texts(_FOLDER / f"{_EXAMPLES}.yaml")}


def _texts(path: Path) -> Said:
    found: Said = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    return found
