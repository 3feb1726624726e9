"""Read what a person writes about a silence; each fault names its field."""

from datetime import datetime, timedelta
from typing import Annotated
from uuid import uuid4

from msgspec import Meta, Struct
from msgspec.structs import replace

from alertmesh.console.problems import Refused
from alertmesh.core.errors import BadPayload
from alertmesh.core.matchers import Matcher, parse_matchers
from alertmesh.core.silence import Condition, Silence, SilenceState

LONGEST_TEXT = 10_000
LONGEST_NAME = 200
MOST_MATCHERS = 32
LONGEST = timedelta(days=366)

Moment = Annotated[datetime, Meta(tz=True)]


class SilenceBody(Struct, frozen=True, forbid_unknown_fields=True):
    """A silence as a person asks for it; it ends at `ends_at` or `duration_s` after it starts.

    With the `id` of another silence it is a change of that one.
    """

    matchers: str
    comment: str
    id: str = ""
    created_by: str = ""
    starts_at: Moment | None = None
    ends_at: Moment | None = None
    duration_s: int | None = None


def draft(body: SilenceBody, before: Silence | None, actor: str, now: datetime) -> Silence:
    """Return the silence that `body` means, with the id it gets; raises Refused with 422.

    `before` is the silence that it changes. It keeps its id if it may be changed in place, which
    never changes what was silenced in the past.
    """
    starts_at = _start(body, before, now)
    silence = Silence(
        id=body.id,
        matchers=tuple(Condition.of(matcher) for matcher in conditions(body.matchers)),
        starts_at=starts_at,
        ends_at=_end(body, starts_at, now),
        created_by=_words("created_by", body.created_by or actor, LONGEST_NAME),
        comment=_words("comment", body.comment, LONGEST_TEXT),
        updated_at=now,
    )
    return identified(silence, before, now)


def identified(silence: Silence, before: Silence | None, now: datetime) -> Silence:
    """Return a silence with the id it gets: that of `before` if this may be changed so, else a new one."""
    if before is not None and before.takes(silence, now):
        return replace(silence, id=before.id)
    return replace(silence, id=str(uuid4()), starts_at=max(silence.starts_at, now))


def _start(body: SilenceBody, before: Silence | None, now: datetime) -> datetime:
    if body.starts_at is None:
        is_open = before is not None and before.state(now) is not SilenceState.EXPIRED
        return before.starts_at if before is not None and is_open else now
    if before is not None and body.starts_at == before.starts_at:
        return body.starts_at
    return max(body.starts_at, now)


def _end(body: SilenceBody, starts_at: datetime, now: datetime) -> datetime:
    if (body.ends_at is None) == (body.duration_s is None):
        raise unfit("ends_at", "say when it ends, by ends_at or by duration_s")
    if body.duration_s is not None:
        if not 1 <= body.duration_s <= LONGEST.total_seconds():
            raise unfit("duration_s", f"duration_s must be from 1 to {LONGEST.total_seconds():.0f}")
        if starts_at - now > LONGEST - timedelta(seconds=body.duration_s):
            raise unfit("duration_s", f"it may end {LONGEST.days} days ahead at most")
        return max(starts_at, now) + timedelta(seconds=body.duration_s)
    ends_at = body.ends_at or now
    if ends_at <= max(starts_at, now):
        raise unfit("ends_at", "ends_at must be later than now and than starts_at")
    if ends_at - now > LONGEST:
        raise unfit("ends_at", f"ends_at may be {LONGEST.days} days ahead at most")
    return ends_at


def conditions(text: str) -> tuple[Matcher, ...]:
    """Return what the matchers of a silence ask of a label each; raises Refused."""
    try:
        found = parse_matchers(text)
    except BadPayload as error:
        raise unfit("matchers", str(error)) from error
    if not 1 <= len(found) <= MOST_MATCHERS:
        raise unfit("matchers", f'write from 1 to {MOST_MATCHERS} matchers, such as alertname="A"')
    return found


def _words(name: str, text: str, most: int) -> str:
    if not 0 < len(text.strip()) <= most:
        raise unfit(name, f"{name} must have from 1 to {most} characters")
    return text.strip()


def unfit(name: str, why: str) -> Refused:
    """Return the refusal of one field."""
    return Refused(422, "unfit", why, name)
