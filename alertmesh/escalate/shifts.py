"""Who has duty on one roster, at a moment and over a time."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from operator import itemgetter

from alertmesh.core.oncall import DutyRole, Override, Roster, Rotation
from alertmesh.escalate.duties import Duty, Shift
from alertmesh.escalate.standins import StandIn, stand_in, stand_ins
from alertmesh.escalate.turns import ABSENT, Turns

LOOK_AHEAD = timedelta(days=800)
"""How far a change of duty is looked for: past two years, and so past each day of a year."""

_GLANCES = (timedelta(days=8), timedelta(days=70), LOOK_AHEAD)
_OVERRIDES = -1  # stands for the place of a layer where overrides begin or end
_Turn = tuple[int, int]  # the place of a layer, and the place of the member whose turn it is
_NOBODY: _Turn = (ABSENT, ABSENT)


class Timetable:
    """One roster with its overrides; answers who has duty when."""

    def __init__(self, roster: Roster, overrides: Iterable[Override] = ()) -> None:
        self._layers = [Turns(layer, roster.calendar) for layer in roster.layers]
        self._primaries, self._secondaries = (
            [place for place, layer in reversed([*enumerate(roster.layers)]) if layer.role is role]
            for role in (DutyRole.PRIMARY, DutyRole.SECONDARY)
        )
        self._stand_ins = stand_ins(overrides, roster.name)
        self._duties: dict[tuple[_Turn, _Turn, tuple[StandIn, ...]], Duty] = {}

    def duty(self, now: datetime) -> Duty:
        """Return who has duty."""
        now = now.astimezone(UTC)  # what a local clock shows twice would be compared wrongly
        return self._duty([layer.turn(now) for layer in self._layers], self._active(now))

    def shifts(self, start: datetime, end: datetime) -> list[Shift]:
        """Return who has duty from `start` until `end`, without an overlap or a gap between shifts."""
        start, end = start.astimezone(UTC), end.astimezone(UTC)
        if start >= end:
            return []
        found: list[Shift] = []
        begun, last = start, None
        for moment, duty in self._changes(start, end):
            if last is not None and duty != last:
                found.append(Shift(start=begun, end=moment, duty=last))
                begun = moment
            last = duty
        found.append(Shift(start=begun, end=end, duty=last or self.duty(start)))
        return found

    def next_change(self, now: datetime) -> datetime | None:
        """Return when somebody else has duty, or for another reason; None when nothing is ahead."""
        for glance in _GLANCES:
            ahead = self.shifts(now, now + glance)
            if len(ahead) > 1:
                return ahead[0].end
        return None

    def _changes(self, start: datetime, end: datetime) -> Iterator[tuple[datetime, Duty]]:
        """Yield the duty from each moment on at which it may change, the first being `start`."""
        events = [(start, place, ABSENT) for place in range(len(self._layers))]
        for place, layer in enumerate(self._layers):
            events += [(moment, place, turn) for moment, turn in layer.changes(start, end)]
        for number, one in enumerate(self._stand_ins):
            events += [(edge, _OVERRIDES, number) for edge in (one.start, one.end) if start < edge < end]
        events.sort(key=itemgetter(0))  # stable: of several for one layer at one moment the last counts
        turns, active = [ABSENT] * len(self._layers), self._active(start)
        numbers = {number for number, one in enumerate(self._stand_ins) if one in active}
        moment = start
        for at, place, turn in events:
            if at != moment:
                yield moment, self._duty(turns, active)
                moment = at
            if place == _OVERRIDES:
                numbers ^= {turn}  # it begins, or ends
                active = tuple(self._stand_ins[number] for number in sorted(numbers))
            else:
                turns[place] = turn
        if moment < end:
            yield moment, self._duty(turns, active)

    def _active(self, now: datetime) -> tuple[StandIn, ...]:
        return tuple(one for one in self._stand_ins if one.start <= now < one.end)

    def _duty(self, turns: Sequence[int], active: tuple[StandIn, ...]) -> Duty:
        key = _counting(self._primaries, turns), _counting(self._secondaries, turns), active
        duty = self._duties.get(key)
        if duty is None:
            base = self._base(*key[:2])
            layered = key[1] != _NOBODY
            duty = self._duties[key] = stand_in(base, active, layered=layered) if active else base
        return duty

    def _base(self, first: _Turn, second: _Turn) -> Duty:
        """Return what the layers say, without any override."""
        order, backup = self._order(first), self._order(second)
        primary = order[0] if order else ""
        if second == _NOBODY:
            backup, order = order[1:], ()
        secondary = backup[0] if backup else ""
        later = dict.fromkeys((*order, *backup))
        others = tuple(name for name in later if name not in (primary, secondary))
        return Duty(
            primary=primary,
            secondary=secondary,
            others=others,
            why=self._why(first, primary),
            layer=self._name(first),
        )

    def _order(self, turn: _Turn) -> tuple[str, ...]:
        place, member = turn
        return () if place == ABSENT else tuple(dict.fromkeys(self._layers[place].order(member)))

    def _why(self, turn: _Turn, primary: str) -> str:
        if turn == _NOBODY:
            return "no layer holds"
        layer, name = self._layers[turn[0]].layer, self._name(turn)
        named = f" in layer {name}" if name else ""
        if not primary:
            return f"nobody has duty{named}"
        return (
            f"{primary} comes first{named}"
            if layer.rotation is Rotation.NONE
            else f"it is the turn of {primary}{named}"
        )

    def _name(self, turn: _Turn) -> str:
        """Return the name of the layer that counts, or its number; empty where there is but one."""
        if turn == _NOBODY or len(self._layers) == 1:
            return ""
        return self._layers[turn[0]].layer.name or str(turn[0] + 1)


def _counting(places: Sequence[int], turns: Sequence[int]) -> _Turn:
    """Return the layer that counts, the last that holds, with its turn."""
    for place in places:
        if turns[place] != ABSENT:
            return place, turns[place]
    return _NOBODY
