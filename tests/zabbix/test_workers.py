import asyncio
import threading

import pytest

from alertmesh.core.errors import MonitorUnavailable
from alertmesh.zabbix.workers import Workers
from tests.fakes import until


@pytest.fixture
def workers():
    made = Workers(2, "under test")
    yield made
    made.close()


async def test_an_answer_and_an_error_come_back(workers):
    def fail():
        raise MonitorUnavailable("away")

    assert await workers.run(lambda: 7) == 7
    with pytest.raises(MonitorUnavailable):
        await workers.run(fail)
    assert await workers.run(lambda: 8) == 8


async def test_no_more_run_at_once_than_there_are_threads(workers):
    running, most, lock = 0, 0, threading.Lock()
    go = threading.Event()

    def work():
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        go.wait(5)
        with lock:
            running -= 1

    waiting = [asyncio.create_task(workers.run(work)) for _ in range(6)]
    await until(lambda: running == 2)
    go.set()
    await asyncio.gather(*waiting)
    assert most == 2


async def test_what_hangs_keeps_nobody_from_leaving(workers):
    go = threading.Event()
    task = asyncio.create_task(workers.run(lambda: go.wait(5)))
    await until(lambda: any(thread.name == "under test" for thread in threading.enumerate()))
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    ours = [thread for thread in threading.enumerate() if thread.name == "under test"]
    assert ours
    assert all(thread.daemon for thread in ours)
    go.set()
