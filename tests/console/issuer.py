"""A small OpenID provider on loopback: what it signs, and by which key, is up to the test."""

import asyncio
import hmac
import json
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Mapping
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, urlsplit

from aiohttp import web
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey
from joserfc.jws import JWSRegistry

CLIENT, SECRET = "alertmesh", "s3cret:of/ours"
CODE = "the-code"
ALICE = {"sub": "u-1", "preferred_username": "alice", "groups": ["oncall", "staff"]}


def rsa(kid: str) -> RSAKey:
    """Return a new key that signs by RS256."""
    return RSAKey.generate_key(2048, {"kid": kid, "use": "sig", "alg": "RS256"})


class Issuer:
    """The provider. Set what it says before it is asked; `asked` counts the times that each path was.

    `lines` are the connections that it was asked over, one by one.

    It hangs while `answers` is not set.
    """

    def __init__(self) -> None:
        self.keys = [rsa("one")]
        self.signs = self.keys[0]
        self.header: dict[str, Any] = {"alg": "RS256", "kid": "one"}
        self.claims: dict[str, Any] = {}
        self.without: tuple[str, ...] = ()
        self.about: dict[str, Any] | None = None
        self.discovery: dict[str, Any] = {}
        self.answer: tuple[int, dict[str, Any]] | None = None
        self.token: str | None = None
        self.answers = asyncio.Event()
        self.answers.set()
        self.asked: dict[str, int] = {}
        self.lines: list[tuple[str, int]] = []
        self.sent: dict[str, str] = {}
        self.url = ""
        self.now_s = 0
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> "Issuer":
        app = web.Application()
        app.router.add_get("/realm/.well-known/openid-configuration", self._discover)
        app.router.add_get("/realm/keys", self._publish)
        app.router.add_get("/realm/me", self._tell)
        app.router.add_post("/realm/token", self._exchange)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/realm"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def stop(self) -> None:
        """Be away."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def visit(self, address: str, **claims: Any) -> dict[str, str]:
        """Sign somebody in who was sent here, and return what the browser is sent back with."""
        self.sent = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        made = {
            "iss": self.url,
            "aud": CLIENT,
            "iat": self.now_s,
            "exp": self.now_s + 300,
            "nonce": self.sent["nonce"],
        }
        told = made | ALICE | claims
        self.claims = {name: value for name, value in told.items() if name not in self.without}
        return {"code": CODE, "state": self.sent["state"]}

    async def _discover(self, request: web.Request) -> web.Response:
        self._count(request)
        await self.answers.wait()
        places = {
            "authorization_endpoint": "/auth?realm=ours",
            "token_endpoint": "/token",
            "jwks_uri": "/keys",
            "end_session_endpoint": "/logout",
        }
        found: dict[str, Any] = {name: self.url + path for name, path in places.items()}
        return web.json_response({"issuer": self.url, **found, **self.discovery})

    async def _publish(self, request: web.Request) -> web.Response:
        self._count(request)
        return web.json_response({"keys": [key.as_dict(private=False) for key in self.keys]})

    async def _tell(self, request: web.Request) -> web.Response:
        self._count(request)
        return web.json_response(
            self.about, status=200 if request.headers["Authorization"] == "Bearer at" else 401
        )

    async def _exchange(self, request: web.Request) -> web.Response:
        """Give tokens for the code to who began, by the verifier and by client_id and client_secret."""
        self._count(request)
        form = await request.post()
        if self.answer is not None:
            return web.json_response(self.answer[1], status=self.answer[0])
        assert (
            b64decode(request.headers["Authorization"].removeprefix("Basic "))
            == b"alertmesh:s3cret%3Aof%2Fours"
        )
        assert (form["grant_type"], form["redirect_uri"]) == ("authorization_code", self.sent["redirect_uri"])
        challenge = _text(sha256(str(form["code_verifier"]).encode()).digest())
        if form["code"] != CODE or challenge != self.sent["code_challenge"]:
            return web.json_response({"error": "invalid_grant"}, status=400)
        token = self.token or signed(self.header, self.claims, self.signs)
        return web.json_response({"id_token": token, "access_token": "at", "token_type": "Bearer"})

    def _count(self, request: web.Request) -> None:
        name = request.path.rpartition("/")[2]
        self.asked[name] = self.asked.get(name, 0) + 1
        assert request.transport is not None
        self.lines.append(request.transport.get_extra_info("peername"))


def signed(header: Mapping[str, Any], claims: dict[str, Any], key: RSAKey | ECKey) -> str:
    """Return a token as it is asked for, also one that nobody should sign."""
    registry = JWSRegistry(algorithms=[header["alg"]], strict_check_header=False)
    return jwt.encode(dict(header), claims, key, registry=registry)


def by_secret(claims: Mapping[str, Any], secret: bytes | None) -> str:
    """Return a token by HS256, or by `none` without a secret; no library makes these any more."""
    header = {"alg": "HS256" if secret else "none", "kid": "one"}
    text = ".".join(_text(json.dumps(part).encode()) for part in (header, claims))
    return f"{text}.{_text(hmac.digest(secret, text.encode(), 'sha256')) if secret else ''}"


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()
