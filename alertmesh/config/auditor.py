"""The form of the auditor's settings, what they must name, and what they should not leave out."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Literal

from pydantic import Field, SecretStr

from alertmesh.config.document import Document
from alertmesh.config.problems import unknown
from alertmesh.config.values import Count, Model, Seconds, Url
from alertmesh.core.oncall import User

_Every = Annotated[Seconds, Field(ge=1, le=3_600)]
_Bound = Annotated[Seconds, Field(gt=0)]
_Ready = Annotated[
    str, Field(pattern=r"^(none|https?://.+)?$", examples=["http://127.0.0.1:9393/-/ready", "none"])
]
_SECTION = "auditor"
NOT_ASKED = "none"
"""What `ready_url` is when the server is not to be asked."""


class AuditorEntry(Model):
    """How the pager itself is watched, and who hears when it does not do what it should."""

    heartbeat_url: Url = ""
    heartbeat_method: Literal["GET", "POST"] = "GET"
    file: str = ""
    ready_url: _Ready = ""
    channels: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    every_s: _Every = 15.0
    repeat_s: _Bound = 900.0
    overdue_s: _Bound = 60.0
    unpaged_s: _Bound = 90.0
    waiting_s: _Bound = 120.0
    undecided_s: _Bound = 60.0
    server_s: _Bound = 60.0
    read_s: _Bound = 10.0
    disk_mb: Count = 200

    def config(self) -> "AuditorConfig":
        """Return it with the address of the heartbeat hidden."""
        given = self.model_dump()
        return AuditorConfig(**given | {"heartbeat_url": SecretStr(self.heartbeat_url)})


@dataclass(frozen=True, slots=True)
class AuditorConfig:
    """How the pager itself is watched.

    `channels` and `people` are names; `ready_url` empty stands for the address that is listened on.
    The store is looked at every `every_s`, in `read_s` at most. What is wrong is told again every
    `repeat_s`. Wrong are deadlines overdue by `overdue_s`, an incident of which nobody was told in
    `unpaged_s`, a page that waits `waiting_s`, an entry undecided for `undecided_s`, a server that is
    away for `server_s`, and less than `disk_mb` MiB of room. All `_s` are seconds.
    """

    heartbeat_url: SecretStr = field(default=SecretStr(""), repr=False)
    heartbeat_method: str = "GET"
    file: str = ""
    ready_url: str = ""
    channels: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    every_s: float = 15.0
    repeat_s: float = 900.0
    overdue_s: float = 60.0
    unpaged_s: float = 90.0
    waiting_s: float = 120.0
    undecided_s: float = 60.0
    server_s: float = 60.0
    read_s: float = 10.0
    disk_mb: int = 200


def problems(
    entry: AuditorEntry, document: Document, users: Sequence[str], channels: Sequence[str]
) -> Iterator[str]:
    """Yield a problem for every name that stands for nothing."""
    kinds = (("channel", "channels", entry.channels, channels), ("user", "people", entry.people, users))
    for kind, key, names, known in kinds:
        for index, name in enumerate(names):
            if name not in known:
                yield f"{document.at((_SECTION, key, index))} {unknown(kind, name, known)}"


def warnings(
    entry: AuditorEntry,
    document: Document,
    users: Mapping[str, User],
    channels: Mapping[str, Mapping[str, str]],
) -> Iterator[str]:
    """Yield what nobody would notice until it is missed; `channels` are their settings in clear."""
    place = document.at((_SECTION,))
    if not entry.heartbeat_url:
        yield (
            f"{place} auditor.heartbeat_url is not set: if everything here stops, nobody outside will notice"
        )
    if not entry.channels:
        yield f"{place} auditor.channels is empty: the auditor can tell nobody that paging is broken"
    paged = {name for user in users.values() for name in _paging(user)}
    addresses = {value: name for name in sorted(paged) for value in _addresses(channels.get(name, {}))}
    for index, name in enumerate(entry.channels):
        same = name if name in paged else _same(channels.get(name, {}), addresses)
        if same:
            yield (
                f"{document.at((_SECTION, 'channels', index))} auditor.channels: pages to people go through "
                f"{same!r} too; when it fails, neither reaches anybody. Give the auditor a channel of its own"
            )


def _paging(user: User) -> Iterator[str]:
    """Yield the channels that pages to somebody go through, whatever their priority."""
    if not user.reach:
        yield from user.channels
    for ways in user.reach.values():
        for way in ways:
            yield from way.channels


def _same(settings: Mapping[str, str], addresses: Mapping[str, str]) -> str:
    return next((addresses[value] for value in _addresses(settings) if value in addresses), "")


def _addresses(settings: Mapping[str, str]) -> list[str]:
    return [value for value in settings.values() if "://" in value]
