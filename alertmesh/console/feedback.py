"""Take and show what people say of series: together, apart, moved, root, not related."""

from datetime import datetime

import msgspec
from aiohttp import web
from msgspec import Struct

from alertmesh.console.bodies import read_json, send_json
from alertmesh.console.problems import Refused
from alertmesh.console.queries import number, page_size
from alertmesh.console.service import Service
from alertmesh.console.tells import tells
from alertmesh.core.entries import Action, Feedback
from alertmesh.core.errors import BadCommand
from alertmesh.core.judgement import Judgement, Party
from alertmesh.core.ports import AuditEntry
from alertmesh.core.series import Series
from alertmesh.metrics import Metrics

_LONGEST_NAME = 200
_ACTIONS = (Action.MERGE, Action.SPLIT, Action.MOVE, Action.ROOT, Action.UNRELATED)
_PAIRS = frozenset({Action.MERGE, Action.SPLIT})


class FeedbackBody(Struct, frozen=True, forbid_unknown_fields=True):
    """A person's word: `a` and `b` are ids of series or fingerprints of alerts; of a root, `b` is a thing."""

    action: str
    a: str
    b: str = ""


class PartyView(Struct, frozen=True):
    """How the API shows a series that was judged."""

    series: str
    name: str
    subject: str


class JudgementView(Struct, frozen=True, kw_only=True):
    """How the API shows a judgement; `groups` are those of both sides before it."""

    number: int
    at: datetime
    actor: str
    action: str
    left: list[PartyView]
    right: list[PartyView]
    behind: list[PartyView]
    groups: tuple[int, int]
    entity: str


class JudgementPage(Struct, frozen=True):
    """A page of judgements, newest first; `next` is the `before` of the next one."""

    feedback: list[JudgementView]
    next: int | None


class FeedbackTaken(Struct, frozen=True):
    """The answer to a word that was taken: what was understood."""

    at: datetime
    actor: str
    action: str
    a: str
    b: str


class Feedbacks:
    """The handlers of `/api/v1/feedback`."""

    def __init__(self, service: Service, metrics: Metrics) -> None:
        self._service = service
        self._metrics = metrics

    @tells(JudgementPage, query=("before", "limit"))
    async def index(self, request: web.Request, _actor: str) -> web.StreamResponse:
        """Return the judgements, a page at a time."""
        limit = page_size(request, self._service.limits.page)
        found = self._service.judgements(number(request, "before", 0, least=1) or None, limit)
        following = found[-1][0] if len(found) == limit else None
        return send_json(JudgementPage([_show(*one) for one in found], following))

    @tells(FeedbackTaken, status=201, takes=FeedbackBody)
    async def take(self, request: web.Request, actor: str) -> web.StreamResponse:
        """Take a word on series, whether they are in incidents or only watched."""
        entry = self._read(await read_json(request, _DECODER), actor)
        # The audit line comes first: there must be no action without one.
        await self._service.audit(
            AuditEntry(
                at=entry.at,
                actor=actor,
                action=entry.action.value,
                target=f"series/{entry.a}",
                detail=f"b={entry.b}" if entry.b else "",
            )
        )
        try:
            await self._service.feedback(entry)
        except BadCommand as error:
            self._metrics.commanded(entry.action.value, "refused")
            raise Refused(422, "impossible", str(error), "action") from error
        self._metrics.commanded(entry.action.value, "done")
        taken = FeedbackTaken(entry.at, actor, entry.action.value, entry.a, entry.b)
        return send_json(taken, status=201)

    def _read(self, body: FeedbackBody, actor: str) -> Feedback:
        action = next((one for one in _ACTIONS if one.value == body.action), None)
        if action is None:
            raise Refused(422, "unfit", f"action is one of {', '.join(_ACTIONS)}", "action")
        if action in _PAIRS and not body.b:
            raise Refused(422, "unfit", f"{action.value} needs b", "b")
        one = self._find("a", body.a)
        b, name = self._other(action, body.b)
        if b == one.id:
            raise Refused(422, "unfit", "a and b are the same series", "b")
        return Feedback(
            action=action, actor=actor, at=self._service.clock.now(), a=one.id, b=b, names=(one.name, name)
        )

    def _other(self, action: Action, text: str) -> tuple[str, str]:
        if action is Action.ROOT:
            if len(text) > _LONGEST_NAME:
                raise Refused(422, "unfit", f"b is a name of at most {_LONGEST_NAME} characters", "b")
            return text.strip(), ""
        if not text:
            return "", ""
        other = self._find("b", text)
        return other.id, other.name

    def _find(self, field: str, text: str) -> Series:
        found = self._service.series(text)
        if found is None:
            raise Refused(422, "unknown-series", f"no series or alert {text[:40]!r} is known", field)
        return found


_DECODER = msgspec.json.Decoder(FeedbackBody)


def _show(number: int, judgement: Judgement) -> JudgementView:
    return JudgementView(
        number=number,
        at=judgement.at,
        actor=judgement.actor,
        action=judgement.action.value,
        left=_parties(judgement.left),
        right=_parties(judgement.right),
        behind=_parties(judgement.behind),
        groups=judgement.groups,
        entity=judgement.entity,
    )


def _parties(parties: tuple[Party, ...]) -> list[PartyView]:
    return [PartyView(one.series, one.name, one.subject) for one in parties]
