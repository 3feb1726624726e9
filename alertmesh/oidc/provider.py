"""Talk to an OpenID provider: send people there, ask what it says of them, and have it sign them out."""

import asyncio
from base64 import b64encode
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import quote_plus, urlencode, urlsplit

import msgspec
from msgspec import Struct

from alertmesh.config.oidc import OidcConfig
from alertmesh.core.clock import Clock
from alertmesh.core.ports import Http, HttpAnswer
from alertmesh.oidc import claims as told
from alertmesh.oidc import discovery, flow
from alertmesh.oidc.discovery import Discovery
from alertmesh.oidc.failures import Failure, SignInFailed, UnknownKey

_FRESH_S = timedelta(hours=1).total_seconds()
_AGAIN_S = 10.0
_TIMEOUT_S = 10.0
_MOST_HINT = 8 * 1024
_FORM = "application/x-www-form-urlencoded"


class Identity(Struct, frozen=True, kw_only=True):
    """Whom the provider vouches for: `issuer` and `subject` are one person for good, the name is only a name.

    `role` is empty when no rule gives one. `hint` is the ID token, to tell the provider later who leaves.
    """

    issuer: str
    subject: str
    name: str
    role: str
    hint: str

    def __repr__(self) -> str:
        return f"Identity(name={self.name!r}, role={self.role!r})"


class _Tokens(Struct, frozen=True):
    id_token: str
    access_token: str = ""


class _Refusal(Struct, frozen=True):
    error: str = ""


class _KeySet(Struct, frozen=True):
    keys: list[dict[str, Any]]


_tokens = msgspec.json.Decoder(_Tokens).decode
_refusal = msgspec.json.Decoder(_Refusal).decode
_key_set = msgspec.json.Decoder(_KeySet).decode
_object = msgspec.json.Decoder(dict[str, Any]).decode


