"""How fast a channel may be used as a whole: its robots, and each person's contact by itself."""

import sys
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta

import msgspec

from alertmesh.core.ports import Channel, Personal, Pooled, Quota
from alertmesh.core.records import Row
from alertmesh.notify.limits import RESERVE, TABLE, Gate

QUOTAS = "quota"

Recall = Callable[[str, str], bytes | None]  # table, key -> a row that was written before


class Pool:
    """The gates of one channel: one for each robot of a pool, a single one for any other channel."""

    def __init__(self, channel: Channel, recall: Recall, claims: Iterable[datetime]) -> None:
        self._channel = channel.name
        self._recall = recall
        self._claims = list(claims)
        self.gates: list[Gate] = []
        self.adopt(channel)

    def adopt(self, channel: Channel) -> None:
        """Go by another configuration of the channel; robots that stay keep their minute and penalty."""
        known = {gate.channel: gate for gate in self.gates}
        names = [f"{channel.name}#{robot}" for robot in robots_of(channel)] or [channel.name]
        self.gates = [known.get(name) or self._gate(name, channel.per_minute) for name in names]
        for gate in self.gates:
            gate.limit(channel.per_minute)

    def _gate(self, name: str, per_minute: int) -> Gate:
        gate = Gate(name, per_minute)
        # Which robot took an earlier claim is in its own row; only a lone one can count all of them.
        gate.restore(self._recall(TABLE, name), self._claims if name == self._channel else ())
        return gate

    def refresh(self) -> None:
        """Take note of what other workers did.

        Each may be a message behind the others, so a channel's limit lies below that of its provider.
        """
        for gate in self.gates:
            gate.refresh(self._recall(TABLE, gate.channel))

    def room(self, now: datetime) -> int:
        """Return how many first pages of P1 incidents may leave now."""
        return min(sys.maxsize, sum(gate.room(now) for gate in self._open(now)))

    def common_room(self, now: datetime) -> int:
        """Return how many other messages may leave now."""
        return min(sys.maxsize, sum(gate.common_room(now) for gate in self._open(now)))

    def choose(self, now: datetime) -> int:
        """Return the number of the open robot with the most room."""
        numbers = [number for number, gate in enumerate(self.gates) if _is_open(gate, now)]
        return max(numbers, key=lambda number: self.gates[number].room(now))

    def opens_at(self, now: datetime) -> datetime:
        """Return the next moment at which there is more room than now."""
        return min(gate.paused_until(now) or gate.opens_at(now) for gate in self.gates)

    def paused_until(self, now: datetime) -> datetime | None:
        """Return when the first penalty ends, or None while any robot serves none."""
        ends = [gate.paused_until(now) for gate in self.gates]
        return None if None in ends else min(end for end in ends if end is not None)

    @property
    def error(self) -> str:
        """Return why the channel pauses."""
        return next((gate.error for gate in self.gates if gate.error), "")

    def _open(self, now: datetime) -> list[Gate]:
        return [gate for gate in self.gates if _is_open(gate, now)]


class Quotas:
    """Count what each contact of a personal channel got; nothing is counted for other channels."""

    def __init__(self, channel: Channel, recall: Recall) -> None:
        self._channel = channel.name
        self._recall = recall
        self._sends: dict[str, deque[datetime]] = {}
        self.adopt(channel)

    def adopt(self, channel: Channel) -> None:
        """Go by another configuration of the channel."""
        self._quotas: Sequence[Quota] = channel.quotas if isinstance(channel, Personal) else ()
        self._longest = max((quota.window for quota in self._quotas), default=timedelta())

    def room(self, person: str, now: datetime, urgent: bool) -> int:
        """Return how many messages one person may get now; some of each quota are kept for `urgent` ones.

        Those are the first pages of P1 incidents. It may be negative.
        """
        rooms = (_most(quota, urgent) - len(self._within(quota, person, now)) for quota in self._quotas)
        return min(rooms, default=sys.maxsize)

    def opens_at(self, person: str, now: datetime, urgent: bool) -> datetime:
        """Return when one person may get something: once the last of the full quotas has room again."""
        opens = now
        for quota in self._quotas:
            within = self._within(quota, person, now)
            surplus = len(within) - _most(quota, urgent)
            if surplus >= 0:
                opens = max(opens, within[surplus] + quota.window)
        return opens

    def note(self, person: str, now: datetime) -> list[Row]:
        """Count a message to a person, and return the row to be written together with its claim."""
        if not self._quotas:
            return []
        sends = self._of(person, now)
        sends.append(now)
        return [Row(QUOTAS, self._key(person), msgspec.msgpack.encode(tuple(sends)))]

    def _within(self, quota: Quota, person: str, now: datetime) -> list[datetime]:
        return [moment for moment in self._of(person, now) if moment > now - quota.window]

    def _of(self, person: str, now: datetime) -> deque[datetime]:
        sends = self._sends.get(person)
        if sends is None:
            body = self._recall(QUOTAS, self._key(person))
            kept = () if body is None else msgspec.msgpack.decode(body, type=tuple[datetime, ...])
            sends = self._sends[person] = deque(kept)
        while sends and sends[0] <= now - self._longest:
            sends.popleft()
        if sends and sends[-1] > now:  # the wall clock was set back
            sends = self._sends[person] = deque(min(moment, now) for moment in sends)
        return sends

    def _key(self, person: str) -> str:
        return f"{self._channel}/{person}"


def robots_of(channel: Channel) -> tuple[str, ...]:
    """Return the robots of a pool; none for a channel that is not one."""
    return channel.robots if isinstance(channel, Pooled) else ()


def _most(quota: Quota, urgent: bool) -> int:
    return quota.count if urgent else quota.count - min(RESERVE, quota.count // 3)


def _is_open(gate: Gate, now: datetime) -> bool:
    return gate.paused_until(now) is None
