"""Small HTTP servers on loopback, each in a thread of the test: a scrape target and a receiver."""

import json
import os
import socket
import threading
import time
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import Any, NamedTuple, Self

_FIRST_PORT, _PAST_PORT = 20_000, 32_768  # above the well-known ones, below those of outgoing connections
_turn = count(os.getpid() * 37)


def free_port() -> int:
    """Return a loopback port that nobody listens on and that no outgoing connection will be given."""
    for step in _turn:
        port = _FIRST_PORT + step % (_PAST_PORT - _FIRST_PORT)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("an endless count ended")


def wait_until(what: str, seconds: float, ready: Callable[[], Any]) -> Any:
    """Return the first true answer of `ready`, or fail and name `what` after `seconds`."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if answer := ready():
            return answer
        time.sleep(0.05)
    raise AssertionError(f"waited {seconds:g} s in vain for {what}")


class LocalServer:
    """Serve requests on a free loopback port from a thread; use it as a context manager."""

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def answer(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> tuple[int, bytes]:
        """Return status and body for one request; called from the server's threads."""
        raise NotImplementedError

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        owner = self

        class Handler(BaseHTTPRequestHandler):
            def _serve(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                status, text = owner.answer(self.command, self.path, dict(self.headers), body)
                self.send_response(status)
                self.send_header("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            do_GET = do_POST = _serve  # noqa: N815  # names that http.server looks for

            def log_message(self, *_: object) -> None:
                """Stay quiet: pytest shows what failed."""

        return Handler


class Exporter(LocalServer):
    """A scrape target whose series a test sets as it goes."""

    def __init__(self) -> None:
        super().__init__()
        self._series: dict[str, float] = {}
        self._lock = threading.Lock()

    def set_series(self, name: str, labels: Mapping[str, str], value: float) -> None:
        """Have the next scrape see `name{labels}` at `value`."""
        pairs = ",".join(f"{key}={json.dumps(text, ensure_ascii=False)}" for key, text in labels.items())
        with self._lock:
            self._series[f"{name}{{{pairs}}}"] = value

    def clear(self) -> None:
        """Have the next scrape see nothing."""
        with self._lock:
            self._series.clear()

    def answer(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> tuple[int, bytes]:
        """Return the exposition of all series."""
        with self._lock:
            return 200, "".join(f"{name} {value}\n" for name, value in self._series.items()).encode()


class Posted(NamedTuple):
    """One request that a receiver took."""

    path: str
    headers: Mapping[str, str]
    body: Any


class Receiver(LocalServer):
    """Take JSON posts with 200 and remember them."""

    def __init__(self) -> None:
        super().__init__()
        self.posted: list[Posted] = []

    def answer(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> tuple[int, bytes]:
        """Remember the request."""
        self.posted.append(Posted(path, headers, json.loads(body)))
        return 200, b""
