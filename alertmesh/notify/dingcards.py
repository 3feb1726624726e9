"""Make and rewrite the cards of one channel: each under an id of ours, so that it is there once."""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TypeVar

import msgspec
from msgspec import Struct, structs

from alertmesh.core.live import Situation
from alertmesh.core.page import Message, PageKind, Receipt, ReceiptState
from alertmesh.core.ports import Http
from alertmesh.notify import dingcard
from alertmesh.notify.dingapi import CARD_EXISTS, CARD_UNKNOWN, UNSAFE, Call, DingApi
from alertmesh.notify.dingboard import Board
from alertmesh.notify.dingcard import Place

PATH = "/v1.0/card/instances"
_REMEMBERED = 1_000
_KINDS = frozenset({PageKind.PAGE.value, PageKind.UPDATE.value, PageKind.CLOSING.value})

T = TypeVar("T")


class Template(Struct, frozen=True, kw_only=True):
    """The look of cards, `id`, the robot that shows them, and where presses come in.

    Without a `route`, an address registered with DingTalk, they come by the stream.
    """

    id: str
    robot_code: str
    route: str = ""


class Shown(Struct, frozen=True):
    """What came of showing a message on a card, and whether a phone still has to be rung by a line."""

    receipt: Receipt
    silent: bool = False


class _Delivery(Struct, rename="camel"):
    success: bool = True
    carrier_id: str = ""
    error_msg: str = ""


class _Result(Struct, rename="camel"):
    deliver_results: list[_Delivery] = []


class _Delivered(Struct):
    result: _Result = msgspec.field(default_factory=_Result)


class Cards:
    """The cards of the channel `name`; `board` knows what they show."""

    def __init__(self, name: str, api: DingApi, template: Template, board: Board) -> None:
        self._name = name
        self._api = api
        self._template = template
        self._board = board
        self._made: OrderedDict[str, None] = OrderedDict()  # cards that were made or found
        self._begun: OrderedDict[str, None] = OrderedDict()  # keys whose card may have been made by us

    async def tell(
        self, message: Message, place: Place, people: Sequence[str], now: datetime, http: Http
    ) -> Shown:
        """Show a message on the card of its incident, which is made if there is none."""
        track = self.track(message, place)
        asks = message.fields.get("kind") == PageKind.PAGE
        if track in self._made or not asks:
            told = await self._rewrite(track, message, now, http)
            if told.code != CARD_UNKNOWN:
                return self._rewritten(told, track, silent=asks)
        self._made.pop(track, None)
        # What was begun before under this key is this message: its card rang when it came.
        is_repeat = message.key in self._begun
        remember(self._begun, message.key, None)
        made = await self._create(track, message, place, people, now, http)
        if made.code != CARD_EXISTS:
            return Shown(self._created(made, track, message.key))
        told = await self._rewrite(track, message, now, http)
        return self._rewritten(told, track, silent=asks and not is_repeat)

    async def show(
        self, message: Message, place: Place, situation: Situation, now: datetime, http: Http
    ) -> Receipt:
        """Make a card show how its incident stands.

        While somebody waits for the answer to a press of that card, the answer brings it.
        """
        track, told = self.track(message, place), dingcard.situation_values(situation, message.language)
        if self._board.is_current(track, told) or self._board.hand_over(track, told):
            return Receipt(state=ReceiptState.SENT)
        return (await self.put(track, told, now, http)).receipt

    async def put(self, track: str, told: Mapping[str, str], now: datetime, http: Http) -> Call:
        """Change some variables of a card."""
        body = {
            "outTrackId": track,
            "cardData": {"cardParamMap": told},
            "cardUpdateOptions": {"updateCardDataByKey": True, "updatePrivateDataByKey": True},
            "userIdType": 1,
        }
        call = await self._api.call(http, "PUT", PATH, body, now)
        if call.good:
            self._board.note(track, told)
        return call

    def track(self, message: Message, place: Place) -> str:
        """Return the id of the card of a message's incident."""
        return dingcard.track_id(self._name, place, message)

    def _rewritten(self, told: Call, track: str, *, silent: bool) -> Shown:
        if told.good:
            remember(self._made, track, None)
        return Shown(told.receipt, silent and told.good)

    def _created(self, made: Call, track: str, key: str) -> Receipt:
        if not made.good:
            return made.receipt
        remember(self._made, track, None)
        results = read(made.body, _Delivered).result.deliver_results
        failed = next((one for one in results if not one.success), None)
        if failed is not None:
            # The card is there, but in no chat: another try finds it, and sends the line that rings.
            self._begun.pop(key, None)
            error = f"card not delivered: {failed.error_msg}"[:200]
            return Receipt(state=ReceiptState.BUSY, error=error)
        return structs.replace(made.receipt, provider_id=next((one.carrier_id for one in results), ""))

    async def _create(
        self, track: str, message: Message, place: Place, people: Sequence[str], now: datetime, http: Http
    ) -> Call:
        told = dingcard.first(dingcard.values(message))
        call = await self._post(track, told, place, people, now, http)
        if call.code != UNSAFE:
            return call
        told = dingcard.first(dingcard.minimal(message))
        return plainer(call, await self._post(track, told, place, people, now, http))

    async def _post(
        self,
        track: str,
        told: Mapping[str, str],
        place: Place,
        people: Sequence[str],
        now: datetime,
        http: Http,
    ) -> Call:
        template = self._template
        body = {
            "cardTemplateId": template.id,
            "outTrackId": track,
            "cardData": {"cardParamMap": told},
            "userIdType": 1,
            **dingcard.delivery(place, template.robot_code, people),
            **dingcard.callback(template.route),
        }
        call = await self._api.call(http, "POST", f"{PATH}/createAndDeliver", body, now)
        if call.good:
            self._board.note(track, told)
        return call

    async def _rewrite(self, track: str, message: Message, now: datetime, http: Http) -> Call:
        call = await self.put(track, dingcard.values(message), now, http)
        if call.code != UNSAFE:
            return call
        return plainer(call, await self.put(track, dingcard.minimal(message), now, http))


def suits(message: Message) -> bool:
    """Tell whether a message is about one incident that a card can show."""
    fields = message.fields
    is_one = fields.get("count") == "1" and fields.get("incident", "").isdecimal()
    return is_one and fields.get("kind") in _KINDS


def plainer(first: Call, second: Call) -> Call:
    """Say of what was sent in a plainer form why it was."""
    errors = (f"made plain after {first.receipt.error}", second.receipt.error)
    error = "; ".join(error for error in errors if error)[:300]
    return Call(structs.replace(second.receipt, error=error), second.code, second.body)


def read(body: bytes, kind: type[T]) -> T:
    """Return what an answer holds; an empty one of that kind when it cannot be read."""
    try:
        return msgspec.json.decode(body or b"{}", type=kind, strict=False)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return kind()


def remember(known: OrderedDict[str, T], key: str, value: T) -> None:
    """Keep a value as the newest, and no more than the newest thousand."""
    known[key] = value
    known.move_to_end(key)
    while len(known) > _REMEMBERED:
        known.popitem(last=False)
