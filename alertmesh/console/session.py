"""Sign in and out, tell who is signed in, and keep how each person likes the console."""

from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus
from typing import TypeVar

import msgspec
from aiohttp import web
from msgspec import UNSET, Struct, UnsetType

from alertmesh.console.auth import COOKIE, Asker, Gate, Scope, Way
from alertmesh.console.bodies import read_json, send_json
from alertmesh.console.problems import Refused
from alertmesh.console.service import Service
from alertmesh.console.tells import tells
from alertmesh.desks.personal import Settings, Unfit
from alertmesh.desks.signin import LONGEST, TooManyGuesses, WeakPassword, WrongPassword


class SignInBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who wants to sign in."""

    name: str
    password: str

    def __repr__(self) -> str:
        return f"SignInBody(name={self.name!r})"


class PasswordBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Another password for who is signed in."""

    old: str
    new: str

    def __repr__(self) -> str:
        return "PasswordBody(...)"


class SettingsBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The settings to change; what is left out stays as it is."""

    language: str | UnsetType = UNSET
    zone: str | UnsetType = UNSET
    theme: str | UnsetType = UNSET
    sound: bool | UnsetType = UNSET
    notify: bool | UnsetType = UNSET
    density: str | UnsetType = UNSET


class SessionView(Struct, frozen=True, kw_only=True):
    """Who asks, what they may do and how they like it.

    `way` is how that is known: `session` (signed in), `token`, or `local` where nobody has to say.
    `role` is empty but for a session, which is over at `until` unless it is used before. `person` is
    the name under which the rules can page them, null when they know nobody of that name.
    `password` tells whether they have one here; without it a provider vouches for them.
    `authentication` tells whether one has to say who asks at all.
    """

    name: str
    display: str
    role: str
    scopes: tuple[str, ...]
    way: str
    until: datetime | None
    person: str | None
    password: bool
    authentication: bool
    settings: Settings


R = TypeVar("R", bound=web.StreamResponse)

_SIGN_IN = msgspec.json.Decoder(SignInBody)
_PASSWORD = msgspec.json.Decoder(PasswordBody)
_SETTINGS = msgspec.json.Decoder(SettingsBody)


class Sessions:
    """The handlers of `/api/v1/session`."""

    def __init__(self, service: Service, gate: Gate) -> None:
        self._service = service
        self._gate = gate

    @tells(SessionView)
    async def show(self, request: web.Request) -> web.StreamResponse:
        """Tell who is signed in; 401 when nobody is and somebody has to be."""
        try:
            asker = self._gate.identify(request, Scope.READ)
        except Refused as refused:
            if refused.status == HTTPStatus.UNAUTHORIZED and self._nobody_can():
                raise _no_account(dict(refused.headers)) from refused
            raise
        return send_json(self._view(asker))

    @tells(SessionView, takes=SignInBody, may=(401, 429))
    async def begin(self, request: web.Request) -> web.StreamResponse:
        """Sign in: the answer sets a cookie."""
        self.refuse_foreign(request)
        body = await read_json(request, _SIGN_IN)
        desk = self._service.desks.signin
        try:
            secret = await desk.sign_in(body.name, body.password, address_of(request))
        except WrongPassword as error:
            raise self._wrong(error) from error
        except TooManyGuesses as error:
            raise _too_many(error) from error
        return self._signed_in(request, secret)

    @tells(None, status=204)
    async def end(self, request: web.Request) -> web.StreamResponse:
        """Sign out; nothing happens when nobody is signed in."""
        self.refuse_foreign(request)
        return await self.signed_out(request, web.Response(status=204))

    @tells(SessionView, takes=PasswordBody, may=(401, 409, 429))
    async def change_password(self, request: web.Request) -> web.StreamResponse:
        """Change the password of who is signed in: every other session ends."""
        asker = self._gate.identify(request, Scope.READ)
        if asker.way is not Way.SESSION:
            raise Refused(409, "no-account", "only who is signed in has a password to change")
        if not self._has_password(asker):
            raise Refused(409, "no-password", "a provider vouches for you; change your password there")
        body = await read_json(request, _PASSWORD)
        desk = self._service.desks.signin
        try:
            secret = await desk.change_password(asker.name, body.old, body.new, address_of(request))
        except WeakPassword as error:
            raise Refused(422, "weak-password", str(error), "new") from error
        except WrongPassword as error:
            raise Refused(422, "wrong-password", "this is not your password", "old") from error
        except TooManyGuesses as error:
            raise _too_many(error) from error
        return self._signed_in(request, secret)

    @tells(Settings, takes=SettingsBody)
    async def settings(self, request: web.Request, actor: str) -> web.StreamResponse:
        """Keep how the person likes the console."""
        wanted = await read_json(request, _SETTINGS)
        try:
            kept = await self._service.desks.personal.change(actor, msgspec.structs.asdict(wanted))
        except Unfit as error:
            raise Refused(422, "unfit", str(error), error.field) from error
        return send_json(kept)

    def refuse_foreign(self, request: web.Request) -> None:
        """Let tools in, which say nothing of pages, and pages of ours."""
        if "Origin" in request.headers or "Sec-Fetch-Site" in request.headers:
            self._gate.refuse_foreign(request)

    def _wrong(self, error: WrongPassword) -> Refused:
        if self._nobody_can():
            return _no_account({})
        return Refused(401, "wrong-password", str(error), "password")

    def _signed_in(self, request: web.Request, secret: str) -> web.Response:
        asker = self._gate.by_session(secret)
        if asker is None:
            raise Refused(401, "session-over", "the account was changed at this moment; sign in again")
        return give_cookie(request, send_json(self._view(asker)), secret)

    async def signed_out(self, request: web.Request, answer: R) -> R:
        """End the session that a request carries, and have `answer` take its cookie back."""
        await self._service.desks.signin.sign_out(request.cookies.get(COOKIE, ""))
        answer.del_cookie(COOKIE, path="/", httponly=True, samesite="Strict")
        return answer

    def _nobody_can(self) -> bool:
        """Tell whether there is no way yet for anybody to sign in."""
        return not self._service.desks.signin.accounts and self._service.desks.oidc.config is None

    def _has_password(self, asker: Asker) -> bool:
        account = self._service.desks.signin.accounts.get(asker.name) if asker.way is Way.SESSION else None
        return account is not None and account.password is not None

    def _view(self, asker: Asker) -> SessionView:
        person = self._service.duties.oncall().users.get(asker.name)
        return SessionView(
            name=asker.name,
            display=(person.display if person else "") or asker.name,
            role=asker.role,
            scopes=asker.scopes,
            way=asker.way.value,
            until=asker.until,
            person=person.name if person else None,
            password=self._has_password(asker),
            authentication=self._service.authentication_required(),
            settings=self._service.desks.personal.settings(asker.name),
        )


def give_cookie(request: web.Request, answer: R, secret: str) -> R:
    """Have `answer` give a browser the secret of its session."""
    answer.set_cookie(
        COOKIE,
        secret,
        path="/",
        max_age=int(LONGEST.total_seconds()),
        httponly=True,
        samesite="Strict",
        secure=came_safely(request),
    )
    return answer


def _no_account(headers: Mapping[str, str]) -> Refused:
    detail = "there is no account yet; make one on the server: alertmesh user add NAME --role admin"
    return Refused(401, "no-account", detail, "name", headers)


def _too_many(error: TooManyGuesses) -> Refused:
    seconds = max(1, -int(-error.retry_after_s // 1))
    headers: Mapping[str, str] = {"Retry-After": str(seconds)}
    return Refused(429, "too-many-guesses", str(error), headers=headers)


def came_safely(request: web.Request) -> bool:
    """Tell whether the browser asked by TLS, of us or of a proxy; who lies about it only hurts itself."""
    return request.secure or request.headers.get("X-Forwarded-Proto", "").strip().lower() == "https"


def address_of(request: web.Request) -> str:
    """Return from where somebody asks; a proxy on this machine is believed to say who asked it."""
    remote = request.remote or ""
    forwarded = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
    return forwarded[:64] if forwarded and remote in ("127.0.0.1", "::1") else remote
