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
from alertmesh.notify.exchange import post, secrets_of, shown
from alertmesh.notify.robot import (
    BODY_LIMIT,
    Verdict,
    card,
    judge,
    markdown,
    plain,
    signed_url,
    suits_card,
)
from alertmesh.notify.settings import Settings, host_of

ROBOTS = 6  # that DingTalk lets into one group
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
        shape = card if suits_card(message) else markdown
        verdict = await self._post(shape(message, message.key), now, http)
        if not verdict.moderated and not verdict.too_long:
            return verdict.receipt
        if self._extra and now - self._extra[-1] < _MINUTE:
            error = f"waiting to send a shorter form: {verdict.receipt.error}"
            return Receipt(state=ReceiptState.BUSY, error=error, retry_after_s=_MINUTE.total_seconds())
        self._extra.append(now)
        if verdict.too_long:
            body = shape(message, message.key, BODY_LIMIT // 4)
        else:
            body = plain(message, message.key + "m")
        second = (await self._post(body, now, http)).receipt
        errors = (f"shortened after {verdict.receipt.error}", second.error)
        return structs.replace(second, error="; ".join(error for error in errors if error))

    async def _post(self, body: bytes, now: datetime, http: Http) -> Verdict:
        url = signed_url(self._webhook, self._secret, now)
        answer = await post(http, url, _HEADERS, body)
        if isinstance(answer, Receipt):
            return Verdict(answer)
        verdict = judge(answer)
        error = shown(verdict.receipt.error, [*secrets_of(self._webhook), self._secret])
        return structs.replace(verdict, receipt=structs.replace(verdict.receipt, error=error))


class DingTalkPool:
    """Several robots of one group; a robot that serves its penalty leaves messages to the others."""

    idempotent = True

    def __init__(self, name: str, robots: Mapping[str, DingTalk]) -> None:
        self.name = name
        self.robots = tuple(robots)
        self.language = ""
        self.per_minute = next(iter(robots.values())).per_minute
        self.hosts = tuple(dict.fromkeys(host for robot in robots.values() for host in robot.hosts))
        self._robots = tuple(robots.values())

    def __repr__(self) -> str:
        return f"DingTalkPool({self.name!r}, {self.robots})"

    async def send(self, message: Message, now: datetime, http: Http) -> Receipt:
        """Send a message once through the first robot."""
        return await self.send_by(0, message, now, http)

    async def send_by(self, robot: int, message: Message, now: datetime, http: Http) -> Receipt:
        """Send a message once through the robot of that number."""
        return await self._robots[robot].send(message, now, http)


def build(name: str, settings: Mapping[str, str]) -> Channel:
    """Make a robot of `webhook`, `secret`, and optionally `per_minute` and `language`.

    `webhook_2`, `secret_2`, `robot_2` up to 6 are further robots of the same group.
    """
    given = Settings(name, settings)
    per_minute, language = given.number("per_minute", PER_MINUTE), given.text("language")
    if not 1 <= per_minute <= PER_MINUTE:
        given.fault("per_minute", f"must be 1 to {PER_MINUTE}")
    robots: dict[str, DingTalk] = {}
    addresses: set[str] = set()
    for number in range(1, ROBOTS + 1):
        suffix = "" if number == 1 else f"_{number}"
        webhook, secret, label = _read_robot(given, suffix, str(number))
        if not webhook:
            continue
        if webhook in addresses:
            given.fault(f"webhook{suffix}", "is that of another robot: each must have its own")
        if label in robots:
            given.fault(f"robot{suffix}", "is the name of another robot")
        addresses.add(webhook)
        robots[label] = DingTalk(name, webhook, secret, per_minute)
    given.done()
    channel = next(iter(robots.values())) if len(robots) == 1 else DingTalkPool(name, robots)
    channel.language = language
    return channel


def _read_robot(given: Settings, suffix: str, default: str) -> tuple[str, str, str]:
    """Return address, secret and name of one robot; nothing for a further one that is not configured."""
    secret, label = given.text(f"secret{suffix}"), given.text(f"robot{suffix}", default)
    if suffix and not given.text(f"webhook{suffix}"):
        if secret or label != default:
            given.fault(f"webhook{suffix}", "is required beside the rest of that robot")
        return "", "", ""
    webhook = given.url(f"webhook{suffix}")
    if "access_token" not in parse_qs(urlsplit(webhook).query):
        given.fault(f"webhook{suffix}", "lacks its access_token")
    if secret and not secret.startswith("SEC"):
        given.fault(f"secret{suffix}", "must be the robot's signing secret, which begins with SEC")
    return webhook, secret, label


NOTIFIER = Notifier("dingtalk", build)
