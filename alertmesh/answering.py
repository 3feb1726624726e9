"""Do what people write back, press on a card or tap on a page, and tell them what came of it."""

import secrets
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Protocol

import structlog
from msgspec import Struct

from alertmesh.answerwords import AnswerWords, answer_words
from alertmesh.core.audit import of_command
from alertmesh.core.clock import Clock
from alertmesh.core.entries import Action, Command
from alertmesh.core.errors import AlertMeshError, BadCommand
from alertmesh.core.incident import Incident
from alertmesh.core.oncall import OnCall, User
from alertmesh.core.page import Reply
from alertmesh.core.ports import AuditEntry, Batch, Store
from alertmesh.core.records import Row
from alertmesh.core.response import Response
from alertmesh.duty import Duties
from alertmesh.notify import codes
from alertmesh.notify.codes import Code, Codes
from alertmesh.notify.phone import normal
from alertmesh.notify.replies import Verb, Wish, understand

_REMEMBERED = 1_000  # replies that may be handed over twice
_MOST_LISTED = 10
_SECRETS, _CODES = "secret", "codes"  # table and key
_ACTIONS = {
    verb: Action(verb.value)
    for verb in (Verb.ACK, Verb.UNACK, Verb.ESCALATE, Verb.RESOLVE, Verb.SNOOZE, Verb.NOTE)
}

log = structlog.get_logger()


class Desk(Protocol):
    """What answers are given with."""

    @property
    def clock(self) -> Clock:
        """Return the clock that commands are dated by."""
        ...

    @property
    def store(self) -> Store:
        """Return where codes are kept."""
        ...

    @property
    def duties(self) -> Duties:
        """Return who has duty."""
        ...

    def incident(self, number: int) -> tuple[Incident, Response | None] | None:
        """Return an incident with what people do about it."""
        ...

    async def command(self, command: Command) -> None:
        """Carry out a person's action on an incident there is; BadCommand or StaleCommand when refused."""
        ...

    def audit(self, entry: AuditEntry) -> Awaitable[None]:
        """Record a person's action for good."""
        ...


class Answer(Struct, frozen=True):
    """What came of one action on one incident: done, or why not; `unknown` if it never was there."""

    incident: int
    refused: str = ""
    unknown: bool = False


