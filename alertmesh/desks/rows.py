"""The short form of an incident that lists show: what is sent once, and then only as far as it changes."""

from collections.abc import Mapping
from datetime import datetime

from msgspec import Struct

from alertmesh.core.alert import Priority
from alertmesh.core.incident import Incident, Recurrence
from alertmesh.core.oncall import Tier
from alertmesh.core.response import Response, State

_OVER = frozenset({State.RESOLVED.value, State.CLOSED.value, State.MERGED.value})
_DIGITS = 2  # of a score: more would change with every alert and tell nobody anything


class Counts(Struct, frozen=True):
    """How much an incident stands for: member series, those that fire now, and alerts."""

    series: int
    firing: int
    alerts: int


class Root(Struct, frozen=True):
    """The likeliest root, and how likely it is in 0..1."""

    entity: str
    score: float


class IncidentRow(Struct, frozen=True, kw_only=True):
    """An incident as a list shows it; each field means what it means of an incident.

    `root` is the likeliest of the candidates, None while there is none. `state`, `epoch`, `tier`, `step`,
    `team` and `since` are None, and what belongs to them is empty, before there is a response.
    """

    id: int
    title: str
    summary: str
    priority: str
    condition: str
    state: str | None
    epoch: int | None
    tier: str | None
    step: int | None
    team: str | None
    owner: str
    ops_owner: str
    incoming: str
    paged: tuple[str, ...]
    opened_at: datetime
    changed_at: datetime
    since: datetime | None
    deadlines: dict[str, datetime]
    counts: Counts
    labels: Mapping[str, str]
    services: tuple[str, ...]
    root: Root | None
    recurrence: Recurrence | None
    merged_into: int | None
    archived: bool

    @property
    def is_over(self) -> bool:
        """Tell whether nobody has to do with it any more."""
        return self.archived or self.state in _OVER


FIELDS = IncidentRow.__struct_fields__
"""The names of the fields of a row."""


def priority_of(incident: Incident, response: Response | None) -> Priority:
    """Return the priority in force: a person's word, or what the alerts made of the incident at worst."""
    return response.priority if response and response.word else incident.priority


def team_of(response: Response) -> str:
    """Return the roster that the tier which has it now is paged from."""
    if response.tier is Tier.OPS:
        return response.policy.ops_roster
    return response.rnd_roster or response.policy.rnd_roster


def show_row(incident: Incident, response: Response | None) -> IncidentRow:
    """Return the short form of an incident."""
    return IncidentRow(
        id=incident.id,
        title=incident.title,
        summary=incident.summary,
        priority=priority_of(incident, response).name,
        condition=incident.condition.value,
        state=response.state.value if response else None,
        epoch=response.epoch if response else None,
        tier=response.tier.value if response else None,
        step=response.step if response else None,
        team=team_of(response) if response else None,
        owner=response.owner if response else "",
        ops_owner=response.ops_owner if response else "",
        incoming=response.incoming if response else "",
        paged=response.paged if response else (),
        opened_at=incident.opened_at,
        changed_at=incident.changed_at,
        since=response.since if response else None,
        deadlines={timer.value: due for timer, due in response.deadlines.items()} if response else {},
        counts=Counts(incident.series, incident.firing, incident.alerts),
        labels=incident.labels,
        services=incident.services,
        root=_root(incident),
        recurrence=incident.recurrence,
        merged_into=incident.merged_into,
        archived=incident.archived,
    )


def differences(one: IncidentRow, other: IncidentRow) -> set[str]:
    """Return the fields in which two rows differ."""
    return {name for name in FIELDS if getattr(one, name) != getattr(other, name)}


def _root(incident: Incident) -> Root | None:
    if not incident.causes:
        return None
    likeliest = incident.causes[0]
    return Root(likeliest.entity, round(likeliest.score, _DIGITS))
