"""Find the store that a URL stands for."""

from alertmesh.core.errors import BadConfig
from alertmesh.core.ports import Store
from alertmesh.store.memory import MemoryStore
from alertmesh.store.reader import SqliteReader
from alertmesh.store.sqlite import SqliteStore

_SQLITE = "sqlite:///"
_KNOWN = "sqlite:///relative.db, sqlite:////absolute/path.db, memory://"


def open_store(url: str) -> Store:
    """Return the server's store for `url`, not yet opened; BadConfig names the known forms.

    >>> type(open_store("memory://")).__name__
    'MemoryStore'
    """
    if url == "memory://":
        return MemoryStore()
    return SqliteStore(_path(url))


def open_guest(url: str) -> Store:
    """Return a store for a short visit beside a running server, not yet opened.

    It takes rows and audit entries only. A memory store has no outside, so its URL is refused.
    """
    if url == "memory://":
        raise BadConfig(["store memory:// lives inside its server and cannot be visited"])
    return SqliteStore.guest(_path(url))


def open_reader(url: str) -> SqliteReader:
    """Return a store that only reads, beside a running server or without one, not yet opened."""
    if url == "memory://":
        raise BadConfig(["store memory:// lives inside its server and cannot be read from outside"])
    return SqliteStore.reader(_path(url))


def _path(url: str) -> str:
    path = url.removeprefix(_SQLITE)
    if path == url or not path or path.endswith("/") or path.startswith(":"):
        raise BadConfig([f"store {url!r} is not known; known are {_KNOWN}"])
    return path
