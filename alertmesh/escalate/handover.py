"""Watch who has duty, so that what is open is handed over when a shift ends; keep who signed for it."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

from msgspec import Struct

from alertmesh.core.entries import HandoverSigned
from alertmesh.core.oncall import OnCall, Tier
from alertmesh.core.records import Records
from alertmesh.core.response import Handover, Response
from alertmesh.escalate.events import EventKind, MachineEvent
from alertmesh.escalate.roster import Rota
from alertmesh.escalate.shiftend import holder, tier_handed

KEPT = 500
"""How many signed hand-overs are kept; the oldest make room."""

RosterOf = Callable[[Response, Tier], str]


class OnDuty(Struct, frozen=True):
    """Who was seen to have duty in a roster, and until when that is known to hold."""

    primary: str
    secondary: str = ""
    until: datetime | None = None


class Relief(Struct, frozen=True):
    """The duty of a roster changed; `gone` had it before and have none now, `incoming` is the primary."""

    incoming: str
    gone: frozenset[str]


class DutyWatch:
    """Remember who had duty, also while the program is down: each change is seen once."""

    def __init__(self) -> None:
        self.table = Records[str, OnDuty]("duty", OnDuty)
        self._next: datetime | None = None
        self._doubted: set[str] | None = None  # None: every roster

    def restored(self) -> None:
        """Take up the watch after the table was restored."""
        self._mind()
        self.doubt()

    def doubt(self) -> None:
        """Look at every roster at the next call: people or rosters are others now."""
        self._doubted = None

    def doubt_one(self, roster: str) -> None:
        """Look at one roster at the next call: its overrides are others now."""
        if self._doubted is not None:
            self._doubted.add(roster)

    def deadline(self) -> datetime | None:
        """Return when duty next changes, None if it never does."""
        return self._next

    def look(self, rota: Rota, oncall: OnCall, now: datetime) -> dict[str, Relief]:
        """Return by roster what changed since it was last seen; cheap while nothing can have changed."""
        is_due = self._next is not None and self._next <= now
        doubted = self._doubted
        if doubted is not None and not doubted and not is_due:
            return {}
        for gone in [name for name in self.table if name not in oncall.rosters]:
            self.table.drop(gone)
        found: dict[str, Relief] = {}
        for roster in oncall.rosters:
            known = self.table.get(roster)
            is_over = known is None or (known.until is not None and known.until <= now)
            if is_over or doubted is None or roster in doubted:
                relief = self._see(rota, roster, known, now)
                if relief is not None:
                    found[roster] = relief
        self._doubted = set()
        self._mind()
        return found

    def _see(self, rota: Rota, roster: str, known: OnDuty | None, now: datetime) -> Relief | None:
        duty = rota.duty(roster, now)
        seen = OnDuty(duty.primary, duty.secondary, rota.next_change(roster, now))
        if seen != known:
            self.table.put(roster, seen)
        if known is None:
            return None
        gone = frozenset({known.primary, known.secondary} - {seen.primary, seen.secondary, ""})
        return Relief(seen.primary, gone) if gone else None

    def _mind(self) -> None:
        ends = (seen.until for seen in self.table.values() if seen.until is not None)
        self._next = min(ends, default=None)


def relieved(
    responses: Iterable[Response], reliefs: dict[str, Relief], roster_of: RosterOf
) -> Iterator[tuple[Response, MachineEvent]]:
    """Yield what responses are told whose owner has no duty any more, the worst first."""
    gone = frozenset[str]().union(*(relief.gone for relief in reliefs.values()))
    left = [one for one in responses if one.owner in gone or one.ops_owner in gone]
    for response in sorted(left, key=lambda response: (response.priority, response.incident)):
        tier = tier_handed(response)
        relief = reliefs.get(roster_of(response, tier))
        if relief is not None and holder(response) in relief.gone:
            yield response, MachineEvent(kind=EventKind.SHIFT_ENDED, person=relief.incoming, tier=tier)


def waiting(responses: Iterable[Response], signed: HandoverSigned, roster_of: RosterOf) -> list[Response]:
    """Return the responses that wait to be taken over from `signed.outgoing` in a roster, in order."""
    found = [
        response
        for response in responses
        if response.incoming
        and holder(response) == signed.outgoing
        and roster_of(response, tier_handed(response)) == signed.roster
    ]
    return sorted(found, key=lambda response: response.incident)


def takes_over(response: Response, signed: HandoverSigned) -> MachineEvent:
    """Return what a response is told that somebody signed for."""
    tier = tier_handed(response)
    return MachineEvent(kind=EventKind.ACK, actor=signed.actor, tier=tier, text=signed.text)


class Handovers:
    """The last signed hand-overs, the oldest first."""

    def __init__(self) -> None:
        self.table = Records[int, Handover]("handover", Handover)

    def all(self) -> list[Handover]:
        """Return every hand-over that is kept, in the order in which they were signed."""
        return [self.table[number] for number in sorted(self.table)]

    def keep(self, signed: HandoverSigned, incidents: Iterable[int]) -> None:
        """Remember that somebody signed, and what they took over."""
        number = max(self.table, default=0) + 1
        taken = Handover(
            roster=signed.roster,
            outgoing=signed.outgoing,
            actor=signed.actor,
            at=signed.at,
            text=signed.text,
            incidents=tuple(incidents),
        )
        self.table.put(number, taken)
        for old in sorted(self.table)[:-KEPT]:
            self.table.drop(old)