class Answering:
    """Turn replies and taps into commands; `open` gives the open incidents."""

    def __init__(
        self, desk: Desk, codes: Codes, open: Callable[[], Iterable[tuple[Incident, Response | None]]]
    ) -> None:
        self._desk = desk
        self._codes = codes
        self._open = open
        self._seen: deque[str] = deque(maxlen=_REMEMBERED)

    async def begin(self) -> None:
        """Make codes by the secret of this installation, and such a secret when there is none yet."""
        store = self._desk.store
        secret = store.row(_SECRETS, _CODES)
        if secret is None:
            secret = secrets.token_bytes(32)
            await store.write(Batch(rows=[Row(_SECRETS, _CODES, secret)]))
        self._codes.adopt(secret)

    async def tidy(self) -> None:
        """Remove the codes that are over."""
        store = self._desk.store
        gone = codes.expired(store.rows(codes.TABLE), self._desk.clock.now())
        if gone:
            await store.write(Batch(rows=gone))

    def code(self, code: str) -> Code | None:
        """Return what a code stands for; None when it is not one of ours, or over."""
        return self._kept(codes.tidied(code))

    async def reply(self, reply: Reply) -> str:
        """Do what a reply asks for; return what to answer, nothing when there is nothing to say.

        One that is handed over twice is done once.
        """
        name = f"{reply.channel}/{reply.id}"
        if reply.id and name in self._seen:
            return ""
        self._seen.append(name)
        try:
            return await self._answered(reply)
        except AlertMeshError:
            self._seen.remove(name)  # it was not taken, so that it counts when it is handed over again
            raise

    async def _answered(self, reply: Reply) -> str:
        wish = understand(reply.text)
        person = find(self._desk.duties.oncall(), reply)
        if person is None:
            log.warning("reply_of_a_stranger", channel=reply.channel)
            return "" if wish is None else answer_words("zh" if _is_chinese(reply.text) else "en").stranger
        language = "zh" if _is_chinese(reply.text) else person.language
        return answer_words(language).help if wish is None else await self._grant(wish, person, language)

    async def answer(self, code: Code, person: str, wish: Wish) -> list[Answer]:
        """Do what a person wishes to everything that a code stands for."""
        return [await self._do(wish, asked.incident, person, asked.epoch) for asked in code.asked]

    async def _grant(self, wish: Wish, person: User, language: str) -> str:
        words = answer_words(language)
        if wish.verb is Verb.HELP:
            return words.help
        if wish.verb is Verb.WHO:
            return self._duty(words)
        if wish.verb is Verb.LIST:
            return self._listed(words)
        if wish.incident is not None:
            return told([await self._do(wish, wish.incident, person.name, None)], wish, language)
        found = self._code_for(wish, person.name)
        if found is None:
            return words.expired if wish.code else words.which
        return told(await self.answer(found, person.name, wish), wish, language)

    def _code_for(self, wish: Wish, person: str) -> Code | None:
        if wish.code:
            return self.code(wish.code)
        return self._kept(codes.last_of(person))

    def _kept(self, key: str) -> Code | None:
        return codes.read(self._desk.store.row(codes.TABLE, key), self._desk.clock.now())

    async def _do(self, wish: Wish, number: int, person: str, epoch: int | None) -> Answer:
        if self._desk.incident(number) is None:
            return Answer(number, unknown=True)
        args = {"text": wish.text} if wish.text else {}
        if wish.verb is Verb.SNOOZE:
            args["minutes"] = str(wish.minutes)
        now = self._desk.clock.now()
        command = Command(
            action=_ACTIONS[wish.verb], incident=number, actor=person, at=now, epoch=epoch, args=args
        )
        # The audit line comes first: there must be no action without one.
        await self._desk.audit(of_command(command))
        try:
            await self._desk.command(command)
        except BadCommand as error:
            return Answer(number, str(error))
        return Answer(number)

    def _duty(self, words: AnswerWords) -> str:
        now = self._desk.clock.now()
        lines = []
        for name in sorted(self._desk.duties.oncall().rosters):
            duty = self._desk.duties.at(name, now)
            primary, secondary = duty.primary or words.nobody, duty.secondary or words.nobody
            lines.append(words.duty.format(roster=name, primary=primary, secondary=secondary))
        return "\n".join(lines) or words.no_rosters

    def _listed(self, words: AnswerWords) -> str:
        found = sorted(self._open(), key=lambda pair: (pair[0].priority, pair[0].opened_at))
        lines = [
            words.open.format(
                priority=int(incident.priority),
                id=incident.id,
                title=incident.title,
                state=response.state if response else "",
                owner=f", {response.owner}" if response and response.owner else "",
            )
            for incident, response in found[:_MOST_LISTED]
        ]
        more = [f"(+{len(found) - _MOST_LISTED})"] if len(found) > _MOST_LISTED else []
        return "\n".join([*lines, *more]) or words.none_open


def find(oncall: OnCall, reply: Reply) -> User | None:
    """Return who wrote, by the contact that the channel knows them by."""
    for user in oncall.users.values():
        own = user.contacts.get(reply.contact) or (user.mobile if reply.contact == "mobile" else "")
        if own and (own == reply.sender or (normal(own) and normal(own) == normal(reply.sender))):
            return user
    return None


def told(answers: Sequence[Answer], wish: Wish, language: str) -> str:
    """Return what came of a wish: a line for each incident, or the count of many."""
    words, lines = answer_words(language), []
    for answer in answers:
        if answer.unknown:
            lines.append(words.unknown.format(id=answer.incident))
        elif answer.refused:
            lines.append(words.refused.format(id=answer.incident, why=answer.refused))
        else:
            lines.append(words.done[wish.verb].format(id=answer.incident, minutes=wish.minutes))
    if len(answers) > _MOST_LISTED:
        done = sum(not (answer.refused or answer.unknown) for answer in answers)
        return words.many.format(done=done, all=len(answers))
    return "\n".join(lines)


def _is_chinese(text: str) -> bool:
    return any("\u4e00" <= sign <= "\u9fff" for sign in text)
