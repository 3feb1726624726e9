"""What the answers of a gateway mean, by their status and by expressions that search their text."""

import re
from collections.abc import Mapping, Sequence

from msgspec import Struct

from alertmesh.core.page import Receipt, ReceiptState
from alertmesh.core.ports import HttpAnswer
from alertmesh.notify.settings import Settings

_SPAN = re.compile(r"([1-5][0-9]{2})(?:-([1-5][0-9]{2}))?")
_LOOKED_AT = 10_000  # characters of an answer
_SHOWN = 120
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")
_SHORTEST_SECRET = 4
DEFAULTS = {"sent_status": "200-299", "busy_status": "408,425,429,503", "dead_status": "401,403"}


class Answers(Struct, frozen=True, kw_only=True):
    """Which statuses and texts mean what; an expression that is not set decides nothing.

    In this order: `refused_answer`, dead, sent (status and text), busy; then a server's fault is UNKNOWN,
    because the message may have left, and everything else is refused.
    """

    sent: frozenset[int]
    busy: frozenset[int]
    dead: frozenset[int]
    sent_answer: re.Pattern[str] | None = None
    dead_answer: re.Pattern[str] | None = None
    refused_answer: re.Pattern[str] | None = None
    id_answer: re.Pattern[str] | None = None

    def judge(self, answer: HttpAnswer, secrets: Sequence[str]) -> Receipt:
        """Say what an answer means; what is shown of it holds none of `secrets`."""
        text = answer.body[: 4 * _LOOKED_AT].decode(errors="replace")[:_LOOKED_AT]
        state = self._state(answer.status, text)
        if state is not ReceiptState.SENT:
            return Receipt(state=state, error=f"HTTP {answer.status} {_shown(text, secrets)}".strip())
        found = self.id_answer.search(text) if self.id_answer else None
        return Receipt(state=state, provider_id=(found.group(1) or "") if found else "")

    def _state(self, status: int, text: str) -> ReceiptState:
        if self.refused_answer and self.refused_answer.search(text):
            return ReceiptState.REFUSED
        if status in self.dead or (self.dead_answer and self.dead_answer.search(text)):
            return ReceiptState.DEAD
        if status in self.sent and (self.sent_answer is None or self.sent_answer.search(text)):
            return ReceiptState.SENT
        if status in self.busy:
            return ReceiptState.BUSY
        return ReceiptState.UNKNOWN if status >= 500 else ReceiptState.REFUSED


def read(given: Settings, preset: Mapping[str, str]) -> Answers:
    """Read the settings `*_status` and `*_answer`."""
    answers = Answers(
        sent=_statuses(given, "sent_status", preset),
        busy=_statuses(given, "busy_status", preset),
        dead=_statuses(given, "dead_status", preset),
        sent_answer=given.pattern("sent_answer", preset.get("sent_answer", "")),
        dead_answer=given.pattern("dead_answer", preset.get("dead_answer", "")),
        refused_answer=given.pattern("refused_answer", preset.get("refused_answer", "")),
        id_answer=given.pattern("id_answer", preset.get("id_answer", "")),
    )
    if answers.id_answer and answers.id_answer.groups != 1:
        given.fault("id_answer", "must have one pair of parentheses, around the id")
    return answers


def _statuses(given: Settings, setting: str, preset: Mapping[str, str]) -> frozenset[int]:
    found: set[int] = set()
    for part in given.text(setting, {**DEFAULTS, **preset}[setting]).split(","):
        span = _SPAN.fullmatch(part.strip())
        if span:
            first, last = span.group(1), span.group(2) or span.group(1)
            found.update(range(int(first), int(last) + 1))
        elif part.strip():
            given.fault(setting, "must be a list of HTTP statuses such as 200-299,304")
    return frozenset(found)


def _shown(text: str, secrets: Sequence[str]) -> str:
    for secret in secrets:
        if len(secret) >= _SHORTEST_SECRET:
            text = text.replace(secret, "…")
    return _CONTROL.sub(" ", text)[:_SHOWN].strip()
