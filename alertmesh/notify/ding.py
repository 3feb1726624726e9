"""DING: a reminder that DingTalk brings to people in the app, as an SMS or as a phone call."""

from collections.abc import Sequence
from datetime import datetime
from enum import IntEnum

import msgspec
from msgspec import Struct, structs

from alertmesh.core.page import Message, Receipt, ReceiptState
from alertmesh.core.ports import Http
from alertmesh.notify.dingapi import DingApi

PATH = "/v1.0/robot/ding/send"
_CONTENT_CHARS = 200


class Remind(IntEnum):
    """How a DING reaches people; the numbers are DingTalk's."""

    APP = 1
    SMS = 2
    PHONE = 3

    @property
    def most(self) -> int:
        """Return how many people one DING may be for."""
        return 200 if self is Remind.APP else 20


class _Sent(Struct, rename="camel"):
    open_ding_id: str = ""
    failed_list: dict[str, list[str]] = {}


class Ding(Struct, frozen=True):
    """The DINGs of one robot."""

    api: DingApi
    robot_code: str
    remind: Remind

    async def send(self, message: Message, people: Sequence[str], now: datetime, http: Http) -> Receipt:
        """Remind people of a message once, by their staff ids; whoever could not be is named in the error."""
        body = {
            "robotCode": self.robot_code,
            "remindType": int(self.remind),
            "receiverUserIdList": list(people[: self.remind.most]),
            "content": f"{message.title}\n{message.url}".strip()[:_CONTENT_CHARS],
        }
        call = await self.api.call(http, "POST", PATH, body, now)
        if not call.good:
            # Messages still pass when a DING does not: the channel as a whole need not pause.
            return structs.replace(call.receipt, throttled=False)
        return _judged(call.body, people[self.remind.most :])


def _judged(body: bytes, left_out: Sequence[str]) -> Receipt:
    try:
        sent = msgspec.json.decode(body, type=_Sent)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        sent = _Sent()
    failed = [f"{', '.join(who)}: {why}" for why, who in sent.failed_list.items() if who]
    failed += [f"{', '.join(left_out)}: one DING is for no more people"] if left_out else []
    if failed:
        return Receipt(state=ReceiptState.REFUSED, error="; ".join(failed)[:200])
    return Receipt(state=ReceiptState.SENT, provider_id=sent.open_ding_id)
