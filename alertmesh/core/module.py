"""The contract of PaaS modules: pages, actions, hooks and tasks, and what of AlertMesh they see."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from msgspec import Struct

from alertmesh.core.alert import Alert
from alertmesh.core.changes import ChangeEvent
from alertmesh.core.delivery import ChannelStatus
from alertmesh.core.incident import Incident
from alertmesh.core.ports import Answer, AuditEntry, Health, Http, Inbound, Ingested, Levels
from alertmesh.core.response import Response
from alertmesh.core.sheet import Sheet, Words


class FieldType(StrEnum):
    """What a field of a form takes.

    As Python values: `lines` is a text of several lines, `whole` an int, `number` a float, `flag` a
    bool, `moment` an aware datetime, `choice` the name of one of its choices, `person` the name of
    somebody who is configured; a `place` is never shown and tells where a table goes on.
    """

    TEXT = "text"
    LINES = "lines"
    WHOLE = "whole"
    NUMBER = "number"
    FLAG = "flag"
    MOMENT = "moment"
    CHOICE = "choice"
    PERSON = "person"
    PLACE = "place"


class Choice(Struct, frozen=True):
    """One of the values that a field can have, and how people call it."""

    name: str
    words: Words


class Field(Struct, frozen=True, kw_only=True):
    """One field of a form.

    `default` is what it begins with, as it would be typed. `least` and `most` bound a number, or the
    length of a text.
    """

    name: str
    label: Words
    type: FieldType = FieldType.TEXT
    required: bool = False
    default: str = ""
    choices: Sequence[Choice] = ()
    least: float | None = None
    most: float | None = None
    hint: Words | None = None


class Given(Struct, frozen=True):
    """What was filled in, checked by the fields: each is there, None where nothing was filled in."""

    values: Mapping[str, str | int | float | bool | datetime | None]

    def text(self, name: str) -> str:
        """Return a text, choice or person; empty when nothing was filled in."""
        value = self.values[name]
        return value if isinstance(value, str) else ""

    def whole(self, name: str) -> int | None:
        """Return a whole number."""
        value = self.values[name]
        return value if isinstance(value, int) else None

    def number(self, name: str) -> float | None:
        """Return a number."""
        value = self.values[name]
        return float(value) if isinstance(value, int | float) else None

    def flag(self, name: str) -> bool:
        """Return whether a flag was set."""
        return self.values[name] is True

    def moment(self, name: str) -> datetime | None:
        """Return a moment."""
        value = self.values[name]
        return value if isinstance(value, datetime) else None


class TokenName(Struct, frozen=True, kw_only=True):
    """An access token as anybody may know it."""

    name: str
    scopes: tuple[str, ...]
    created_at: datetime


class PluginName(Struct, frozen=True, kw_only=True):
    """A registered plugin; `value` is where it lives, `error` why it cannot be used, if so."""

    group: str
    name: str
    value: str
    error: str = ""


class Facts(Struct, frozen=True, kw_only=True):
    """How AlertMesh itself is at this moment.

    `decided` counts what the pipeline ever decided upon, `alerts` and `requests` what came since the
    start. `store_bytes` is 0 for a store that is not on a disk, `memory_bytes` what the process holds.
    """

    version: str
    started_at: datetime
    health: Health
    levels: Levels
    decided: int
    alerts: int
    requests: int
    store_bytes: int
    memory_bytes: int


class Views(Protocol):
    """What a module may look at. Nothing here changes anything."""

    @property
    def http(self) -> Http:
        """Return the way to the network, which is open to the module's configured hosts alone."""
        ...

    @property
    def settings(self) -> Mapping[str, str]:
        """Return what was configured for the module; may hold secrets."""
        ...

    def now(self) -> datetime:
        """Return the present moment."""
        ...

    def facts(self) -> Facts:
        """Return how AlertMesh itself is."""
        ...

    def alerts(self) -> Iterable[tuple[Alert, datetime | None]]:
        """Return the remembered alerts, each with the moment it ended or None while it fires."""
        ...

    def incidents(self, before: int | None, limit: int) -> list[tuple[Incident, Response | None]]:
        """Return up to `limit` incidents numbered below `before`, newest first."""
        ...

    def channels(self) -> list[ChannelStatus]:
        """Return every channel as it stands, by name."""
        ...

    def people(self) -> list[str]:
        """Return the names of those who are configured."""
        ...

    def audit(self, before: int | None, limit: int) -> list[tuple[int, AuditEntry]]:
        """Return up to `limit` audit entries numbered below `before`, newest first."""
        ...

    def tokens(self) -> list[TokenName]:
        """Return the access tokens by name."""
        ...

    def plugins(self) -> list[PluginName]:
        """Return every registered plugin."""
        ...

    def kept(self, key: str) -> bytes | None:
        """Return what the module keeps under a key, None when nothing."""
        ...


