"""Tell Zabbix what people did here: acks, notes, how bad it is, and that an incident is over.

An ack is a state: an incident that somebody has and a problem that nobody acknowledged do not go
together, and are put right whenever that is seen. Notes and ends are lines of the timeline, which
is followed from where the last one was written; what fails is tried again from there.
"""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import msgspec
import structlog
from msgspec import Struct

from alertmesh.core.alert import Alert
from alertmesh.core.errors import MonitorDenied, MonitorRefused
from alertmesh.core.incident import TimelineEntry
from alertmesh.core.ports import Batch
from alertmesh.core.records import Row
from alertmesh.zabbix.acks import ACK, ACTOR, CLOSE, MESSAGE, SEVERITY, UNACK, Acks
from alertmesh.zabbix.client import ZabbixClient
from alertmesh.zabbix.mesh import Mesh, by_series
from alertmesh.zabbix.problems import Acknowledged, Problems, gently, parts
from alertmesh.zabbix.pull import Picture, event_id, is_of

TABLE = "zabbix_written"
LONGEST = 2_048
"""The most characters that Zabbix takes as a message."""

_LINES = 500
_TOGETHER = 100
_SLICE = 5_000
_SLACK = timedelta(minutes=2)  # clocks differ
_VERBS = {
    "resolved": "Resolved",
    "close": "Closed",
    "note": "Note",
    "ack": "Acknowledged",
    "unack": "Given up",
    "priority": "Priority set",
}
_SEVERITIES = {"P1": 5, "P2": 4, "P3": 3, "P4": 1}
_ENDS = frozenset({"resolved", "close"})
_WHILE_OPEN = _ENDS | {"priority"}
log = structlog.get_logger()


class Order(Struct, frozen=True):
    """What is to be done to problems: a sum of bits, a message and a severity."""

    action: int
    message: str = ""
    severity: int = 0


class WriteBack:
    """The orders to one server. Who calls it tries again when it raises."""

    def __init__(self, server: str, client: ZabbixClient, problems: Problems, acks: Acks, mesh: Mesh) -> None:
        self.written = 0
        self.refused = 0
        self._server = server
        self._client = client
        self._problems = problems
        self._acks = acks
        self._mesh = mesh
        self._after: int | None = None
        self._unsure = True  # the next order may have been carried out before
        self._turn = asyncio.Lock()

    async def follow(self, me: str) -> None:
        """Carry out the lines of the timeline that are not carried out yet."""
        async with self._turn:
            after = await self._begin() if self._after is None else self._after
            while lines := self._mesh.store.lines(after, _LINES):
                for stored in lines:
                    if _is_for_zabbix(stored.line):
                        await self._save(after)
                        await self._carry(stored.line, me)
                    after = stored.number
                await self._save(after)
                await asyncio.sleep(0)

    async def settle(self, picture: Picture, me: str) -> None:
        """Acknowledge the problems of incidents that somebody has."""
        owners = self._mesh.owners()
        if not owners:
            return
        where = by_series(await self._mesh.cases(sorted(owners)))
        wanted: dict[int, list[str]] = {}
        async for id, alert in gently(list(picture.alerts.items())):
            light = picture.open.get(id)
            case = where.get(self._mesh.series_of(alert.fingerprint) or "")
            if light is None or case is None or light.acknowledged == "1" or self._acks.is_given_up(id):
                continue
            wanted.setdefault(case.number, []).append(id)
        async with self._turn:
            for number, ids in wanted.items():
                states = await self._problems.acknowledged(ids)  # it may have been done meanwhile
                open = [one.eventid for one in states if not _has_word_of_others(one, me)]
                owner = owners[number].removeprefix(ACTOR)
                message = _cut(f"Acknowledged by {owner} (AlertMesh incident {number})")
                await self._send(open, Order(ACK | MESSAGE, message))

    async def _begin(self) -> int:
        """Return the line from which to follow: the last one written, or the end at the first start."""
        body = self._mesh.store.row(TABLE, self._server)
        if body is not None:
            return int(msgspec.msgpack.decode(body))
        after = 0
        while lines := self._mesh.store.lines(after, _LINES):
            after = lines[-1].number
            await asyncio.sleep(0)
        await self._save(after)
        return after

    async def _save(self, after: int) -> None:
        if after != self._after:
            await self._mesh.store.write(
                Batch(rows=[Row(TABLE, self._server, msgspec.msgpack.encode(after))])
            )
            self._after = after

    async def _carry(self, line: TimelineEntry, me: str) -> None:
        alerts = await self._alerts(line.incident)
        if not alerts:
            return
        try:
            states = await self._problems.acknowledged(sorted(alerts))
            over = await self._problems.over(sorted(alerts)) if line.kind in _WHILE_OPEN else {}
            closable = await self._closable(alerts) if line.kind in _ENDS else set()
            opened = [int(state.severity) for state in states if over.get(state.eventid) == "0"]
            worst = max(opened, default=0)
            orders: dict[Order, list[str]] = {}
            for state in states:
                is_open = over.get(state.eventid) == "0"
                can_close = is_open and state.eventid in closable
                if line.kind == "priority":
                    order = _severity(line, state, worst) if is_open else None
                else:
                    order = _order(line, state, me, is_open, can_close)
                if order is not None and not (self._unsure and _is_done(order, state, me, line)):
                    orders.setdefault(order, []).append(state.eventid)
            for order, ids in orders.items():
                await self._send(ids, order)
        except BaseException:
            self._unsure = True
            raise
        self._unsure = False

    async def _alerts(self, incident: int) -> dict[str, Alert]:
        """Return the alerts of an incident that are problems of this server, ended ones too."""
        case = self._mesh.case(incident)
        if case is None:
            return {}
        series, found = set(case.series), {}
        known = list(self._mesh.alerts())
        for start in range(0, len(known), _SLICE):
            for alert, _ in known[start : start + _SLICE]:
                if is_of(alert, self._server) and self._mesh.series_of(alert.fingerprint) in series:
                    found[event_id(alert)] = alert
            await asyncio.sleep(0)
        return found

    async def _closable(self, alerts: dict[str, Alert]) -> set[str]:
        triggers = {id: alert.annotations.get("zabbix_trigger_id", "") for id, alert in alerts.items()}
        allowed = await self._problems.closable(trigger for trigger in triggers.values() if trigger)
        return {id for id, trigger in triggers.items() if trigger in allowed}

    async def _send(self, ids: Sequence[str], order: Order) -> None:
        """Give an order for some problems; one that is refused does not keep it from the others."""
        for part in parts(ids, _TOGETHER):
            try:
                await self._give(part, order)
            except MonitorDenied:
                raise
            except MonitorRefused as error:
                if error.code >= 0:  # no word of Zabbix: something in front of it said no
                    raise
                if len(part) == 1:
                    await self._give_less(part, order, error)
                    continue
                for id in part:
                    await self._send([id], order)

    async def _give_less(self, ids: Sequence[str], order: Order, error: MonitorRefused) -> None:
        """Acknowledge at least what we may not close, and tell at least what we may not change."""
        if order.action & CLOSE:
            await self._send(ids, Order(order.action & ~CLOSE | ACK, order.message))
            return
        if order.action & SEVERITY:
            await self._send(ids, Order(MESSAGE, order.message))
            return
        self.refused += 1
        log.warning("zabbix_refused", server=self._server, problem=ids[0], error=str(error))

    async def _give(self, ids: Sequence[str], order: Order) -> None:
        said: dict[str, str | int] = {"message": order.message} if order.action & MESSAGE else {}
        if order.action & SEVERITY:
            said["severity"] = order.severity
        await self._client.call("event.acknowledge", eventids=list(ids), action=order.action, **said)
        self.written += len(ids)


