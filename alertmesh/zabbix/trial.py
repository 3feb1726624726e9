"""Prove that what happens in Zabbix arrives in AlertMesh: a problem made for it begins and ends."""

import asyncio
from collections.abc import Callable
from typing import Any

from alertmesh.core.errors import MonitorRefused
from alertmesh.zabbix.sender import send_values
from alertmesh.zabbix.setup import Api

GROUP, KEY, TRIGGER = "AlertMesh trials", "alertmesh.trial", "AlertMesh trial, nothing is wrong"
_LOOK_EVERY_S = 0.5
_KNOWN_S, _EVENT_S, _SENT_S = 150.0, 5.0, 75.0
_SENT, _FAILED = "1", "2"


class Trial:
    """One trial on one server.

    `name` is the host that is made for it and taken away again, `sender` where the server takes
    values. A configuration is known to a server only once its cache is renewed, by default every
    minute.
    """

    def __init__(self, api: Api, name: str, sender: tuple[str, int], media: str) -> None:
        self._api = api
        self._name = name
        self._sender = sender
        self._media = media

    async def run(self, tell: Callable[[str], None]) -> tuple[float, float]:
        """Return after how many seconds the problem and its end were taken by AlertMesh.

        Zabbix counts a message as sent once AlertMesh answered that it is durable. Raises
        MonitorUnavailable or MonitorRefused, saying where the way ends.
        """
        group, made_group = await self._group()
        hosts = await self._api.call("host.create", host=self._name, groups=[{"groupid": group}])
        try:
            trigger = await self._trigger(str(hosts["hostids"][0]))
            tell(f"made host {self._name} with a trigger; the server will know it within about a minute")
            began = await self._timed(trigger, "1")
            tell(f"the problem was taken within {began:.1f} s")
            ended = await self._timed(trigger, "0")
            tell(f"its end was taken within {ended:.1f} s")
        finally:
            await self._api.call("host.delete", *hosts["hostids"])
            if made_group:
                await self._api.call("hostgroup.delete", group)
        return began, ended

    async def _group(self) -> tuple[str, bool]:
        found = await self._api.call("hostgroup.get", filter={"name": GROUP}, output=["groupid"])
        if found:
            return str(found[0]["groupid"]), False
        made = await self._api.call("hostgroup.create", name=GROUP)
        return str(made["groupids"][0]), True

    async def _trigger(self, host: str) -> str:
        """Make an item that values can be sent to, and a trigger that nobody needs to wake up for."""
        item = {"name": TRIGGER, "key_": KEY, "hostid": host, "type": 2, "value_type": 3}
        await self._api.call("item.create", **item)
        made = await self._api.call(
            "trigger.create",
            description=TRIGGER,
            expression=f"last(/{self._name}/{KEY})=1",
            priority=0,
            tags=[{"tag": "alertmesh", "value": "trial"}],
        )
        return str(made["triggerids"][0])

    async def _timed(self, trigger: str, value: str) -> float:
        """Send a value and return how long its event took to be taken."""
        loop = asyncio.get_running_loop()
        end = loop.time() + _KNOWN_S
        taken = False
        while loop.time() < end:
            sent_at = loop.time()
            took = await send_values(self._sender, [(self._name, KEY, value)]) == 1
            taken = taken or took
            # The item may be known before the trigger is, so a value may have come for nothing.
            event = await self._event(trigger, value) if took else ""
            if event:
                await self._delivered(event)
                return loop.time() - sent_at
            await asyncio.sleep(_LOOK_EVERY_S)
        missing = "no event came of the value" if taken else "the server did not get to know the host"
        raise _closed(f"{missing} within {_KNOWN_S:.0f} s: is it the server of this frontend?")

    async def _event(self, trigger: str, value: str) -> str:
        async def found() -> Any:
            asked = {"objectids": [trigger], "value": [value], "output": ["eventid"]}
            return await self._api.call("event.get", sortfield="eventid", sortorder="DESC", limit=1, **asked)

        events = await _until(found, _EVENT_S)
        return str(events[0]["eventid"]) if events else ""

    async def _delivered(self, event: str) -> None:
        async def done() -> Any:
            return [
                one for one in await self._alerts(event) if one["status"] in (_SENT, _FAILED) or one["error"]
            ]

        alerts = await _until(done, _SENT_S)
        if alerts and any(one["status"] == _SENT for one in alerts):
            return
        pending = alerts or await self._alerts(event)
        errors = sorted({one["error"] for one in pending if one["error"]})
        if errors:
            raise _closed(f"AlertMesh did not take it: {'; '.join(errors)}")
        if pending:
            raise _closed(f"Zabbix has not sent it within {_SENT_S:.0f} s: are its alerters busy?")
        raise _closed("no message came of the event: is there an action with conditions that keep it back?")

    async def _alerts(self, event: str) -> list[dict[str, Any]]:
        output = ["status", "error"]
        found = await self._api.call(
            "alert.get", eventids=[event], mediatypeids=[self._media], output=output, sortfield="alertid"
        )
        return list(found)


def _closed(why: str) -> MonitorRefused:
    return MonitorRefused(f"the way is not open: {why}")


async def _until(ask: Callable[[], Any], seconds: float) -> Any:
    """Return the first true answer, or the last one when time is up."""
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    while True:
        answer = await ask()
        if answer or loop.time() >= end:
            return answer
        await asyncio.sleep(_LOOK_EVERY_S)
