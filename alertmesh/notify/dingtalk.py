"""Page a DingTalk group through its custom robot.

A robot takes 20 messages in a minute and then refuses everything for ten minutes; it drops a
second message with the same `msgUuid`, which makes a repeat after a lost answer harmless.
"""

from collections import deque
from collections.abc import Mapping
from datetime import datetime, timedelta
from urllib.parse import parse_qs, urlsplit

from msgspec import structs

from alertmesh.core.page import Message, Receipt, ReceiptState
from alertmesh.core.ports import Channel, Http, Notifier
from alertmesh.notify.exchange import post
from alertmesh.notify.robot import BODY_LIMIT, Verdict, judge, markdown, plain, signed_url
from alertmesh.notify.settings import Settings, host_of

PER_MINUTE = 18  # of the 20 that DingTalk allows: the rest is for resends and skewed windows
_HEADERS = {"Content-Type": "application/json; charset=utf-8"}
_MINUTE = timedelta(seconds=62)


class DingTalk:
    """One robot of one group; its address and secret never show in texts or errors."""

    idempotent = True

    def __init__(self, name: str, webhook: str, secret: str, per_minute: int = PER_MINUTE) -> None:
        self.name = name
        self.per_minute = per_minute
        self.language = ""
        self.hosts = (host_of(webhook),)
        self._webhook = webhook
        self._secret = secret
        self._extra: deque[datetime] = deque(maxlen=1)

    def __repr__(self) -> str:
        return f"DingTalk({self.name!r})"

    async def send(self, message: Message, now: datetime, http: Http) -> Receipt:
        """Send a message once; what a moderator or the size limit refuses is sent shorter, once."""
        verdict = await self._post(markdown(message, message.key), now, http)
        if not verdict.moderated and not verdict.too_long:
            return verdict.receipt
        if self._extra and now - self._extra[-1] < _MINUTE:
            error = f"waiting to send a shorter form: {verdict.receipt.error}"
            return Receipt(state=ReceiptState.BUSY, error=error, retry_after_s=_MINUTE.total_seconds())
        self._extra.append(now)
        if verdict.too_long:
            body = markdown(message, message.key, BODY_LIMIT // 4)
        else:
            body = plain(message, message.key + "m")
        second = (await self._post(body, now, http)).receipt
        errors = (f"shortened after {verdict.receipt.error}", second.error)
        return structs.replace(second, error="; ".join(error for error in errors if error))

    async def _post(self, body: bytes, now: datetime, http: Http) -> Verdict:
        url = signed_url(self._webhook, self._secret, now)
        answer = await post(http, url, _HEADERS, body)
        return Verdict(answer) if isinstance(answer, Receipt) else judge(answer)


def build(name: str, settings: Mapping[str, str]) -> Channel:
    """Make a robot of `webhook`, `secret`, and optionally `per_minute` and `language`."""
    given = Settings(name, settings)
    webhook, secret = given.url("webhook"), given.text("secret")
    per_minute, language = given.number("per_minute", PER_MINUTE), given.text("language")
    if "access_token" not in parse_qs(urlsplit(webhook).query):
        given.fault("webhook", "lacks its access_token")
    if secret and not secret.startswith("SEC"):
        given.fault("secret", "must be the robot's signing secret, which begins with SEC")
    if not 1 <= per_minute <= PER_MINUTE:
        given.fault("per_minute", f"must be 1 to {PER_MINUTE}")
    given.done()
    robot = DingTalk(name, webhook, secret, per_minute)
    robot.language = language
    return robot


NOTIFIER = Notifier("dingtalk", build)
