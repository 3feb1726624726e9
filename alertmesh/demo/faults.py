"""Faults that can be ordered of a stand-in: a queue of them, and what those do that all have in common."""

from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Collection, Mapping

from alertmesh.core.ports import HttpAnswer


class Faulty(ABC):
    """Answer requests as a service would, without a network, except for faults that were ordered.

    Can be used as `core.ports.Http`. `kinds` are the faults that it knows; `html` is answered with `page`.
    """

    def __init__(self, kinds: Collection[str], page: HttpAnswer) -> None:
        self._kinds = kinds
        self._page = page
        self._faults: deque[str] = deque()

    def fail_next(self, kind: str, times: int = 1) -> None:
        """Make the next requests fail that can fail so; ValueError for an unknown kind."""
        if kind not in self._kinds:
            raise ValueError(f"{kind!r} is not one of {', '.join(self._kinds)}")
        self._faults.extend([kind] * times)

    @property
    def next_fault(self) -> str:
        """Return what the next request will suffer, or an empty text."""
        return self._faults[0] if self._faults else ""

    async def __call__(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        body: bytes,
        timeout_s: float,
    ) -> HttpAnswer:
        """Answer one request; raises TimeoutError and ConnectionResetError for those faults."""
        fault = self.draw(url)
        if fault == "drop_before_accept":
            raise ConnectionResetError("dropped before it was read")
        if fault == "html":
            return self._page
        return self.respond(method, url, headers, body, fault)

    def draw(self, url: str) -> str:
        """Take what a request to this address suffers out of the queue; empty when it suffers nothing."""
        return self._faults.popleft() if self._faults else ""

    @abstractmethod
    def respond(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes, fault: str
    ) -> HttpAnswer:
        """Answer a request that came through; calls `lose` once it is accepted."""


def page(status: int, html: bytes) -> HttpAnswer:
    """Return an answer that something in between gives, not the service."""
    return HttpAnswer(status, {"Content-Type": "text/html"}, html)


def lose(fault: str) -> None:
    """Raise TimeoutError when the answer to what was just accepted is to be lost."""
    if fault == "timeout_after_accept":
        raise TimeoutError("accepted, but the answer is lost")
