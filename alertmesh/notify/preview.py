"""Show what a message would say, without sending it."""

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct

from alertmesh.core.incident import Incident
from alertmesh.core.page import Page, PageKind
from alertmesh.core.response import Response
from alertmesh.notify.compose import Composer
from alertmesh.notify.facts import BUNDLE, HANDOVER, Briefing, Style, facts_of
from alertmesh.notify.render import of_facts
from alertmesh.notify.templates import KINDS, Templates

_REASONS = {BUNDLE: "opened", HANDOVER: "hand-over from {}", "page": "opened", "update": "{} has it now"}
_PLAIN, _WIDE = (160, 153), (70, 67)  # characters of a text message that is alone, and of one of several
_SMS = "sms"


class Preview(Struct, frozen=True, kw_only=True):
    """A message as it would leave; `template` is the one that wrote it, empty for the built-in text.

    `parts` is how many text messages its title, text and all would be, 0 for a channel of another kind.
    """

    kind: str
    language: str
    channel: str
    template: str
    title: str
    text: str
    minimal: str
    characters: int
    bytes: int
    parts: int


class Wanted(Struct, frozen=True, kw_only=True):
    """Which message is to be shown: what it is for, its language, and for which kind of channel."""

    kind: str = "page"
    language: str = "en"
    channel: str = ""


def preview(composer: Composer, found: tuple[Incident, Response], wanted: Wanted, now: datetime) -> Preview:
    """Return a message about an incident as it would leave now; ValueError for a kind there is none of."""
    kind = wanted.kind
    if kind not in KINDS or kind == BUNDLE:
        raise ValueError(f"kind is one of {', '.join(one for one in KINDS if one != BUNDLE)}")
    incident, response = found
    person = response.owner or response.ops_owner or next(iter(response.paged), "")
    page = Page(
        id="preview",
        incident=incident.id,
        epoch=response.epoch,
        cycle=response.cycle,
        kind=PageKind.PAGE if kind == HANDOVER else PageKind(kind),
        tier=response.tier,
        step=max(response.step, 0),
        loop=response.loop,
        person=person,
        priority=response.priority,
        at=now,
        reason=_REASONS.get(kind, "").format(person or "-"),
    )
    user = composer.people(person)
    style = Style(
        key="preview",
        now=now,
        people=() if user is None else (user,),
        language=wanted.language,
        external_url=composer.external_url.rstrip("/"),
        channel=wanted.channel,
        kind=wanted.channel,
    )
    briefing = Briefing(pages=(page,), incident=incident, response=response)
    return previewed(composer.templates, [briefing], style)


def previewed(templates: Templates | None, briefings: Sequence[Briefing], style: Style) -> Preview:
    """Return a message about `briefings` as it would leave."""
    facts = facts_of(briefings, style)
    message = of_facts(facts, style)
    if templates is not None:
        message = templates.dress(message, facts, style.kind)
    whole = f"{message.title}\n{message.text}"
    return Preview(
        kind=facts.kind,
        language=style.language,
        channel=style.kind,
        template=templates.chosen(facts, style.kind) if templates is not None else "",
        title=message.title,
        text=message.text,
        minimal=message.minimal,
        characters=len(whole),
        bytes=len(whole.encode()),
        parts=sms_parts(whole) if _SMS in style.kind.split("-") else 0,
    )


def sms_parts(text: str) -> int:
    """Return how many text messages a text takes: fewer when all of it is ASCII.

    >>> sms_parts("a" * 160), sms_parts("a" * 161), sms_parts("警" * 71)
    (1, 2, 2)
    """
    size = len(text) if text.isascii() else len(text.encode("utf-16-be")) // 2
    alone, shared = _PLAIN if text.isascii() else _WIDE
    return 1 if size <= alone else -(-size // shared)
