"""Walk a foreign configuration so that whatever is said about it names its place."""

from collections.abc import Iterator, Sequence
from typing import Any

from msgspec import Struct

from alertmesh.config.document import Document, Loc
from alertmesh.config.values import parse_duration
from alertmesh.core.errors import BadConfig

_TRUE = frozenset(("true", "yes", "on", "y"))


class Remark(Struct, frozen=True):
    """Something that a person should know of; `place` is `file:line:col`.

    What was `left` is not in the new rules; else it is there in another form.
    """

    place: str
    text: str
    left: bool


class Report:
    """Everything that is to be said about an import, each thing once, in the order of the file."""

    def __init__(self) -> None:
        self._remarks: dict[tuple[str, str], Remark] = {}

    def left(self, part: "Part", text: str) -> None:
        """Say that something is not carried over."""
        self._remarks[part.place, text] = Remark(part.place, text, True)

    def note(self, part: "Part", text: str) -> None:
        """Say that something is done in another way."""
        self._remarks.setdefault((part.place, text), Remark(part.place, text, False))

    def remarks(self) -> list[Remark]:
        """Return all remarks from the top of the file to its end."""
        return sorted(self._remarks.values(), key=lambda remark: (_line(remark.place), remark.text))


def _line(place: str) -> tuple[int, int]:
    _, line, column = place.rsplit(":", 2)
    return int(line), int(column)


class Part:
    """A value of the file and where it stands."""

    def __init__(self, document: Document, value: Any, loc: Loc = ()) -> None:
        self.value = value
        self._document = document
        self._loc = loc

    @property
    def place(self) -> str:
        """Return `file:line:col` of its key, or of itself in a list."""
        if self._loc and isinstance(self._loc[-1], str):
            return self._document.at_key(self._loc)
        return self._document.at(self._loc)

    def get(self, name: str) -> "Part | None":
        """Return what stands under a key, None when nothing does."""
        value = self._mapping().get(name)
        return None if value is None else Part(self._document, value, (*self._loc, name))

    def pairs(self) -> Iterator[tuple[str, "Part"]]:
        """Yield each key that has a value."""
        for name in self._mapping():
            part = self.get(str(name))
            if part is not None:
                yield str(name), part

    def each(self, name: str) -> list["Part"]:
        """Return the items of the list under a key."""
        part = self.get(name)
        return [] if part is None else part.items()

    def items(self) -> list["Part"]:
        """Return the items of a list."""
        if not isinstance(self.value, list):
            raise BadConfig([f"{self.place} should be a list"])
        return [Part(self._document, item, (*self._loc, index)) for index, item in enumerate(self.value)]

    def text(self, name: str, default: str = "") -> str:
        """Return the text under a key."""
        part = self.get(name)
        return default if part is None else part.word()

    def word(self) -> str:
        """Return the value as text."""
        if isinstance(self.value, list | dict):
            raise BadConfig([f"{self.place} should be text"])
        return str(self.value)

    def flag(self, name: str) -> bool:
        """Tell whether a key is set to true."""
        return self.text(name).lower() in _TRUE

    def others(self, known: Sequence[str]) -> Iterator[tuple[str, "Part"]]:
        """Yield the keys that are not among `known`."""
        return ((name, part) for name, part in self.pairs() if name not in known)

    def _mapping(self) -> dict[Any, Any]:
        if not isinstance(self.value, dict):
            raise BadConfig([f"{self.place} should be a mapping"])
        return self.value


def duration(part: Part, name: str, default: str) -> str:
    """Return a duration in our notation; raises BadConfig for one that is none.

    >>> duration(Part(Document("a.yml", {}), {"group_wait": "1y"}), "group_wait", "30s")
    '365d'
    """
    found = part.get(name)
    text = default if found is None else found.word()
    if text.endswith("y") and text[:-1].isdigit():
        text = f"{int(text[:-1]) * 365}d"
    try:
        parse_duration(text)
    except ValueError as error:
        raise BadConfig([f"{(found or part).place} {error}"]) from error
    return text
