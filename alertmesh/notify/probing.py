"""Ask channels whether they would take a message, without sending any."""

from datetime import datetime, timedelta

import msgspec
from msgspec import Struct

from alertmesh.core.errors import ChannelBusy, ChannelRefused
from alertmesh.core.page import ReceiptState
from alertmesh.core.ports import Channel, Http, Probed
from alertmesh.core.records import Row

TABLE = "probe"
EVERY = timedelta(minutes=3)
"""How often each channel is asked."""


class Probe(Struct, frozen=True, kw_only=True):
    """What a channel said when it was asked last, and since when it says so."""

    channel: str
    at: datetime
    healthy: bool
    since: datetime
    error: str = ""


_PROBE = msgspec.msgpack.Decoder(Probe)


async def ask(channel: Channel, before: Probe | None, now: datetime, http: Http) -> Probe | None:
    """Return how a channel is; None for one that cannot be asked."""
    if not isinstance(channel, Probed):
        return None
    error = ""
    try:
        receipt = await channel.probe(now, http)
    except (ChannelBusy, ChannelRefused, TimeoutError, ConnectionError) as failure:
        error = str(failure) or type(failure).__name__
    else:
        if receipt.state is not ReceiptState.SENT:
            error = receipt.error or receipt.state.value
    since = before.since if before is not None and before.healthy == (not error) else now
    return Probe(channel=channel.name, at=now, healthy=not error, since=since, error=error)


def row(probe: Probe) -> Row:
    """Return how a probe is kept."""
    return Row(TABLE, probe.channel, msgspec.msgpack.encode(probe))


def read(body: bytes) -> Probe:
    """Return a probe that was kept."""
    return _PROBE.decode(body)
