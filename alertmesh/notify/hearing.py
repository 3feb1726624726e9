"""Read what a gateway posts or fetches to tell what became of a message, or what somebody replied.

Which fields mean what is configured: every gateway has names of its own.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qsl

import msgspec
from msgspec import Struct

from alertmesh.core.errors import BadPayload
from alertmesh.core.page import AttemptState, Reply, Report
from alertmesh.core.ports import Answer, Heard, Inbound
from alertmesh.notify.phone import normal
from alertmesh.notify.settings import Settings

_STATES = {
    "sent": AttemptState.SENT,
    "delivered": AttemptState.DELIVERED,
    "read": AttemptState.READ,
    "failed": AttemptState.FAILED,
}
_FIELD = re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*")
_ERROR_LENGTH = 200
Fields = Mapping[str, Any]


class Hearing(Struct, frozen=True, kw_only=True):
    """Names of fields, and which values of `status` mean what; a value in no list means nothing yet.

    A name may lead into objects: `data.status`. A request with `text` and `sender` is a reply; `say`
    makes the answer that tells its sender what came of it.
    """

    key: str = "key"
    id: str = ""
    status: str = "status"
    error: str = ""
    states: Mapping[str, AttemptState] = {}
    sender: str = ""
    text: str = ""
    reply_id: str = ""
    answer: str = ""
    say: Callable[[str], Answer] | None = None

    def hear(self, request: Inbound, channel: str, contact: str) -> Heard:
        """Return the reports and replies of a request; BadPayload when there is neither in it."""
        reports, replies = [], []
        for item in _items(request):
            text, status = self._get(item, self.text), self._get(item, self.status)
            if text is not None and self._get(item, self.sender):
                replies.append(self._reply(item, text, channel, contact))
            elif status is None:
                raise BadPayload("is missing, and it is no reply either", self.status)
            elif state := self.states.get(status):
                reports.append(self._report(item, state, status))
        kind = "application/json" if self.answer.startswith(("{", "[")) else "text/plain; charset=utf-8"
        answer = (200, self.answer.encode(), kind if self.answer else "")
        return Heard(reports=tuple(reports), replies=tuple(replies), answer=answer, say=self.say)

    def _report(self, item: Fields, state: AttemptState, status: str) -> Report:
        key, own = self._get(item, self.key) or "", self._get(item, self.id) or ""
        if not key and not own:
            raise BadPayload("is missing: nobody knows which message is meant", self.key)
        error = ""
        if state is AttemptState.FAILED:
            error = f"status {status} {self._get(item, self.error) or ''}".strip()[:_ERROR_LENGTH]
        return Report(state=state, key=key, provider_id=own, error=error)

    def _reply(self, item: Fields, text: str, channel: str, contact: str) -> Reply:
        given = self._get(item, self.sender) or ""
        sender = normal(given) or given
        own = self._get(item, self.reply_id) or sha256(f"{sender}\n{text}".encode()).hexdigest()[:32]
        return Reply(channel=channel, contact=contact, sender=sender, text=text, id=own)

    @staticmethod
    def _get(item: Fields, path: str) -> str | None:
        """Return the field of a name as text, None when it is not there or no single value."""
        value: Any = item
        for name in path.split(".") if path else ():
            value = value.get(name) if isinstance(value, Mapping) else None
        if value is item or value is None or isinstance(value, dict | list):
            return None
        return str(value).lower() if isinstance(value, bool) else str(value)


def read(given: Settings, preset: Hearing) -> Hearing:
    """Read the settings `report_*`, `reply_*`, `callback_answer`, and the lists named as in `_STATES`."""
    names = {
        "report_key": preset.key,
        "report_id": preset.id,
        "report_status": preset.status,
        "report_error": preset.error,
        "reply_from": preset.sender,
        "reply_text": preset.text,
        "reply_id": preset.reply_id,
    }
    found = {setting: given.text(setting, default) for setting, default in names.items()}
    for setting, name in found.items():
        if name and not _FIELD.fullmatch(name):
            given.fault(setting, "must be a name such as status, or a way into objects such as data.status")
    return Hearing(
        key=found["report_key"],
        id=found["report_id"],
        status=found["report_status"],
        error=found["report_error"],
        states=_states(given, preset),
        sender=found["reply_from"],
        text=found["reply_text"],
        reply_id=found["reply_id"],
        answer=given.text("callback_answer", preset.answer),
        say=preset.say,
    )


def _states(given: Settings, preset: Hearing) -> dict[str, AttemptState]:
    states: dict[str, AttemptState] = {}
    for setting, state in _STATES.items():
        default = ",".join(value for value, meant in preset.states.items() if meant is state)
        for value in (part.strip() for part in given.text(setting, default).split(",")):
            if value and states.setdefault(value, state) is not state:
                given.fault(setting, f"{value} means something else already")
    return states


def _items(request: Inbound) -> Iterator[Fields]:
    """Yield the objects of a request: its body's, each over what stands in the address."""
    address: dict[str, Any] = dict(request.query)
    kind = next((value for name, value in request.headers.items() if name.lower() == "content-type"), "")
    if not request.body:
        yield address
    elif kind.startswith("application/x-www-form-urlencoded"):
        yield address | dict(parse_qsl(request.body.decode(errors="replace"), keep_blank_values=True))
    else:
        for item in _objects(request.body):
            yield address | item


def _objects(body: bytes) -> list[dict[str, Any]]:
    try:
        found = msgspec.json.decode(body, type=dict[str, Any] | list[dict[str, Any]])
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise BadPayload(f"is neither a form nor JSON: {error}", "body") from error
    return [found] if isinstance(found, dict) else found
