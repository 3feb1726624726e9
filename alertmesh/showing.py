"""Keep messages that left before true: whoever looks at one sees how its incident stands now."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping

import msgspec
import structlog

from alertmesh.core.clock import Clock
from alertmesh.core.incident import Incident, TimelineEntry
from alertmesh.core.live import Showing, Situation
from alertmesh.core.oncall import User
from alertmesh.core.page import Attempt, Message, ReceiptState
from alertmesh.core.ports import Channel, Http, Personal, Store
from alertmesh.core.response import Response

_REMEMBERED = 2_000
_MOST_CHANGED = 1_000
_WAITS_S = (1.0, 5.0, 30.0)  # before further tries

log = structlog.get_logger()

Lookup = Callable[[int], tuple[Incident, Response] | None]
People = Callable[[str], User | None]
_Card = tuple[str, str]  # channel, and the person on a channel for one person
_Sight = tuple[str, Situation]  # key of the last message, and what was shown since


class Display:
    """Have the channels of `adopt` rewrite their messages when the response to an incident changes."""

    def __init__(self, store: Store, lookup: Lookup, people: People, http: Http, clock: Clock) -> None:
        self._store = store
        self._lookup = lookup
        self._people = people
        self._http = http
        self._clock = clock
        self._channels: dict[str, Showing] = {}
        self._personal: frozenset[str] = frozenset()
        self._changed: OrderedDict[int, int] = OrderedDict()  # incidents, and how often they were tried
        self._shown: OrderedDict[tuple[int, _Card], _Sight] = OrderedDict()

    def adopt(self, channels: Iterable[Channel]) -> None:
        """Go by other channels from here on."""
        known = {channel.name: channel for channel in channels}
        self._channels = {name: one for name, one in known.items() if isinstance(one, Showing)}
        self._personal = frozenset(name for name, one in known.items() if isinstance(one, Personal))

    def decided(self, timeline: Iterable[TimelineEntry]) -> None:
        """Take what was decided just now."""
        if self._channels:
            for entry in timeline:
                self._look_at(entry.incident, 0)

    async def beat(self) -> None:
        """Rewrite what has to be."""
        while self._changed:
            number, tries = self._changed.popitem(last=False)
            if not await self._show(number) and tries < len(_WAITS_S):
                loop = asyncio.get_running_loop()
                loop.call_later(_WAITS_S[tries], self._look_at, number, tries + 1)

    def _look_at(self, number: int, tries: int) -> None:
        self._changed.setdefault(number, tries)
        while len(self._changed) > _MOST_CHANGED:
            self._changed.popitem(last=False)

    async def _show(self, number: int) -> bool:
        """Rewrite what was sent of one incident; False when something is not as it should be yet."""
        found = self._lookup(number)
        if found is None:
            return True
        situation = self._situation(found[1])
        done = True
        for card, message in self._messages(number).items():
            if self._shown.get((number, card)) == (message.key, situation):
                continue
            channel = self._channels[card[0]]
            receipt = await channel.show(message, situation, self._clock.now(), self._http)
            if receipt.state is ReceiptState.SENT:
                self._note(number, card, (message.key, situation))
            else:
                done = False
                log.warning("message_not_rewritten", channel=card[0], incident=number, error=receipt.error)
        return done

    def _messages(self, number: int) -> Mapping[_Card, Message]:
        """Return the last message that each channel, or person, was given of an incident."""
        last: dict[_Card, Attempt] = {}
        for attempt in self._store.attempts(number):
            if attempt.channel in self._channels and attempt.message and attempt.claimed_at:
                person = attempt.page.person if attempt.channel in self._personal else ""
                before = last.get((attempt.channel, person))
                if before is None or before.claimed_at is None or attempt.claimed_at >= before.claimed_at:
                    last[attempt.channel, person] = attempt
        return {card: msgspec.json.decode(one.message, type=Message) for card, one in last.items()}

    def _situation(self, response: Response) -> Situation:
        user = self._people(response.owner) if response.owner else None
        owner = (user.display or user.name) if user else response.owner
        return Situation(incident=response.incident, state=response.state, since=response.since, owner=owner)

    def _note(self, number: int, card: _Card, sight: _Sight) -> None:
        self._shown[number, card] = sight
        self._shown.move_to_end((number, card))
        while len(self._shown) > _REMEMBERED:
            self._shown.popitem(last=False)
