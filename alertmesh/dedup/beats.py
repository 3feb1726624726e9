"""The calls of heartbeat addresses, and how it stands with each heartbeat."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from alertmesh.core.contact import HeartbeatStatus, Pulse
from alertmesh.core.ports import Door
from alertmesh.dedup.expected import Expected, Heartbeat
from alertmesh.dedup.heartbeat import Stream
from alertmesh.dedup.repeats import RepeatFilter

CALLS = Door("heartbeat", "heartbeat", timedelta(0))
"""The door of the calls; a lease is given by the heartbeat that is called."""


def statuses(expected: Expected, streams: Iterable[Stream], known: RepeatFilter) -> list[HeartbeatStatus]:
    """Return every declared heartbeat by name: each of its streams, or that none was seen."""
    by_name: dict[str, list[Stream]] = {name: [] for name in expected.heartbeats}
    for stream in streams:
        if stream.heartbeat in by_name:
            by_name[stream.heartbeat].append(stream)
    found: list[HeartbeatStatus] = []
    for name, heartbeat in sorted(expected.heartbeats.items()):
        seen = sorted(by_name[name], key=lambda stream: sorted(stream.labels.items()))
        found.extend(_status(heartbeat, stream, known) for stream in seen)
        if not seen:
            found.append(_about(heartbeat, {}, Pulse.WAITING))
    return found


def _status(heartbeat: Heartbeat, stream: Stream, known: RepeatFilter) -> HeartbeatStatus:
    if not stream.alive:
        due = stream.due if stream.state is not Pulse.MISSING else None
        return _about(heartbeat, stream.labels, stream.state, since=stream.since, due=due)
    sighted = [seen for name in stream.alive if (seen := known.sighted(name)) is not None]
    last_seen = max((when for when, _ in sighted if when is not None), default=stream.since)
    due = last_seen + heartbeat.every
    return _about(heartbeat, stream.labels, stream.state, since=stream.since, due=due, last_seen=last_seen)


def _about(
    heartbeat: Heartbeat, labels: Mapping[str, str], state: Pulse, **times: datetime | None
) -> HeartbeatStatus:
    return HeartbeatStatus(
        name=heartbeat.name,
        labels=labels,
        state=state,
        every_s=heartbeat.every.total_seconds(),
        grace_s=heartbeat.grace.total_seconds(),
        **times,
    )
