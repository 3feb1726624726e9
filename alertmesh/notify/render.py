"""Say an incident in a dozen lines, for a phone at night.

Pure text: no markup of any channel. Whatever came from a monitor is squeezed into one line and
cut, so that no label can blow up or forge a message.
"""

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from alertmesh.core.incident import Condition, Incident
from alertmesh.core.oncall import Tier, User
from alertmesh.core.page import Message, Page, PageKind, Recipient
from alertmesh.core.response import Response, Timer
from alertmesh.notify.words import Words, words

_TITLE = 80
_FIELD = 160
_URL = 500
_SERVICES = 3
_PEOPLE = 50  # DingTalk mentions no more
_OPENERS = frozenset({"Alerts", "Both", "It", "Same", "The", "They", "This"})
_HOST_LABELS = ("node", "host", "pod", "instance")


class Briefing(Struct, frozen=True, kw_only=True):
    """What one message is about: the pages it carries, and what is known of their incident."""

    pages: tuple[Page, ...]
    incident: Incident | None = None
    response: Response | None = None


class Style(Struct, frozen=True, kw_only=True):
    """How to say it: to whom, in which language, at which moment, under which address and key.

    `code` is what stands for the message when it is answered; empty when it asks for nothing.
    """

    key: str
    now: datetime
    people: tuple[User, ...] = ()
    language: str = "en"
    external_url: str = ""
    code: str = ""


def message(briefings: Sequence[Briefing], style: Style) -> Message:
    """Render the message that carries everything in `briefings`, one for each incident."""
    if len(briefings) > 1:
        return bundle_message(briefings, style)
    kind = briefings[0].pages[0].kind
    if kind is PageKind.PAGE:
        return page_message(briefings[0], style)
    return (
        closing_message(briefings[0], style)
        if kind is PageKind.CLOSING
        else update_message(briefings[0], style)
    )


def page_message(briefing: Briefing, style: Style) -> Message:
    """Render a page: how bad, what, where, since when, how much, why, who, what next."""
    text = words(style.language)
    page = briefing.pages[0]
    title = f"[P{page.priority}] #{page.incident} {_name(briefing, text)}".rstrip()
    facts = [*_facts(briefing, style), *_seen(briefing.incident, text)]
    lines = [*facts, *_paging(briefing, style), *_links(briefing, style)]
    return _message(title, lines, briefing, style)


def update_message(briefing: Briefing, style: Style) -> Message:
    """Render news about an incident for those who are on it already."""
    text = words(style.language)
    page = briefing.pages[0]
    title = text.update_title.format(
        priority=int(page.priority), id=page.incident, title=_name(briefing, text)
    )
    reasons = dict.fromkeys(_line(each.reason, _FIELD) for each in briefing.pages if each.reason)
    lines = [*reasons, *_facts(briefing, style), *_links(briefing, style)]
    return _message(title, lines, briefing, style)


def closing_message(briefing: Briefing, style: Style) -> Message:
    """Render the end of an incident: how long it lasted, who handled it."""
    text = words(style.language)
    title = text.closing_title.format(id=briefing.pages[0].incident, title=_name(briefing, text))
    lines = [_line(page.reason, _FIELD) for page in briefing.pages[:1] if page.reason]
    incident, response = briefing.incident, briefing.response
    if incident is not None:
        end = incident.cleared_at or incident.changed_at
        age = _age(incident.opened_at, end, text)
        lines.append(text.lasted.format(age=age, since=_moment(incident.opened_at), until=_moment(end)))
        lines.append(_counts(incident, text))
    if response is not None and (response.owner or response.ops_owner):
        owners = dict.fromkeys(name for name in (response.ops_owner, response.owner) if name)
        lines.append(text.handled_by.format(people=", ".join(owners)))
    return _message(title, [*lines, *_links(briefing, style)], briefing, style)


