"""Show why each series is in its incident, and why two incidents are not one."""

from datetime import datetime

from aiohttp import web
from msgspec import Struct

from alertmesh.console.bodies import send_json
from alertmesh.console.incidents import Incidents
from alertmesh.console.problems import Refused
from alertmesh.console.queries import wording
from alertmesh.console.service import Service
from alertmesh.console.tells import tells
from alertmesh.console.wording import Wording
from alertmesh.core.group import Reason
from alertmesh.core.incident import Member
from alertmesh.core.why import Opinion, Why, WhyApart

_NUMBERS = 19


class RivalView(Struct, frozen=True):
    """The next best group; `incident` is null while it is none, or when it is over."""

    group: int
    incident: int | None
    probability: float


class WhyView(Struct, frozen=True, kw_only=True):
    """Why one series is in an incident."""

    series: str
    name: str
    entity: str
    role: str
    joined_at: datetime
    probability: float
    threshold: float | None
    log_odds: bool
    reasons: tuple[Reason, ...]
    kept_out: tuple[str, ...]
    rival: RivalView | None


class WhyList(Struct, frozen=True):
    """Why the series of an incident are in it, in order of joining."""

    incident: int
    why: list[WhyView]


class OpinionView(Struct, frozen=True, kw_only=True):
    """How likely one series belonged to the other incident at a moment, and what spoke for and against."""

    series: str
    name: str
    group: int
    incident: int | None
    at: datetime
    probability: float
    threshold: float
    for_it: tuple[Reason, ...]
    against_it: tuple[Reason, ...]


class ApartView(Struct, frozen=True, kw_only=True):
    """Why two incidents are not one."""

    incidents: tuple[int, int]
    answer: str
    verdicts: tuple[str, ...]
    facts: tuple[str, ...]
    then: OpinionView | None
    now: OpinionView | None


class Reasons:
    """The handlers that answer why."""

    def __init__(self, service: Service, incidents: Incidents) -> None:
        self._service = service
        self._incidents = incidents

    @tells(WhyList, query=("language",))
    async def why(self, request: web.Request, _actor: str) -> web.StreamResponse:
        """Return for each series of an incident why it is there, and what would have kept it out."""
        incident, _ = self._incidents.find(request)
        members = sorted(self._service.members(incident.id), key=lambda one: (one.joined_at, one.series.id))
        said = wording(request, self._service)
        return send_json(WhyList(incident.id, [self._show(one, incident.group, said) for one in members]))

    @tells(ApartView, query=("language",), may=(422,))
    async def why_not(self, request: web.Request, _actor: str) -> web.StreamResponse:
        """Return why an incident and another one are not one."""
        incident, _ = self._incidents.find(request)
        text = request.match_info["other"]
        known = self._service.incident(int(text)) if len(text) < _NUMBERS else None
        if known is None:
            raise Refused(404, "unknown-incident", f"there is no incident {text[:_NUMBERS]}", "other")
        other = known[0]
        if other.id == incident.id:
            raise Refused(422, "unfit", "an incident cannot be held against itself", "other")
        answer = self._service.why_apart(incident.group, other.group)
        if answer is None:
            over = incident if incident.archived else other
            raise Refused(422, "unfit", f"incident {over.id} is over: what was weighed is forgotten", "other")
        return send_json(self._apart((incident.id, other.id), answer, wording(request, self._service)))

    def _show(self, member: Member, group: int, said: Wording) -> WhyView:
        found = self._service.why(member.series.id)
        why = found if found is not None and found.group == group else None
        return WhyView(
            series=member.series.id,
            name=member.series.name,
            entity=str(member.series.entity),
            role=member.join.role.value,
            joined_at=member.joined_at,
            probability=why.probability if why is not None else member.join.score,
            threshold=why.threshold if why is not None else None,
            log_odds=any(reason.feature == "prior" for reason in member.join.reasons),
            reasons=said.joins(member.join.reasons),
            kept_out=tuple(map(said.why, why.kept_out)) if why is not None else (),
            rival=self._rival(why),
        )

    def _rival(self, why: Why | None) -> RivalView | None:
        rival = why.rival if why is not None else None
        if rival is None:
            return None
        return RivalView(rival.group, self._service.incident_of(rival.group), rival.probability)

    def _apart(self, numbers: tuple[int, int], answer: WhyApart, said: Wording) -> ApartView:
        return ApartView(
            incidents=numbers,
            answer=said.why(answer.answer),
            verdicts=tuple(map(said.why, answer.verdicts)),
            facts=tuple(map(said.why, answer.facts)),
            then=self._opinion(answer.then, said),
            now=self._opinion(answer.now, said),
        )

    def _opinion(self, opinion: Opinion | None, said: Wording) -> OpinionView | None:
        if opinion is None:
            return None
        return OpinionView(
            series=opinion.series,
            name=opinion.name,
            group=opinion.group,
            incident=self._service.incident_of(opinion.group),
            at=opinion.at,
            probability=opinion.probability,
            threshold=opinion.threshold,
            for_it=said.joins(opinion.for_it),
            against_it=said.joins(opinion.against_it),
        )
