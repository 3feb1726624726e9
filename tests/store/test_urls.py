"""Which URL names which store."""

from pathlib import Path

import pytest

from alertmesh.core.errors import BadConfig
from alertmesh.store import MemoryStore, SqliteStore, open_guest, open_store
from alertmesh.store.sqlite import SqliteGuest


@pytest.mark.parametrize(
    ("url", "path"),
    [("sqlite:///mesh.db", "mesh.db"), ("sqlite:////var/lib/mesh.db", "/var/lib/mesh.db")],
    ids=["relative", "absolute"],
)
def test_a_sqlite_url_names_a_file(url, path):
    store = open_store(url)
    assert isinstance(store, SqliteStore)
    assert store.path == Path(path)


def test_a_memory_url_names_a_memory_store():
    assert isinstance(open_store("memory://"), MemoryStore)


def test_a_guest_of_a_file_is_no_server():
    assert isinstance(open_guest("sqlite:///mesh.db"), SqliteGuest)


def test_memory_takes_no_guests():
    with pytest.raises(BadConfig, match="cannot be visited"):
        open_guest("memory://")


@pytest.mark.parametrize(
    "url",
    ["", "mesh.db", "sqlite://", "sqlite:///", "sqlite:///:memory:", "sqlite:////dir/", "mysql://host/db"],
)
def test_another_url_is_refused_with_the_known_forms(url):
    with pytest.raises(BadConfig, match=r"sqlite:///relative\.db"):
        open_store(url)
