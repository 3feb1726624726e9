"""Sign people in, by a password that is tried slowly or because a provider vouches for them.

A session is a secret that is kept as a hash.
"""

import asyncio
import hashlib
import os
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar

import msgspec
import structlog
from msgspec import Struct
from msgspec.structs import replace

from alertmesh.core.clock import Clock
from alertmesh.core.errors import AlertMeshError, BadConfig, Overloaded, StoreUnavailable
from alertmesh.core.ports import AuditEntry, Batch, Store
from alertmesh.core.records import Row
from alertmesh.desks.guessing import Guesses, neighbourhood
from alertmesh.oidc import Failure, Identity, SignInFailed
from alertmesh.store.accounts import (
    COST,
    Account,
    AccountBook,
    Cost,
    Hashed,
    end_sessions,
    fits,
    hashed,
    set_password,
    vouched,
    weakness,
)

T = TypeVar("T")

IDLE = timedelta(hours=12)
"""How long a session lasts that nobody uses."""

LONGEST = timedelta(days=30)
"""How long a session lasts at most."""

MOST_SESSIONS = 20
"""How many sessions an account has; another one ends the one that was used longest ago."""

TABLE = "session"
"""The table of state rows that sessions live in; the key is the hash of the secret."""

_SEEN_EVERY = timedelta(minutes=5)
_TEND_S = 60.0
_HASHERS = 2
_WAITING = 32
_REMEMBERED = 10_000
_WRONG = "the name or the password is wrong"

log = structlog.get_logger()


class WrongPassword(AlertMeshError):
    """A name and a password that do not belong together; which of them is wrong is not told."""


class WeakPassword(AlertMeshError):
    """A new password that cannot be taken; says why."""


class TooManyGuesses(AlertMeshError):
    """A try that came too early; `retry_after_s` says when the next one counts."""

    def __init__(self, retry_after_s: float) -> None:
        super().__init__("too many wrong passwords; wait a little before the next try")
        self.retry_after_s = retry_after_s


class Session(Struct, frozen=True, kw_only=True):
    """One browser in which somebody is signed in; good as long as the account has this `era`.

    `hint` is the ID token of a provider that vouched for them, which it wants back when they leave.
    """

    name: str
    era: str
    begun_at: datetime
    seen_at: datetime
    hint: str = ""

    def ends_at(self) -> datetime:
        """Return when it is over if nobody uses it any more."""
        return min(self.seen_at + IDLE, self.begun_at + LONGEST)


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Session).decode


