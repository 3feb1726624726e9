"""Robots of a chat group that messages are posted to: one channel, one or several addresses."""

from collections import deque
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from alertmesh.core.page import Message, Receipt, ReceiptState
from alertmesh.core.ports import Http, HttpAnswer
from alertmesh.notify.exchange import post, secrets_of, shown
from alertmesh.notify.settings import Settings, host_of

MOST = 9  # robots of one group
_HEADERS = {"Content-Type": "application/json; charset=utf-8"}
_SECOND = timedelta(seconds=1)


class Hook(Struct, frozen=True):
    """One robot: its address, which is a secret by its last part, what signs its messages, and its name."""

    url: str
    secret: str = ""
    name: str = "1"

    def __repr__(self) -> str:
        return "Hook(...)"

    def hide(self, text: str) -> str:
        """Return a text of the other side in one line, without anything of this robot's secrets."""
        return shown(text, (self.url, *secrets_of(self.url), self.secret))


class Dialect(Struct, frozen=True):
    """How a kind of robot is spoken to: what is posted, and what its answers mean.

    `per_second` is the most messages of any second; 0 means no limit.
    """

    kind: str
    write: Callable[[Message, Hook, datetime], bytes]
    judge: Callable[[HttpAnswer], Receipt]
    per_second: int = 0


class GroupRobots:
    """The robots of one group. A channel, and a pool when there are several; addresses never show."""

    idempotent = False

    def __init__(self, name: str, dialect: Dialect, hooks: Sequence[Hook], per_minute: int) -> None:
        self.name = name
        self.per_minute = per_minute
        self.language = ""
        self.hosts = tuple(dict.fromkeys(host_of(hook.url) for hook in hooks))
        self.robots = tuple(hook.name for hook in hooks) if len(hooks) > 1 else ()
        self._hooks = tuple(hooks)
        self._dialect = dialect
        self._sends: tuple[deque[datetime], ...] = tuple(deque(maxlen=dialect.per_second) for _ in hooks)

    def __repr__(self) -> str:
        return f"{self._dialect.kind}({self.name!r})"

    async def send(self, message: Message, now: datetime, http: Http) -> Receipt:
        """Send a message once, through the first robot."""
        return await self.send_by(0, message, now, http)

    async def send_by(self, robot: int, message: Message, now: datetime, http: Http) -> Receipt:
        """Send a message once through one robot."""
        hook, sends = self._hooks[robot], self._sends[robot]
        if sends.maxlen and len(sends) == sends.maxlen and timedelta() <= now - sends[0] < _SECOND:
            error = f"waiting: the robot takes {sends.maxlen} messages a second"
            return Receipt(state=ReceiptState.BUSY, error=error, retry_after_s=_SECOND.total_seconds())
        sends.append(now)
        answer = await post(http, hook.url, _HEADERS, self._dialect.write(message, hook, now))
        if isinstance(answer, Receipt):
            return answer
        receipt = self._dialect.judge(answer)
        return Receipt(
            state=receipt.state,
            error=hook.hide(receipt.error),
            retry_after_s=receipt.retry_after_s,
            throttled=receipt.throttled,
        )


def read_hooks(given: Settings, has_secret: Callable[[str], bool], signed: bool) -> tuple[Hook, ...]:
    """Read `webhook` and `robot`, of further robots `webhook_2`, `robot_2`; `secret` too if they sign.

    `has_secret` tells whether an address holds what makes it a robot's.
    """
    hooks: list[Hook] = []
    for number in range(1, MOST + 1):
        mark = "" if number == 1 else f"_{number}"
        url, name = given.text(f"webhook{mark}"), given.text(f"robot{mark}", str(number))
        secret = given.text(f"secret{mark}") if signed else ""
        if number == 1 or url:
            given.url(f"webhook{mark}")
        elif secret or name != str(number):
            given.fault(f"webhook{mark}", "is required beside the rest of that robot")
        if url and not has_secret(url):
            given.fault(f"webhook{mark}", "is not the address of a robot: copy the whole of it")
        if url in [hook.url for hook in hooks]:
            given.fault(f"webhook{mark}", "is that of another robot: each must have its own")
        if url and name in [hook.name for hook in hooks]:
            given.fault(f"robot{mark}", "is the name of another robot")
        if url:
            hooks.append(Hook(url, secret, name))
    return tuple(hooks)


def read_pace(given: Settings, most: int) -> int:
    """Read `per_minute`, which is `most` unless it is set lower."""
    per_minute = given.number("per_minute", most)
    if not 1 <= per_minute <= most:
        given.fault("per_minute", f"must be 1 to {most}")
    return per_minute


def unreadable(answer: HttpAnswer) -> Receipt:
    """Say what an answer means that is not the robot's own; after a server's fault nobody knows."""
    error = f"HTTP {answer.status} without a readable answer"
    if answer.status == 404:
        return Receipt(state=ReceiptState.DEAD, error=error)
    if answer.status >= 500:
        return Receipt(state=ReceiptState.UNKNOWN, error=error)
    return Receipt(state=ReceiptState.BUSY, error=error, retry_after_s=30.0)
