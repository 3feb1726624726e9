"""Bring what people acknowledge in Zabbix to the incidents here.

What our own user did there is never taken back, so nothing goes in circles. What was taken is
remembered for each problem that is open.
"""

import asyncio
from collections.abc import Sequence

import msgspec
import structlog
from msgspec import Struct
from msgspec.structs import replace

from alertmesh.core.entries import Action, Command
from alertmesh.core.errors import BadCommand
from alertmesh.core.ports import AuditEntry, Batch
from alertmesh.core.records import Row
from alertmesh.zabbix.mesh import Case, Mesh, by_series
from alertmesh.zabbix.problems import Acknowledge, Acknowledged, Problems, gently
from alertmesh.zabbix.pull import Picture

TABLE = "zabbix_event"
ACTOR = "zabbix:"
"""What the name of somebody who acted in Zabbix begins with."""

CLOSE, ACK, MESSAGE, SEVERITY, UNACK = 1, 2, 4, 8, 16
"""The bits of event.acknowledge that are used."""

_LONGEST = 10_000
_encode = msgspec.msgpack.encode
log = structlog.get_logger()


class Mark(Struct, frozen=True, omit_defaults=True):
    """The last update of a problem that was taken; `given_up` says that its last word was no ack."""

    taken: int = 0
    given_up: bool = False


class Word(Struct, frozen=True):
    """What somebody did to a problem in Zabbix, not carried out here as yet."""

    action: Action
    actor: str
    text: str
    mark: Mark


class Acks:
    """Follow the acknowledges of one server; `me` is the id of our own user there."""

    def __init__(self, server: str, problems: Problems, mesh: Mesh) -> None:
        self.taken = 0
        self._server = server
        self._problems = problems
        self._mesh = mesh
        self._seen: dict[str, str] = {}  # event id -> acknowledged or not, when last looked at
        self._words: dict[str, Word] = {}
        self._marks: dict[str, Mark] | None = None

    def is_given_up(self, event: str) -> bool:
        """Tell whether somebody took back the ack of a problem, so that we are not to renew it."""
        return self._known().get(event, Mark()).given_up

    async def take(self, picture: Picture, me: str) -> None:
        """Carry out what people did to open problems since it was last looked at."""
        open = picture.open
        known = gently([id for id in picture.alerts if id in open])
        changed = [id async for id in known if open[id].acknowledged != self._before(id)]
        for one in await self._problems.acknowledged(changed):
            self._seen[one.eventid] = open[one.eventid].acknowledged
            word = self._word(one, me)
            if word is not None:
                self._words[one.eventid] = word
        await self._carry_out(picture)
        await self._forget(picture)

    def _before(self, event: str) -> str:
        """Return whether a problem was acknowledged when we last looked, perhaps before a restart."""
        mark = self._known().get(event)
        return self._seen.get(event) or str(int(mark is not None and not mark.given_up))

    def _word(self, one: Acknowledged, me: str) -> Word | None:
        """Return the last ack, or the last taking back of one, by somebody else that is not taken yet."""
        mark = self._known().get(one.eventid, Mark())
        told = sorted(one.acknowledges, key=lambda record: int(record.acknowledgeid))
        theirs = [record for record in told if record.userid != me and int(record.acknowledgeid) > mark.taken]
        said = [record for record in theirs if int(record.action) & (ACK | UNACK)]
        if not said:
            return None
        last = said[-1]
        is_ack = bool(int(last.action) & ACK)
        return Word(
            Action.ACK if is_ack else Action.UNACK,
            ACTOR + _person(last),
            last.message.strip()[:_LONGEST],
            Mark(int(last.acknowledgeid), given_up=not is_ack),
        )

    async def _carry_out(self, picture: Picture) -> None:
        if not self._words:
            return
        where = by_series(await self._mesh.cases())
        for event, word in list(self._words.items()):
            alert = picture.alerts.get(event)
            series = self._mesh.series_of(alert.fingerprint) if alert is not None else None
            case = where.get(series) if series is not None else None
            if case is None:
                if word.action is Action.UNACK:
                    await self._done(event, word)
                continue  # an ack waits for the incident: it may be a moment away
            case = await self._do(word, case)
            where.update(dict.fromkeys(case.series, case))
            await self._done(event, word)

    async def _do(self, word: Word, case: Case) -> Case:
        """Carry out what somebody did, unless it is so already; return the case as it is then."""
        if word.action is Action.ACK and case.owner:
            return case
        if word.action is Action.UNACK and not case.owner.startswith(ACTOR):
            return case
        now = self._mesh.clock.now()
        text = {"text": word.text} if word.text else {}
        command = Command(action=word.action, incident=case.number, actor=word.actor, at=now, args=text)
        target = f"incident/{case.number}"
        audit = AuditEntry(at=now, actor=word.actor, action=word.action.value, target=target)
        await self._mesh.store.write(Batch(audit=[audit]))
        try:
            await self._mesh.command(command)
        except (BadCommand, KeyError) as error:
            log.info("zabbix_ack_not_possible", incident=case.number, error=str(error))
            return case
        self.taken += 1
        return replace(case, owner=word.actor if word.action is Action.ACK else "")

    async def _done(self, event: str, word: Word) -> None:
        self._known()[event] = word.mark
        del self._words[event]
        await self._mesh.store.write(Batch(rows=[Row(TABLE, self._key(event), _encode(word.mark))]))

    async def _forget(self, picture: Picture) -> None:
        """Forget problems that are over."""
        await asyncio.sleep(0)
        self._seen = {id: flag for id, flag in self._seen.items() if id in picture.open}
        self._words = {id: word for id, word in self._words.items() if id in picture.open}
        over = [id for id in self._known() if id not in picture.open]
        if over:
            await self._mesh.store.write(Batch(rows=[Row(TABLE, self._key(id), None) for id in over]))
            for id in over:
                del self._known()[id]

    def _known(self) -> dict[str, Mark]:
        if self._marks is None:
            rows: Sequence[tuple[str, bytes]] = self._mesh.store.prefixed(TABLE, f"{self._server}/")
            decode = msgspec.msgpack.Decoder(Mark).decode
            self._marks = {key.partition("/")[2]: decode(body) for key, body in rows}
        return self._marks

    def _key(self, event: str) -> str:
        return f"{self._server}/{event}"


def _person(record: Acknowledge) -> str:
    return record.username or record.alias or f"user {record.userid}"
