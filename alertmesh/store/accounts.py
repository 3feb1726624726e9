"""Accounts of people who sign in to the console: a name, a role, and how it is known that it is they.

That is a password kept as a scrypt hash, or whom an OpenID provider vouches for, never both.

Hashing takes a good part of a second, as it should: inside a server it is done in a thread.
"""

import hashlib
import hmac
import re
import secrets
import unicodedata
from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from alertmesh.core.clock import Clock
from alertmesh.core.errors import BadConfig
from alertmesh.core.ports import AuditEntry, Batch, Store
from alertmesh.core.records import Row

ROLES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"viewer": ("read",), "responder": ("read", "respond"), "admin": ("ingest", "read", "respond", "admin")}
)
"""What each role may do, in the scopes of tokens."""

TABLE = "account"
"""The table of state rows that accounts live in; the key is the name."""

REREAD_AFTER = timedelta(seconds=1)
"""How old a book's knowledge may be, so how long a removed account may still pass."""

LEAST, MOST = 10, 1_024
"""How many characters a password has."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_TAKEN = ("cli", "local")
_SPARE = 1_024


class Cost(Struct, frozen=True):
    """How dear one guess is: scrypt takes 128 * n * r bytes of memory, p times over."""

    n: int = 2**15
    r: int = 8
    p: int = 3


COST = Cost()
"""What a guess costs: 32 MB of memory, and about a third of a second of one processor."""


class Hashed(Struct, frozen=True):
    """A password as it is kept; neither the password nor the hash shows in `repr`."""

    salt: bytes
    digest: bytes
    cost: Cost

    def __repr__(self) -> str:
        return "Hashed(...)"


class Account(Struct, frozen=True, kw_only=True):
    """Who may sign in. `era` is new with each password, and a session of an earlier era is over.

    Without a password it is whom `issuer` calls `subject`, and before the first sign-in of that kind,
    when both are empty, whom any provider gives the name.
    """

    name: str
    role: str
    password: Hashed | None = None
    era: str
    created_at: datetime
    changed_at: datetime
    issuer: str = ""
    subject: str = ""

    @property
    def scopes(self) -> tuple[str, ...]:
        """Return what the account may do."""
        return ROLES[self.role]

    def is_of(self, issuer: str, subject: str) -> bool:
        """Tell whether a provider that says so vouches for whose account it is."""
        return self.password is None and (self.issuer, self.subject) in ((issuer, subject), ("", ""))


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Account).decode


def hashed(password: str, cost: Cost = COST) -> Hashed:
    """Return a password as it is kept; this blocks for as long as a guess takes."""
    salt = secrets.token_bytes(16)
    return Hashed(salt, _digest(password, salt, cost), cost)


def fits(password: str, kept: Hashed) -> bool:
    """Tell whether a password is the one that is kept; blocks as `hashed` does."""
    return hmac.compare_digest(_digest(password, kept.salt, kept.cost), kept.digest)


def weakness(name: str, password: str) -> str:
    """Return why a password cannot be taken, empty when it can.

    >>> weakness("wang", "short")
    'a password has at least 10 characters'
    >>> weakness("wang", "correct horse")
    ''
    """
    if len(password) < LEAST:
        return f"a password has at least {LEAST} characters"
    if len(password) > MOST:
        return f"a password has at most {MOST} characters"
    if len(set(password)) < LEAST // 2:
        return f"a password has at least {LEAST // 2} different characters"
    if name.casefold() in password.casefold() and len(password) < len(name) + LEAST:
        return "a password is more than the name and a few characters"
    return ""


async def add(store: Store, name: str, role: str, password: Hashed, now: datetime) -> None:
    """Make an account; BadConfig for a bad or taken name or an unknown role."""
    problems = [*_bad_role(role), *(_bad_name(name) or _taken_name(store, name))]
    if problems:
        raise BadConfig(problems)
    account = Account(name=name, role=role, password=password, era=_era(), created_at=now, changed_at=now)
    await _write(store, account, now, "user add", role)


async def set_password(store: Store, name: str, password: Hashed, now: datetime, actor: str = "cli") -> None:
    """Give an account another password, which ends its sessions; BadConfig when there is no such account."""
    account = _existing(store, name)
    account = replace(account, password=password, issuer="", subject="", era=_era(), changed_at=now)
    await _write(store, account, now, "user passwd", actor=actor)


async def hand_over(store: Store, name: str, now: datetime) -> None:
    """Take the password away and end the sessions: whom the provider gives the name next has the account.

    BadConfig when there is no such account.
    """
    account = replace(
        _existing(store, name), password=None, issuer="", subject="", era=_era(), changed_at=now
    )
    await _write(store, account, now, "user sso")


async def vouched(
    store: Store, name: str, role: str, issuer: str, subject: str, now: datetime
) -> Account | None:
    """Return the account of whom a provider vouches for, made or given the role as needed.

    None when it is somebody else's or has a password; BadConfig for a name that no account can have.
    """
    body = store.row(TABLE, name)
    if body is None:
        if problems := [*_bad_role(role), *_bad_name(name)]:
            raise BadConfig(problems)
        account = Account(name=name, role=role, era=_era(), created_at=now, changed_at=now)
    else:
        account = _decode(body)
        if not account.is_of(issuer, subject):
            return None
    kept = replace(account, role=role, issuer=issuer, subject=subject)
    if body is None or kept != account:
        action = "user add" if body is None else "user role"
        await _write(store, kept, now, action, role, actor=name)
    return kept


async def end_sessions(store: Store, account: Account, now: datetime) -> None:
    """End the sessions of an account whose owner the provider gives no role any more."""
    await _write(store, replace(account, era=_era()), now, "sign in refused", "no role", actor=account.name)


async def set_role(store: Store, name: str, role: str, now: datetime) -> None:
    """Give an account another role, which holds within a second; BadConfig for an unknown one of either."""
    if problems := _bad_role(role):
        raise BadConfig(problems)
    await _write(store, replace(_existing(store, name), role=role), now, "user role", role)


async def remove(store: Store, name: str, now: datetime) -> bool:
    """Delete an account; return whether there was one of this name."""
    if store.row(TABLE, name) is None:
        return False
    audit = AuditEntry(at=now, actor="cli", action="user remove", target=name)
    await store.write(Batch(rows=[Row(TABLE, name, None)], audit=[audit]))
    return True


def listed(store: Store) -> list[Account]:
    """Return the accounts of a store, in order of name."""
    return [_decode(body) for _, body in store.prefixed(TABLE, "")]


class AccountBook:
    """Know the accounts, also those made or changed by another process a second ago."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._by_name: dict[str, Account] = {}
        self._read_at: datetime | None = None

    def __len__(self) -> int:
        return len(self._by_name)

    def get(self, name: str) -> Account | None:
        """Return the account of this name."""
        return self._fresh().get(name)

    def has_passwords(self) -> bool:
        """Tell whether anybody can sign in by a password."""
        return any(account.password is not None for account in self._fresh().values())

    def reload(self) -> None:
        """Read the accounts again now."""
        self._by_name = {account.name: account for account in listed(self._store)}
        self._read_at = self._clock.now()

    def _fresh(self) -> Mapping[str, Account]:
        now = self._clock.now()
        if self._read_at is None or not timedelta(0) <= now - self._read_at < REREAD_AFTER:
            self.reload()
        return self._by_name


