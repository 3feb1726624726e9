"""The forms of Alertmanager's API v2, and the manner in which it answers."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import msgspec
from aiohttp import web
from msgspec import Struct

from alertmesh.core.alert import Alert
from alertmesh.core.errors import AlertMeshError
from alertmesh.core.silence import Condition, Silence
from alertmesh.core.standing import Standing

WINDOW = "maintenance/"
"""What the id of a maintenance window begins with, among the covers of an alert."""

JSON = "application/json"
_WITHOUT_OFFSET = len("2026-11-23T04:00:00.000")
_LEASE = timedelta(minutes=5)
_encode = msgspec.json.Encoder().encode


class Named(Struct, frozen=True):
    """A receiver; ours are the escalation policies."""

    name: str


class StatusForm(Struct, frozen=True, rename="camel"):
    """Whether an alert is held back, and by what; `muted_by` names maintenance windows."""

    inhibited_by: tuple[str, ...]
    silenced_by: tuple[str, ...]
    state: str
    muted_by: tuple[str, ...]


_NAMES = {
    "starts_at": "startsAt",
    "ends_at": "endsAt",
    "updated_at": "updatedAt",
    "generator_url": "generatorURL",
}


class AlertForm(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=_NAMES):
    """An alert that fires; `ends_at` is the end of its lease."""

    annotations: dict[str, str]
    ends_at: str
    fingerprint: str
    receivers: tuple[Named, ...]
    starts_at: str
    status: StatusForm
    updated_at: str
    labels: dict[str, str]
    generator_url: str = ""


class MatcherForm(Struct, frozen=True, kw_only=True, rename="camel"):
    """One condition of a silence."""

    is_equal: bool
    is_regex: bool
    name: str
    value: str

    @classmethod
    def of(cls, condition: Condition) -> "MatcherForm":
        """Return a stored condition in Alertmanager's form."""
        return cls(
            is_equal=condition.op.startswith("="),
            is_regex=condition.op.endswith("~"),
            name=condition.name,
            value=condition.value,
        )


class StateForm(Struct, frozen=True):
    """Where a silence stands."""

    state: str


class SilenceForm(Struct, frozen=True, kw_only=True, rename="camel"):
    """A silence as it is listed."""

    id: str
    status: StateForm
    updated_at: str
    comment: str
    created_by: str
    ends_at: str
    matchers: tuple[MatcherForm, ...]
    starts_at: str


def moment(at: datetime) -> str:
    """Return a time as Alertmanager writes it, to the millisecond.

    >>> moment(datetime(2026, 11, 23, 4, 0, 0, 500, tzinfo=UTC))
    '2026-11-23T04:00:00.000Z'
    """
    utc = at if at.tzinfo is UTC else at.astimezone(UTC)
    return utc.isoformat(timespec="milliseconds")[:_WITHOUT_OFFSET] + "Z"


def alert_form(alert: Alert, standing: Standing, hiders: Iterable[str]) -> AlertForm:
    """Return an alert as it is listed; `hiders` are the alerts that hide it by a rule."""
    silences = tuple(sorted(id for id in standing.covers if not id.startswith(WINDOW)))
    windows = tuple(sorted(id.removeprefix(WINDOW) for id in standing.covers if id.startswith(WINDOW)))
    inhibited = tuple(hiders)
    is_held = bool(silences or windows or inhibited)
    seen = standing.last_seen or alert.received_at
    return AlertForm(
        annotations=alert.annotations,
        ends_at=moment(standing.expires_at or seen + _LEASE),
        fingerprint=alert.fingerprint,
        receivers=(Named(standing.policy),),
        starts_at=moment(alert.starts_at),
        status=StatusForm(inhibited, silences, "suppressed" if is_held else "active", windows),
        updated_at=moment(seen),
        labels=alert.labels,
        generator_url=alert.generator_url,
    )


def silence_form(silence: Silence, now: datetime) -> SilenceForm:
    """Return a silence as it is listed."""
    return SilenceForm(
        id=silence.id,
        status=StateForm(silence.state(now).value),
        updated_at=moment(silence.updated_at),
        comment=silence.comment,
        created_by=silence.created_by,
        ends_at=moment(silence.ends_at),
        matchers=tuple(MatcherForm.of(condition) for condition in silence.matchers),
        starts_at=moment(silence.starts_at),
    )


class Unfit(AlertMeshError):
    """A request that is refused in Alertmanager's form.

    With a `code` the answer is an object of code and message, without one the message alone as
    a JSON string.
    """

    def __init__(self, status: int, message: str, code: int = 0) -> None:
        super().__init__(message)
        self.status = status
        self.code = code

    def response(self) -> web.Response:
        """Return the HTTP answer."""
        if self.code:
            return answer({"code": self.code, "message": str(self)}, self.status)
        return answer(str(self), self.status)


def answer(body: object, status: int = 200) -> web.Response:
    """Return a JSON answer that nobody keeps."""
    return web.Response(status=status, body=encoded(body) + b"\n", content_type=JSON, headers=unkept())


def unkept() -> dict[str, str]:
    """Return the headers of every answer."""
    return {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


def encoded(body: object) -> bytes:
    """Return a form as JSON."""
    return _encode(body)
