"""Show the noise that pages nobody, and what could be done about it; do it with one tap."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import msgspec
from aiohttp import web
from msgspec import Struct

from alertmesh.console.bodies import read_json, send_json
from alertmesh.console.problems import Refused
from alertmesh.console.queries import choices, page_size, wording
from alertmesh.console.rules import Saved, plainly, saved
from alertmesh.console.service import Service
from alertmesh.console.tells import tells
from alertmesh.console.wording import ENGLISH, Wording
from alertmesh.core.digest import Noise, Proposal
from alertmesh.desks.rulebook_proposals import Answer, Preview, id_of

_SHOWN = ("open", "dismissed", "applied")


class AppliedView(Struct, frozen=True, kw_only=True):
    """The rule file that a proposal became, its version then, by whom and when."""

    path: str
    version: int
    by: str
    at: datetime


class ProposalView(Struct, frozen=True, kw_only=True):
    """What somebody should do about one series.

    `id` names it, since a series may have several. `snippet` is the rule that would do it, empty when only
    people can. `state` is `open`, `dismissed` (until `dismissed_until`) or `applied`.
    """

    id: str
    series: str
    name: str
    owner: dict[str, str]
    priority: str
    noise: str
    since: datetime
    numbers: dict[str, float]
    remedy: str
    why: str
    snippet: str = ""
    state: str = "open"
    dismissed_until: datetime | None = None
    applied: AppliedView | None = None


class DigestPage(Struct, frozen=True):
    """The first proposals by owner and name; `total` counts all that match."""

    proposals: list[ProposalView]
    total: int


class DismissBody(Struct, frozen=True, forbid_unknown_fields=True):
    """For how many days a proposal is not to be shown."""

    days: int = 7


class Digest:
    """The handlers of `/api/v1/digest`."""

    def __init__(self, service: Service) -> None:
        self._service = service

    @tells(DigestPage, query=("noise", "state", "limit", "language"))
    async def index(self, request: web.Request, _actor: str) -> web.StreamResponse:
        """Return what should be done about noise, by owner; what was dismissed only when asked for."""
        kinds = choices(request, "noise", Noise)
        states = choices(request, "state", _SHOWN) or frozenset({"open", "applied"})
        limit = page_size(request, self._service.limits.page)
        answers = self._service.desks.proposals.answers()
        found = [one for one in self._service.digest() if not kinds or one.noise in kinds]
        said = wording(request, self._service)
        shown = [view for one in found if (view := show_proposal(one, answers, said)).state in states]
        return send_json(DigestPage(shown[:limit], len(shown)))

    @tells(Preview)
    async def preview(self, request: web.Request, _actor: str) -> web.StreamResponse:
        """Return what applying a proposal would write, and whether it can be taken."""
        return send_json(await plainly(self._service.desks.proposals.preview(self._proposal(request))))

    @tells(Saved, may=(409, 422))
    async def apply(self, request: web.Request, actor: str) -> web.StreamResponse:
        """Write the rule that is proposed, and put it into force."""
        desks = self._service.desks
        work = desks.proposals.apply(self._proposal(request), actor, self._service.reload)
        path, version = await plainly(work)
        answer: Saved = await saved(desks.rulebook, path, version)
        return send_json(answer)

    @tells(ProposalView, takes=DismissBody)
    async def dismiss(self, request: web.Request, actor: str) -> web.StreamResponse:
        """Show a proposal no more for some days."""
        proposal = self._proposal(request)
        body = await read_json(request, _DISMISS)
        proposals = self._service.desks.proposals
        await plainly(proposals.dismiss(proposal, timedelta(days=max(0, min(body.days, 10_000))), actor))
        return send_json(show_proposal(proposal, proposals.answers()))

    @tells(ProposalView)
    async def recall(self, request: web.Request, actor: str) -> web.StreamResponse:
        """Show a proposal again as if nobody had answered it."""
        proposal = self._proposal(request)
        proposals = self._service.desks.proposals
        await proposals.recall(proposal, actor)
        return send_json(show_proposal(proposal, proposals.answers()))

    def _proposal(self, request: web.Request) -> Proposal:
        name = request.match_info["id"]
        found = next((one for one in self._service.digest() if id_of(one) == name), None)
        if found is None:
            raise Refused(404, "unknown-proposal", f"there is no proposal {name[:40]!r} any more", "id")
        return found


def show_proposal(proposal: Proposal, answers: Mapping[str, Answer], said: Wording = ENGLISH) -> ProposalView:
    """Return how the API shows a proposal, with what was said to it."""
    answer = answers.get(id_of(proposal))
    state, applied, until = "open", None, None
    if answer is not None:
        state, until = "dismissed" if answer.until else "applied", answer.until
        if answer.path:
            applied = AppliedView(path=answer.path, version=answer.version, by=answer.actor, at=answer.at)
    return ProposalView(
        id=id_of(proposal),
        series=proposal.series,
        name=proposal.name,
        owner=proposal.owner,
        priority=proposal.priority.name,
        noise=proposal.noise.value,
        since=proposal.since,
        numbers=proposal.numbers,
        remedy=proposal.remedy.value,
        why=said.proposal(proposal.why),
        snippet=proposal.snippet,
        state=state,
        dismissed_until=until,
        applied=applied,
    )


_DISMISS = msgspec.json.Decoder(DismissBody)