def bundle_message(briefings: Sequence[Briefing], style: Style) -> Message:
    """Render many incidents as one line each, worst first."""
    text = words(style.language)
    worst = min(int(page.priority) for briefing in briefings for page in briefing.pages)
    lines = [_summary(briefing, style) for briefing in briefings]
    url = _address(style, "incidents")
    lines.append(text.open_line.format(url=url) if url else text.console)
    return Message(
        key=style.key,
        title=text.many_title.format(priority=worst, count=len(briefings)),
        text="\n".join(lines),
        minimal=text.minimal_many.format(priority=worst, count=len(briefings)),
        mobiles=_mobiles(style),
        recipients=_recipients(style),
        language=style.language,
        fields=_fields(briefings, style),
        url=url,
    )


def maybe_sent(told: Message, language: str) -> Message:
    """Mark a message that may have arrived before, for a channel that cannot tell."""
    mark = words(language).maybe_before
    return replace(told, title=mark + told.title, minimal=mark + told.minimal)


def _message(title: str, lines: Sequence[str], briefing: Briefing, style: Style) -> Message:
    text = words(style.language)
    page = briefing.pages[0]
    return Message(
        key=style.key,
        title=title,
        text="\n".join(lines) or text.unknown,
        minimal=text.minimal.format(priority=int(page.priority), id=page.incident),
        mobiles=_mobiles(style),
        recipients=_recipients(style),
        language=style.language,
        fields=_fields([briefing], style),
        url=_url(briefing, style),
    )


def _summary(briefing: Briefing, style: Style) -> str:
    text = words(style.language)
    page, incident = briefing.pages[0], briefing.incident
    cleared = incident is not None and incident.condition is Condition.CLEARED
    return text.many_line.format(
        priority=int(page.priority),
        id=page.incident,
        title=_name(briefing, text),
        age=_age(incident.opened_at if incident else page.at, style.now, text),
        state=text.cleared if cleared else "",
    )


def _facts(briefing: Briefing, style: Style) -> list[str]:
    text, incident = words(style.language), briefing.incident
    if incident is None:
        return []
    lines = [_line(incident.summary, _FIELD)] if incident.summary else []
    where = _where(incident, text)
    if where:
        lines.append(text.where.format(where=where))
    age = _age(incident.opened_at, style.now, text)
    lines.append(text.since.format(since=_moment(incident.opened_at), age=age))
    lines.append(_counts(incident, text))
    if incident.causes:
        cause = incident.causes[0]
        entity, reason = _line(cause.entity, _TITLE), _line(cause.reason, _FIELD)
        line = text.root.format(entity=entity, percent=round(cause.score * 100), reason=reason)
        if cause.changed:
            line += text.changed.format(what=_line(cause.changed, _FIELD))
        if cause.unseen > cause.score:
            line += text.unseen.format(percent=round(cause.unseen * 100))
        lines.append(line)
    return [*lines, *_together(incident, text)]


def _together(incident: Incident, text: Words) -> list[str]:
    """Return why the alerts are one incident, in one line, from what spoke for the one that joined last."""
    join = incident.together
    if join is None or not join.reasons:
        return []
    told = [text.evidence.get(one.feature) or _inline(_line(one.text, _TITLE)) for one in join.reasons]
    reasons = text.semicolon.join(dict.fromkeys(told))
    return [text.together.format(reasons=reasons, percent=round(join.score * 100))]


def _inline(sentence: str) -> str:
    """Return a sentence as it stands after a colon: a word that only opens it is written small."""
    first, _, rest = sentence.partition(" ")
    return f"{first.lower()} {rest}" if first in _OPENERS else sentence


def _seen(incident: Incident | None, text: Words) -> list[str]:
    """Return the likest past incident and how often this came back, in one line."""
    told = []
    like = next((one for one in incident.similar if one.telling), None) if incident else None
    if like is not None:
        told.append(text.similar.format(id=like.incident, percent=round(like.score * 100)))
        if like.resolved_by:
            told.append(text.resolved_by.format(person=_line(like.resolved_by, _TITLE)))
        if like.note:
            told.append(text.noted.format(note=_line(like.note, _TITLE)))
    again = incident.recurrence if incident else None
    if again is not None:
        times = text.ordinal(again.times)
        entity = _line(again.entity, _TITLE)
        told.append(text.again.format(times=times, days=again.days, entity=entity))
    return [text.seen.format(told=text.comma.join(told))] if told else []


