"""What rule files said before: who changed them, when, and to what. Kept in the store, so many per file."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

import msgspec
from msgspec import Struct

from alertmesh.core.past import Past
from alertmesh.core.records import Row
from alertmesh.core.texts import digest_of

MOST = 50
"""How many versions of a file are kept, the newest."""

_MOST_CHARS = 4_000_000
_TABLE = "rule_version"


class How(StrEnum):
    """How a version of a file came to be."""

    FOUND = "found"  # it was there when AlertMesh first looked
    SAVED = "saved"  # a person wrote it in the console
    ADOPTED = "adopted"  # a shipped file was copied with the first own one of its section
    ROLLBACK = "rollback"  # a person took an older version back
    PROPOSAL = "proposal"  # a person applied a proposal of the digest
    BY_HAND = "by_hand"  # it was changed on the disk, by whoever may write there
    DELETED = "deleted"  # a person took it away
    GONE = "gone"  # it was taken away on the disk


class Version(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One version of a file; `text` None says that there was none from then on.

    `note` says more about it: which version was taken back, which proposal it comes from.
    """

    number: int
    at: datetime
    how: How
    text: str | None
    actor: str = ""
    note: str = ""

    @property
    def brief(self) -> "Brief":
        """Return the version without its text."""
        return Brief(
            number=self.number,
            at=self.at,
            how=self.how,
            actor=self.actor,
            note=self.note,
            digest="" if self.text is None else digest_of(self.text),
            size=len((self.text or "").encode()),
        )


class Brief(Struct, frozen=True, kw_only=True):
    """A version without its text: `digest` tells that from others, and is empty where there is none."""

    number: int
    at: datetime
    how: How
    actor: str
    note: str
    digest: str
    size: int


class VersionBook:
    """Read the versions of files, and write rows that add one."""

    def __init__(self, store: Past) -> None:
        self._store = store

    def versions(self, path: str) -> list[Version]:
        """Return the versions of a file, the newest first."""
        rows = self._store.prefixed(_TABLE, f"{path}/")
        return [_decode(body) for _, body in reversed(rows)]

    def version(self, path: str, number: int) -> Version | None:
        """Return one version of a file, None when it is not kept."""
        body = self._store.row(_TABLE, _key(path, number))
        return None if body is None else _decode(body)

    def known(self) -> dict[str, Brief]:
        """Return the newest version of every file that has any."""
        bodies = {key.rpartition("/")[0]: body for key, body in self._store.prefixed(_TABLE, "")}
        return {path: _decode(body).brief for path, body in bodies.items()}

    def added(
        self, path: str, text: str | None, how: How, at: datetime, actor: str = "", note: str = ""
    ) -> list[Row]:
        """Return the rows that add a version, and take away those for which there is no more room."""
        kept = self.versions(path)
        number = kept[0].number + 1 if kept else 1
        made = Version(number=number, at=at, how=how, text=text, actor=actor, note=note)
        row = Row(_TABLE, _key(path, number), _encode(made), live=False)
        return [row, *(Row(_TABLE, _key(path, old.number), None) for old in _surplus(made, kept))]

    def withdrawn(self, rows: Sequence[Row]) -> list[Row]:
        """Return the rows that take back versions which never came into force."""
        return [Row(row.table, row.key, None) for row in rows if row.body is not None]


def _surplus(made: Version, kept: Sequence[Version]) -> list[Version]:
    room = _MOST_CHARS - len(made.text or "")
    for place, version in enumerate(kept):
        room -= len(version.text or "")
        if room < 0 or place + 1 >= MOST:
            return list(kept[place:])
    return []


def _key(path: str, number: int) -> str:
    return f"{path}/{number:08d}"


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Version).decode
