"""Work that may hang for ever, in a thread that keeps nobody from ending."""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Generic, TypeVar

T = TypeVar("T")


class Hanging(Exception):
    """The work is not done yet; nothing more of its kind is begun until it is."""


class Aside(Generic[T]):
    """Do one piece of work at a time beside the loop; `kinds` are the errors that it raises on purpose."""

    def __init__(self, *kinds: type[Exception]) -> None:
        self._kinds = kinds
        self._running: asyncio.Future[T] | None = None

    async def do(self, work: Callable[[], T], seconds: float) -> T:
        """Return what `work` returns; Hanging when it, or an earlier one, is not done in `seconds`."""
        if self._running is None:
            self._running = asyncio.get_running_loop().create_future()
            target = (work, self._running, asyncio.get_running_loop())
            threading.Thread(target=self._run, args=target, name="aside", daemon=True).start()
        done, _ = await asyncio.wait([self._running], timeout=seconds)
        if not done:
            raise Hanging(f"no answer within {seconds:g} s")
        running, self._running = self._running, None
        return running.result()

    def _run(self, work: Callable[[], T], done: asyncio.Future[T], loop: asyncio.AbstractEventLoop) -> None:
        try:
            result = work()
        except self._kinds as error:
            _deliver(loop, done.set_exception, error)
        except BaseException as error:
            _deliver(loop, done.set_exception, error)
            raise
        else:
            _deliver(loop, done.set_result, result)


def _deliver(loop: asyncio.AbstractEventLoop, take: Callable[[T], None], value: T) -> None:
    with suppress(RuntimeError):  # the loop is gone, and whoever waited with it
        loop.call_soon_threadsafe(take, value)
