"""What is durable, as it can be read: by key, by incident, by time."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from msgspec import Struct

from alertmesh.core.incident import TimelineEntry
from alertmesh.core.page import Attempt


class StoredLine(Struct, frozen=True, gc=False):
    """A timeline line with its number; numbers grow over all incidents."""

    number: int
    line: TimelineEntry


class Past(Protocol):
    """The reading half of a store, as far as history goes. Reads see every finished write."""

    def rows(self, table: str) -> Iterator[tuple[str | int, bytes]]:
        """Return every live row of a table."""
        ...

    def row(self, table: str, key: str | int) -> bytes | None:
        """Return one row, live or archived."""
        ...

    def several(self, table: str, keys: Sequence[int]) -> Iterator[tuple[int, bytes]]:
        """Return those rows of a table, live or archived, that have one of many numeric keys."""
        ...

    def scan(self, table: str, before: int | None, limit: int) -> list[tuple[int, bytes]]:
        """Return up to `limit` rows with numeric keys below `before`, live or not, newest first."""
        ...

    def prefixed(self, table: str, prefix: str) -> list[tuple[str, bytes]]:
        """Return the rows whose text key begins with `prefix`, live or not, in key order."""
        ...

    def timeline(self, incident: int, after: int, limit: int) -> list[StoredLine]:
        """Return up to `limit` lines of one incident after line number `after`, in order."""
        ...

    def lines(self, after: int, limit: int) -> list[StoredLine]:
        """Return up to `limit` lines of all incidents after line number `after`, in order."""
        ...

    def lines_within(self, start: datetime, end: datetime) -> Iterator[StoredLine]:
        """Return the lines of all incidents from `start` until just before `end`, by time."""
        ...

    def courses(self, start: datetime, end: datetime) -> Iterator[list[StoredLine]]:
        """Return the whole timeline of each incident that has a line in that time, by incident."""
        ...

    def attempts_within(self, start: datetime, end: datetime) -> Iterator[Attempt]:
        """Return the attempts that were due from `start` until just before `end`, by time."""
        ...

    def aside(self) -> "AbstractContextManager[Past]":
        """Give a store to read from in another thread; every other use is for the loop's thread alone."""
        ...

    def attempts(self, incident: int) -> list[Attempt]:
        """Return every attempt of an incident, oldest first."""
        ...
