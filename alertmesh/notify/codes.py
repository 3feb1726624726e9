"""Short codes that stand for a message: whoever has one was paged, and may answer for it.

A code is made of the message's key and a secret of this installation, so that a message that is
repeated after a crash carries the same one, and nobody can guess it. It leads to the pages that the
message carried, for a day.
"""

import hmac
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from hashlib import sha256

import msgspec
from msgspec import Struct

from alertmesh.core.page import Attempt, PageKind
from alertmesh.core.records import Row

TABLE = "code"
LIFETIME = timedelta(hours=24)
LENGTH = 8
# Without I, L, O and U: what is read aloud or typed from a phone must not be taken for another sign.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_MISREAD = str.maketrans({"I": "1", "L": "1", "O": "0", "U": "V"})
_LAST = "last/"


class Asked(Struct, frozen=True, kw_only=True):
    """One incident that a message asked somebody to take, as of `epoch`."""

    incident: int
    epoch: int
    tier: str
    people: tuple[str, ...]


class Code(Struct, frozen=True, kw_only=True):
    """What a code stands for: what was asked, and until when it can be answered."""

    code: str
    asked: tuple[Asked, ...]
    expires_at: datetime

    @property
    def people(self) -> tuple[str, ...]:
        """Return everybody who was asked, once."""
        return tuple(dict.fromkeys(name for one in self.asked for name in one.people))


class Codes:
    """Make codes with the secret of this installation, which is known once the store is open."""

    def __init__(self, secret: bytes = b"") -> None:
        self._secret = secret

    def adopt(self, secret: bytes) -> None:
        """Go by this secret from now on."""
        self._secret = secret

    def code(self, key: str) -> str:
        """Return the code of the message with this key."""
        digest = hmac.digest(self._secret, f"page {key}".encode(), sha256)
        number = int.from_bytes(digest[:8])
        return "".join(_ALPHABET[number >> 5 * place & 31] for place in range(LENGTH))

    def rows(self, key: str, attempts: Sequence[Attempt], now: datetime) -> list[Row]:
        """Return what is written with the claim of a message; nothing when it asks nothing of anybody."""
        asked = _asked(attempts)
        if not asked:
            return []
        made = Code(code=self.code(key), asked=asked, expires_at=now + LIFETIME)
        body = msgspec.msgpack.encode(made)
        return [Row(TABLE, made.code, body), *(Row(TABLE, _LAST + name, body) for name in made.people)]


def tidied(text: str) -> str:
    """Return a code as it was made, whatever it was taken for by whoever typed it."""
    return text.strip().upper().translate(_MISREAD)


def last_of(person: str) -> str:
    """Return the key under which the last code of a person is kept."""
    return _LAST + person


def read(body: bytes | None, now: datetime) -> Code | None:
    """Return what is kept under a code or person; None when there is nothing, or it is over."""
    code = None if body is None else msgspec.msgpack.decode(body, type=Code)
    return code if code is not None and now < code.expires_at else None


def expired(rows: Iterable[tuple[str | int, bytes]], now: datetime) -> list[Row]:
    """Return what removes the codes that are over."""
    return [Row(TABLE, key, None) for key, body in rows if read(body, now) is None]


def _asked(attempts: Sequence[Attempt]) -> tuple[Asked, ...]:
    pages = [attempt.page for attempt in attempts if attempt.page.kind is PageKind.PAGE]
    found: dict[tuple[int, str], Asked] = {}
    for page in pages:
        before = found.get((page.incident, page.tier))
        people = (*before.people, page.person) if before else (page.person,)
        found[page.incident, page.tier] = Asked(
            incident=page.incident, epoch=page.epoch, tier=page.tier, people=tuple(dict.fromkeys(people))
        )
    return tuple(found.values())