class SignIn:
    """Know who is signed in. Sessions are this server's own; accounts may be changed beside it.

    `cost` is that of new passwords, and of a try at a name that nobody has.
    """

    def __init__(self, store: Store, clock: Clock, cost: Cost = COST) -> None:
        self.accounts = AccountBook(store, clock)
        self._store = store
        self._clock = clock
        self._sessions: dict[str, Session] = {}
        self._touched: set[str] = set()
        self._names = Guesses(free=5, longest_s=60.0, most=_REMEMBERED)
        self._addresses = Guesses(free=30, longest_s=30.0, most=_REMEMBERED)
        self._hashers = asyncio.Semaphore(_HASHERS)
        self._waiting = 0
        self._cost = cost
        self._nobody = Hashed(os.urandom(16), os.urandom(64), cost)
        self._tending: asyncio.Task[None] | None = None
        self._writing: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Take the sessions back that the store holds."""
        self.accounts.reload()
        self._sessions = {key: _decode(body) for key, body in self._store.prefixed(TABLE, "")}
        self._tending = asyncio.create_task(self._tend())

    async def stop(self) -> None:
        """Write down when each session was used last."""
        if self._tending is not None:
            self._tending.cancel()
            await asyncio.gather(self._tending, return_exceptions=True)
        await asyncio.gather(*self._writing)
        await self._write_down()

    async def sign_in(self, name: str, password: str, address: str) -> str:
        """Begin a session and return its secret, for the only time.

        Raises WrongPassword, TooManyGuesses, Overloaded, or StoreUnavailable.
        """
        account = await self._proven(name, password, address)
        self.forgive(address)
        return await self._begin(account)

    async def enter(self, identity: Identity) -> str:
        """Begin a session of whom a provider vouches for and return its secret, for the only time.

        Raises SignInFailed, or StoreUnavailable.
        """
        self.accounts.reload()
        account = self.accounts.get(identity.name)
        if account is not None and not account.is_of(identity.issuer, identity.subject):
            self._refused(account)
            raise SignInFailed(Failure.TAKEN, f"account {account.name!r} is not that of the provider")
        if not identity.role:
            if account is not None:
                await end_sessions(self._store, account, self._clock.now())
                self.accounts.reload()
            raise SignInFailed(Failure.NO_ROLE, f"no rule gives {identity.name!r} a role")
        return await self._begin(await self._vouched(identity), identity.hint)

    async def _vouched(self, identity: Identity) -> Account:
        name, role, now = identity.name, identity.role, self._clock.now()
        try:
            account = await vouched(self._store, name, role, identity.issuer, identity.subject, now)
        except BadConfig as error:
            raise SignInFailed(Failure.NO_NAME, str(error)) from error
        self.accounts.reload()
        if account is None:  # it was made by somebody else at this moment
            raise SignInFailed(Failure.TAKEN, f"account {name!r} is not that of the provider")
        return account

    def count_try(self, address: str) -> None:
        """Hold a sign-in by a provider against an address until `forgive`; raises TooManyGuesses."""
        key, now_s = neighbourhood(address), self._clock.monotonic()
        if (wait_s := self._addresses.wait_s(key, now_s)) > 0:
            raise TooManyGuesses(wait_s)
        self._addresses.count(key, now_s)

    def forgive(self, address: str) -> None:
        """Take a try back that came to a session."""
        self._addresses.forgive(neighbourhood(address))

    def who(self, secret: str) -> tuple[Account, Session] | None:
        """Return whose session a secret is, and note that it is used; None when it is over or none."""
        key = _key(secret)
        session = self._sessions.get(key)
        if session is None:
            return None
        account, now = self.accounts.get(session.name), self._clock.now()
        if account is None or not _holds(session, account, now):
            return None
        if now - session.seen_at >= _SEEN_EVERY:
            session = self._sessions[key] = replace(session, seen_at=now)
            self._touched.add(key)
        return account, session

    async def sign_out(self, secret: str) -> None:
        """End a session; nothing happens when it is over."""
        key = _key(secret)
        session = self._sessions.get(key)
        if session is not None:
            await self._store.write(
                Batch(rows=[Row(TABLE, key, None)], audit=[self._audit(session.name, "sign out")])
            )
            self._sessions.pop(key, None)

    async def change_password(self, name: str, old: str, new: str, address: str) -> str:
        """Give an account another password, end its sessions, and return the secret of a new one.

        Raises WeakPassword, and whatever `sign_in` does.
        """
        if why := weakness(name, new):
            raise WeakPassword(why)
        await self._proven(name, old, address)
        kept = await self._in_thread(lambda: hashed(new, self._cost))
        try:
            await set_password(self._store, name, kept, self._clock.now(), actor=name)
        except BadConfig as error:  # the account was removed meanwhile
            raise WrongPassword(_WRONG) from error
        self.accounts.reload()
        account = self.accounts.get(name)
        if account is None:
            raise WrongPassword(_WRONG)
        return await self._begin(account)

    async def _proven(self, name: str, password: str, address: str) -> Account:
        """Return the account whose password this is; a name that has none takes as long."""
        self._slow_down(name, neighbourhood(address))
        account = self.accounts.get(name)
        kept = (account.password if account else None) or self._nobody
        right = await self._in_thread(lambda: fits(password, kept))
        now = self.accounts.get(name)
        if account is None or not right or now is None or now.era != account.era:
            self._refused(account)
            raise WrongPassword(_WRONG)
        self._names.forget(name)
        return now

    def _refused(self, account: Account | None) -> None:
        """Tell of a refusal, and have no answer wait for it: the wait would tell that there is an account.

        What was typed for a name that nobody has is not written down; it may be a password.
        """
        log.warning("sign_in_refused", name=account.name if account else "")
        if account is not None:
            task = asyncio.create_task(self._write_refusal(account.name))
            self._writing.add(task)
            task.add_done_callback(self._writing.discard)

    async def _write_refusal(self, name: str) -> None:
        try:
            await self._store.write(Batch(audit=[self._audit(name, "sign in refused")]))
        except StoreUnavailable as error:
            log.warning("sign_in_not_written", error=str(error))

    def _slow_down(self, name: str, address: str) -> None:
        now_s = self._clock.monotonic()
        wait_s = max(self._names.wait_s(name, now_s), self._addresses.wait_s(address, now_s))
        if wait_s > 0:
            raise TooManyGuesses(wait_s)
        self._names.count(name, now_s)
        self._addresses.count(address, now_s)

    async def _in_thread(self, work: Callable[[], T]) -> T:
        """Hash beside the loop, a few at a time: each takes memory as well as time."""
        if self._waiting >= _WAITING:
            raise Overloaded("too many people sign in at this moment")
        self._waiting += 1
        try:
            async with self._hashers:
                return await asyncio.to_thread(work)
        finally:
            self._waiting -= 1

    async def _begin(self, account: Account, hint: str = "") -> str:
        secret, now = secrets.token_urlsafe(32), self._clock.now()
        session = Session(name=account.name, era=account.era, begun_at=now, seen_at=now, hint=hint)
        over = self._superfluous(account, now)
        rows = [Row(TABLE, _key(secret), _encode(session)), *(Row(TABLE, key, None) for key in over)]
        await self._store.write(Batch(rows=rows, audit=[self._audit(account.name, "sign in")]))
        self._forget(over)
        self._sessions[_key(secret)] = session
        return secret

    def _superfluous(self, account: Account, now: datetime) -> list[str]:
        """Return the sessions of an account that make room for another one, and those that are over."""
        own = sorted(
            (session.seen_at, key) for key, session in self._sessions.items() if session.name == account.name
        )
        over = [key for _, key in own if not _holds(self._sessions[key], account, now)]
        good = [key for _, key in own if key not in over]
        return over + good[: max(0, len(good) - MOST_SESSIONS + 1)]

    async def _tend(self) -> None:
        while True:
            await asyncio.sleep(_TEND_S)
            await self._write_down()

    async def _write_down(self) -> None:
        """Make durable which sessions were used, and forget those that are over."""
        now = self._clock.now()
        over = [key for key, session in self._sessions.items() if not self._is_good(session, now)]
        seen = [key for key in self._touched if key in self._sessions and key not in over]
        rows = [Row(TABLE, key, None) for key in over]
        rows += [Row(TABLE, key, _encode(self._sessions[key])) for key in seen]
        if not rows:
            return
        try:
            await self._store.write(Batch(rows=rows))
        except StoreUnavailable as error:
            log.warning("sessions_not_written", error=str(error))
        else:
            self._forget(over)
            self._touched.difference_update(seen)

    def _is_good(self, session: Session, now: datetime) -> bool:
        account = self.accounts.get(session.name)
        return account is not None and _holds(session, account, now)

    def _forget(self, keys: list[str]) -> None:
        for key in keys:
            self._sessions.pop(key, None)
            self._touched.discard(key)

    def _audit(self, name: str, action: str) -> AuditEntry:
        return AuditEntry(at=self._clock.now(), actor=name, action=action, target=name)


def _holds(session: Session, account: Account, now: datetime) -> bool:
    return session.era == account.era and now < session.ends_at()


def _key(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
