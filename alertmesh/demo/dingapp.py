"""A stand-in for DingTalk's app API and stream: `python -m alertmesh.demo.dingapp --port 9696`.

It listens on a local port. The API behaves as `demo.dingcloud` says; `GET /messages` shows chats,
cards, DINGs and answers. What people do is ordered by `POST /say` with
`{"staff": "staff1", "text": "@AlertMesh ack 42"}` and `POST /press` with
`{"staff": "staff1", "card": "am-...-42", "do": "ack"}`; `POST /faults` makes calls or the stream fail.
"""

import argparse
import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from secrets import token_urlsafe
from typing import Any

import msgspec
from aiohttp import WSMsgType, web
from msgspec import Struct

from alertmesh.core.clock import Clock, SystemClock
from alertmesh.demo.dingcloud import DingCloud
from alertmesh.demo.standin import HANG_S, StandIn, serve

KEY, SECRET, GROUP, STAFF = "demo", "demo-secret", "cidDemo", ("staff1", "staff2")
TEMPLATE = "incident.schema"
BOT, CARD = "/v1.0/im/bot/messages/get", "/v1.0/card/instances/callback"
STREAM_FAULTS = ("duplicate_frames", "half_open", "disconnect", "no_ticket")
_ANSWER_S = 2.0  # within which a frame must be answered
_TICKET_LIFE = timedelta(seconds=90)


class _Say(Struct, forbid_unknown_fields=True):
    staff: str
    text: str
    group: str = GROUP


class _Press(Struct, forbid_unknown_fields=True):
    staff: str
    card: str
    do: str