class Raised(Struct, frozen=True, kw_only=True):
    """An alert of a module. Equal labels are one alert; it fires until it is raised with `firing` off.

    `lasts` is how long it fires unrepeated.
    """

    labels: Mapping[str, str]
    annotations: Mapping[str, str] = {}
    firing: bool = True
    url: str = ""
    lasts: timedelta = timedelta(minutes=5)


class Hands(Views, Protocol):
    """What a module's actions, hooks and tasks may do besides."""

    async def keep(self, key: str, body: bytes | None) -> None:
        """Keep something for good under a key, in place of what was there; None: nothing.

        Raises BadPayload for what is too much, StoreUnavailable when it was not kept.
        """
        ...

    async def raise_alerts(self, alerts: Sequence[Raised]) -> Ingested:
        """Bring alerts, as any source does; return when they are durable."""
        ...

    async def tell_changes(self, changes: Sequence[ChangeEvent]) -> Ingested:
        """Tell what was changed; return when it is durable. Ids are given here."""
        ...

    async def reload(self) -> None:
        """Load configuration and rules anew; raises BadConfig when they are bad and the old set stays."""
        ...

    async def test(self, person: str) -> int:
        """Send a test message to somebody by every way, and return by how many.

        Raises BadCommand when there is no way or a test is under way.
        """
        ...


class ModulePage(Struct, frozen=True, kw_only=True):
    """One page of a module, drawn anew whenever somebody looks.

    `fields` are what the query may hold; `scope` is what it takes to see the page. It is read again
    after `refresh_s` seconds, 0 for never.
    """

    name: str
    title: Words
    draw: Callable[[Views, Given], Awaitable[Sheet]]
    about: Words | None = None
    fields: Sequence[Field] = ()
    scope: str = "read"
    refresh_s: float = 30.0


class Done(Struct, frozen=True):
    """What came of an action, and where one can see it."""

    text: Words
    link: str = ""


class ModuleAction(Struct, frozen=True, kw_only=True):
    """Something that people can have a module do, once `fields` are filled in.

    `confirm` is asked before it is done; `danger` says that it cannot be taken back. `run` is told who
    asks. It may raise BadPayload that names a field, and BadCommand for what cannot be done now.
    """

    name: str
    label: Words
    run: Callable[[Hands, Given, str], Awaitable[Done]]
    about: Words | None = None
    fields: Sequence[Field] = ()
    scope: str = "respond"
    confirm: Words | None = None
    danger: bool = False


class ModuleRoute(Struct, frozen=True, kw_only=True):
    """An address that other programs post to: `/api/v1/modules/{module}/hooks/{name}`.

    It may raise BadPayload for a body that cannot be read.
    """

    name: str
    take: Callable[[Hands, Inbound], Awaitable[Answer]]
    scope: str = "ingest"


class ModuleTask(Struct, frozen=True, kw_only=True):
    """Something that a module does by itself, again and again; the first time after `every`."""

    name: str
    every: timedelta
    run: Callable[[Hands], Awaitable[None]]


class Module(Struct, frozen=True, kw_only=True):
    """A PaaS module (entry point `alertmesh.modules`): what it shows and does beside the core."""

    name: str
    title: Words
    summary: Words
    pages: Sequence[ModulePage] = ()
    actions: Sequence[ModuleAction] = ()
    routes: Sequence[ModuleRoute] = ()
    tasks: Sequence[ModuleTask] = ()
