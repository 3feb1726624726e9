"""Reconcile 10,000 open problems of a real Zabbix, and watch how long the event loop stands still.

    python -m benchmarks.zabbix_reconcile

The problems, each of a trigger of its own on 100 hosts, are put into Zabbix' database. A round is
timed as a whole and without the time in which the API had yet to answer. The loop stands still while it
is at work, and also while a busy machine gives the processor to others: both are told.
"""

import argparse
import asyncio
import os
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from alertmesh.config import Config, load
from alertmesh.core.clock import SystemClock
from alertmesh.links import RuntimeMesh
from alertmesh.logs import configure_logs
from alertmesh.server import Server, settle_garbage
from alertmesh.wiring import Wiring
from alertmesh.zabbix.client import Account
from alertmesh.zabbix.link import Link, Pace
from alertmesh.zabbix.pull import Site
from tests.real.zabbix import Zabbix

_HOSTS = 100
_ERROR = 40
_WORDS = "a problem that the benchmark made, with a name of usual length"
_COPIES = """
create temp table base as select t.triggerid, f.itemid, f.functionid, row_number() over () as n
  from triggers t join functions f using (triggerid);
insert into triggers (triggerid, expression, description, priority, manual_close, value)
  select 100000 + b.n * 1000 + c, '{{' || (100000 + b.n * 1000 + c) || '}}>0', 'Check ' || c || ' failed',
    c % 6, c % 2, 1 from base b, generate_series(1, {per_host}) c;
insert into functions (functionid, itemid, triggerid, name, parameter)
  select 100000 + b.n * 1000 + c, b.itemid, 100000 + b.n * 1000 + c, 'last', '$'
  from base b, generate_series(1, {per_host}) c;
insert into events (eventid, source, object, objectid, clock, value, acknowledged, ns, name, severity)
  select triggerid, 0, 0, triggerid, extract(epoch from now())::int - 3600, 1, 0, 0,
    description || ': {words}', priority from triggers where triggerid > 100000;
insert into problem (eventid, source, object, objectid, clock, ns, name, acknowledged, severity)
  select eventid, source, object, objectid, clock, ns, name, acknowledged, severity from events
  where eventid > 100000;
insert into event_tag (eventtagid, eventid, tag, value)
  select eventid * 10 + t, eventid, 'tag' || t, 'value ' || (eventid % 50)
  from events, generate_series(0, 3) t where eventid > 100000;
"""
_CHANGES = """
insert into events (eventid, source, object, objectid, clock, value, ns, name, severity)
  select 1000000 + eventid, 0, 0, objectid, clock + 60, 0, 0, name, 0 from events
  where eventid > 100000 and eventid % 10 = 0;
insert into event_recovery (eventid, r_eventid)
  select eventid, 1000000 + eventid from problem where eventid % 10 = 0;
delete from problem where eventid % 10 = 0;
update problem set acknowledged = 1 where eventid % 10 = 1;
update events set acknowledged = 1 where eventid % 10 = 1 and value = 1;
insert into acknowledges (acknowledgeid, userid, eventid, clock, message, action)
  select eventid, 1, eventid, clock + 60, 'seen', 6 from problem where eventid % 10 = 1;
"""


class Meter:
    """Time the API's part of what is done, and the longest time the loop stood still."""

    def __init__(self, link: Link) -> None:
        self.api_s = 0.0
        self.calls = 0
        self.longest_s = self.busiest_s = 0.0
        self.over = 0
        self._call = link.client.call
        link.client.call = self._timed  # type: ignore[method-assign]

    async def _timed(self, method: str, *args: Any, **params: Any) -> Any:
        began = time.perf_counter()
        try:
            return await self._call(method, *args, **params)
        finally:
            self.api_s += time.perf_counter() - began
            self.calls += 1

    async def watch(self) -> None:
        """Wake every millisecond and note how late that is."""
        while True:
            began, busy = time.perf_counter(), time.thread_time()
            await asyncio.sleep(0.001)
            late = time.perf_counter() - began - 0.001
            self.longest_s = max(self.longest_s, late)
            self.busiest_s = max(self.busiest_s, time.thread_time() - busy)
            self.over += late > 0.02

    async def measure(self, what: str, link: Link) -> None:
        """Run one round and print what it took."""
        self.api_s = self.longest_s = self.busiest_s = 0.0
        self.calls = self.over = 0
        watching = asyncio.create_task(self.watch())
        await asyncio.sleep(0.05)
        began = time.perf_counter()
        await link.reconcile()
        total = time.perf_counter() - began
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching
        print(
            f"{what:34s} {total:6.2f} s, of which the API {self.api_s:5.2f} s in {self.calls:3d} calls; "
            f"beyond it {total - self.api_s:5.2f} s; loop still at most {self.longest_s * 1000:5.1f} ms "
            f"({self.over} times over 20), at work at most {self.busiest_s * 1000:.1f} ms",
            flush=True,
        )


async def run(zabbix: Zabbix, count: int, config: Config) -> None:
    """Measure the first round, one without news, and one with every tenth ended and acknowledged."""
    server = Server(Wiring(config), SystemClock())
    await server.start()
    settle_garbage()
    link = Link(
        Site("zabbix", zabbix.url),
        Account(zabbix.url, user=zabbix.user, password=zabbix.password),
        Pace(),
        RuntimeMesh(server.runtime),
    )
    meter = Meter(link)
    await link.client.version()
    await meter.measure(f"{count} problems, none known", link)
    await meter.measure("all known, nothing new", link)
    for _ in range(3):
        await meter.measure("the same again", link)
    psql(zabbix, _CHANGES)
    await meter.measure(f"{count // 10} ended, {count // 10} acknowledged", link)
    await meter.measure("all known, nothing new", link)
    firing = sum(ended_at is None for _, ended_at in server.runtime.alerts())
    print(f"firing at the end: {firing}")
    await link.stop()
    await server.stop()


def psql(zabbix: Zabbix, script: str) -> None:
    """Run SQL in Zabbix' database."""
    command = ["psql", "-qX", "-v", "ON_ERROR_STOP=1", "-h", str(zabbix._home / "run")]
    command += ["-p", str(zabbix._database), "-U", "zabbix", "-d", "zabbix"]
    subprocess.run(command, input=script.encode(), check=True)


def fill(zabbix: Zabbix, count: int) -> None:
    """Make hosts with an item and a trigger each, and copy the triggers, each with an open problem."""
    zabbix.make_host("bench", {}, {})
    [group] = zabbix.call("hostgroup.get", filter={"name": "Under test"}, output=["groupid"])
    names = [f"bench-{number:03d}" for number in range(_HOSTS)]
    hosts = zabbix.call("host.create", [{"host": name, "groups": [group]} for name in names])["hostids"]
    item = {"name": "key", "key_": "key", "type": 2, "value_type": 0}
    zabbix.call("item.create", [item | {"hostid": host} for host in hosts])
    base = [{"description": "Base", "expression": f"last(/{name}/key)>0"} for name in names]
    zabbix.call("trigger.create", base)
    zabbix.stop("server")
    psql(zabbix, _COPIES.format(per_host=count // _HOSTS, words=_WORDS))


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--problems", type=int, default=10_000)
    count = parser.parse_args().problems
    configure_logs(_ERROR)
    with Zabbix() as zabbix, tempfile.TemporaryDirectory(prefix="alertmesh-bench-") as home:
        fill(zabbix, count)
        folder = Path(home)
        config = load(None, None, {"store": f"sqlite:///{folder / 'bench.db'}"})
        asyncio.run(run(zabbix, count, replace(config, listen="127.0.0.1:0")))


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    sys.exit(main())
