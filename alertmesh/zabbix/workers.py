"""A few threads for what has to wait for an answer. They never keep the process from ending."""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from queue import SimpleQueue
from typing import Any

from msgspec import Struct

from alertmesh.core.errors import AlertMeshError

# What a call may raise besides our own errors; anything else ends its thread as well.
_EXPECTED = (AlertMeshError, LookupError, ValueError, TypeError, AttributeError, OSError)


class Job(Struct):
    """A call, and who waits for what it returns."""

    work: Callable[[], Any]
    loop: asyncio.AbstractEventLoop
    answer: "asyncio.Future[Any]"


class Workers:
    """Run blocking calls in at most `count` threads of their own.

    The threads of the standard library's pools are waited for when the process ends, however long
    a server does not answer; these are not.
    """

    def __init__(self, count: int, name: str) -> None:
        self._count = count
        self._name = name
        self._jobs: SimpleQueue[Job | None] = SimpleQueue()
        self._threads: list[threading.Thread] = []

    async def run(self, work: Callable[[], Any]) -> Any:
        """Return what `work` returns, or raise what it raises; others get their turn meanwhile."""
        loop = asyncio.get_running_loop()
        job = Job(work, loop, loop.create_future())
        self._jobs.put(job)
        if len(self._threads) < self._count:
            thread = threading.Thread(target=self._serve, name=self._name, daemon=True)
            self._threads.append(thread)
            thread.start()
        return await job.answer

    def close(self) -> None:
        """Let the threads end once they are done with what is under way."""
        for _ in self._threads:
            self._jobs.put(None)

    def _serve(self) -> None:
        while (job := self._jobs.get()) is not None:
            if job.answer.cancelled():
                continue
            try:
                result = job.work()
            except _EXPECTED as error:
                _tell(job, None, error)
            except BaseException as error:
                self._threads.remove(threading.current_thread())
                _tell(job, None, error)
                raise
            else:
                _tell(job, result, None)


def _tell(job: Job, result: Any, error: BaseException | None) -> None:
    def settle() -> None:
        if job.answer.done():
            return
        if error is None:
            job.answer.set_result(result)
        else:
            job.answer.set_exception(error)

    with suppress(RuntimeError):  # the loop has ended: nobody waits any more
        job.loop.call_soon_threadsafe(settle)
