"""Say an incident in a dozen lines, for a phone at night.

Pure text: no markup of any channel. These are the built-in texts, by which a message leaves whatever becomes
of the templates; those that are shipped say the same.
"""

from collections.abc import Sequence

from msgspec.structs import replace

from alertmesh.core.oncall import User
from alertmesh.core.page import Message, PageKind, Recipient
from alertmesh.notify.facts import BUNDLE, HANDOVER, Again, Briefing, Facts, Like, Root, Style, facts_of
from alertmesh.notify.words import Words, words

_PEOPLE = 50  # DingTalk mentions no more

Text = tuple[str, list[str]]  # title and lines


def message(briefings: Sequence[Briefing], style: Style) -> Message:
    """Render the message that carries everything in `briefings`, one for each incident."""
    return of_facts(facts_of(briefings, style), style)


def of_facts(facts: Facts, style: Style) -> Message:
    """Render the message that says what is known."""
    text = words(style.language)
    title, lines = _written(facts, text)
    number = int(facts.priority.removeprefix("P"))
    minimal = text.minimal if facts.count == 1 else text.minimal_many
    if facts.kind == PageKind.TEST:
        minimal = text.test_minimal
    return Message(
        key=style.key,
        title=title,
        text="\n".join(lines) or text.unknown,
        minimal=minimal.format(priority=number, id=facts.incident, count=facts.count),
        mobiles=tuple(dict.fromkeys(user.mobile for user in style.people if user.mobile))[:_PEOPLE],
        recipients=tuple(map(_recipient, style.people)),
        language=style.language,
        fields=_fields(facts),
        url=facts.url,
    )


def maybe_sent(told: Message, language: str) -> Message:
    """Mark a message that may have arrived before, for a channel that cannot tell."""
    mark = words(language).maybe_before
    return replace(told, title=mark + told.title, minimal=mark + told.minimal)


def _written(facts: Facts, text: Words) -> Text:
    if facts.count > 1:
        return _bundle(facts, text)
    return {
        PageKind.UPDATE.value: _update,
        PageKind.CLOSING.value: _closing,
        PageKind.TEST.value: _test,
        HANDOVER: _handover,
    }.get(facts.kind, _page)(facts, text)


def _page(facts: Facts, text: Words) -> Text:
    """Say how bad, what, where, since when, how much, why, who, what next."""
    title = f"[{facts.priority}] #{facts.incident} {facts.title}".rstrip()
    return title, [*_about(facts, text), *_seen(facts, text), *_paging(facts, text), *_links(facts, text)]


def _handover(facts: Facts, text: Words) -> Text:
    """Say from whom somebody is to take it over, and what it is."""
    title = text.handover_title.format(
        priority=facts.priority, id=facts.incident, title=facts.title, reason=facts.reason
    )
    return title, [text.handover_ask, *_about(facts, text), *_seen(facts, text), *_links(facts, text)]


def _update(facts: Facts, text: Words) -> Text:
    """Say news about an incident to those who are on it already."""
    title = text.update_title.format(priority=facts.priority, id=facts.incident, title=facts.title)
    return title, [*facts.reasons, *_about(facts, text), *_links(facts, text)]


def _closing(facts: Facts, text: Words) -> Text:
    """Say that it is over: how long it lasted, who handled it."""
    lines = [facts.reason] if facts.reason else []
    if facts.known:
        lines.append(text.lasted.format(age=facts.lasted, since=facts.since, until=facts.until))
        lines.append(_counts(facts, text))
    if facts.handled_by:
        lines.append(text.handled_by.format(people=facts.handled_by))
    title = text.closing_title.format(id=facts.incident, title=facts.title)
    return title, [*lines, *_links(facts, text)]


