"""An interactive card of DingTalk: one for each incident and place, rewritten when something changes.

The card's look is a template that is made in DingTalk's card editor; here are the values of its
variables. All of them are texts of at most 1 KB. See docs/dingtalk.md for the template.
"""

from collections.abc import Sequence
from hashlib import sha256
from typing import Any

import msgspec
from msgspec import Struct

from alertmesh.core.live import Situation
from alertmesh.core.page import Message, PageKind
from alertmesh.core.response import State
from alertmesh.notify.buttons import VERBS, labels
from alertmesh.notify.dingwords import DingWords, ding_words
from alertmesh.notify.fitting import cut, parted

VALUE_LIMIT = 1_000  # bytes; DingTalk takes 1 KB
CARD_TOPIC = "/v1.0/card/instances/callback"
YES, NO = "true", "false"
_PREFIX = "am"
_OVER = frozenset({State.RESOLVED, State.CLOSED, State.MERGED})
_SILENT = frozenset({State.CLEARED, State.SUPPRESSED, State.HELD})
_WANTED = frozenset({State.T1_PAGING, State.T2_PAGING, State.EXHAUSTED})


class Place(Struct, frozen=True):
    """Where a card is: a group's conversation, or one person's chat with the robot."""

    id: str
    group: bool

    @property
    def address(self) -> str:
        """Return the place as DingTalk writes it."""
        return f"dtv1.card//{'IM_GROUP' if self.group else 'IM_ROBOT'}.{self.id}"


def track_id(channel: str, place: Place, message: Message) -> str:
    """Return the id of the card of a message's incident, the same for every message about it."""
    incident, opened = message.fields.get("incident", ""), message.fields.get("opened", "")
    digest = sha256(f"{channel}\n{place.address}\n{opened}\n{incident}".encode()).hexdigest()
    return f"{_PREFIX}-{digest[:20]}-{incident}"


def incident_of(track: str) -> str:
    """Return the number of the incident that a card shows; empty for a card that is not ours.

    >>> incident_of("am-0123456789abcdef0123-42"), incident_of("other")
    ('42', '')
    """
    parts = track.split("-")
    return parts[2] if len(parts) == 3 and parts[0] == _PREFIX and parts[2].isdecimal() else ""


def values(message: Message) -> dict[str, str]:
    """Return the variables that a message sets; news leaves alone what only a situation or a page tells."""
    words = ding_words(message.language)
    kind = message.fields.get("kind", PageKind.PAGE)
    text, more = _split(parted(message)[0])
    told = {
        "title": cut(message.title, VALUE_LIMIT),
        "text": text,
        "more": more,
        "incident": message.fields.get("incident", ""),
        "priority": message.fields.get("priority", ""),
        "url": cut(message.url, VALUE_LIMIT),
        **{str(verb): label for verb, label in zip(VERBS, labels(message.language), strict=True)},
    }
    if kind == PageKind.PAGE:
        told |= {"status": words.paging, "open": YES, "active": YES}
    elif kind == PageKind.CLOSING:
        told |= {"status": words.over, "open": NO, "active": NO}
    return told


def minimal(message: Message) -> dict[str, str]:
    """Return the variables with nothing in them that a monitor wrote, for a moderator who refused those."""
    return values(message) | {
        "title": cut(message.minimal, VALUE_LIMIT),
        "text": cut(message.minimal, VALUE_LIMIT),
        "more": "",
    }


def first(told: dict[str, str]) -> dict[str, str]:
    """Return the variables of a card that is new: each has a value."""
    return {"status": "", "open": NO, "active": NO, "answer": "", **told}


def situation_values(situation: Situation, language: str) -> dict[str, str]:
    """Return the variables that tell how an incident stands."""
    words = ding_words(language)
    return {
        "status": cut(_status(situation, words), VALUE_LIMIT),
        "open": YES if situation.state in _WANTED else NO,
        "active": NO if situation.state in _OVER else YES,
    }


def answer(changed: dict[str, str], said: str) -> dict[str, Any]:
    """Return the rewritten card that a press is answered with; what was said is for the presser alone."""
    options = {"updateCardDataByKey": True, "updatePrivateDataByKey": True}
    told: dict[str, Any] = {"cardUpdateOptions": options}
    if changed:
        told["cardData"] = {"cardParamMap": changed}
    if said:
        told["userPrivateData"] = {"cardParamMap": {"answer": cut(said, VALUE_LIMIT)}}
    return told


def delivery(place: Place, robot_code: str, people: Sequence[str]) -> dict[str, Any]:
    """Return where a new card is shown; in a group it mentions `people`, by their staff ids."""
    if not place.group:
        return {
            "openSpaceId": place.address,
            "imRobotOpenSpaceModel": {"supportForward": False},
            "imRobotOpenDeliverModel": {"spaceType": "IM_ROBOT", "robotCode": robot_code},
        }
    mention = {"atUserIds": {user: user for user in people}} if people else {}
    return {
        "openSpaceId": place.address,
        "imGroupOpenSpaceModel": {"supportForward": False},
        "imGroupOpenDeliverModel": {"robotCode": robot_code, **mention},
    }


def callback(route: str) -> dict[str, str]:
    """Return where presses of a new card come in: at a registered route, or by the stream."""
    return {"callbackType": "HTTP", "callbackRouteKey": route} if route else {"callbackType": "STREAM"}


def _status(situation: Situation, words: DingWords) -> str:
    at = f"{situation.since:%H:%M} UTC"
    if situation.state in _OVER:
        return words.over_at.format(at=at)
    if situation.state in _SILENT:
        return words.states.get(situation.state, words.quiet).format(at=at)
    if situation.state is State.SNOOZED:
        return words.snoozed.format(owner=situation.owner, at=at)
    if situation.owner and situation.state in (State.T1_ACKED, State.T2_ACKED):
        return words.acked.format(owner=situation.owner, at=at)
    return words.developers.format(at=at) if situation.state is State.T2_PAGING else words.paging


def _split(lines: list[str]) -> tuple[str, str]:
    """Spread lines over two values of limited size; what fits into neither is cut."""
    for count in range(len(lines), 0, -1):
        head = "\n\n".join(lines[:count])
        if len(head.encode()) <= VALUE_LIMIT:
            return head, cut("\n\n".join(lines[count:]), VALUE_LIMIT)
    return cut("\n\n".join(lines[:1]), VALUE_LIMIT), cut("\n\n".join(lines[1:]), VALUE_LIMIT)


def encoded(body: Any) -> str:
    """Return JSON as a text, the way DingTalk nests it."""
    return msgspec.json.encode(body).decode()