def _digest(password: str, salt: bytes, cost: Cost) -> bytes:
    """Hash a password; the same text typed on another keyboard must be the same bytes."""
    text = unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")
    room = 128 * cost.r * (cost.n + cost.p + _SPARE)
    return hashlib.scrypt(text, salt=salt, n=cost.n, r=cost.r, p=cost.p, maxmem=room)


def _era() -> str:
    return secrets.token_hex(8)


def _existing(store: Store, name: str) -> Account:
    body = store.row(TABLE, name)
    if body is None:
        raise BadConfig([f"there is no account called {name!r}"])
    return _decode(body)


def _bad_role(role: str) -> list[str]:
    return [] if role in ROLES else [f"role {role!r} is none of {', '.join(ROLES)}"]


def _bad_name(name: str) -> list[str]:
    if not _NAME.fullmatch(name):
        return [f"account name {name!r} must be letters, digits, '.', '_' and '-', at most 64"]
    if name in _TAKEN:
        return [f"account name {name!r} stands for AlertMesh itself in the audit log; take another"]
    return []


def _taken_name(store: Store, name: str) -> list[str]:
    if store.row(TABLE, name) is not None:
        return [f"account {name!r} exists; `user passwd` and `user role` change it"]
    return []


async def _write(
    store: Store, account: Account, now: datetime, action: str, detail: str = "", *, actor: str = "cli"
) -> None:
    audit = AuditEntry(at=now, actor=actor, action=action, target=account.name, detail=detail)
    await store.write(Batch(rows=[Row(TABLE, account.name, _encode(account))], audit=[audit]))
