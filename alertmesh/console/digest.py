"""Show the noise that pages nobody, and what could be done about it."""

from datetime import datetime

from aiohttp import web
from msgspec import Struct

from alertmesh.console.bodies import send_json
from alertmesh.console.queries import choices, page_size
from alertmesh.console.service import Service
from alertmesh.core.digest import Noise, Proposal


class ProposalView(Struct, frozen=True, kw_only=True):
    """What somebody should do about one series."""

    series: str
    name: str
    owner: dict[str, str]
    priority: str
    noise: str
    since: datetime
    numbers: dict[str, float]
    remedy: str
    why: str


class DigestPage(Struct, frozen=True):
    """The first proposals by owner and name; `total` counts all that match."""

    proposals: list[ProposalView]
    total: int


class Digest:
    """The handler of `/api/v1/digest`."""

    def __init__(self, service: Service) -> None:
        self._service = service

    async def index(self, request: web.Request, _actor: str) -> web.StreamResponse:
        """Return what should be done about noise, by owner."""
        kinds = choices(request, "noise", Noise)
        limit = page_size(request, self._service.limits.page)
        found = [one for one in self._service.digest() if not kinds or one.noise in kinds]
        return send_json(DigestPage([show_proposal(one) for one in found[:limit]], len(found)))


def show_proposal(proposal: Proposal) -> ProposalView:
    """Return how the API shows a proposal."""
    return ProposalView(
        series=proposal.series,
        name=proposal.name,
        owner=proposal.owner,
        priority=proposal.priority.name,
        noise=proposal.noise.value,
        since=proposal.since,
        numbers=proposal.numbers,
        remedy=proposal.remedy.value,
        why=proposal.why,
    )
