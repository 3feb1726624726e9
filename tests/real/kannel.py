"""A real Kannel on loopback: bearerbox and smsbox, and a fake SMS centre that phones hang on."""

import os
import re
import signal
import subprocess
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple, Self
from urllib.parse import unquote_to_bytes

from tests.real.local import free_port, wait_until

USER, PASSWORD = "mesh", "kannel-s3cret"
FAKE_SMSC = "/usr/lib/kannel/test/fakesmsc"
SHORT_CODE = "1069"
_START_S, _STOP_S = 20.0, 10.0
_LISTENING = "0A"
_GOT = re.compile(
    r"Got message \d+: <\S+ (\S+) (?:udh (\S+) )?(text|data|ucs-2) (.*?)>\n(?=\d{4}-\d\d-|\Z)", re.DOTALL
)


class Arrived(NamedTuple):
    """A message that a phone got: its number, and the text."""

    number: str
    text: str


class Kannel:
    """Run Kannel below `home`; phones are there between `attach` and `detach`. Use it as a context manager.

    `reply_url` is where replies of phones go, with Kannel's escapes in it.
    """

    def __init__(self, home: Path, reply_url: str) -> None:
        self._home = home
        self._reply_url = reply_url
        self._ports = {name: free_port() for name in ("admin", "box", "smsc", "http")}
        self._boxes: dict[str, subprocess.Popen[bytes]] = {}
        self._phones: list[subprocess.Popen[bytes]] = []
        self.url = f"http://127.0.0.1:{self._ports['http']}/cgi-bin/sendsms"

    def __enter__(self) -> Self:
        (self._home / "kannel.conf").write_text(self._config(), encoding="utf-8")
        try:
            self.start_bearerbox()
            self._start("smsbox", "http")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.detach()
        for box in ("smsbox", "bearerbox"):
            if box in self._boxes:
                self._end(self._boxes.pop(box))

    @staticmethod
    def _end(process: subprocess.Popen[bytes]) -> None:
        """End a box with its children: an smsbox that lost its bearerbox starts itself anew as one."""
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(_STOP_S)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def start_bearerbox(self) -> None:
        """Start the part that keeps messages, anew after `kill_bearerbox`."""
        self._start("bearerbox", "admin", "box", "smsc")

    def kill_bearerbox(self) -> None:
        """End the part that keeps messages as a power cut would."""
        process = self._boxes.pop("bearerbox")
        process.send_signal(signal.SIGKILL)
        process.wait()

    def attach(self, number: str = "", text: str = "") -> None:
        """Switch phones on, those before off; the one of `number`, if given, sends `text`."""
        self.detach()
        turn = len(self._phones)
        once = [f"{number or 0} {SHORT_CODE} text {text}"]
        command = [FAKE_SMSC, "-H", "127.0.0.1", "-r", str(self._ports["smsc"]), "-m", "1" if number else "0"]
        with (self._home / f"phones-{turn}.log").open("wb") as log:
            self._phones.append(subprocess.Popen([*command, *once], stdout=log, stderr=log))

    def detach(self) -> None:
        """Switch all phones off."""
        for process in self._phones:
            if process.poll() is not None:
                continue
            process.terminate()
            try:
                process.wait(_STOP_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def arrived(self) -> list[Arrived]:
        """Return every message that a phone got, in order."""
        whole, begun = [], ""
        for number in range(len(self._phones)):
            log = (self._home / f"phones-{number}.log").read_text(errors="replace")
            for found in _GOT.finditer(log):
                message, part, parts = _message(*found.groups())
                begun += message.text
                if part == parts:
                    whole.append(Arrived(message.number, begun))
                    begun = ""
        return whole

    def holds(self, key: str) -> bool:
        """Tell whether the message of a key is on disk."""
        files = [file for file in (self._home / "store").iterdir() if file.is_file()]
        return any(key.encode() in file.read_bytes() for file in files)

    def _start(self, box: str, *ports: str) -> None:
        with (self._home / f"{box}.out").open("ab") as log:
            process = subprocess.Popen(
                [box, "-v", "1", str(self._home / "kannel.conf")],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._boxes[box] = process
        for port in ports:
            wait_until(f"{box}'s port for {port}", _START_S, lambda port=port: self._listens(port))

    def _listens(self, port: str) -> bool:
        """Tell whether a port is open, without a connection: the fake SMS centre would take it for phones."""
        wanted = f"{self._ports[port]:04X}"
        rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
        return any(row[1].endswith(f":{wanted}") and row[3] == _LISTENING for row in rows)

    def _config(self) -> str:
        store = self._home / "store"
        store.mkdir(exist_ok=True)
        groups: list[dict[str, Any]] = [
            {
                "group": "core",
                "admin-port": self._ports["admin"],
                "admin-interface": "127.0.0.1",
                "admin-password": PASSWORD,
                "smsbox-port": self._ports["box"],
                "smsbox-interface": "127.0.0.1",
                "box-allow-ip": "127.0.0.1",
                "store-type": "file",
                "store-location": str(self._home / "store" / "kannel.store"),
                "store-dump-freq": 1,
                "dlr-storage": "internal",
            },
            {
                "group": "smsc",
                "smsc": "fake",
                "smsc-id": "phones",
                "port": self._ports["smsc"],
                "connect-allow-ip": "127.0.0.1",
            },
            {
                "group": "smsbox",
                "bearerbox-host": "127.0.0.1",
                "sendsms-port": self._ports["http"],
                "sendsms-interface": "127.0.0.1",
                "global-sender": SHORT_CODE,
            },
            {
                "group": "sendsms-user",
                "username": USER,
                "password": PASSWORD,
                "max-messages": 3,
                "concatenation": "true",
            },
            {
                "group": "sms-service",
                "keyword": "default",
                "catch-all": "true",
                "max-messages": 3,
                "omit-empty": "true",
                "accept-x-kannel-headers": "true",
                "get-url": self._reply_url,
            },
        ]
        return "\n".join(
            "".join(f"{name} = {_quoted(value)}\n" for name, value in group.items()) for group in groups
        )


def _quoted(value: object) -> str:
    return str(value) if isinstance(value, int) else f'"{value}"'


def _message(number: str, header: str | None, kind: str, text: str) -> tuple[Arrived, int, int]:
    """Return what a phone got, and which part of how many parts it is."""
    octets = text.encode() if kind == "text" else unquote_to_bytes(text.replace("+", " "))
    part, parts = unquote_to_bytes(header)[:-3:-1] if header else (1, 1)
    return Arrived(number, octets.decode("utf-8" if kind == "text" else "utf-16-be")), part, parts
