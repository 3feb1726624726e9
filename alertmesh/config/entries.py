"""Keep named entries of several files, with the place where each was written."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from alertmesh.config.document import Document, Loc


class Named(Protocol):
    """Anything that has a name."""

    @property
    def name(self) -> str:
        """Return the name."""
        ...


E = TypeVar("E", bound=Named)


@dataclass(frozen=True, slots=True)
class Placed(Generic[E]):
    """An entry and where it was written."""

    entry: E
    document: Document
    loc: Loc

    @property
    def place(self) -> str:
        """Return where it was written, as `file:line:col`."""
        return self.document.at(self.loc)

    def fault(self, text: str, *inside: str | int) -> str:
        """Return a problem with something inside the entry."""
        return f"{self.document.at((*self.loc, *inside))} {text}"


class Shelf(Generic[E]):
    """The entries of one kind, which stand in files under `key`, by name.

    `complete` is False once an entry could not be read; then a name that is not here says nothing.
    """

    def __init__(self, kind: str, key: str) -> None:
        self.kind = kind
        self.key = key
        self.complete = True
        self._placed: dict[str, Placed[E]] = {}

    def __iter__(self) -> Iterator[Placed[E]]:
        return iter(self._placed.values())

    def __contains__(self, name: object) -> bool:
        return name in self._placed

    def __len__(self) -> int:
        return len(self._placed)

    def __getitem__(self, name: str) -> Placed[E]:
        return self._placed[name]

    def names(self) -> list[str]:
        """Return every name."""
        return list(self._placed)

    def entries(self) -> list[E]:
        """Return every entry."""
        return [placed.entry for placed in self._placed.values()]

    def add(self, document: Document, entries: Iterable[E], problems: list[str]) -> None:
        """Take the entries of a file's list; a name may be given once among all files of a rank."""
        for index, entry in enumerate(entries):
            placed = Placed(entry, document, (self.key, index))
            before = self._placed.get(entry.name)
            if before is not None:
                first = before.document.at(before.loc)
                problems.append(
                    placed.fault(f"{self.kind} {entry.name!r} was given already at {first}", "name")
                )
            self._placed[entry.name] = placed

    def overlay(self, other: "Shelf[E]") -> None:
        """Take the entries of `other` too; its own stand in for those of the same name here."""
        self.complete = self.complete and other.complete
        self._placed = {**self._placed, **other._placed}
