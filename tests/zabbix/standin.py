"""A stand-in for the API of a Zabbix server of any version: it keeps the rules of that version."""

from collections.abc import Callable
from typing import Any

import orjson
from aiohttp import web
from aiohttp.test_utils import TestServer

TOKEN, USER, PASSWORD = "t" * 64, "mesh", "correct"
Answer = Callable[[dict[str, Any]], Any]


class Refusal(Exception):
    """An error of the API."""

    def __init__(self, code: int, data: str) -> None:
        super().__init__(data)
        self.error = {"code": code, "message": "Invalid params.", "data": data}


class ZabbixStandin:
    """Answers `methods` from functions of the parameters, and remembers what was asked.

    `faults` are statuses, or functions, that answer the next requests instead. `sessions` are the
    keys that count; each login makes one more.
    """

    def __init__(self, version: str = "6.0.14") -> None:
        self.version = version
        self.methods: dict[str, Answer] = {"apiinfo.version": lambda _: version, "user.login": self._enter}
        self.asked: list[tuple[str, Any]] = []
        self.heads: list[dict[str, Any]] = []
        self.faults: list[int | Refusal | bytes] = []
        self.sessions = {TOKEN}
        self.logins = 0
        self._server = TestServer(self._app())
        self.url = ""

    async def __aenter__(self) -> "ZabbixStandin":
        await self._server.start_server()
        self.url = str(self._server.make_url("/zabbix"))
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._server.close()

    def calls(self, method: str) -> list[Any]:
        """Return the parameters of each call of a method."""
        return [params for name, params in self.asked if name == method]

    def _app(self) -> web.Application:
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.router.add_post("/zabbix/api_jsonrpc.php", self._handle)
        return app

    async def _handle(self, request: web.Request) -> web.Response:
        call = orjson.loads(await request.read())
        method, params = call["method"], call["params"]
        self.asked.append((method, params))
        self.heads.append({"auth": call.get("auth"), "header": request.headers.get("Authorization")})
        try:
            if self.faults:
                return self._fault(self.faults.pop(0))
            self._check(method, call, request)
            if method not in self.methods:
                raise Refusal(-32601, f'Incorrect API "{method.partition(".")[0]}".')
            body = {"jsonrpc": "2.0", "result": self.methods[method](params), "id": call["id"]}
        except Refusal as refusal:
            body = {"jsonrpc": "2.0", "error": refusal.error, "id": call["id"]}
        return web.Response(body=orjson.dumps(body), content_type="application/json")

    def _fault(self, fault: int | Refusal | bytes) -> web.Response:
        if isinstance(fault, Refusal):
            raise fault
        if isinstance(fault, bytes):
            return web.Response(body=fault, content_type="text/html")
        return web.Response(status=fault)

    def _check(self, method: str, call: dict[str, Any], request: web.Request) -> None:
        """Refuse what this version refuses: a key where there should be none, in the wrong place, or bad."""
        header = request.headers.get("Authorization", "").removeprefix("Bearer ")
        inside = call.get("auth")
        newest = tuple(int(part) for part in self.version.split(".")[:2])
        if inside is not None and newest >= (7, 2):
            raise Refusal(-32600, 'Invalid request: unexpected parameter "auth".')
        if method in {"apiinfo.version", "user.login", "user.checkAuthentication"}:
            if header or inside is not None:
                raise Refusal(-32602, f'The "{method}" method must be called without authorization.')
            return
        key = inside if newest < (6, 4) else (header or inside)
        if key not in self.sessions:
            raise Refusal(-32602, "Not authorized." if key else "Not authorised.")

    def _enter(self, params: dict[str, Any]) -> Any:
        if params.get("username") != USER or params.get("password") != PASSWORD:
            raise Refusal(-32500, "Incorrect user name or password or account is temporarily blocked.")
        self.logins += 1
        key = f"session-{self.logins}"
        self.sessions.add(key)
        return {"sessionid": key, "userid": "7"} if params.get("userData") else key
