"""A small world of series and silences, counted the slow way, to hold suppressions against."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from msgspec import Struct, field

from alertmesh.core.alert import Alert, Entity, Priority
from alertmesh.core.entries import SilenceExpired, SilenceSet
from alertmesh.core.errors import BadCommand
from alertmesh.core.group import Grouped, GroupsMerged, GroupSplit, Join, Reroled, Role
from alertmesh.core.incident import Member
from alertmesh.core.matchers import matches_all, parse_matchers
from alertmesh.core.series import Change, ChangeKind, Series
from alertmesh.core.silence import Condition, Silence
from alertmesh.escalate.suppression import Hidden, Suppression
from tests.escalate.fakes import T0

ENTITY = Entity("host", "n1")


class Place(Struct):
    """A series: its group, whether it is inhibited, and the labels of what fires."""

    group: int
    inhibited: bool = False
    firing: dict[str, dict[str, str]] = field(default_factory=dict)


class World:
    """Do things to a `Suppression` and to a plain record of the same."""

    def __init__(self) -> None:
        self.now = T0
        self.places: dict[str, Place] = {}
        self.silenced: dict[str, Silence] = {}
        self.ids: dict[str, str] = {}
        self.told: list[int] = []
        self._rows: dict[tuple[str, str | int], bytes] = {}
        self.start()

    def start(self) -> None:
        """Begin, or begin anew from what was written."""
        self.suppression = Suppression()
        self.suppression.scene = self
        for table in self.suppression.tables:
            table.restore((key, body) for (name, key), body in self._rows.items() if name == table.table)
        self.suppression.restored()

    # What happens

    def fire(self, series: str, number: int, **labels: str) -> None:
        place = self.places.setdefault(series, Place(group=1 + len(self.places) % 2))
        if f"{series}/{number}" not in place.firing:
            kind = ChangeKind.GREW if place.firing else ChangeKind.OPENED
            place.firing[f"{series}/{number}"] = labels
            self._change(series, f"{series}/{number}", kind, labels)

    def end(self, series: str, number: int) -> None:
        place = self.places.get(series)
        if place is not None and place.firing.pop(f"{series}/{number}", None) is not None:
            kind = ChangeKind.SHRANK if place.firing else ChangeKind.CLEARED
            self._change(series, f"{series}/{number}", kind, {})

    def inhibit(self, series: str, inhibited: bool) -> None:
        place = self.places.get(series)
        if place is not None:
            place.inhibited = inhibited
            join = _join(inhibited)
            self.suppression.regroup(Reroled(group=place.group, series=series, join=join, at=self.now))

    def merge(self, winner: int, loser: int) -> None:
        if winner != loser:
            for place in self.places.values():
                place.group = winner if place.group == loser else place.group
            event = GroupsMerged(winner=winner, loser=loser, join=_join(False), at=self.now)
            self.suppression.regroup(event)

    def split(self, series: str, part: int) -> None:
        place = self.places.get(series)
        if place is not None:
            event = GroupSplit(group=place.group, part=part, series=(series,), at=self.now)
            place.group = part
            self.suppression.regroup(event)

    def silence(self, name: str, matchers: str, minutes: int) -> None:
        """Make a silence, or change the one of this name; what cannot be changed gives way to another id."""
        conditions = tuple(map(Condition.of, parse_matchers(matchers)))
        former = self.suppression.book.silence(self.ids.get(name, name))
        fits = former is None or (former.ends_at > self.now and former.matchers == conditions)
        self.ids[name] = self.ids.get(name, name) if fits else f"{self.ids.get(name, name)}+"
        made = Silence(
            id=self.ids[name],
            matchers=conditions,
            starts_at=self.now,
            ends_at=self.now + timedelta(minutes=minutes),
            created_by="ann",
            comment="",
            updated_at=self.now,
        )
        self.silenced[name] = made
        replaces = "" if fits or former is None else former.id
        self.suppression.order(SilenceSet(silence=made, at=self.now, replaces=replaces))

    def expire(self, name: str) -> None:
        id = self.ids.get(name, name)
        try:
            self.suppression.order(SilenceExpired(id=id, actor="ann", at=self.now))
        except BadCommand:
            return
        self.silenced.pop(name)

    def wait(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)
        while (due := self.suppression.deadline()) is not None and due <= self.now:
            self.suppression.turn()

    def settle(self) -> None:
        for _ in self.suppression.settle(lambda _: None, self.now):
            pass

    def restart(self) -> None:
        for table in self.suppression.tables:
            for row in table.drain():
                self._rows.pop((row.table, row.key), None)
                if row.body is not None and row.live:
                    self._rows[row.table, row.key] = row.body
        self.start()

    # What is hidden

    def until(self, group: int) -> datetime | None:
        """Return the end that the suppression found."""
        hidden: Hidden | None = self.suppression.hidden(group)
        return None if hidden is None else hidden.until

    def counted(self, group: int) -> datetime | None:
        """Return the end, looking at everything there is."""
        pageable = [place for place in self.places.values() if place.group == group and not place.inhibited]
        ends = [self._end(labels) for place in pageable for labels in place.firing.values()]
        return None if not ends or None in ends else min(end for end in ends if end is not None)

    def _end(self, labels: dict[str, str]) -> datetime | None:
        fits = [
            one.ends_at
            for one in self.silenced.values()
            if one.ends_at > self.now and matches_all([c.matcher() for c in one.matchers], labels)
        ]
        return max(fits, default=None)

    # The scene

    def firing(self) -> Iterable[tuple[str, Alert]]:
        for name, place in self.places.items():
            for fingerprint, labels in place.firing.items():
                yield name, _alert(fingerprint, labels)

    def members(self) -> Iterable[tuple[int, Member]]:
        for name, place in self.places.items():
            join = _join(place.inhibited)
            series = self._series(name, {})
            yield place.group, Member(incident=place.group, series=series, join=join, joined_at=T0)

    def incident(self, group: int) -> int | None:
        return group

    def group(self, incident: int) -> int | None:
        return incident

    def _change(self, name: str, fingerprint: str, kind: ChangeKind, labels: dict[str, str]) -> None:
        place = self.places[name]
        change = Change(kind=kind, series=self._series(name, labels), fingerprint=fingerprint, at=self.now)
        self.suppression.change(change)
        self.suppression.regroup(Grouped(group=place.group, change=change, join=_join(place.inhibited)))

    def _series(self, name: str, labels: dict[str, str]) -> Series:
        return Series(
            id=name,
            name=name,
            labels=labels,
            entity=ENTITY,
            source="prometheus",
            priority=Priority.P1,
            firing=len(self.places[name].firing),
            opened_at=T0,
            first_seen_at=T0,
            changed_at=self.now,
        )


def _join(inhibited: bool) -> Join:
    return Join(1.0, (), Role.SUPPRESSED if inhibited else Role.MEMBER)


def _alert(fingerprint: str, labels: dict[str, str]) -> Alert:
    return Alert(
        fingerprint=fingerprint,
        source="prometheus",
        labels=labels,
        annotations={},
        starts_at=T0,
        received_at=T0,
        priority=Priority.P1,
        entity=ENTITY,
    )