def _is_for_zabbix(line: TimelineEntry) -> bool:
    """Tell whether a line is a person's doing here: what somebody did in Zabbix does not go back."""
    return line.kind in _VERBS and bool(line.actor) and not line.actor.startswith(ACTOR)


def _order(line: TimelineEntry, state: Acknowledged, me: str, is_open: bool, can_close: bool) -> Order | None:
    text = _words(line)
    match line.kind:
        case "ack":
            return Order(ACK | MESSAGE, text) if state.acknowledged == "0" else None
        case "unack":
            return Order(UNACK | MESSAGE, text) if _is_ours(state, me) else None
        case "resolved" | "close" if is_open:
            return Order((CLOSE if can_close else ACK) | MESSAGE, text)
    return Order(MESSAGE, text)


def _severity(line: TimelineEntry, state: Acknowledged, worst: int) -> Order:
    """Change what is worse than what was said, or the worst when it is to be worse; tell the others."""
    said, now = _SEVERITIES.get(line.data.get("priority", ""), worst), int(state.severity)
    if now > said or (now == worst and now < said):
        return Order(SEVERITY | MESSAGE, _words(line), said)
    return Order(MESSAGE, _words(line))


def _words(line: TimelineEntry) -> str:
    """Return what a line says, for people who read it in Zabbix."""
    text = line.text.removeprefix(f"{line.actor} ")
    return _cut(f"{_VERBS[line.kind]} by {line.actor} (AlertMesh incident {line.incident}): {text}")


def _has_word_of_others(state: Acknowledged, me: str) -> bool:
    """Tell whether a problem is acknowledged, or somebody else took that back."""
    told = sorted(state.acknowledges, key=lambda record: int(record.acknowledgeid))
    said = [record for record in told if int(record.action) & (ACK | UNACK)]
    taken_back = bool(said) and int(said[-1].action) & UNACK and said[-1].userid != me
    return state.acknowledged == "1" or bool(taken_back)


def _is_ours(state: Acknowledged, me: str) -> bool:
    """Tell whether a problem is acknowledged, and that by us."""
    told = sorted(state.acknowledges, key=lambda record: int(record.acknowledgeid))
    acked = [record for record in told if int(record.action) & ACK]
    return state.acknowledged == "1" and bool(acked) and acked[-1].userid == me


def _is_done(order: Order, state: Acknowledged, me: str, line: TimelineEntry) -> bool:
    """Tell whether an order was carried out already: we may have been stopped before we noted it."""
    since = (line.at - _SLACK).timestamp()
    ours = [record for record in state.acknowledges if record.userid == me and int(record.clock) >= since]
    return any(record.message == order.message.strip() for record in ours)


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