class Provider:
    """One provider. What it tells of itself is good for an hour; one that fails is left alone for 10 s."""

    def __init__(self, config: OidcConfig, http: Http, clock: Clock) -> None:
        self.config = config
        self._http = http
        self._clock = clock
        self._known: Discovery | None = None
        self._keys: Sequence[Mapping[str, Any]] = ()
        self._read_s = 0.0
        self._failed: SignInFailed | None = None
        self._failed_s = 0.0
        self._reading = asyncio.Lock()

    async def entrance(self, secret: str, redirect_uri: str) -> str:
        """Return where to send a browser that holds `secret`; SignInFailed when the provider is away."""
        found = await self.discovered()
        return _with(
            found.authorization_endpoint,
            response_type="code",
            client_id=self.config.client_id,
            redirect_uri=redirect_uri,
            scope=" ".join(self.config.scopes),
            state=flow.state(secret),
            nonce=flow.nonce(secret),
            code_challenge=flow.challenge(secret),
            code_challenge_method="S256",
        )

    async def identity(self, code: str, secret: str, redirect_uri: str, issuer: str | None) -> Identity:
        """Return whom a code stands for, checked in full; `issuer` is the one the answer names, if any."""
        found = await self.discovered()
        if issuer is None and found.authorization_response_iss_parameter_supported:
            raise SignInFailed(Failure.BROKEN, "the answer does not say who sent it (iss)")
        if issuer is not None and issuer != found.issuer:
            raise SignInFailed(Failure.BROKEN, "the answer is that of another provider (iss)")
        tokens = await self._exchange(found, code, secret, redirect_uri)
        claims = await self._verified(tokens.id_token, flow.nonce(secret))
        if told.lacking(claims, self.config) and found.userinfo_endpoint and tokens.access_token:
            info = await self._about(found.userinfo_endpoint, tokens.access_token)
            if info.get("sub") != claims["sub"]:
                raise SignInFailed(Failure.BROKEN, "userinfo tells of somebody else (sub)")
            claims = {**info, **claims}
        return Identity(
            issuer=found.issuer,
            subject=claims["sub"],
            name=told.account_name(claims, self.config),
            role=told.role(claims, self.config),
            hint=tokens.id_token if len(tokens.id_token) <= _MOST_HINT else "",
        )

    async def exit(self, hint: str, back: str) -> str:
        """Return where to send a browser to sign out at the provider too; empty when it has no such place."""
        found = await self.discovered()
        if not found.end_session_endpoint:
            return ""
        parameters = {"client_id": self.config.client_id, "post_logout_redirect_uri": back}
        return _with(found.end_session_endpoint, **parameters, **({"id_token_hint": hint} if hint else {}))

    async def discovered(self) -> Discovery:
        """Return what the provider tells of itself; its keys are read with it."""
        async with self._reading:
            now_s = self._clock.monotonic()
            if self._known is not None and now_s - self._read_s < _FRESH_S:
                return self._known
            if self._failed is not None and now_s - self._failed_s < _AGAIN_S:
                raise SignInFailed(self._failed.failure, str(self._failed))
            try:
                found = discovery.read(await self._get(discovery.address(self.config)), self.config)
                self._keys = await self._published(found)
            except SignInFailed as error:
                # By now, not when it was asked: one that hangs takes as long as it is left alone.
                self._failed, self._failed_s = error, self._clock.monotonic()
                raise
            self._known, self._read_s, self._failed = found, now_s, None
            return found

    async def keys(self) -> int:
        """Return how many keys the provider publishes that can have signed."""
        await self.discovered()
        return len(self._keys)

    async def _verified(self, token: str, nonce: str) -> dict[str, Any]:
        """Check an ID token; when its key is not known, the keys are read again, once."""
        try:
            return self._check(token, nonce)
        except UnknownKey:
            self._keys = await self._published(await self.discovered())
        return self._check(token, nonce)

    def _check(self, token: str, nonce: str) -> dict[str, Any]:
        # What it needs takes 0.2 s to load, which no start waits for.
        from alertmesh.oidc import idtoken

        return idtoken.verified(
            token,
            self._keys,
            issuer=self.config.issuer,
            client_id=self.config.client_id,
            nonce=nonce,
            now_s=int(self._clock.now().timestamp()),
        )

    async def _exchange(self, found: Discovery, code: str, secret: str, redirect_uri: str) -> _Tokens:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": flow.verifier(secret),
        }
        headers = {"Content-Type": _FORM, "Accept": "application/json"}
        headers |= self._credentials(found, form)
        answer = await self._send("POST", found.token_endpoint, headers, urlencode(form).encode())
        if answer.status != 200:
            raise _refused(answer)
        try:
            return _tokens(answer.body)
        except msgspec.MsgspecError as error:
            raise SignInFailed(Failure.BROKEN, f"the token endpoint answers oddly: {error}") from error

    def _credentials(self, found: Discovery, form: dict[str, str]) -> dict[str, str]:
        """Say who we are in the way that the provider takes: a header, or fields of the form."""
        known, secret = self.config.client_id, self.config.client_secret.get_secret_value()
        methods = found.token_endpoint_auth_methods_supported
        if secret and "client_secret_basic" in methods:
            pair = f"{quote_plus(known)}:{quote_plus(secret)}".encode()
            return {"Authorization": "Basic " + b64encode(pair).decode()}
        form["client_id"] = known
        if secret:
            if "client_secret_post" not in methods:
                raise SignInFailed(
                    Failure.BROKEN, f"the provider takes a client secret in no way of ours: {methods}"
                )
            form["client_secret"] = secret
        return {}

    async def _about(self, url: str, access_token: str) -> dict[str, Any]:
        body = await self._get(url, {"Authorization": f"Bearer {access_token}"})
        try:
            return _object(body)
        except msgspec.MsgspecError as error:
            raise SignInFailed(Failure.BROKEN, f"userinfo answers oddly: {error}") from error

    async def _published(self, found: Discovery) -> list[dict[str, Any]]:
        try:
            return _key_set(await self._get(found.jwks_uri)).keys
        except msgspec.MsgspecError as error:
            raise SignInFailed(Failure.BROKEN, f"jwks_uri answers oddly: {error}") from error

    async def _get(self, url: str, headers: Mapping[str, str] | None = None) -> bytes:
        answer = await self._send("GET", url, {"Accept": "application/json", **(headers or {})}, b"")
        if answer.status != 200:
            raise SignInFailed(Failure.BROKEN, f"{_place(url)} answers {answer.status}")
        return answer.body

    async def _send(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> HttpAnswer:
        # A code is good once: it does not go over a connection that the provider may have closed meanwhile.
        headers = {**headers, "Connection": "close"}
        try:
            answer = await self._http(method, url, headers=headers, body=body, timeout_s=_TIMEOUT_S)
        except (ConnectionError, TimeoutError) as error:
            raise SignInFailed(Failure.UNREACHABLE, str(error)) from error
        if answer.status >= 500:
            raise SignInFailed(Failure.UNREACHABLE, f"{_place(url)} answers {answer.status}")
        return answer


def _refused(answer: HttpAnswer) -> SignInFailed:
    """Tell why no token came: a code that is over, or a client that the provider does not take for ours."""
    try:
        why = _refusal(answer.body).error[:80]
    except msgspec.MsgspecError:
        why = ""
    detail = f"the token endpoint answers {answer.status} {why}".rstrip()
    return SignInFailed(Failure.STALE if why == "invalid_grant" else Failure.BROKEN, detail)


def _with(url: str, **parameters: str) -> str:
    parts = urlsplit(url)
    query = "&".join(part for part in (parts.query, urlencode(parameters)) if part)
    return parts._replace(query=query, fragment="").geturl()


def _place(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.hostname}{parts.path}"
