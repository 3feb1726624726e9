"""The shapes that the API shows: stable JSON, whatever the inside looks like.

Moments are RFC 3339 in UTC, absent facts are `null`, and no field is ever left out.
"""

from collections.abc import Mapping
from datetime import datetime

from msgspec import Struct

from alertmesh.console.wording import ENGLISH, Wording
from alertmesh.core.alert import Alert, Entity
from alertmesh.core.group import Cause, Join, Reason
from alertmesh.core.incident import Incident, Member, Recurrence, Similar
from alertmesh.core.oncall import Tier
from alertmesh.core.page import Attempt
from alertmesh.core.past import StoredLine
from alertmesh.core.response import Response
from alertmesh.core.series import Reading
from alertmesh.desks.rows import Counts, priority_of, team_of


class CauseView(Struct, frozen=True, kw_only=True):
    """A candidate root, the last change made to it, and how likely the root is none of the candidates."""

    entity: str
    series: str
    score: float
    reason: str
    unseen: float
    changed: str


class TogetherView(Struct, frozen=True):
    """What spoke most for the series that joined last, and how sure that was."""

    score: float
    reasons: tuple[Reason, ...]


class IncidentView(Struct, frozen=True, kw_only=True):
    """An incident: its condition, and the response to it (null or empty before there is one).

    `priority` is the one in force. Where `priority_by` names who set it, `alerts_priority` is what
    the alerts made of it at worst; else both are the same.
    """

    id: int
    title: str
    summary: str
    priority: str
    priority_by: str
    alerts_priority: str
    condition: str
    state: str | None
    epoch: int | None
    cycle: int | None
    tier: str | None
    step: int | None
    policy: str | None
    policy_version: str | None
    team: str | None
    team_why: str
    owner: str
    ops_owner: str
    incoming: str
    paged: tuple[str, ...]
    opened_at: datetime
    changed_at: datetime
    cleared_at: datetime | None
    since: datetime | None
    deadlines: dict[str, datetime]
    counts: Counts
    causes: tuple[CauseView, ...]
    labels: Mapping[str, str]
    services: tuple[str, ...]
    runbook_url: str
    merged_into: int | None
    previous: int | None
    archived: bool
    similar: tuple[Similar, ...]
    recurrence: Recurrence | None
    together: TogetherView | None


class EntityView(Struct, frozen=True):
    """The thing an alert is about."""

    kind: str
    name: str
    cluster: str
    namespace: str


class MemberView(Struct, frozen=True, kw_only=True):
    """A series of an incident, and why it is there."""

    series: str
    name: str
    labels: Mapping[str, str]
    entity: EntityView
    source: str
    priority: str
    severity: str
    state: str
    firing: int
    instances: int
    episodes: int
    value: str
    readings: tuple[Reading, ...]
    summary: str
    runbook_url: str
    generator_url: str
    opened_at: datetime
    changed_at: datetime
    joined_at: datetime
    role: str
    score: float
    reasons: tuple[Reason, ...]


class LineView(Struct, frozen=True, kw_only=True):
    """One line of a timeline."""

    number: int
    at: datetime
    kind: str
    text: str
    rule: str
    actor: str
    data: Mapping[str, str]


class AttemptView(Struct, frozen=True, kw_only=True):
    """One try to reach one person through one channel."""

    id: str
    page: str
    key: str
    kind: str
    reason: str
    person: str
    channel: str
    tier: str
    step: int
    loop: int
    cycle: int
    epoch: int
    priority: str
    state: str
    tries: int
    due_at: datetime
    claimed_at: datetime | None
    settled_at: datetime | None
    provider_id: str
    error: str


class AlertView(Struct, frozen=True, kw_only=True):
    """One alert as it stands: `state` is firing or resolved."""

    fingerprint: str
    name: str
    source: str
    state: str
    priority: str
    severity: str
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    entity: EntityView
    starts_at: datetime
    received_at: datetime
    ended_at: datetime | None
    expires_at: datetime | None
    generator_url: str


