"""Find the files of a rules directory."""

from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path

from alertmesh.config.document import Document
from alertmesh.config.references import References

SECTIONS = (
    "aliases",
    "calendars",
    "channels",
    "correlate",
    "dedup",
    "incidents",
    "inhibit",
    "maintenance",
    "mappings",
    "policies",
    "priority",
    "rosters",
    "runbooks",
    "services",
)
_OTHERS = ("inspection", "messages", "schema", "zabbix")
_ENDINGS = (".yaml", ".yml")


def default_rules_dir() -> Path:
    """Return the rules that are shipped: in the installed package, or beside the source."""
    package = Path(__file__).parent.parent
    installed = package / "_rules"
    return installed if installed.is_dir() else package.parent / "rules"


class RulesFolder:
    """A rules directory; a section that it has no file for is taken from the shipped rules.

    A section is a directory of YAML files, or one file of that name.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.problems: list[str] = []
        if not folder.is_dir():
            self.problems.append(f"{folder}:1:1 is no directory of rules")
        else:
            self.problems.extend(_misspelt(folder))

    @property
    def path(self) -> Path:
        """Return where it is."""
        return self._folder

    def documents(self, section: str, variables: Mapping[str, str] | None = None) -> list[Document]:
        """Return the files of a section in order of their names.

        With `variables` given, references are resolved, paths being those beside the file.
        """
        files = _files(self._folder, section) or _files(default_rules_dir(), section)
        return [
            Document.read(path, None if variables is None else References(variables, path.parent).resolve)
            for path in files
        ]

    def layers(self, section: str) -> list[list[Document]]:
        """Return the shipped files of a section, then those of this directory that stand over them."""
        folders = [default_rules_dir()]
        if self._folder.resolve() != folders[0].resolve():
            folders.append(self._folder)
        else:
            folders[0] = self._folder
        return [[Document.read(path) for path in _files(folder, section)] for folder in folders]

    def holds(self, document: Document) -> bool:
        """Tell whether a file is this directory's own, and not one of the shipped rules in its stead."""
        return Path(document.name).is_relative_to(self._folder)


def _files(folder: Path, section: str) -> list[Path]:
    inside = folder / section
    below = sorted(inside.iterdir()) if inside.is_dir() else []
    single = [folder / f"{section}{ending}" for ending in _ENDINGS]
    return [path for path in (*single, *below) if path.suffix in _ENDINGS and path.is_file()]


def _misspelt(folder: Path) -> list[str]:
    """Return a problem for each entry that looks like a section but is none, as it would be passed over."""
    problems = []
    for path in sorted(folder.iterdir()):
        name = path.stem if path.suffix in _ENDINGS else path.name
        near = get_close_matches(name, SECTIONS, n=1, cutoff=0.7)
        if near and name not in (*SECTIONS, *_OTHERS):
            problems.append(f"{path}:1:1 is no section of the rules; did you mean {near[0]!r}?")
    return problems
