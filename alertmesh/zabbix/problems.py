"""Ask a Zabbix server for problems, in pages that keep nobody waiting."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from alertmesh.zabbix.client import ZabbixClient

PAGE = 1_000
"""How many light records are asked for at once: more would hold the interpreter for too long."""

FULL_PAGE = 200
"""The same for records with everything in them."""

_PLAIN = ("eventid", "objectid", "clock", "name", "severity", "r_eventid", "acknowledged")
_TRIGGERS = {"source": 0, "object": 0}
_SORTED = {"sortfield": ["eventid"], "sortorder": "ASC"}
T = TypeVar("T")


class Light(Struct, frozen=True, gc=False):
    """An open problem, as far as it changes; everything is text, as the API gives it."""

    eventid: str
    objectid: str
    severity: str = "0"
    acknowledged: str = "0"
    suppressed: str = "0"


class Tag(Struct, frozen=True, gc=False):
    """One tag of an event."""

    tag: str
    value: str


class HostRef(Struct, frozen=True, gc=False):
    """A host, as an event names it."""

    hostid: str
    host: str
    name: str = ""


class Full(Struct, frozen=True, gc=False):
    """A problem event with all that an alert is made of; no `hosts`: its trigger is gone."""

    eventid: str
    objectid: str
    clock: str
    name: str
    severity: str
    r_eventid: str
    acknowledged: str = "0"
    opdata: str = ""
    tags: tuple[Tag, ...] = ()
    hosts: tuple[HostRef, ...] = ()
    related: Mapping[str, Any] = {}


class End(Struct, frozen=True, gc=False):
    """A recovery event: of which trigger, and when."""

    eventid: str
    objectid: str
    clock: str


class Ended(Struct, frozen=True, gc=False):
    """Whether a problem is over: the id of its recovery, `0` while it is open."""

    eventid: str
    r_eventid: str = "0"


class Acknowledge(Struct, frozen=True, gc=False):
    """One update of a problem by a person; `action` is a sum of bits."""

    acknowledgeid: str
    userid: str
    clock: str
    message: str
    action: str
    username: str = ""
    alias: str = ""


class Acknowledged(Struct, frozen=True, gc=False):
    """A problem with its updates."""

    eventid: str
    acknowledged: str = "0"
    severity: str = "0"
    acknowledges: tuple[Acknowledge, ...] = ()


class Problems:
    """The questions about problems, of one server."""

    def __init__(self, client: ZabbixClient) -> None:
        self._client = client

    async def newest(self) -> int:
        """Return the id of the newest event of a trigger, 0 when there is none."""
        asked = {
            **_TRIGGERS,
            "output": ["eventid"],
            "sortfield": ["eventid"],
            "sortorder": "DESC",
            "limit": 1,
        }
        found = await self._client.call("event.get", value=[0, 1], **asked)
        return int(found[0]["eventid"]) if found else 0

    async def opened(self, after: int) -> AsyncIterator[list[Light]]:
        """Yield the open problems with a larger id than `after`, in order, page by page."""
        async for page in self._paged("problem.get", after, Light, {}):
            yield page

    async def ends(self, after: int) -> AsyncIterator[list[End]]:
        """Yield the recoveries with a larger id than `after`, in order, page by page."""
        async for page in self._paged("event.get", after, End, {"value": [0]}):
            yield page

    async def full(self, ids: Sequence[str]) -> AsyncIterator[list[Full]]:
        """Yield problems with everything; those that do not exist any more are left out."""
        for part in parts(ids, FULL_PAGE):
            found = await self._client.call(
                "event.get",
                eventids=part,
                output=[
                    "eventid",
                    "objectid",
                    "clock",
                    "name",
                    "severity",
                    "r_eventid",
                    "acknowledged",
                    "opdata",
                ],
                selectTags=["tag", "value"],
                selectHosts=["hostid", "host", "name"],
                selectRelatedObject=["triggerid", "description", "url"],
            )
            yield [msgspec.convert(_with_related(one), Full) for one in found]

    async def over(self, ids: Sequence[str]) -> dict[str, str]:
        """Return the recovery of each problem that still exists, `0` for those that are open."""
        told: dict[str, str] = {}
        for part in parts(ids, PAGE):
            found = await self._client.call("event.get", eventids=part, output=["eventid", "r_eventid"])
            told.update((one.eventid, one.r_eventid) for one in msgspec.convert(found, list[Ended]))
        return told

    async def clocks(self, ids: Iterable[str]) -> dict[str, datetime]:
        """Return when these events happened."""
        told: dict[str, datetime] = {}
        for part in parts(sorted(set(ids) - {"0", ""}), PAGE):
            found = await self._client.call("event.get", eventids=part, output=["eventid", "clock"])
            told.update((str(one["eventid"]), moment(one["clock"])) for one in found)
        return told

    async def watched(self, triggers: Iterable[str]) -> set[str]:
        """Return those of these triggers that exist and are watched: they, their items and their hosts."""
        told: set[str] = set()
        for part in parts(sorted(set(triggers)), PAGE):
            found = await self._client.call(
                "trigger.get", triggerids=part, output=["triggerid"], monitored=True
            )
            told.update(str(one["triggerid"]) for one in found)
        return told

    async def acknowledged(self, ids: Sequence[str]) -> list[Acknowledged]:
        """Return what people did to these problems."""
        told: list[Acknowledged] = []
        spoken = await self._client.dialect()
        for part in parts(ids, FULL_PAGE):
            asked = {
                "eventids": part,
                "output": ["eventid", "acknowledged", "severity"],
                spoken.acknowledges: "extend",
            }
            told += msgspec.convert(await self._client.call("event.get", **asked), list[Acknowledged])
        return told

    async def suppressed_until(self, ids: Sequence[str]) -> dict[str, int]:
        """Return until when, in seconds of the epoch, each of these problems is suppressed; 0: no end."""
        told: dict[str, int] = {}
        for part in parts(ids, PAGE):
            found = await self._client.call(
                "problem.get", eventids=part, output=["eventid"], selectSuppressionData="extend"
            )
            for one in found:
                ends = [int(data["suppress_until"]) for data in one.get("suppression_data") or ()]
                told[str(one["eventid"])] = 0 if 0 in ends else max(ends, default=0)
        return told

    async def closable(self, triggers: Iterable[str]) -> set[str]:
        """Return those of these triggers whose problems people may close."""
        found = await self._client.call(
            "trigger.get", triggerids=sorted(set(triggers)), output=["triggerid", "manual_close"]
        )
        return {str(one["triggerid"]) for one in found if str(one["manual_close"]) == "1"}

    async def _paged(
        self, method: str, after: int, kind: type[T], more: Mapping[str, Any]
    ) -> AsyncIterator[list[T]]:
        output = list(kind.__struct_fields__)  # type: ignore[attr-defined]  # a Struct, by all callers
        while True:
            found = await self._client.call(
                method, output=output, eventid_from=str(after + 1), limit=PAGE, **_TRIGGERS, **_SORTED, **more
            )
            if found:
                yield msgspec.convert(found, list[kind])  # type: ignore[valid-type]  # msgspec takes it
                after = int(found[-1]["eventid"])
            if len(found) < PAGE:
                return
            await asyncio.sleep(0)


def parts(ids: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """Yield a list in parts of `size` at most.

    >>> list(parts("abc", 2))
    ['ab', 'c']
    """
    for start in range(0, len(ids), size):
        yield ids[start : start + size]


async def gently(items: Iterable[T]) -> AsyncIterator[T]:
    """Yield items, and let others have their turn after every thousand."""
    for index, item in enumerate(items, 1):
        yield item
        if index % PAGE == 0:
            await asyncio.sleep(0)


def moment(clock: str) -> datetime:
    """Return a time of the API as aware UTC."""
    return datetime.fromtimestamp(int(clock), UTC)


def _with_related(event: dict[str, Any]) -> dict[str, Any]:
    """Put the trigger where a Struct can take it: an empty list stands for one that is gone."""
    related = event.pop("relatedObject", None)
    return event | {"related": related if isinstance(related, dict) else {}}
