"""Read incidents as people see them: the live ones from the pipeline, older ones from the store."""

import msgspec

from alertmesh.core.incident import Incident, Member
from alertmesh.core.judgement import Judgement
from alertmesh.core.page import Attempt
from alertmesh.core.past import StoredLine
from alertmesh.core.ports import Store
from alertmesh.core.regrouping import Suggestion
from alertmesh.core.response import Response, State
from alertmesh.core.why import Why, WhyApart
from alertmesh.pipeline import Pipeline

_OVER = frozenset({State.RESOLVED, State.CLOSED, State.MERGED})
_incident = msgspec.msgpack.Decoder(Incident)
_response = msgspec.msgpack.Decoder(Response)
_member = msgspec.msgpack.Decoder(Member)
_judgement = msgspec.msgpack.Decoder(Judgement)


class History:
    """Answer questions about incidents, open or long over."""

    def __init__(self, store: Store, pipeline: Pipeline) -> None:
        self._store = store
        self._pipeline = pipeline

    def incident(self, number: int) -> tuple[Incident, Response | None] | None:
        """Return an incident with what people do about it, or None when there never was one."""
        live = self._pipeline.incidents.incident(number)
        if live is not None:
            return live, self._pipeline.escalate.response(number)
        body = self._store.row("incident", number)
        return None if body is None else (_incident.decode(body), self._archived_response(number))

    def known(self, number: int) -> Incident:
        """Return an incident; KeyError when there never was one."""
        found = self.incident(number)
        if found is None:
            raise KeyError(number)
        return found[0]

    def briefing(self, number: int) -> tuple[Incident, Response] | None:
        """Return what a message about an incident is written from."""
        found = self.incident(number)
        if found is None or found[1] is None:
            return None
        return found[0], found[1]

    def incidents(self, before: int | None, limit: int) -> list[tuple[Incident, Response | None]]:
        """Return up to `limit` incidents numbered below `before`, newest first."""
        bodies = self._store.scan("incident", before, limit)
        return [(_incident.decode(body), self._response(number)) for number, body in bodies]

    def open(self) -> list[tuple[Incident, Response | None]]:
        """Return the incidents that are not over, with what people do about them."""
        stage = self._pipeline.escalate
        live = ((one, stage.response(one.id)) for one in self._pipeline.incidents.incidents())
        return [(one, response) for one, response in live if response and response.state not in _OVER]

    def members(self, incident: int) -> list[Member]:
        """Return the series of an incident, those that ended too, in order of their ids."""
        live = self._pipeline.incidents.members(incident)
        if live:
            return sorted(live, key=lambda member: member.series.id)
        rows = self._store.prefixed("member", f"{incident:010d}/")
        return [_member.decode(body) for _, body in rows]

    def timeline(self, incident: int, after: int, limit: int) -> list[StoredLine]:
        """Return up to `limit` lines of an incident after line number `after`."""
        return self._store.timeline(incident, after, limit)

    def judgements(self, before: int | None, limit: int) -> list[tuple[int, Judgement]]:
        """Return up to `limit` judgements of people numbered below `before`, newest first."""
        bodies = self._store.scan("correlate_judgement", before, limit)
        return [(number, _judgement.decode(body)) for number, body in bodies]

    def why(self, series: str) -> Why | None:
        """Return why a series is in its group; None for one that is in none."""
        return self._pipeline.correlate.explainer(self._called).why(series)

    def why_apart(self, one: int, other: int) -> WhyApart | None:
        """Return why two open groups are not one; None when one of them is over."""
        return self._pipeline.correlate.explainer(self._called).apart(one, other)

    def _called(self, group: int) -> str:
        number = self._pipeline.incidents.number_of(group)
        return f"group {group}, which has no incident" if number is None else f"incident {number}"

    def suggestions(self, incident: int) -> list[tuple[Suggestion, int | None]]:
        """Return what is suggested for an open incident, each with the other incident that it speaks of."""
        stages = self._pipeline
        group = stages.incidents.group_of(incident)
        if group is None:
            return []
        return [(made, self._against(made, group)) for made in stages.correlate.suggestions.of(group)]

    def _against(self, made: Suggestion, group: int) -> int | None:
        """Return the incident of the other group of a suggestion."""
        others = (other for other in made.told.groups if other != group)
        return next((self._pipeline.incidents.number_of(other) for other in others), None)

    def attempts(self, incident: int) -> list[Attempt]:
        """Return every try to reach somebody about an incident."""
        return self._store.attempts(incident)

    def _response(self, number: int) -> Response | None:
        return self._pipeline.escalate.response(number) or self._archived_response(number)

    def _archived_response(self, number: int) -> Response | None:
        body = self._store.row("response", number)
        return None if body is None else _response.decode(body)