def _bundle(facts: Facts, text: Words) -> Text:
    """Say many incidents as one line each, worst first."""
    lines = list(facts.reasons) if facts.kind == HANDOVER else []
    lines += [_summary(one, text) for one in facts.incidents]
    lines.append(text.open_line.format(url=facts.url) if facts.url else text.console)
    title = text.many_title if facts.kind == BUNDLE else text.many_handovers
    return title.format(priority=facts.priority, count=facts.count), lines


def _test(facts: Facts, text: Words) -> Text:
    """Say that nothing is wrong, and that the way to somebody is being tried."""
    title = text.test_title.format(people=facts.people)
    return title, [text.test_text.format(channel=facts.channel)]


def _summary(facts: Facts, text: Words) -> str:
    if facts.kind == PageKind.TEST:
        return text.test_title.format(people=facts.people)
    return text.many_line.format(
        priority=facts.priority,
        id=facts.incident,
        title=facts.title,
        age=facts.age,
        state=text.cleared if facts.cleared else "",
    )


def _about(facts: Facts, text: Words) -> list[str]:
    if not facts.known:
        return []
    lines = [facts.summary] if facts.summary else []
    if facts.where:
        lines.append(text.where.format(where=facts.where))
    lines.append(text.since.format(since=facts.since, age=facts.age))
    lines.append(_counts(facts, text))
    if facts.root is not None:
        lines.append(_root(facts.root, text))
    if facts.together:
        lines.append(text.together.format(reasons=facts.together, percent=facts.together_percent))
    return lines


def _root(root: Root, text: Words) -> str:
    told = text.root.format(entity=root.entity, percent=root.percent, reason=root.reason)
    if root.changed:
        told += text.changed.format(what=root.changed)
    return told + text.unseen.format(percent=root.unseen) if root.unseen else told


def _seen(facts: Facts, text: Words) -> list[str]:
    """Return the likest past incident and how often this came back, in one line."""
    told = [*_like(facts.similar, text), *_again(facts.again, text)]
    return [text.seen.format(told=text.comma.join(told))] if told else []


def _like(like: Like | None, text: Words) -> list[str]:
    if like is None:
        return []
    told = [text.similar.format(id=like.incident, percent=like.percent)]
    if like.resolved_by:
        told.append(text.resolved_by.format(person=like.resolved_by))
    if like.note:
        told.append(text.noted.format(note=like.note))
    return told


def _again(again: Again | None, text: Words) -> list[str]:
    if again is None:
        return []
    return [text.again.format(times=again.times, days=again.days, entity=again.entity)]


def _paging(facts: Facts, text: Words) -> list[str]:
    lines = [text.reason.format(reason=facts.reason)] if facts.reason else []
    lines.append(text.paged.format(people=facts.people, tier=facts.tier, step=facts.step))
    if facts.before:
        lines.append(text.also_paged.format(people=facts.before))
    if facts.team:
        lines.append(text.team.format(team=facts.team))
    if facts.next_tier:
        lines.append(text.next_tier.format(at=facts.next_tier))
    elif facts.next_step:
        lines.append(text.next_step.format(at=facts.next_step))
    return lines


def _links(facts: Facts, text: Words) -> list[str]:
    lines = [text.runbook.format(url=facts.runbook)] if facts.runbook else []
    return [*lines, text.link.format(url=facts.url)] if facts.url else lines


def _counts(facts: Facts, text: Words) -> str:
    return text.alerts.format(alerts=facts.alerts, series=facts.series, firing=facts.firing)


def _fields(facts: Facts) -> dict[str, str]:
    """Return the parts of a message for channels that fill in a template of their own."""
    worst = facts.incidents[0] if facts.incidents else facts
    return {
        "kind": worst.kind if worst.kind != HANDOVER else PageKind.PAGE.value,
        "priority": facts.priority,
        "incident": str(facts.incident),
        "count": str(facts.count),
        "title": facts.title,
        "code": facts.code,
        "opened": facts.since,
    }


def _recipient(user: User) -> Recipient:
    return Recipient(name=user.name, display=user.display, mobile=user.mobile, contacts=user.contacts)
