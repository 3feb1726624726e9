"""Make channels of their settings, each by the notifier of its kind."""

from collections.abc import Iterable

from alertmesh import registry
from alertmesh.config.result import ChannelConfig
from alertmesh.core.errors import BadConfig
from alertmesh.core.ports import Channel


def built(entries: Iterable[ChannelConfig]) -> dict[str, Channel]:
    """Return the channels by name; BadConfig lists every one that cannot be built."""
    kinds = registry.notifiers()
    problems: list[str] = []
    channels: dict[str, Channel] = {}
    for entry in entries:
        kind = kinds.get(entry.kind)
        if kind is None:
            problems.append(
                f"channel {entry.name}: kind {entry.kind!r} is none of {', '.join(sorted(kinds))}"
            )
            continue
        try:
            channels[entry.name] = kind.build(entry.name, entry.reveal())
        except BadConfig as error:
            problems += error.problems
    if problems:
        raise BadConfig(problems)
    return channels
