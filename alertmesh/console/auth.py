"""Decide who may ask for what: bearer tokens with scopes, or loopback without any token."""

import re
from base64 import b64decode
from binascii import Error as BadBase64
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler

from alertmesh.console.problems import Refused
from alertmesh.console.service import Service
from alertmesh.core.ports import Token
from alertmesh.metrics import Metrics

LOCAL = "local"
"""Who acts when nobody has to say who he is."""

_LOOPBACK = re.compile(r"(localhost|127\.0\.0\.1|\[::1\])(:\d+)?", re.IGNORECASE)
_ALERTMANAGER = "/api/v2/"
_REMEMBER = timedelta(seconds=1)
_REMEMBER_MOST = 1_024

ActorHandler = Callable[[web.Request, str], Awaitable[web.StreamResponse]]


class Scope(StrEnum):
    """What a token may be used for. Admin includes the others; no other does."""

    INGEST = "ingest"
    READ = "read"
    RESPOND = "respond"
    ADMIN = "admin"


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

        async def guarded(request: web.Request) -> web.StreamResponse:
            return await handler(request, self.admit(request, scope))

        return guarded

    def admit(self, request: web.Request, scope: Scope) -> str:
        """Return who asks; raises Refused with 401 or 403."""
        if not self._service.authentication_required():
            self._refuse_foreign_pages(request)
            return LOCAL
        secret = _secret(request, scope)
        if not secret:
            raise self._unauthorized(scope, "no-token", "a token is needed")
        token = self._look_up(secret)
        if token is None:
            raise self._unauthorized(scope, "unknown-token", "this token is not known")
        if not token.allows(scope):
            self._metrics.denied("scope")
            raise Refused(
                403, "scope", f"token {token.name!r} lacks the scope {scope.value!r}", "Authorization"
            )
        return token.name

    def _refuse_foreign_pages(self, request: web.Request) -> None:
        """Keep web pages of others out: a browser on this machine reaches loopback for any of them."""
        host = request.headers.get("Host", "")
        if host and _LOOPBACK.fullmatch(host) is None:
            self._metrics.denied("host")
            raise Refused(403, "foreign-host", "without a token, ask for localhost or 127.0.0.1", "Host")
        origin = request.headers.get("Origin")
        if origin is not None and request.method not in ("GET", "HEAD") and not _same(origin, host):
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

    def _unauthorized(self, scope: Scope, kind: str, detail: str) -> Refused:
        self._metrics.denied(kind.replace("-", "_"))
        ways = 'Bearer realm="alertmesh"'
        if scope is Scope.INGEST:
            ways += ', Basic realm="alertmesh"'
        return Refused(401, kind, detail, "Authorization", {"WWW-Authenticate": ways})


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
