"""What a message can say, as short pieces: all that came from a monitor is squeezed into one line and cut.

Messages are written from these alone, by the built-in texts or by a template, so that no label can blow up
or forge one.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct

from alertmesh.chinese.causes import cause_in, change_in
from alertmesh.chinese.joins import join_in
from alertmesh.chinese.reasons import is_handover, reason_in
from alertmesh.core.group import Cause
from alertmesh.core.incident import Condition, Incident
from alertmesh.core.oncall import Tier, User
from alertmesh.core.page import Page, PageKind
from alertmesh.core.response import Response, Timer
from alertmesh.notify.words import Words, words

TITLE = 80
FIELD = 160
_URL = 500
_SERVICES = 3
_OPENERS = frozenset({"Alerts", "Both", "It", "Same", "The", "They", "This"})
_HOST_LABELS = ("node", "host", "pod", "instance")

BUNDLE, HANDOVER = "bundle", "handover"


class Briefing(Struct, frozen=True, kw_only=True):
    """What one message is about: the pages it carries, and what is known of their incident."""

    pages: tuple[Page, ...]
    incident: Incident | None = None
    response: Response | None = None


class Style(Struct, frozen=True, kw_only=True):
    """How to say it: to whom, in which language, at which moment, under which address and key.

    `code` is what stands for the message when it is answered; empty when it asks for nothing. `channel`
    is the name of the way it leaves by, and `kind` what kind of channel that is.
    """

    key: str
    now: datetime
    people: tuple[User, ...] = ()
    language: str = "en"
    external_url: str = ""
    code: str = ""
    channel: str = ""
    kind: str = ""


class Root(Struct, frozen=True, kw_only=True):
    """The likeliest root; `unseen` is how likely it is that it does not alert, 0 when that is less likely."""

    entity: str
    percent: int
    reason: str
    changed: str
    unseen: int


class Like(Struct, frozen=True, kw_only=True):
    """The likest past incident."""

    incident: int
    percent: int
    resolved_by: str
    note: str


class Again(Struct, frozen=True, kw_only=True):
    """How often this came back; `times` is worded as one counts."""

    times: str
    days: int
    entity: str


class Facts(Struct, frozen=True, kw_only=True):
    """Everything a message about one incident can say, or about several: then `incidents` has one each.

    Moments are UTC, worded; what is not known is empty, 0 or null. `kind` says what the message is for:
    page, update, closing, bundle, handover or test.
    """

    kind: str
    language: str
    channel: str
    priority: str
    incident: int
    title: str
    count: int = 1
    known: bool = False
    cleared: bool = False
    summary: str = ""
    where: str = ""
    since: str = ""
    until: str = ""
    age: str = ""
    lasted: str = ""
    alerts: int = 0
    series: int = 0
    firing: int = 0
    root: Root | None = None
    together: str = ""
    together_percent: int = 0
    similar: Like | None = None
    again: Again | None = None
    reasons: tuple[str, ...] = ()
    people: str = ""
    tier: str = ""
    step: int = 0
    before: str = ""
    team: str = ""
    next_tier: str = ""
    next_step: str = ""
    handled_by: str = ""
    runbook: str = ""
    url: str = ""
    code: str = ""
    incidents: tuple["Facts", ...] = ()

    @property
    def reason(self) -> str:
        """Return the first reason; empty when there is none."""
        return self.reasons[0] if self.reasons else ""


def facts_of(briefings: Sequence[Briefing], style: Style) -> Facts:
    """Return what can be said of everything that a message carries, worst incident first."""
    alone = [_alone(briefing, style) for briefing in briefings]
    if len(alone) == 1:
        return alone[0]
    return Facts(
        kind=HANDOVER if all(one.kind == HANDOVER for one in alone) else BUNDLE,
        language=style.language,
        channel=style.channel,
        priority=min(one.priority for one in alone),
        incident=alone[0].incident,
        title=alone[0].title,
        count=len(alone),
        known=True,
        reasons=tuple(dict.fromkeys(reason for one in alone for reason in one.reasons)),
        people=text_list(dict.fromkeys(one.people for one in alone)),
        url=_address(style, "incidents"),
        code=style.code,
        incidents=tuple(alone),
    )


def _alone(briefing: Briefing, style: Style) -> Facts:
    text, page = words(style.language), briefing.pages[0]
    incident, response = briefing.incident, briefing.response
    of_incident = {} if incident is None else _of_incident(incident, style, text)
    of_response = {} if response is None else _of_response(response, briefing.pages, style)
    told = dict.fromkeys(line(reason_in(style.language, one.reason), FIELD) for one in briefing.pages)
    return Facts(
        kind=_kind(briefing.pages),
        language=style.language,
        channel=style.channel,
        priority=f"P{page.priority:d}",
        incident=page.incident,
        title=_title(briefing, text),
        reasons=tuple(reason for reason in told if reason),
        people=_people(briefing.pages, style),
        tier=text.tiers.get(page.tier, page.tier),
        step=page.step + 1,
        url="" if page.kind is PageKind.TEST else _address(style, f"incidents/{page.incident}"),
        code=style.code,
        **{"age": _age(page.at, style.now, text), **of_incident, **of_response},
    )


def _kind(pages: Sequence[Page]) -> str:
    page = pages[0]
    is_page = page.kind is PageKind.PAGE
    return HANDOVER if is_page and all(is_handover(one.reason) for one in pages) else page.kind.value


def _title(briefing: Briefing, text: Words) -> str:
    if briefing.pages[0].kind is PageKind.TEST:
        return text.test
    return text.unknown if briefing.incident is None else line(briefing.incident.title, TITLE)


def _of_incident(incident: Incident, style: Style, text: Words) -> dict[str, Any]:
    end = incident.cleared_at or incident.changed_at
    together = incident.together
    return {
        "known": True,
        "cleared": incident.condition is Condition.CLEARED,
        "summary": line(incident.summary, FIELD),
        "where": _where(incident, text),
        "since": _moment(incident.opened_at),
        "until": _moment(end),
        "age": _age(incident.opened_at, style.now, text),
        "lasted": _age(incident.opened_at, end, text),
        "alerts": incident.alerts,
        "series": incident.series,
        "firing": incident.firing,
        "root": _root(incident.causes[0], style.language) if incident.causes else None,
        "together": _together(incident, text, style.language),
        "together_percent": round(together.score * 100) if together else 0,
        "similar": _similar(incident),
        "again": _again(incident, text),
        "runbook": line(incident.runbook_url, _URL),
    }


def _of_response(response: Response, pages: Sequence[Page], style: Style) -> dict[str, Any]:
    told = {page.person for page in pages}
    before = [line(name, TITLE) for name in response.paged if name not in told]
    owners = dict.fromkeys(name for name in (response.ops_owner, response.owner) if name)
    tier, step = response.deadlines.get(Timer.TIER), response.deadlines.get(Timer.STEP)
    is_tier_next = tier is not None and response.tier is Tier.OPS
    return {
        "before": ", ".join(before[:_SERVICES]),
        "handled_by": ", ".join(line(name, TITLE) for name in owners),
        "team": _team(response, pages, style),
        "next_tier": f"{tier:%H:%M}" if tier is not None and is_tier_next else "",
        "next_step": f"{step:%H:%M}" if step is not None and not is_tier_next else "",
    }


def _team(response: Response, pages: Sequence[Page], style: Style) -> str:
    """Return which team tier 2 is, and why; empty when the reason of a page says so already."""
    why = response.rnd_why or response.rnd_roster
    if not why or any(page.reason.endswith(why) for page in pages):
        return ""
    return line(reason_in(style.language, why), FIELD)


def _root(cause: Cause, language: str) -> Root:
    return Root(
        entity=line(cause.entity, TITLE),
        percent=round(cause.score * 100),
        reason=line(cause_in(language, cause.reason), FIELD),
        changed=line(change_in(language, cause.changed), FIELD),
        unseen=round(cause.unseen * 100) if cause.unseen > cause.score else 0,
    )


def _together(incident: Incident, text: Words, language: str) -> str:
    """Return why the alerts are one incident, from what spoke for the one that joined last."""
    join = incident.together
    reasons = () if join is None else join.reasons
    told = [
        text.evidence.get(one.feature) or _inline(line(join_in(language, one.feature, one.text), TITLE))
        for one in reasons
    ]
    return text.semicolon.join(dict.fromkeys(told))


def _inline(sentence: str) -> str:
    """Return a sentence as it stands after a colon: a word that only opens it is written small."""
    first, _, rest = sentence.partition(" ")
    return f"{first.lower()} {rest}" if first in _OPENERS else sentence


def _similar(incident: Incident) -> Like | None:
    like = next((one for one in incident.similar if one.telling), None)
    if like is None:
        return None
    return Like(
        incident=like.incident,
        percent=round(like.score * 100),
        resolved_by=line(like.resolved_by, TITLE),
        note=line(like.note, TITLE),
    )


def _again(incident: Incident, text: Words) -> Again | None:
    again = incident.recurrence
    if again is None:
        return None
    return Again(times=text.ordinal(again.times), days=again.days, entity=line(again.entity, TITLE))


def _people(pages: Sequence[Page], style: Style) -> str:
    names = {user.name: user.display or user.name for user in style.people}
    told = dict.fromkeys(page.person for page in pages)
    return text_list(line(names.get(person, person), TITLE) for person in told)


def _where(incident: Incident, text: Words) -> str:
    labels = incident.labels
    services = ", ".join(incident.services[:_SERVICES]) or labels.get("service", "")
    if len(incident.services) > _SERVICES:
        total = len(incident.services)
        services = text.more_services.format(services=services, more=total - _SERVICES, total=total)
    host = next((labels[name] for name in _HOST_LABELS if labels.get(name)), "")
    parts = {
        "cluster": labels.get("cluster", ""),
        "namespace": labels.get("namespace", ""),
        "service": services,
        "host": host,
    }
    told = {kind: line(value, TITLE) for kind, value in parts.items()}
    return ", ".join(f"{text.place[kind]} {value}" for kind, value in told.items() if value)


def _address(style: Style, path: str) -> str:
    """Return where to answer a page, and for everything else where to read."""
    if not style.external_url:
        return ""
    return f"{style.external_url}/{f'p/{style.code}' if style.code else path}"


def line(value: str, longest: int) -> str:
    """Return a text as one line of at most `longest` characters, without what cannot be seen.

    >>> line("a\\x00b\\nc" * 3, 9)
    'a b ca b…'
    """
    flat = " ".join("".join(sign if sign.isprintable() else " " for sign in value).split())
    return flat if len(flat) <= longest else flat[: longest - 1] + "…"


def text_list(names: Iterable[str]) -> str:
    """Return names as a list in words."""
    return ", ".join(names)


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M}"


def _age(since: datetime, until: datetime, text: Words) -> str:
    minutes = max(0, int((until - since).total_seconds()) // 60)
    if minutes < 60:
        return text.units[0].format(minutes)
    if minutes < 24 * 60:
        return text.units[1].format(minutes // 60, minutes % 60)
    return text.units[2].format(minutes // 1440, minutes % 1440 // 60)
