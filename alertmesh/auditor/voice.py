"""Tell people that the pager is broken, by channels and a connection of the auditor's own."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import groupby

import structlog
from msgspec.structs import replace

from alertmesh.auditor.look import NOBODY_TOLD, Check, Finding
from alertmesh.auditor.vigil import Saying, Word
from alertmesh.auditor.words import Words, said, words
from alertmesh.core.oncall import User
from alertmesh.core.page import Message, PageKind, Receipt, ReceiptState, Recipient
from alertmesh.core.ports import Channel, Http, Personal

TRIES = 3
"""How often a channel is tried for one message, under the same key."""

SHOWN = 5
"""How many findings of one kind are shown; the rest is counted."""

_RANK = {check: (check not in NOBODY_TOLD, rank) for rank, check in enumerate(Check)}

log = structlog.get_logger()


class Voice:
    """Say the same by every channel; `people` are mentioned, `external_url` is what links begin with.

    By a channel whose messages are for one person, each of `people` gets one. After `pause_s` a busy
    channel is tried again, then after twice that.
    """

    def __init__(
        self,
        channels: Mapping[str, Channel],
        people: Sequence[User],
        http: Http,
        external_url: str = "",
        pause_s: float = 1.0,
    ) -> None:
        self._channels = dict(channels)
        self._people = tuple(people)
        self._http = http
        self._external_url = external_url
        self._pause_s = pause_s

    async def say(self, saying: Saying, now: datetime) -> bool:
        """Send a message; tell whether at least one channel took it."""
        sends = [
            self._send(channel, self._message(channel, people, saying, now), now)
            for channel in self._channels.values()
            for people in self._shares(channel)
        ]
        if not sends:
            hint = "set auditor.people" if self._channels else "set auditor.channels"
            log.error("nobody_to_tell", findings=len(saying.findings), hint=hint)
        return any(await asyncio.gather(*sends))

    def _shares(self, channel: Channel) -> list[tuple[User, ...]]:
        """Return who gets a message together."""
        return [(user,) for user in self._people] if isinstance(channel, Personal) else [self._people]

    def _message(self, channel: Channel, people: Sequence[User], saying: Saying, now: datetime) -> Message:
        language = getattr(channel, "language", "") or self._language()
        message = compose(saying, now, language, people, self._external_url)
        if isinstance(channel, Personal):
            return replace(message, key=f"{message.key}-{people[0].name}")
        return message

    async def _send(self, channel: Channel, message: Message, now: datetime) -> bool:
        receipt = await channel.send(message, now, self._http)
        tries = 1
        while _may_pass(receipt) and tries < TRIES:
            await asyncio.sleep(self._pause_s * tries)
            tries += 1
            receipt = await channel.send(message, now, self._http)
        if receipt.state is not ReceiptState.SENT:
            log.error("not_told", channel=channel.name, error=receipt.error, tries=tries)
        return receipt.state is ReceiptState.SENT

    def _language(self) -> str:
        return self._people[0].language if self._people else "en"


def compose(
    saying: Saying, now: datetime, language: str, people: Sequence[User] = (), external_url: str = ""
) -> Message:
    """Return the message; what is said at one moment has one key, so that a repeat is dropped."""
    text = words(language)
    mobiles = tuple(dict.fromkeys(user.mobile for user in people if user.mobile))
    key = f"auditor-{saying.word}-{now:%Y%m%dT%H%M%S%f}"
    since = f"{saying.since:%Y-%m-%d %H:%M} UTC"
    is_over = saying.word is Word.OVER
    fields = {
        "kind": PageKind.CLOSING if is_over else PageKind.PAGE,
        "priority": "P1",
        "count": str(len(saying.findings)),
        "title": text.over_title if is_over else text.title,
        "opened": since,
    }
    recipients = tuple(
        Recipient(name=user.name, display=user.display, mobile=user.mobile, contacts=user.contacts)
        for user in people
    )
    message = Message(
        key=key,
        title=text.over_title,
        text=text.over.format(since=since),
        minimal=text.minimal_over,
        mobiles=mobiles,
        recipients=recipients,
        language=language,
        fields=fields,
    )
    if is_over:
        return message
    lines = [text.still.format(since=since)] if saying.word is Word.STILL else []
    for _, found in groupby(sorted(saying.findings, key=_order), key=lambda one: one.check):
        lines += _paragraph(list(found), text, language)
    if external_url:
        lines.append(f"AlertMesh: {external_url}")
    checks = ", ".join(dict.fromkeys(finding.check for finding in saying.findings))
    minimal = text.minimal.format(count=len(saying.findings), checks=checks)
    return replace(message, title=text.title, text="\n".join(lines), minimal=minimal, url=external_url)


def lines_of(findings: Iterable[Finding], language: str = "en") -> list[str]:
    """Return one line a finding, for a terminal."""
    return [f"{finding.check}: {_sentence(finding, words(language), language)}" for finding in findings]


def _paragraph(found: list[Finding], text: Words, language: str) -> list[str]:
    lines = [_sentence(finding, text, language) for finding in found[:SHOWN]]
    if len(found) > SHOWN:
        lines.append(text.more.format(count=len(found) - SHOWN))
    return [*lines, text.do.format(do=said(found[0], language)[1])]


def _sentence(finding: Finding, text: Words, language: str) -> str:
    what, _ = said(finding, language)
    if finding.incident:
        what = text.incident.format(number=finding.incident, what=what)
    return f"{what}, {text.since.format(at=f'{finding.since:%H:%M:%S} UTC')}"


def _order(finding: Finding) -> tuple[tuple[bool, int], datetime, int]:
    """Put what somebody should have been told of first, and the oldest of a kind."""
    return _RANK[finding.check], finding.since, finding.incident


def _may_pass(receipt: Receipt) -> bool:
    passing = receipt.state in (ReceiptState.BUSY, ReceiptState.UNKNOWN)
    return passing and not receipt.throttled
