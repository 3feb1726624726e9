"""Access tokens: made here, shown once, kept only as a hash."""

import hashlib
import hmac
import re
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta

import msgspec

from alertmesh.core.clock import Clock
from alertmesh.core.errors import BadConfig
from alertmesh.core.ports import AuditEntry, Batch, Store, Token
from alertmesh.core.records import Row

SCOPES = ("ingest", "read", "respond", "admin")
"""What a token may be good for; admin includes all."""

TABLE = "token"
"""The table of state rows that tokens live in; the key is the name."""

REREAD_AFTER = timedelta(seconds=1)
"""How old a book's knowledge may be, so how long a revoked token may still pass."""

_PREFIX = "am_"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_NO_DIGEST = "0" * 64
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Token).decode


async def create(store: Store, name: str, scopes: Collection[str], now: datetime, actor: str = "cli") -> str:
    """Make a token and return it in clear, for the only time; BadConfig for a bad or taken name."""
    problems = _problems(store, name, scopes)
    if problems:
        raise BadConfig(problems)
    clear = _PREFIX + secrets.token_urlsafe(32)
    ordered = tuple(scope for scope in SCOPES if scope in scopes)
    token = Token(name=name, digest=_digest(clear), scopes=ordered, created_at=now)
    audit = AuditEntry(at=now, actor=actor, action="token create", target=name, detail=",".join(ordered))
    await store.write(Batch(rows=[Row(TABLE, name, _encode(token))], audit=[audit]))
    return clear


async def revoke(store: Store, name: str, now: datetime, actor: str = "cli") -> bool:
    """Delete a token; return whether there was one of this name."""
    if store.row(TABLE, name) is None:
        return False
    audit = AuditEntry(at=now, actor=actor, action="token revoke", target=name)
    await store.write(Batch(rows=[Row(TABLE, name, None)], audit=[audit]))
    return True


def listed(store: Store) -> list[Token]:
    """Return the tokens of a store, in order of name."""
    return [_decode(body) for _, body in store.prefixed(TABLE, "")]


class TokenBook:
    """Recognise tokens, also those made or revoked by another process a second ago."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._by_digest: dict[str, Token] = {}
        self._read_at: datetime | None = None

    def __len__(self) -> int:
        return len(self._by_digest)

    def check(self, token: str) -> Token | None:
        """Return what is known about a token in clear, if it is one.

        The lookup goes by hash, so the time it takes says nothing about the token itself.
        """
        now = self._clock.now()
        if self._read_at is None or not timedelta(0) <= now - self._read_at < REREAD_AFTER:
            self.reload()
        digest = _digest(token)
        found = self._by_digest.get(digest)
        known = found.digest if found else _NO_DIGEST
        return found if hmac.compare_digest(known, digest) else None

    def reload(self) -> None:
        """Read the tokens again now."""
        self._by_digest = {token.digest: token for token in listed(self._store)}
        self._read_at = self._clock.now()


def _digest(clear: str) -> str:
    return hashlib.sha256(clear.encode("utf-8", "surrogatepass")).hexdigest()


def _problems(store: Store, name: str, scopes: Collection[str]) -> list[str]:
    problems = [
        f"token scope {scope!r} is none of {', '.join(SCOPES)}" for scope in scopes if scope not in SCOPES
    ]
    if not scopes:
        problems.append(f"token {name!r} needs a scope of {', '.join(SCOPES)}")
    if not _NAME.fullmatch(name):
        problems.append(f"token name {name!r} must be letters, digits, '.', '_' and '-', at most 64")
    elif store.row(TABLE, name) is not None:
        problems.append(f"token {name!r} exists; revoke it first")
    return problems
