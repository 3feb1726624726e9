"""Tell how a firing alert stands, from what the stages know of it now."""

from datetime import datetime
from typing import Protocol

from alertmesh.core.alert import Alert
from alertmesh.core.oncall import Policy
from alertmesh.core.series import Series
from alertmesh.core.standing import Standing
from alertmesh.pipeline import Pipeline


class Sightings(Protocol):
    """What the repeat filter knows of an instance."""

    def sighted(self, fingerprint: str) -> tuple[datetime | None, datetime] | None:
        """Return when a firing instance was last seen, if known, and when its lease ends."""
        ...


class Standings:
    """Ask the stages about one alert at a time; asking changes nothing and costs the same in a storm."""

    def __init__(self, pipeline: Pipeline, sightings: Sightings) -> None:
        self._pipeline = pipeline
        self._sightings = sightings

    def of(self, alert: Alert) -> Standing | None:
        """Return how an alert stands; None for one that no stage knows."""
        stages = self._pipeline
        series = stages.dedup.series_of(alert.fingerprint)
        if series is None:
            return None
        group, hider = stages.correlate.roles.place_of(series)
        incident = stages.incidents.number_of(group) if group else None
        last_seen, expires_at = self._sightings.sighted(alert.fingerprint) or (None, alert.expires_at)
        return Standing(
            series=series,
            incident=incident,
            policy=self._policy(alert, incident).name,
            covers=tuple(stages.escalate.suppression.index.over(alert.fingerprint)),
            hider=hider,
            last_seen=last_seen,
            expires_at=expires_at,
        )

    def series(self, name: str) -> Series | None:
        """Return a series that is remembered, by its id or by the fingerprint of one of its alerts."""
        dedup = self._pipeline.dedup
        return dedup.series.get(dedup.series_of(name) or name)

    def policies(self) -> list[Policy]:
        """Return the policies in the order in which they are asked."""
        return self._pipeline.escalate.policies.all()

    def _policy(self, alert: Alert, incident: int | None) -> Policy:
        response = None if incident is None else self._pipeline.escalate.response(incident)
        return (
            response.policy if response is not None else self._pipeline.escalate.policies.choose(alert.labels)
        )
