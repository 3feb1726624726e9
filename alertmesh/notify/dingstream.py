"""Hear from people over DingTalk's stream: a WebSocket that we open, so that nobody must reach us.

Every frame is answered within two seconds, and one that comes twice is carried out once. Whatever
ends the connection, or keeps it silent for long, another one is opened, later each time it fails.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from secrets import token_hex
from typing import Any
from urllib.parse import quote, urlsplit

import msgspec
import structlog
from msgspec import Struct

from alertmesh.core.errors import BadPayload
from alertmesh.core.live import Lines, Socket
from alertmesh.core.page import Receipt, ReceiptState
from alertmesh.core.ports import Heard
from alertmesh.notify.dingapi import Call, DingApi
from alertmesh.notify.dingboard import Board, Values
from alertmesh.notify.dingcard import CARD_TOPIC, answer, encoded
from alertmesh.notify.dingcards import Cards
from alertmesh.notify.dingheard import BOT_TOPIC, Press, Said, press, said, text_answer
from alertmesh.notify.exchange import exchange, post
from alertmesh.notify.limits import backoff
from alertmesh.notify.settings import Settings

OPEN_PATH = "/v1.0/gateway/connections/open"
HEARTBEAT_S = 15.0
SILENT_S = 1800.0
TASKS = 32  # frames that are worked on at once
_JSON = "application/json"
_HEADERS = {"Content-Type": _JSON, "Accept": _JSON}
_TOPICS = [{"type": "CALLBACK", "topic": BOT_TOPIC}, {"type": "CALLBACK", "topic": CARD_TOPIC}]
_REMEMBERED = 1_000
_DONE_S, _CHANGED_S = 1.3, 0.4  # of the two seconds that a press is answered in
_STEADY_S = 60.0
_DEAD_S = 60.0
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})

log = structlog.get_logger()

Hearer = Callable[[Heard], Awaitable[str]]


class NoStream(ConnectionError):
    """The gateway gives no connection; not to be asked again for `wait_s`."""

    def __init__(self, error: str, wait_s: float) -> None:
        super().__init__(error)
        self.wait_s = wait_s


class _Opened(Struct):
    endpoint: str
    ticket: str


class _Head(Struct, rename="camel"):
    message_id: str = ""
    topic: str = ""


class _Frame(Struct):
    type: str
    headers: _Head
    data: str = ""


class _Work(Struct):
    """What the frames of a run are worked on with."""

    heard: Hearer
    lines: Lines
    board: Board
    cards: Cards | None


class Stream:
    """One connection after another, for the channel `name`; `hosts` are those that may be dialled.

    `problem` is why none can be opened; empty while there is one, and before the first is tried.
    """

    def __init__(self, name: str, api: DingApi, hosts: tuple[str, ...]) -> None:
        self.heartbeat_s = HEARTBEAT_S
        self.silent_s = SILENT_S
        self.problem = ""
        self._name = name
        self._api = api
        self._hosts = hosts
        self._opened = False
        self._spread = token_hex(8)  # several servers must not come back at the same moment
        self._answers: OrderedDict[str, asyncio.Future[str]] = OrderedDict()
        self._tasks: set[asyncio.Task[None]] = set()

    def __repr__(self) -> str:
        return f"Stream({self._name!r})"

    async def run(self, heard: Hearer, lines: Lines, board: Board, cards: Cards | None) -> None:
        """Hear until cancelled."""
        work = _Work(heard, lines, board, cards)
        loop, tries = asyncio.get_running_loop(), 0
        try:
            while True:
                began, wish_s, self._opened = loop.time(), 0.0, False
                try:
                    await self._connect(work)
                except (TimeoutError, ConnectionError) as error:
                    wish_s = error.wait_s if isinstance(error, NoStream) else 0.0
                    text = str(error) or type(error).__name__
                    self.problem = "" if self._opened else text
                    log.warning("stream_lost", channel=self._name, error=text)
                tries = 1 if loop.time() - began > _STEADY_S else tries + 1
                await asyncio.sleep(backoff(tries, self._spread, wish_s).total_seconds())
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _connect(self, work: _Work) -> None:
        """Open one connection, and work on its frames until it ends."""
        opened = await self._ask_for_one(work.lines)
        url = f"{opened.endpoint}?ticket={quote(opened.ticket, safe='')}"
        async with work.lines.dial(url, heartbeat_s=self.heartbeat_s) as socket:
            self._opened, self.problem = True, ""
            log.info("stream_open", channel=self._name)
            while True:
                text = await self._next(socket)
                if text is None or not await self._take(text, socket, work):
                    return

    async def _next(self, socket: Socket) -> str | None:
        try:
            return await socket.receive(self.silent_s)
        except TimeoutError:
            raise TimeoutError(f"nothing came for {self.silent_s:g} s") from None

    async def _ask_for_one(self, lines: Lines) -> _Opened:
        app = self._api.app
        body = {
            "clientId": app.key,
            "clientSecret": app.secret,
            "subscriptions": _TOPICS,
            "ua": "alertmesh",
        }
        url = self._api.endpoint + OPEN_PATH
        found = await exchange(lines.http, "POST", url, _HEADERS, msgspec.json.encode(body))
        call = Call(found) if isinstance(found, Receipt) else self._api.judge(found)
        if not call.good:
            dead = call.receipt.state in (ReceiptState.DEAD, ReceiptState.REFUSED)
            raise NoStream(call.receipt.error, _DEAD_S if dead else call.receipt.retry_after_s)
        try:
            opened = msgspec.json.decode(call.body, type=_Opened)
            host = urlsplit(opened.endpoint).hostname or ""
        except (msgspec.MsgspecError, ValueError):
            raise NoStream("the gateway named no connection", _DEAD_S) from None
        if not any(host == one or (one.startswith(".") and host.endswith(one)) for one in self._hosts):
            raise NoStream(f"the gateway named {host!r}, which is none of stream_hosts", _DEAD_S)
        return opened

    async def _take(self, text: str, socket: Socket, work: _Work) -> bool:
        """Begin to work on a frame; False when the gateway wants the connection to end."""
        try:
            frame = msgspec.json.decode(text, type=_Frame, strict=False)
        except msgspec.MsgspecError:
            log.warning("stream_frame_unreadable", channel=self._name)
            return True
        if frame.type == "SYSTEM":
            await socket.send(_answer(frame, frame.data))
            return frame.headers.topic != "disconnect"
        if frame.type == "CALLBACK" and frame.headers.topic in (BOT_TOPIC, CARD_TOPIC):
            if len(self._tasks) >= TASKS:
                log.warning("stream_frame_refused", channel=self._name)
                await socket.send(_answer(frame, "", 503, "busy"))
                return True
            task = asyncio.create_task(self._work_on(frame, socket, work))
            self._keep(task)
            return True
        known = frame.type == "EVENT"
        status = encoded({"status": "SUCCESS"}) if known else ""
        await socket.send(_answer(frame, status, 200 if known else 404, "OK" if known else "not subscribed"))
        return True

    async def _work_on(self, frame: _Frame, socket: Socket, work: _Work) -> None:
        """Carry out a frame and answer it; one that came before is only answered as it was."""
        known = self._answers.get(frame.headers.message_id)
        if known is not None:
            await self._send(await asyncio.shield(known), socket)
            return
        coming: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        if frame.headers.message_id:
            self._answers[frame.headers.message_id] = coming
            while len(self._answers) > _REMEMBERED:
                self._answers.popitem(last=False)
        try:
            if frame.headers.topic == BOT_TOPIC:
                await self._hear_message(frame, socket, work, coming)
            else:
                await self._hear_press(frame, socket, work, coming)
        except BadPayload as error:
            await self._reply(_answer(frame, "", 400, str(error)), socket, coming)
        finally:
            if coming.cancel():  # which has no effect on one that has its answer
                self._answers.pop(frame.headers.message_id, None)

    async def _hear_message(
        self, frame: _Frame, socket: Socket, work: _Work, coming: asyncio.Future[str]
    ) -> None:
        told: Said = said(frame.data, self._name)
        # Answered at once: what people are told goes to their chat, whenever it is known.
        await self._reply(_answer(frame, encoded({"response": None})), socket, coming)
        words = await work.heard(told.heard)
        if words and told.session:
            found = await post(work.lines.http, told.session, _HEADERS, text_answer(words))
            if isinstance(found, Receipt):
                log.warning("stream_answer_lost", channel=self._name, error=found.error)

    async def _hear_press(
        self, frame: _Frame, socket: Socket, work: _Work, coming: asyncio.Future[str]
    ) -> None:
        told: Press = press(frame.data, self._name, frame.headers.message_id)
        words, changed = await self._pressed(told, work)
        response = {"response": answer(dict(changed), words)}
        sent = await self._reply(_answer(frame, encoded(response)), socket, coming)
        if not changed:
            return
        if sent:
            work.board.note(told.track, changed)
        elif work.cards is not None:
            await work.cards.put(told.track, changed, work.lines.now(), work.lines.http)

    async def _pressed(self, told: Press, work: _Work) -> tuple[str, Values]:
        """Carry out a press; return what to tell and how the card changes, as far as known in time."""
        doing = asyncio.ensure_future(work.heard(told.heard))
        with work.board.press(told.track) as changing:
            done, _ = await asyncio.wait([doing], timeout=_DONE_S)
            if not done:
                self._keep(asyncio.create_task(_finish(doing)))
                return "", changing.result() if changing.done() else {}
            await asyncio.wait([changing], timeout=_CHANGED_S)
            return doing.result(), changing.result() if changing.done() else {}

    def _keep(self, task: asyncio.Task[None]) -> None:
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("stream_frame_failed", channel=self._name, exc_info=task.exception())

    async def _reply(self, text: str, socket: Socket, coming: asyncio.Future[str]) -> bool:
        if not coming.done():
            coming.set_result(text)
        return await self._send(text, socket)

    async def _send(self, text: str, socket: Socket) -> bool:
        try:
            await socket.send(text)
        except ConnectionError:
            return False  # it comes again over the next connection
        return True


async def _finish(doing: "asyncio.Future[str]") -> None:
    await doing


def gateway_hosts(given: Settings, host: str) -> tuple[str, ...]:
    """Read the setting `stream_hosts`: where the gateway may send us to; else the domain of `host`."""
    text = given.text("stream_hosts")
    if text:
        return tuple(part.strip() for part in text.split(",") if part.strip())
    if host in _LOOPBACK or "." not in host:
        return (host,)
    return ("." + ".".join(host.split(".")[-2:]),)


def _answer(frame: _Frame, data: str, code: int = 200, message: str = "OK") -> str:
    head: dict[str, Any] = {"messageId": frame.headers.message_id, "contentType": _JSON}
    return encoded({"code": code, "headers": head, "message": message, "data": data})