class DingAppStandIn(StandIn):
    """Serve a `DingCloud` over HTTP on loopback, and hold its streams.

    `answers` are what the robot wrote back in chats, `acks` the answers to frames by message id,
    `late` how many frames were not answered in time.
    """

    def __init__(
        self,
        clock: Clock,
        cloud: DingCloud | None = None,
        port: int = 0,
        hang_s: float = HANG_S,
    ) -> None:
        self.cloud = cloud or DingCloud(
            clock, (KEY, SECRET), frozenset(STAFF), {GROUP: frozenset(STAFF)}, frozenset({TEMPLATE})
        )
        super().__init__(self.cloud, port, hang_s=hang_s)
        self.answers: list[str] = []
        self.acks: dict[str, list[dict[str, Any]]] = {}
        self.late = 0
        self.opened = 0
        self._clock = clock
        self._faults: Counter[str] = Counter()
        self._tickets: dict[str, datetime] = {}
        self._sockets: list[web.WebSocketResponse] = []
        self._transports: list[asyncio.Transport] = []
        self._waiting: dict[str, asyncio.Future[dict[str, Any]]] = {}
        self._sent = 0

    @property
    def connections(self) -> int:
        """Return how many streams are open."""
        return len(self._sockets)

    def routes(self) -> Iterable[web.RouteDef]:
        """Return the API, the stream, and what people are ordered to do."""
        return [
            web.post("/v1.0/gateway/connections/open", self._open),
            web.get("/connect", self._connect),
            web.post("/robot/sendBySession", self._session),
            web.post("/say", self._order_say),
            web.post("/press", self._order_press),
            web.route("*", "/{path:v1.0/.*}", self.receive),
        ]

    def state(self) -> Mapping[str, Any]:
        """Return chats, cards, DINGs, answers, and how many streams are open."""
        return {
            "messages": self.cloud.messages,
            "cards": self.cloud.cards,
            "dings": self.cloud.dings,
            "answers": self.answers,
            "refused": self.cloud.refused,
            "streams": self.connections,
        }

    async def stop(self) -> None:
        """Stop listening, and end the streams without a word."""
        self.kill()
        await super().stop()

    def fail_next(self, kind: str, times: int = 1) -> None:
        """Make the next calls, frames or streams fail; ValueError for an unknown kind."""
        if kind in STREAM_FAULTS:
            self._faults[kind] += times
        else:
            super().fail_next(kind, times)

    def order(self, kind: str, times: int) -> None:
        """Do what was posted to `/faults`: `kill` breaks the streams off, all others make something fail."""
        if kind == "kill":
            self.kill()
        else:
            super().order(kind, times)

    def kill(self) -> None:
        """Break every stream off, as a power cut does."""
        self._sockets.clear()
        transports, self._transports = self._transports, []
        for transport in transports:
            transport.abort()

    # What people do

    async def say(self, staff: str, text: str, group: str = GROUP) -> dict[str, Any]:
        """Write to the robot in a group; return how the frame was answered."""
        port = self._port
        told = {
            "msgId": f"msg{self._sent + 1}",
            "msgtype": "text",
            "conversationId": group,
            "conversationType": "2",
            "senderStaffId": staff,
            "senderNick": staff or "outsider",
            "robotCode": self.cloud.app[0],
            "sessionWebhook": f"http://127.0.0.1:{port}/robot/sendBySession?session=s{self._sent + 1}",
            "sessionWebhookExpiredTime": int((self._clock.now().timestamp() + 5400) * 1000),
            "text": {"content": text},
        }
        return await self._frame(BOT, told)

    async def press(self, staff: str, card: str, do: str) -> dict[str, Any]:
        """Press a button of a card; return how the frame was answered, which may rewrite the card."""
        private = {"cardPrivateData": {"actionIds": [do], "params": {}}}
        told = {
            "type": "actionCallback",
            "outTrackId": card,
            "userId": staff,
            "userIdType": 1,
            "content": msgspec.json.encode(private).decode(),
        }
        answer = await self._frame(CARD, told)
        self._rewrite(staff, card, answer)
        return answer

    def _rewrite(self, staff: str, card: str, answer: dict[str, Any]) -> None:
        shown = self.cloud.cards.get(card)
        response = msgspec.json.decode(answer.get("data") or "{}").get("response") or {}
        if shown is None or answer.get("code") != 200:
            return
        shown.values |= (response.get("cardData") or {}).get("cardParamMap") or {}
        private = (response.get("userPrivateData") or {}).get("cardParamMap") or {}
        if private:
            shown.private.setdefault(staff, {}).update(private)

    async def _frame(self, topic: str, told: dict[str, Any], kind: str = "CALLBACK") -> dict[str, Any]:
        """Send a frame over one stream, and wait for its answer."""
        self._sent += 1
        number = f"frame{self._sent}"
        head = {
            "messageId": number,
            "topic": topic,
            "contentType": "application/json",
            "appId": "1",
            "time": str(int(self._clock.now().timestamp() * 1000)),
        }
        data = msgspec.json.encode(told).decode()
        frame = {"specVersion": "1.0", "type": kind, "headers": head, "data": data}
        coming = self._waiting[number] = asyncio.get_running_loop().create_future()
        text = msgspec.json.encode(frame).decode()
        if not self._sockets:
            raise ConnectionError("no stream is open")
        socket = self._sockets[0]
        times = 2 if self._take("duplicate_frames") else 1
        for _ in range(times):
            await socket.send_str(text)
        try:
            return await asyncio.wait_for(coming, _ANSWER_S)
        except TimeoutError:
            self.late += 1
            return {"code": 408}
        finally:
            del self._waiting[number]

    # What programs do

    async def _open(self, request: web.Request) -> web.Response:
        given = msgspec.json.decode(await request.read(), type=dict[str, Any])
        if not self.cloud.verify(given.get("clientId", ""), given.get("clientSecret", "")):
            return web.json_response({"code": "invalidClientIdOrSecret", "message": "no"}, status=400)
        topics = {one.get("topic") for one in given.get("subscriptions", ())}
        if not {BOT, CARD} <= topics:
            return web.json_response({"code": "InvalidParameter", "message": "no topics"}, status=400)
        ticket = token_urlsafe(12) + "+/="
        if not self._take("no_ticket"):
            self._tickets[ticket] = self._clock.now() + _TICKET_LIFE
        return web.json_response({"endpoint": f"ws://127.0.0.1:{self._port}/connect", "ticket": ticket})

    async def _connect(self, request: web.Request) -> web.StreamResponse:
        ends_at = self._tickets.pop(request.query.get("ticket", ""), None)
        if ends_at is None or self._clock.now() >= ends_at:
            return web.Response(status=401)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.opened += 1
        self._sockets.append(socket)
        if request.transport is not None:
            self._transports.append(request.transport)
        try:
            if self._take("half_open"):
                # Nothing is read any more, so no ping is answered, and nothing says that it is over.
                await asyncio.sleep(self._hang_s)
                return socket
            if self._take("disconnect"):
                head = {"messageId": "bye", "topic": "disconnect", "contentType": "application/json"}
                await socket.send_json(
                    {"specVersion": "1.0", "type": "SYSTEM", "headers": head, "data": "{}"}
                )
            await self._read(socket)
        finally:
            if socket in self._sockets:
                self._sockets.remove(socket)
        return socket

    async def _read(self, socket: web.WebSocketResponse) -> None:
        async for told in socket:
            if told.type is not WSMsgType.TEXT:
                continue
            answer = msgspec.json.decode(told.data, type=dict[str, Any])
            number = answer["headers"]["messageId"]
            self.acks.setdefault(number, []).append(answer)
            coming = self._waiting.get(number)
            if coming is not None and not coming.done():
                coming.set_result(answer)

    async def ping(self) -> dict[str, Any]:
        """Ask the client by a frame of the gateway whether it is there."""
        return await self._frame("ping", {"opaque": "1"}, kind="SYSTEM")

    async def _session(self, request: web.Request) -> web.Response:
        told = msgspec.json.decode(await request.read(), type=dict[str, Any])
        if not request.query.get("session") or told.get("msgtype") != "text":
            return web.json_response({"errcode": 40035, "errmsg": "缺少参数"})
        self.answers.append(told["text"]["content"])
        return web.json_response({"errcode": 0, "errmsg": "ok"})

    async def _order_say(self, request: web.Request) -> web.Response:
        return await self._ordered(request, _Say, lambda one: self.say(one.staff, one.text, one.group))

    async def _order_press(self, request: web.Request) -> web.Response:
        return await self._ordered(request, _Press, lambda one: self.press(one.staff, one.card, one.do))

    async def _ordered(self, request: web.Request, kind: type[Any], do: Any) -> web.Response:
        try:
            answer = await do(msgspec.json.decode(await request.read(), type=kind))
        except (msgspec.MsgspecError, ConnectionError) as error:
            return web.Response(status=400, text=str(error))
        return web.json_response(answer)

    def _take(self, kind: str) -> bool:
        if not self._faults[kind]:
            return False
        self._faults[kind] -= 1
        return True


def main(arguments: list[str] | None = None) -> None:
    """Run a stand-in until it is told to end; the address for `endpoint` is the first line it prints."""
    parser = argparse.ArgumentParser(prog="python -m alertmesh.demo.dingapp", description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    serve(DingAppStandIn(SystemClock(), port=parser.parse_args(arguments).port))


if __name__ == "__main__":
    main()
