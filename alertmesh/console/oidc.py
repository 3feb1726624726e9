"""Sign in and out by an OpenID provider: send a browser there, and take it back."""

import hmac
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from urllib.parse import urlencode, urlsplit

import structlog
from aiohttp import web
from msgspec import Struct

from alertmesh.config.oidc import OidcConfig
from alertmesh.console.auth import COOKIE
from alertmesh.console.bodies import send_json
from alertmesh.console.problems import Refused
from alertmesh.console.service import Service
from alertmesh.console.session import Sessions, address_of, came_safely, give_cookie
from alertmesh.console.tells import tells
from alertmesh.desks.signin import TooManyGuesses
from alertmesh.oidc import Failure, SignInFailed, flow

CALLBACK = "/api/v1/session/oidc/callback"
"""Where the provider sends people back to, below `external_url`; it is registered there."""

FAILED = "signin"
"""The part of a page's query that tells why somebody is not signed in."""

_START = "/api/v1/session/oidc/start"
_COOKIE = "alertmesh_oidc"
_LASTS_S = 600
_LOCAL = re.compile(r"/(?![/\\])[\x21-\x5b\x5d-\x7e]{0,1500}")
_NO_PAGE = ("/api/", "/p/", "/-/", "/from/")
_AWAY = ("temporarily_unavailable", "server_error")

log = structlog.get_logger()


class ProviderWay(Struct, frozen=True, kw_only=True):
    """A provider to sign in by: what it is called, and the address that begins it; `next` may be added."""

    title: str
    start: str


class Ways(Struct, frozen=True, kw_only=True):
    """How one can sign in: by a password, by a provider, or by either."""

    password: bool
    provider: ProviderWay | None


class SignedOut(Struct, frozen=True, kw_only=True):
    """Where to go to be signed out at the provider too; null when it has no such place."""

    next: str | None


