"""Alertmanager's API for silences; they are the same ones as those of our own API."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec
from aiohttp import web
from msgspec import Struct

from alertmesh.console.alertmanager_forms import JSON, SilenceForm, Unfit, answer, encoded, silence_form
from alertmesh.console.alertmanager_queries import matchers
from alertmesh.console.alertmanager_streams import slices, stream
from alertmesh.console.bodies import read_body
from alertmesh.console.drafts import LONGEST, LONGEST_NAME, LONGEST_TEXT, MOST_MATCHERS, identified
from alertmesh.console.service import Service
from alertmesh.console.silencedesk import SilenceDesk
from alertmesh.console.tells import Object, Objects, tells
from alertmesh.core.errors import BadCommand, BadPayload
from alertmesh.core.matchers import Matcher, matches_all
from alertmesh.core.ports import HttpLimits
from alertmesh.core.silence import Condition, Silence, SilenceState
from alertmesh.metrics import Metrics

_BODY = HttpLimits(body_bytes=256 * 1024)
_WRONG_TYPE, _REQUIRED, _TOO_FEW = 601, 602, 612
_OPS = {(True, False): "=", (False, False): "!=", (True, True): "=~", (False, True): "!~"}
_NONE = "silence not found"
_SECOND = timedelta(seconds=1)


class PostedMatcher(Struct, frozen=True, rename="camel"):
    """One condition as it is posted."""

    is_regex: bool | None = None
    name: str | None = None
    value: str | None = None
    is_equal: bool | None = None


class PostedSilence(Struct, frozen=True, rename="camel"):
    """A silence as it is posted; with the `id` of another it is a change of that one."""

    comment: str | None = None
    created_by: str | None = None
    ends_at: datetime | None = None
    matchers: tuple[PostedMatcher, ...] | None = None
    starts_at: datetime | None = None
    id: str | None = None


_DECODER = msgspec.json.Decoder(PostedSilence | None)


class AlertmanagerSilences:
    """The handlers of `/api/v2/silences` and `/api/v2/silence/{id}`."""

    def __init__(self, service: Service, metrics: Metrics) -> None:
        self._service = service
        self._desk = SilenceDesk(service, metrics)

    @tells(Objects, query=("filter",))
    async def index(self, request: web.Request, _actor: str) -> web.StreamResponse:
        """Return the silences whose own conditions, read as labels, are wanted: active ones first."""
        wanted, now = matchers(request), self._service.clock.now()
        found: list[Silence] = []
        async for part in slices(self._service.silences()):
            found += [silence for silence, _ in part if matches_all(wanted, _as_labels(silence))]
        found.sort(key=lambda silence: _order(silence, now))
        return await stream(request, (encoded(silence_form(silence, now)) for silence in found))

    @tells(Object, may=(422,))
    async def show(self, request: web.Request, _actor: str) -> web.StreamResponse:
        """Return one silence, 404 without a body when there is none."""
        silence = self._desk.find(_id(request))
        return web.Response(status=404) if silence is None else answer(self._form(silence))

    @tells(dict[str, str], takes=PostedSilence)
    async def put(self, request: web.Request, actor: str) -> web.StreamResponse:
        """Make a silence or change one; return the id that it has now."""
        posted = await _posted(request)
        now = self._service.clock.now()
        before = self._desk.find(posted.id) if posted.id else None
        silence = identified(_silence(posted, before, actor, now), before, now)
        try:
            await self._desk.put(silence, posted.id or "", actor)
        except BadCommand as error:
            raise Unfit(400, str(error)) from error
        return answer({"silenceID": silence.id})

    @tells(None, may=(422,))
    async def expire(self, request: web.Request, actor: str) -> web.StreamResponse:
        """End a silence now; one that is over stays so."""
        silence = self._desk.find(_id(request))
        if silence is None:
            raise Unfit(500, _NONE)  # no other status has a meaning for every version of amtool
        if silence.state(self._service.clock.now()) is not SilenceState.EXPIRED:
            with suppress(BadCommand):  # it ended by itself meanwhile, which is what was asked for
                await self._desk.expire(silence.id, actor)
        return web.Response()

    def _form(self, silence: Silence) -> SilenceForm:
        return silence_form(silence, self._service.clock.now())


def _as_labels(silence: Silence) -> dict[str, str]:
    return {condition.name: condition.value for condition in silence.matchers}


def _order(silence: Silence, now: datetime) -> tuple[int, float, str]:
    """Sort active silences by their end, pending ones by their start, then the others, the latest first."""
    match silence.state(now):
        case SilenceState.ACTIVE:
            return 0, silence.ends_at.timestamp(), silence.id
        case SilenceState.PENDING:
            return 1, silence.starts_at.timestamp(), silence.id
    return 2, -silence.ends_at.timestamp(), silence.id


def _id(request: web.Request) -> str:
    text = request.match_info["id"]
    try:
        return str(UUID(text))
    except ValueError as error:
        quoted = msgspec.json.encode(text[:80]).decode()
        raise Unfit(422, f"silenceID in path must be of type uuid: {quoted}", _WRONG_TYPE) from error


async def _posted(request: web.Request) -> PostedSilence:
    """Read the body and check it against the schema, field by field in order of the alphabet."""
    body = await read_body(request, _BODY)
    if not body.strip():
        raise _missing("silence")
    if request.content_type != JSON:
        message = f'unsupported media type "{request.content_type}", only [{JSON}] are allowed'
        raise Unfit(415, message, 415)
    try:
        posted = _DECODER.decode(body) or PostedSilence()
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Unfit(400, f'parsing silence body from "" failed, because {error}', 400) from error
    for name in ("comment", "created_by", "ends_at", "matchers", "starts_at"):
        if getattr(posted, name) is None:
            raise _missing(_wire(name))
    if not posted.matchers:
        raise Unfit(422, "matchers in body should have at least 1 items", _TOO_FEW)
    for index, matcher in enumerate(posted.matchers):
        for name in ("is_regex", "name", "value"):
            if getattr(matcher, name) is None:
                raise _missing(f"matchers.{index}.{_wire(name)}")
    return posted


def _wire(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


def _missing(field: str) -> Unfit:
    return Unfit(422, f"{field} in body is required", _REQUIRED)


def _silence(posted: PostedSilence, before: Silence | None, actor: str, now: datetime) -> Silence:
    starts_at, ends_at = _utc(posted.starts_at or now), _utc(posted.ends_at or now)
    if starts_at >= ends_at:
        raise Unfit(400, "Failed to create silence: start time must be before end time")
    if ends_at <= now:
        raise Unfit(400, "Failed to create silence: end time can't be in the past")
    if ends_at - now > LONGEST:
        raise Unfit(400, f"silence invalid: it may end {LONGEST.days} days ahead at most")
    if posted.id and before is None:
        raise Unfit(404, _NONE)
    if before is not None and abs(starts_at - before.starts_at) < _SECOND:
        starts_at = before.starts_at  # answers tell the start to the millisecond, so it comes back cut
    else:
        starts_at = max(starts_at, now)
    return Silence(
        id="",
        matchers=_conditions(posted.matchers or ()),
        starts_at=starts_at,
        ends_at=ends_at,
        created_by=_words("createdBy", posted.created_by or actor, LONGEST_NAME),
        comment=_words("comment", posted.comment or "", LONGEST_TEXT),
        updated_at=now,
    )


def _conditions(posted: tuple[PostedMatcher, ...]) -> tuple[Condition, ...]:
    if len(posted) > MOST_MATCHERS:
        raise Unfit(400, f"silence invalid: more than {MOST_MATCHERS} matchers")
    found: list[Matcher] = []
    for index, matcher in enumerate(posted):
        name, op = matcher.name or "", _OPS[matcher.is_equal is not False, bool(matcher.is_regex)]
        place = f"silence invalid: invalid label matcher {index}"
        if not name:
            raise Unfit(400, f'{place}: invalid label name ""')
        try:
            found.append(Matcher(name, op, matcher.value or ""))
        except BadPayload as error:
            raise Unfit(400, f"{place}: {error}") from error
    if all(matcher.op.startswith("=") and matcher.matches({}) for matcher in found):
        raise Unfit(400, "silence invalid: at least one matcher must not match the empty string")
    return tuple(map(Condition.of, found))


def _words(name: str, text: str, most: int) -> str:
    if len(text) > most:
        raise Unfit(400, f"silence invalid: {name} has more than {most} characters")
    return text.strip()


def _utc(at: datetime) -> datetime:
    try:
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except OverflowError as error:
        raise Unfit(400, "silence invalid: a date is out of range") from error
