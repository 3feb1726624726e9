"""State that knows what changed, so that only changes are written."""

from collections.abc import Callable, Hashable, Iterable, Iterator
from typing import Generic, TypeVar

import msgspec
from msgspec import Struct

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Row(Struct, frozen=True, gc=False):
    """One record to be made durable; `body` None deletes it, `live` False keeps it for history only."""

    table: str
    key: str | int
    body: bytes | None
    live: bool = True


class Records(Generic[K, V]):
    """A dictionary of records that remembers which keys were touched since the last `drain`.

    `get(key)` returns the live record of a key, or None. `settle` is called before a drain: who
    puts records late, because they change often, does it then. `decode` reads a record's bytes, for
    who has a faster way.

    >>> seen = Records[str, int]("seen", int)
    >>> seen.put("a", 1)
    >>> [row.key for row in seen.drain()], seen.drain()
    (['a'], [])
    """

    def __init__(
        self,
        table: str,
        kind: type[V],
        settle: Callable[[], None] | None = None,
        decode: Callable[[bytes], V] | None = None,
    ) -> None:
        self.table = table
        self._items: dict[K, V] = {}
        self.get: Callable[[K], V | None] = self._items.get
        self._settle = settle
        self._dirty: dict[K, bool] = {}
        self._archived: dict[K, V] = {}
        self._encoder = msgspec.msgpack.Encoder()
        self._decode: Callable[[bytes], V] = decode or msgspec.msgpack.Decoder(kind).decode

    def __len__(self) -> int:
        return len(self._items)

    def __contains__(self, key: object) -> bool:
        return key in self._items

    def __iter__(self) -> Iterator[K]:
        return iter(self._items)

    def __getitem__(self, key: K) -> V:
        return self._items[key]

    def values(self) -> Iterable[V]:
        """Return the live records."""
        return self._items.values()

    def put(self, key: K, value: V) -> None:
        """Store a record, or say that the one stored was changed in place."""
        self._items[key] = value
        self._dirty[key] = True
        if self._archived:
            self._archived.pop(key, None)

    def rewrite(self, change: Callable[[V], V]) -> None:
        """Put what `change` makes of each record in its place."""
        for key in list(self._items):
            self.put(key, change(self._items[key]))

    def drop(self, key: K) -> None:
        """Forget a record and delete it from the store."""
        if self._items.pop(key, None) is not None:
            self._dirty[key] = True

    def archive(self, key: K, value: V) -> None:
        """Forget a record in memory but keep `value` in the store for reading."""
        self._items.pop(key, None)
        self._archived[key] = value
        self._dirty[key] = True

    def drain(self) -> list[Row]:
        """Return a row per touched key, in order of first touch, and start anew."""
        if self._settle is not None:
            self._settle()
        rows = [self._row(key) for key in self._dirty]
        self._dirty.clear()
        self._archived.clear()
        return rows

    def restore(self, rows: Iterable[tuple[K, bytes]]) -> None:
        """Take the live rows back after a restart; nothing counts as touched."""
        decode = self._decode
        self._items.clear()
        self._items.update((key, decode(body)) for key, body in rows)

    def _row(self, key: K) -> Row:
        name: str | int = key  # type: ignore[assignment]  # keys are text or numbers by construction
        item = self._items.get(key)
        if item is not None:
            return Row(self.table, name, self._encoder.encode(item))
        if key in self._archived:
            return Row(self.table, name, self._encoder.encode(self._archived[key]), live=False)
        return Row(self.table, name, None)


class Outgoing(Records[K, V]):
    """Records that their owner holds in a shape of its own: here they are kept until drained only.

    After a restart `values()` has them until `release` is called.

    >>> sent = Outgoing[str, int]("sent", int)
    >>> sent.put("a", 1)
    >>> len(sent.drain()), len(sent)
    (1, 0)
    """

    def drop(self, key: K) -> None:
        """Delete a record from the store."""
        self._items.pop(key, None)
        self._archived.pop(key, None)
        self._dirty[key] = True

    def drain(self) -> list[Row]:
        """Return a row per touched key, in order of first touch, and forget the records."""
        rows = super().drain()
        self._items.clear()
        return rows

    def release(self) -> None:
        """Forget what was restored: its owner has it now."""
        self._items.clear()
