"""One incident to one person in one cycle, and each try to get it there."""

from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from alertmesh.core.alert import Priority


class PageKind(StrEnum):
    """Why a message goes out. Only PAGE asks for an ack; TEST is about no incident."""

    PAGE = "page"
    UPDATE = "update"
    CLOSING = "closing"
    TEST = "test"


class Page(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One incident to one person in one cycle.

    `id` is a pure function of what it stands for, so that the same decision taken twice is the
    same page. `cycle` counts how often paging of the incident began anew; an ack withdraws the
    queued pages of (incident, tier, cycle).
    """

    id: str
    incident: int
    epoch: int
    cycle: int
    kind: PageKind
    tier: str
    step: int
    loop: int
    person: str
    priority: Priority
    at: datetime
    reason: str = ""


class Withdrawal(Struct, frozen=True, kw_only=True):
    """Queued pages that must not leave any more: those of `incident`, and of `tier` unless it is empty."""

    incident: int
    tier: str = ""


class AttemptState(StrEnum):
    """How far one channel send has come."""

    QUEUED = "queued"
    CLAIMED = "claimed"
    SENT = "sent"  # taken by the channel, which is not yet the person
    DELIVERED = "delivered"  # it is on the person's device
    READ = "read"
    FAILED = "failed"
    UNKNOWN = "unknown"  # given to the network, no answer; tried again with the same key
    WITHDRAWN = "withdrawn"


class Attempt(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One send of one page through one channel.

    `key` is the idempotency key of the message that carries it; attempts sent together in one
    message share it. `message` is the rendered message, kept from the first claim on so that a
    retry says exactly the same. `robot` is the one of a pool that took it.
    """

    id: str
    page: Page
    channel: str
    state: AttemptState
    due_at: datetime
    key: str = ""
    message: bytes = b""
    tries: int = 0
    claimed_at: datetime | None = None
    settled_at: datetime | None = None
    provider_id: str = ""
    error: str = ""
    robot: str = ""

    @property
    def wanted_at(self) -> datetime:
        """Return since when it should be gone: when it was due, and once tried in vain, when it was decided.

        For each try moves the moment at which it is due.
        """
        return self.page.at if self.tries > 1 or (self.tries and self.state in _BEGUN) else self.due_at


_BEGUN = frozenset({AttemptState.QUEUED, AttemptState.UNKNOWN})


class ReceiptState(StrEnum):
    """What a channel said about a message."""

    SENT = "sent"
    BUSY = "busy"  # try again after `retry_after_s`, same key
    REFUSED = "refused"  # this message will never pass here
    DEAD = "dead"  # the channel itself is misconfigured or gone
    UNKNOWN = "unknown"  # no answer; it may have arrived


class Receipt(Struct, frozen=True, kw_only=True):
    """A channel's answer to one message; `throttled` says that the whole channel must pause."""

    state: ReceiptState
    provider_id: str = ""
    error: str = ""
    retry_after_s: float = 0.0
    throttled: bool = False


class Report(Struct, frozen=True, kw_only=True):
    """What a channel says later about a message that it took: DELIVERED, READ or FAILED.

    SENT says only that it took it, which is news when its answer was lost.

    The message is found by `key`, which the channel gave back, or else by `provider_id`. Reports
    come late, twice, and in any order.
    """

    state: AttemptState
    key: str = ""
    provider_id: str = ""
    error: str = ""
    at: datetime | None = None


class Reply(Struct, frozen=True, kw_only=True):
    """What somebody wrote back, or the button they pressed.

    `sender` is who it is by the channel's own means, `contact` which kind of contact that is: `mobile`,
    `dingtalk`. `id` is the same when it is handed over twice.
    """

    channel: str
    contact: str
    sender: str
    text: str
    id: str = ""


class Recipient(Struct, frozen=True, kw_only=True):
    """Somebody a message is for, with what channels find them by."""

    name: str
    display: str = ""
    mobile: str = ""
    contacts: dict[str, str] = {}


class Message(Struct, frozen=True, kw_only=True):
    """A rendered message, ready for a channel.

    `key` is the idempotency key; `mobiles` are the people to be mentioned; `minimal` is a plain
    short form for a channel that refuses `text`. `fields` are its parts for channels that fill in a
    template of their own: `priority`, `incident`, `count`, `title` (short, without addresses), `code`
    (what acks it), `kind`, `opened` (when the incident began). `links` are buttons: a label and an
    address each.
    """

    key: str
    title: str
    text: str
    minimal: str
    mobiles: tuple[str, ...] = ()
    url: str = ""
    recipients: tuple[Recipient, ...] = ()
    language: str = "en"
    fields: dict[str, str] = {}
    links: tuple[tuple[str, str], ...] = ()