class ProviderDoor:
    """The handlers of `/api/v1/session/ways` and `/api/v1/session/oidc`.

    What goes wrong leads back to a page of the console, which says so to people.
    """

    def __init__(self, service: Service, sessions: Sessions) -> None:
        self._service = service
        self._sessions = sessions

    @tells(Ways)
    async def ways(self, _request: web.Request) -> web.StreamResponse:
        """Tell how one can sign in."""
        config, home = self._service.desks.oidc.config, self._service.desks.oidc.home
        provider = ProviderWay(title=config.title, start=home + _START) if config else None
        passwords = provider is None or self._service.desks.signin.accounts.has_passwords()
        return send_json(Ways(password=passwords, provider=provider))

    @tells(None, status=302, query=("next",), may=(404,))
    async def start(self, request: web.Request) -> web.StreamResponse:
        """Send a browser to the provider, and have it remember what it was sent with."""
        config, page = self._config(), local(request.query.get("next", ""))
        secret = flow.fresh()
        try:
            provider = await self._service.desks.oidc.provider(config)
            place = await provider.entrance(secret, self._redirect_uri())
        except SignInFailed as error:
            return _failed(error, page)
        answer = _moved(place)
        safe = self._is_safe(request)
        answer.set_cookie(
            _cookie(safe),
            f"{secret}.{urlsafe_b64encode(page.encode()).decode()}",
            path="/",
            max_age=_LASTS_S,
            httponly=True,
            samesite="Lax",
            secure=safe,
        )
        return answer

    @tells(None, status=302, query=("code", "state", "error", "iss"), may=(404,))
    async def callback(self, request: web.Request) -> web.StreamResponse:
        """Take a browser back from the provider, signed in or told why not."""
        config, safe = self._config(), self._is_safe(request)
        secret, page = _remembered(request.cookies.get(_cookie(safe), ""))
        given = request.query.get("state", "")
        if not secret or not hmac.compare_digest(flow.state(secret).encode(), given.encode()):
            return _failed(SignInFailed(Failure.STALE, "state is not that of this browser"), page)
        try:
            answer = await self._taken_back(request, config, secret, page)
        except SignInFailed as error:
            answer = _failed(error, page)
        answer.del_cookie(_cookie(safe), path="/", httponly=True, samesite="Lax", secure=safe)
        return answer

    @tells(SignedOut)
    async def logout(self, request: web.Request) -> web.StreamResponse:
        """Sign out, and tell where to sign out at the provider too."""
        self._sessions.refuse_foreign(request)
        desk, secret, found = self._service.desks.oidc, request.cookies.get(COOKIE, ""), None
        session = self._service.desks.signin.who(secret)
        # At once: a provider that hangs must keep nobody signed in here.
        await self._service.desks.signin.sign_out(secret)
        if desk.config is not None and session is not None and session[0].password is None:
            try:
                provider = await desk.provider(desk.config)
                found = await provider.exit(session[1].hint, desk.home + "/")
            except SignInFailed as error:
                log.warning("provider_failed", error=str(error))
        return await self._sessions.signed_out(request, send_json(SignedOut(next=found or None)))

    async def _taken_back(
        self, request: web.Request, config: OidcConfig, secret: str, page: str
    ) -> web.Response:
        query, signin, address = request.query, self._service.desks.signin, address_of(request)
        if refusal := query.get("error", ""):
            raise SignInFailed(_failure(refusal), f"the provider answers {refusal[:80]!r}")
        try:
            signin.count_try(address)
        except TooManyGuesses as error:
            raise SignInFailed(Failure.WAIT, str(error)) from error
        provider = await self._service.desks.oidc.provider(config)
        identity = await provider.identity(
            query.get("code", ""), secret, self._redirect_uri(), query.get("iss")
        )
        session = await signin.enter(identity)
        signin.forgive(address)
        return give_cookie(request, _moved(page), session)

    def _config(self) -> OidcConfig:
        config = self._service.desks.oidc.config
        if config is None:
            raise Refused(404, "no-provider", "no OpenID provider is configured (oidc in alertmesh.yaml)")
        return config

    def _redirect_uri(self) -> str:
        return self._service.desks.oidc.home + CALLBACK

    def _is_safe(self, request: web.Request) -> bool:
        return came_safely(request) or self._service.desks.oidc.home.startswith("https:")


def local(path: str) -> str:
    """Return a path of the console with its query, or `/` for anything that leads elsewhere.

    >>> local("/incidents/7?tab=why"), local("//evil.example"), local("https://evil.example")
    ('/incidents/7?tab=why', '/', '/')
    """
    return path if _LOCAL.fullmatch(path) and not path.startswith(_NO_PAGE) else "/"


def _remembered(cookie: str) -> tuple[str, str]:
    """Return the secret and the page that a browser was sent off with; empty and `/` for none."""
    secret, _, page = cookie.partition(".")
    try:
        return secret, local(urlsafe_b64decode(page).decode())
    except ValueError:
        return "", "/"


def _cookie(safe: bool) -> str:
    """Return the name of the cookie: by TLS one that no neighbouring site can set (`__Host-`)."""
    return f"__Host-{_COOKIE}" if safe else _COOKIE


def _failure(error: str) -> Failure:
    if error == "access_denied":
        return Failure.DENIED
    return Failure.UNREACHABLE if error in _AWAY else Failure.BROKEN


def _failed(error: SignInFailed, page: str) -> web.Response:
    """Go back to a page, which says why nobody is signed in; the details are for the log."""
    log.warning("sign_in_failed", failure=error.failure.value, error=str(error))
    parts = urlsplit(page)
    query = "&".join(part for part in (parts.query, urlencode({FAILED: error.failure.value})) if part)
    return _moved(parts._replace(query=query).geturl())


def _moved(place: str) -> web.Response:
    headers = {"Location": place, "Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
    return web.Response(status=302, headers=headers)
