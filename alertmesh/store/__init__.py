"""Where everything durable lives: one contract, on disk or in memory."""

from alertmesh.store.memory import MemoryStore
from alertmesh.store.sqlite import SqliteStore
from alertmesh.store.urls import open_guest, open_reader, open_store

__all__ = ["MemoryStore", "SqliteStore", "open_guest", "open_reader", "open_store"]