def show_incident(incident: Incident, response: Response | None, said: Wording = ENGLISH) -> IncidentView:
    """Return how the API shows an incident."""
    return IncidentView(
        id=incident.id,
        title=incident.title,
        summary=incident.summary,
        priority=priority_of(incident, response).name,
        priority_by=response.word.by if response and response.word else "",
        alerts_priority=incident.priority.name,
        condition=incident.condition.value,
        state=response.state.value if response else None,
        epoch=response.epoch if response else None,
        cycle=response.cycle if response else None,
        tier=response.tier.value if response else None,
        step=response.step if response else None,
        policy=response.policy.name if response else None,
        policy_version=response.policy.version if response else None,
        team=team_of(response) if response else None,
        team_why=said.reason(response.rnd_why) if response and response.tier is Tier.RND else "",
        owner=response.owner if response else "",
        ops_owner=response.ops_owner if response else "",
        incoming=response.incoming if response else "",
        paged=response.paged if response else (),
        opened_at=incident.opened_at,
        changed_at=incident.changed_at,
        cleared_at=incident.cleared_at,
        since=response.since if response else None,
        deadlines={timer.value: due for timer, due in response.deadlines.items()} if response else {},
        counts=Counts(incident.series, incident.firing, incident.alerts),
        causes=show_causes(incident.causes, said),
        labels=incident.labels,
        services=incident.services,
        runbook_url=incident.runbook_url,
        merged_into=incident.merged_into,
        previous=incident.previous,
        archived=incident.archived,
        similar=said.similar(incident.similar),
        recurrence=incident.recurrence,
        together=_show_together(incident.together, said),
    )


def show_member(member: Member, said: Wording = ENGLISH) -> MemberView:
    """Return how the API shows a series of an incident."""
    series = member.series
    return MemberView(
        series=series.id,
        name=series.name,
        labels=series.labels,
        entity=_show_entity(series.entity),
        source=series.source,
        priority=series.priority.name,
        severity=series.severity,
        state="firing" if series.firing else "resolved",
        firing=series.firing,
        instances=series.instances,
        episodes=series.episodes,
        value=series.value,
        readings=series.readings,
        summary=series.summary,
        runbook_url=series.runbook_url,
        generator_url=series.generator_url,
        opened_at=series.opened_at,
        changed_at=series.changed_at,
        joined_at=member.joined_at,
        role=member.join.role.value,
        score=member.join.score,
        reasons=said.joins(member.join.reasons),
    )


def show_line(stored: StoredLine, said: Wording = ENGLISH) -> LineView:
    """Return how the API shows a line of a timeline."""
    line = stored.line
    return LineView(
        number=stored.number,
        at=line.at,
        kind=line.kind,
        text=said.line(line.kind, line.text),
        rule=line.rule,
        actor=line.actor,
        data=line.data,
    )


def show_attempt(attempt: Attempt) -> AttemptView:
    """Return how the API shows one try; the message itself stays inside."""
    page = attempt.page
    return AttemptView(
        id=attempt.id,
        page=page.id,
        key=attempt.key,
        kind=page.kind.value,
        reason=page.reason,
        person=page.person,
        channel=attempt.channel,
        tier=page.tier,
        step=page.step,
        loop=page.loop,
        cycle=page.cycle,
        epoch=page.epoch,
        priority=page.priority.name,
        state=attempt.state.value,
        tries=attempt.tries,
        due_at=attempt.due_at,
        claimed_at=attempt.claimed_at,
        settled_at=attempt.settled_at,
        provider_id=attempt.provider_id,
        error=attempt.error,
    )


def show_alert(alert: Alert, ended_at: datetime | None) -> AlertView:
    """Return how the API shows an alert."""
    return AlertView(
        fingerprint=alert.fingerprint,
        name=alert.name,
        source=alert.source,
        state="firing" if ended_at is None else "resolved",
        priority=alert.priority.name,
        severity=alert.severity,
        labels=alert.labels,
        annotations=alert.annotations,
        entity=_show_entity(alert.entity),
        starts_at=alert.starts_at,
        received_at=alert.received_at,
        ended_at=ended_at,
        expires_at=alert.expires_at,
        generator_url=alert.generator_url,
    )


def show_causes(causes: tuple[Cause, ...], said: Wording = ENGLISH) -> tuple[CauseView, ...]:
    """Return how the API shows the candidates for a root."""
    return tuple(
        CauseView(
            entity=cause.entity,
            series=cause.series,
            score=cause.score,
            reason=said.cause(cause.reason),
            unseen=cause.unseen,
            changed=said.change(cause.changed),
        )
        for cause in causes
    )


def _show_together(join: Join | None, said: Wording) -> TogetherView | None:
    return TogetherView(join.score, said.joins(join.reasons)) if join is not None else None


def _show_entity(entity: Entity) -> EntityView:
    return EntityView(entity.kind, entity.name, entity.cluster, entity.namespace)
