"""Decide who may ask for what: tokens with scopes, sessions with roles, or loopback without either."""

import re
from base64 import b64decode
from binascii import Error as BadBase64
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from enum import StrEnum
from functools import wraps
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler
from msgspec import Struct

from alertmesh.console.problems import Refused
from alertmesh.console.service import Service
from alertmesh.core.ports import Token
from alertmesh.metrics import Metrics

LOCAL = "local"
"""Who acts when nobody has to say who he is."""

COOKIE = "alertmesh_session"
"""The cookie that holds the secret of a session."""

_LOOPBACK = re.compile(r"(localhost|127\.0\.0\.1|\[::1\])(:\d+)?", re.IGNORECASE)
_ALERTMANAGER = "/api/v2/"
_REMEMBER = timedelta(seconds=1)
_REMEMBER_MOST = 1_024
_SAFE = ("GET", "HEAD")

ActorHandler = Callable[[web.Request, str], Awaitable[web.StreamResponse]]


class Scope(StrEnum):
    """What a token may be used for. Admin includes the others; no other does."""

    INGEST = "ingest"
    READ = "read"
    RESPOND = "respond"
    ADMIN = "admin"


class Way(StrEnum):
    """How somebody said who asks."""

    LOCAL = "local"
    TOKEN = "token"  # noqa: S105  # the kind of a credential, not one
    SESSION = "session"


class Asker(Struct, frozen=True, kw_only=True):
    """Who asks, and what they may do; `role` and `until`, the end of the session, are of an account alone."""

    name: str
    scopes: tuple[str, ...]
    way: Way
    role: str = ""
    until: datetime | None = None

    def allows(self, scope: Scope) -> bool:
        """Tell whether the asker may do what takes `scope`; admin includes all others."""
        return scope in self.scopes or Scope.ADMIN in self.scopes


_NEIGHBOUR = Asker(name=LOCAL, scopes=tuple(Scope), way=Way.LOCAL)


class Gate:
    """Stand before every handler.

    Looking up a token hashes it, so what a token may do is remembered for a second; a revoked
    token works that much longer.
    """

    def __init__(self, service: Service, metrics: Metrics) -> None:
        self._service = service
        self._metrics = metrics
        self._known: dict[str, Token | None] = {}
        self._forget_at: datetime | None = None

    def guard(self, scope: Scope, handler: ActorHandler) -> Handler:
        """Return `handler` behind the gate; it is called with the name of who asks."""

        @wraps(handler)
        async def guarded(request: web.Request) -> web.StreamResponse:
            return await handler(request, self.admit(request, scope))

        guarded.scope = scope  # type: ignore[attr-defined]  # told in the description of the API
        return guarded

    def admit(self, request: web.Request, scope: Scope) -> str:
        """Return who asks; raises Refused with 401 or 403."""
        asker = self.identify(request, scope)
        if not asker.allows(scope):
            self._metrics.denied("scope")
            which = "account" if asker.way is Way.SESSION else "token"
            field = "Cookie" if asker.way is Way.SESSION else "Authorization"
            raise Refused(403, "scope", f"{which} {asker.name!r} lacks the scope {scope.value!r}", field)
        return asker.name

    def identify(self, request: web.Request, scope: Scope) -> Asker:
        """Return who asks, whatever they may do; raises Refused with 401 or 403."""
        if not self._service.authentication_required():
            self._refuse_foreign_pages(request)
            return _NEIGHBOUR
        secret = _secret(request, scope)
        if secret:
            token = self._look_up(secret)
            if token is None:
                raise self._unauthorized(scope, "unknown-token", "this token is not known")
            return Asker(name=token.name, scopes=token.scopes, way=Way.TOKEN)
        cookie = request.cookies.get(COOKIE, "")
        if not cookie:
            raise self._unauthorized(scope, "no-token", "sign in, or send a token")
        return self._signed_in(request, scope, cookie)

    def by_session(self, secret: str) -> Asker | None:
        """Return whose session a secret is; None when it is over or none."""
        found = self._service.desks.signin.who(secret)
        if found is None:
            return None
        account, session = found
        return Asker(
            name=account.name,
            scopes=account.scopes,
            way=Way.SESSION,
            role=account.role,
            until=session.ends_at(),
        )

    def refuse_foreign(self, request: web.Request) -> None:
        """Refuse what a page of another site had a browser send; raises Refused with 403."""
        if not is_own_page(request):
            self._metrics.denied("origin")
            raise Refused(403, "foreign-origin", "pages of other sites may not act here", "Origin")

    def _signed_in(self, request: web.Request, scope: Scope, cookie: str) -> Asker:
        """Return whose session it is. A browser sends the cookie along with whatever a page of ours asks."""
        found = self.by_session(cookie)
        if found is None:
            raise self._unauthorized(scope, "session-over", "the session is over; sign in again", "Cookie")
        if scope is Scope.INGEST or request.method not in _SAFE:  # a heartbeat acts by GET, too
            self.refuse_foreign(request)
        return found

    def _refuse_foreign_pages(self, request: web.Request) -> None:
        """Keep web pages of others out: a browser on this machine reaches loopback for any of them."""
        host = request.headers.get("Host", "")
        if host and _LOOPBACK.fullmatch(host) is None:
            self._metrics.denied("host")
            raise Refused(403, "foreign-host", "without a token, ask for localhost or 127.0.0.1", "Host")
        origin = request.headers.get("Origin")
        if origin is not None and request.method not in _SAFE and not _same(origin, host):
            self._metrics.denied("origin")
            raise Refused(403, "foreign-origin", "pages of other sites may not act here", "Origin")

    def _look_up(self, secret: str) -> Token | None:
        now = self._service.clock.now()
        if self._forget_at is None or now >= self._forget_at or len(self._known) >= _REMEMBER_MOST:
            self._known.clear()
            self._forget_at = now + _REMEMBER
        if secret not in self._known:
            self._known[secret] = self._service.check_token(secret)
        return self._known[secret]

    def _unauthorized(self, scope: Scope, kind: str, detail: str, field: str = "Authorization") -> Refused:
        self._metrics.denied(kind.replace("-", "_"))
        ways = 'Bearer realm="alertmesh"'
        if scope is Scope.INGEST:
            ways += ', Basic realm="alertmesh"'
        return Refused(401, kind, detail, field, {"WWW-Authenticate": ways})


def is_own_page(request: web.Request) -> bool:
    """Tell whether a page of ours had a browser send this.

    A browser says so itself where the connection is safe, which holds behind a proxy that asks for us
    by another name too; elsewhere `Origin` is held against `Host`.
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    return _same(request.headers.get("Origin", ""), request.headers.get("Host", ""))


def _secret(request: web.Request, scope: Scope) -> str:
    """Return the token a request carries; monitors may send it in the ways they know.

    So may Alertmanager's tools: a page of another site makes no use of a password that a browser
    remembers, since it cannot send what these paths take without asking first.
    """
    kind, _, value = request.headers.get("Authorization", "").partition(" ")
    kind = kind.lower()
    if kind == "bearer":
        return value.strip()
    if kind == "basic" and (scope is Scope.INGEST or _ALERTMANAGER in request.path):
        return _password(value)
    return request.query.get("token", "") if scope is Scope.INGEST else ""


def _password(credentials: str) -> str:
    try:
        return b64decode(credentials.strip(), validate=True).decode().partition(":")[2]
    except (BadBase64, ValueError):
        return ""


def _same(origin: str, host: str) -> bool:
    try:
        return bool(host) and urlsplit(origin).netloc.lower() == host.lower()
    except ValueError:
        return False
