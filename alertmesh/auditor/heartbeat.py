"""Say to the outside that all is well; whoever waits for it in vain knows that it is not."""

from datetime import datetime
from pathlib import Path

import msgspec
import structlog
from msgspec import Struct

from alertmesh.core.ports import Http

TIMEOUT_S = 5.0

log = structlog.get_logger()


class Summary(Struct, frozen=True, kw_only=True):
    """What was looked at when all was well."""

    at: datetime
    clean: bool
    responses: int
    open_attempts: int
    version: str


class Heartbeat:
    """Call an address, and write a file; either may be empty. The address is a secret and never logged."""

    def __init__(self, url: str, method: str, file: str, http: Http) -> None:
        self._url = url
        self._method = method
        self._file = Path(file) if file else None
        self._http = http

    async def beat(self, summary: Summary) -> bool:
        """Tell that all is well; return whether everybody who is to know it does."""
        body = msgspec.json.encode(summary)
        written, called = self._write(body), await self._call(body)
        return written and called

    def _write(self, body: bytes) -> bool:
        if self._file is None:
            return True
        beside = self._file.with_name(self._file.name + ".new")
        try:
            beside.write_bytes(body + b"\n")
            beside.replace(self._file)
        except OSError as error:
            log.error("heartbeat_not_written", file=str(self._file), error=error.strerror or str(error))
            return False
        return True

    async def _call(self, body: bytes) -> bool:
        if not self._url:
            return True
        is_post = self._method == "POST"
        headers = {"Content-Type": "application/json"} if is_post else {}
        try:
            answer = await self._http(
                self._method, self._url, headers=headers, body=body if is_post else b"", timeout_s=TIMEOUT_S
            )
        except (TimeoutError, ConnectionError) as error:
            log.error("heartbeat_not_sent", error=str(error) or type(error).__name__)
            return False
        if not 200 <= answer.status < 300:
            log.error("heartbeat_not_taken", status=answer.status)
            return False
        return True
