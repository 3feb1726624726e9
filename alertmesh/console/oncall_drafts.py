"""Read what a person writes about an override; each fault names its field."""

from datetime import UTC, datetime, timedelta
from typing import Literal
from uuid import uuid4

from msgspec import Struct

from alertmesh.console.drafts import LONGEST, LONGEST_NAME, LONGEST_TEXT, Moment, unfit
from alertmesh.core.oncall import OnCall, Override, OverrideState


class SpanBody(Struct, frozen=True, forbid_unknown_fields=True):
    """A span of time."""

    starts_at: Moment
    ends_at: Moment


class OverrideBody(Struct, frozen=True, forbid_unknown_fields=True):
    """An override as a person asks for it; it ends at `ends_at` or `duration_s` after it starts.

    It is agreed at once unless `state` is `asked`; then whoever asks is covered, if they belong to
    the roster and nobody else is named. A `person` takes the place of `covered`, or the primary's.
    """

    roster: str
    person: str = ""
    covered: str = ""
    state: Literal["agreed", "asked"] = "agreed"
    starts_at: Moment | None = None
    ends_at: Moment | None = None
    duration_s: int | None = None
    in_return: SpanBody | None = None
    comment: str = ""
    created_by: str = ""


class AnswerBody(Struct, frozen=True, forbid_unknown_fields=True):
    """Who answers a request; the name of the token unless told."""

    person: str = ""


def draft(body: OverrideBody, oncall: OnCall, actor: str, now: datetime) -> Override:
    """Return the override that `body` means, with an id of its own; raises Refused with 422."""
    starts_at = now if body.starts_at is None else _utc("starts_at", body.starts_at)
    maker = _text("created_by", body.created_by, LONGEST_NAME) or actor
    state = OverrideState(body.state)
    return Override(
        id=str(uuid4()),
        roster=body.roster,
        starts_at=starts_at,
        ends_at=_end(body, starts_at),
        covered=body.covered or (_asker(body.roster, oncall, maker) if state is OverrideState.ASKED else ""),
        person=body.person,
        in_return=None if body.in_return is None else _span(body.in_return),
        state=state,
        comment=_text("comment", body.comment, LONGEST_TEXT),
        created_by=maker,
        created_at=now,
    )


def _span(body: SpanBody) -> tuple[datetime, datetime]:
    return _utc("in_return", body.starts_at), _utc("in_return", body.ends_at)


def _end(body: OverrideBody, starts_at: datetime) -> datetime:
    if body.ends_at is not None and body.duration_s is None:
        return _utc("ends_at", body.ends_at)
    if body.duration_s is None or body.ends_at is not None:
        raise unfit("ends_at", "say when it ends, by ends_at or by duration_s")
    if not 1 <= body.duration_s <= LONGEST.total_seconds():
        raise unfit("duration_s", f"duration_s must be from 1 to {LONGEST.total_seconds():.0f}")
    try:
        return starts_at + timedelta(seconds=body.duration_s)
    except OverflowError as error:
        raise unfit("starts_at", "starts_at is too far ahead") from error


def _asker(roster: str, oncall: OnCall, maker: str) -> str:
    found = oncall.rosters.get(roster)
    layers = found.layers if found is not None else ()
    return maker if any(maker in layer.members for layer in layers) else ""


def _utc(name: str, at: datetime) -> datetime:
    try:
        return at.astimezone(UTC)
    except OverflowError as error:
        raise unfit(name, f"{name} is out of reach of any calendar") from error


def _text(name: str, text: str, most: int) -> str:
    if len(text) > most:
        raise unfit(name, f"{name} may have {most} characters at most")
    return text.strip()
