"""What the Zabbix side needs of AlertMesh; the runtime gives it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from msgspec import Struct

from alertmesh.core.alert import Alert, Parsed
from alertmesh.core.clock import Clock
from alertmesh.core.entries import Command, SilenceExpired, SilenceSet, TopologySet
from alertmesh.core.ports import Door, Ingested, Store
from alertmesh.core.silence import Silence


class Case(Struct, frozen=True):
    """An open incident: who has it (empty: nobody), and the ids of its series."""

    number: int
    owner: str
    series: Sequence[str]


class Mesh(Protocol):
    """AlertMesh, as far as a monitor that is asked and told needs it."""

    clock: Clock
    store: Store

    def door(self, source: str, instance: str) -> Door:
        """Return the door of a sender."""
        ...

    async def ingest(self, door: Door, parsed: Parsed) -> Ingested:
        """Take sightings; return when they are durable. Raises Overloaded or StoreUnavailable."""
        ...

    async def command(self, command: Command) -> None:
        """Carry out an action on an incident; KeyError or BadCommand when it cannot be done."""
        ...

    async def silence(self, entry: SilenceSet | SilenceExpired) -> None:
        """Make, change or end a silence."""
        ...

    async def topology(self, entry: TopologySet) -> None:
        """Take edges."""
        ...

    def silences(self) -> Iterable[tuple[Silence, int]]:
        """Return every silence that is kept."""
        ...

    def alerts(self) -> Iterable[tuple[Alert, datetime | None]]:
        """Return the remembered alerts, each with the moment it ended or None while it fires."""
        ...

    def lease(self, fingerprint: str) -> datetime | None:
        """Return until when a firing alert holds without a repeat; None when it does not fire."""
        ...

    def series_of(self, fingerprint: str) -> str | None:
        """Return the series of an alert."""
        ...

    def queue(self) -> int:
        """Return how many entries wait to be decided."""
        ...

    def case(self, number: int) -> Case | None:
        """Return an incident that is open or over; None when there never was one."""
        ...

    def owners(self) -> Mapping[int, str]:
        """Return who has each open incident that somebody has."""
        ...

    async def cases(self, numbers: Iterable[int] | None = None) -> Sequence[Case]:
        """Return open incidents: all, or those of these numbers."""
        ...


def by_series(cases: Iterable[Case]) -> dict[str, Case]:
    """Return the case of each series."""
    return {series: case for case in cases for series in case.series}
