"""Read from the store what is judged; the store is opened anew each time, and never written."""

import asyncio
import shutil
from collections.abc import Collection, Iterable, Iterator
from datetime import UTC, datetime, timedelta

import msgspec
from msgspec.structs import force_setattr

from alertmesh.auditor.checks import awaits_page, has_left
from alertmesh.auditor.look import Look, Paging
from alertmesh.core.errors import BadConfig, StoreUnavailable
from alertmesh.core.incident import Condition, Incident
from alertmesh.core.oncall import Policy
from alertmesh.core.page import Attempt, PageKind
from alertmesh.core.response import Response
from alertmesh.notify import probing
from alertmesh.notify.limits import TABLE, Pace
from alertmesh.store import open_reader
from alertmesh.store.reader import SqliteReader

RECENT = timedelta(hours=6)
"""How far back the claims of a channel are looked at."""

RECENT_CLAIMS = 200
"""How many claims of a channel are looked at."""

_LINES = 1_000
_UNDELIVERABLE = "undeliverable"
_ROBOT = "#"  # stands between a channel and one of its robots
_NEVER = datetime.min.replace(tzinfo=UTC)

_decode_response = msgspec.msgpack.Decoder(Response).decode
_decode_incident = msgspec.msgpack.Decoder(Incident).decode
_decode_pace = msgspec.msgpack.Decoder(Pace).decode


class Unreadable(Exception):
    """The store could not be looked at; says why."""


class Responses:
    """Decode rows of responses, each anew only when it changed; equal policies are kept once."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[int, Response]] = {}
        self._policies: dict[tuple[str, str], list[Policy]] = {}

    def read(self, rows: Iterable[tuple[str | int, bytes]]) -> dict[int, Response]:
        """Return the responses by incident."""
        known: dict[int, tuple[int, Response]] = {}
        for key, body in rows:
            number, mark = int(key), hash(body)
            before = self._known.get(number)
            known[number] = before if before and before[0] == mark else (mark, self._decoded(body))
        self._known = known
        return {number: response for number, (_, response) in known.items()}

    def _decoded(self, body: bytes) -> Response:
        response = _decode_response(body)
        same = self._policies.setdefault((response.policy.name, response.policy.version), [])
        shared = next((policy for policy in same if policy == response.policy), None)
        if shared is None:
            same.append(response.policy)
        else:
            force_setattr(response, "policy", shared)
        return response


class Survey:
    """Look at one store; `channels` are the names of those whose health counts.

    Whom somebody was told of in this cycle is remembered, so that its attempts need not be read again.
    """

    def __init__(self, url: str, channels: Collection[str]) -> None:
        self._url = url
        self._channels = sorted(channels)
        self._reached: set[tuple[int, int]] = set()
        self._responses = Responses()

    def look(self, now: datetime) -> Look:
        """Return what the store shows at `now`; Unreadable when it cannot be read."""
        try:
            return asyncio.run(self._look(now))
        except (StoreUnavailable, BadConfig, OSError) as error:
            raise Unreadable(str(error)) from error
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise Unreadable(
                f"a row cannot be understood, is the auditor of another version? {error}"
            ) from error

    async def _look(self, now: datetime) -> Look:
        reader = open_reader(self._url)
        await reader.open()
        try:
            with reader.at_one_moment():
                return self._read(reader, now)
        finally:
            await reader.close()

    def _read(self, reader: SqliteReader, now: datetime) -> Look:
        responses = self._responses.read(reader.rows("response"))
        first, newest = reader.tail(reader.cursor(), 1), reader.newest()
        return Look(
            at=now,
            responses=responses,
            lost=tuple(_lost(reader, responses)),
            paging=self._paging(reader, responses),
            open_attempts=tuple(reader.open_attempts()),
            recent={
                name: tuple(reader.last_claims(name, now - RECENT, RECENT_CLAIMS)) for name in self._channels
            },
            paused=dict(_penalties(reader)),
            probes={
                str(name): probing.read(body)
                for name, body in reader.rows(probing.TABLE)
                if name in self._channels
            },
            undecided_at=first[0].entry.at if first else None,
            newest_at=newest.entry.at if newest else None,
            disk_free=shutil.disk_usage(reader.path.absolute().parent).free,
        )

    def _paging(self, reader: SqliteReader, responses: dict[int, Response]) -> dict[int, Paging]:
        awaited = {(one.incident, one.cycle) for one in responses.values() if awaits_page(one)}
        self._reached &= awaited
        found: dict[int, Paging] = {}
        for number, cycle in sorted(awaited - self._reached):
            attempts = tuple(reader.attempts(number))
            if any(_reached(attempt, cycle) for attempt in attempts):
                self._reached.add((number, cycle))
            else:
                found[number] = Paging(attempts, _undeliverable_at(reader, number))
        return found


def _lost(reader: SqliteReader, responses: Collection[int]) -> Iterator[Incident]:
    """Yield incidents that fire, and have no response."""
    for key, body in reader.rows("incident"):
        if key in responses:
            continue
        incident = _decode_incident(body)
        is_open = not incident.archived and incident.merged_into is None
        if is_open and incident.condition is Condition.FIRING:
            yield incident


def _reached(attempt: Attempt, cycle: int) -> bool:
    page = attempt.page
    return has_left(attempt) and page.kind is PageKind.PAGE and page.cycle == cycle


def _undeliverable_at(reader: SqliteReader, incident: int) -> datetime | None:
    """Return when the server last wrote down that it could reach nobody."""
    after, found = 0, None
    while lines := reader.timeline(incident, after, _LINES):
        after = lines[-1].number
        found = next((one.line.at for one in reversed(lines) if one.line.kind == _UNDELIVERABLE), found)
    return found


def _penalties(reader: SqliteReader) -> Iterator[tuple[str, datetime]]:
    """Yield the channels of which every robot was paused, and until when the first of them is."""
    ends: dict[str, list[datetime]] = {}
    for key, body in reader.rows(TABLE):
        pace = _decode_pace(body)
        end = _NEVER if pace.paused_at is None else pace.paused_at + timedelta(seconds=pace.paused_for_s)
        ends.setdefault(str(key).partition(_ROBOT)[0], []).append(end)
    for name, found in ends.items():
        yield name, min(found)