def _paging(briefing: Briefing, style: Style) -> list[str]:
    text, page, response = words(style.language), briefing.pages[0], briefing.response
    names = {user.name: user.display or user.name for user in style.people}
    told = dict.fromkeys(each.person for each in briefing.pages)
    people = ", ".join(_line(names.get(person, person), _TITLE) for person in told)
    lines = [text.reason.format(reason=_line(page.reason, _FIELD))] if page.reason else []
    lines.append(
        text.paged.format(people=people, tier=text.tiers.get(page.tier, page.tier), step=page.step + 1)
    )
    if response is None:
        return lines
    before = [_line(name, _TITLE) for name in response.paged if name not in told]
    if before:
        lines.append(text.also_paged.format(people=", ".join(before[:_SERVICES])))
    lines.extend(_next(response, text))
    return lines


def _next(response: Response, text: Words) -> list[str]:
    """Return when the developers are due, or else the next step."""
    tier, step = response.deadlines.get(Timer.TIER), response.deadlines.get(Timer.STEP)
    if tier is not None and response.tier is Tier.OPS:
        return [text.next_tier.format(at=f"{tier:%H:%M}")]
    return [text.next_step.format(at=f"{step:%H:%M}")] if step is not None else []


def _links(briefing: Briefing, style: Style) -> list[str]:
    text, incident, url = words(style.language), briefing.incident, _url(briefing, style)
    lines = []
    if incident is not None and incident.runbook_url:
        lines.append(text.runbook.format(url=_line(incident.runbook_url, _URL)))
    if url:
        lines.append(text.link.format(url=url))
    return lines


def _name(briefing: Briefing, text: Words) -> str:
    incident = briefing.incident
    if incident is None:
        return text.unknown
    return _line(incident.title, _TITLE)


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
    return ", ".join(f"{text.place[kind]} {_line(value, _TITLE)}" for kind, value in parts.items() if value)


def _counts(incident: Incident, text: Words) -> str:
    return text.alerts.format(alerts=incident.alerts, series=incident.series, firing=incident.firing)


def _url(briefing: Briefing, style: Style) -> str:
    return _address(style, f"incidents/{briefing.pages[0].incident}")


def _address(style: Style, path: str) -> str:
    """Return where to answer a page, and for everything else where to read."""
    if not style.external_url:
        return ""
    return f"{style.external_url}/{f'p/{style.code}' if style.code else path}"


def _fields(briefings: Sequence[Briefing], style: Style) -> dict[str, str]:
    """Return the parts of a message for channels that fill in a template of their own."""
    pages = [page for briefing in briefings for page in briefing.pages]
    return {
        "kind": pages[0].kind,
        "priority": f"P{min(page.priority for page in pages):d}",
        "incident": str(pages[0].incident),
        "count": str(len(briefings)),
        "title": _name(briefings[0], words(style.language)),
        "code": style.code,
    }


def _mobiles(style: Style) -> tuple[str, ...]:
    return tuple(dict.fromkeys(user.mobile for user in style.people if user.mobile))[:_PEOPLE]


def _recipients(style: Style) -> tuple[Recipient, ...]:
    return tuple(
        Recipient(name=user.name, display=user.display, mobile=user.mobile, contacts=user.contacts)
        for user in style.people
    )


def _line(value: str, longest: int) -> str:
    flat = " ".join("".join(sign if sign.isprintable() else " " for sign in value).split())
    return flat if len(flat) <= longest else flat[: longest - 1] + "…"


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M}"


def _age(since: datetime, until: datetime, text: Words) -> str:
    minutes = max(0, int((until - since).total_seconds()) // 60)
    if minutes < 60:
        return text.units[0].format(minutes)
    if minutes < 24 * 60:
        return text.units[1].format(minutes // 60, minutes % 60)
    return text.units[2].format(minutes // 1440, minutes % 1440 // 60)
