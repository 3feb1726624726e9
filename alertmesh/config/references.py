"""Put in what `${NAME}` and `file:PATH` stand for, so that secrets need not be in the file."""

import re
from collections.abc import Mapping
from pathlib import Path

from alertmesh.core.errors import BadConfig

_VARIABLE = re.compile(r"\$(\$?)\{([^}]*)\}")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_FILE = "file:"


class References:
    """Resolve references against environment variables, and files beside the configuration."""

    def __init__(self, variables: Mapping[str, str], folder: Path) -> None:
        self._variables = variables
        self._folder = folder

    def resolve(self, text: str) -> str:
        """Return `text` with its references replaced; raises BadConfig when one leads nowhere.

        `${NAME}` may stand anywhere, `$${` stands for `${` itself. A text that begins with
        `file:` stands for the content of that file, without white space at its end.
        """
        if text.startswith(_FILE):
            return self._content(text.removeprefix(_FILE))
        problems: list[str] = []
        replaced = _VARIABLE.sub(lambda hit: self._variable(hit, problems), text)
        if problems:
            raise BadConfig(problems)
        return replaced

    def _variable(self, hit: re.Match[str], problems: list[str]) -> str:
        escaped, name = hit[1], hit[2]
        if escaped:
            return "${" + name + "}"
        if not _NAME.fullmatch(name):
            problems.append(f"{name!r} is no name of an environment variable; $${{ stands for ${{ itself")
        elif name not in self._variables:
            problems.append(f"the environment variable {name} is not set")
        return self._variables.get(name, "")

    def _content(self, name: str) -> str:
        path = self._folder / name
        try:
            return path.read_text(encoding="utf-8").rstrip()
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "is not UTF-8 text"
            raise BadConfig([f"the file {name!r} cannot be read: {reason}"]) from error
