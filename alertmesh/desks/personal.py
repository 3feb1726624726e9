"""Keep what each person set for the console, and the views of lists that they saved."""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from msgspec import UNSET, Struct, UnsetType
from msgspec.structs import replace

from alertmesh.core.clock import Clock
from alertmesh.core.errors import AlertMeshError
from alertmesh.core.ports import AuditEntry, Batch, Store
from alertmesh.core.records import Row

LANGUAGES = ("auto", "en", "zh")
THEMES = ("auto", "light", "dark")
DENSITIES = ("dense", "roomy")

MOST_VIEWS = 50
"""How many views one person may save."""

MOST_VIEWS_OF_ALL = 1_000
"""How many views all people together may save."""

NAME_LENGTH, QUERY_LENGTH = 60, 2_000

_SETTINGS = "console_settings"
_VIEWS = "saved_view"
_AUTO = "auto"


class Unfit(AlertMeshError):
    """A setting or a view that cannot be kept; `field` says which part of it."""

    def __init__(self, message: str, field: str) -> None:
        super().__init__(message)
        self.field = field


class Settings(Struct, frozen=True, kw_only=True):
    """How a person likes the console; `auto` goes by the browser.

    `sound` and `notify` say whether a new P1 makes a sound and a notification of the browser.
    """

    language: str = _AUTO
    zone: str = _AUTO
    theme: str = _AUTO
    sound: bool = False
    notify: bool = False
    density: str = DENSITIES[0]


class SavedView(Struct, frozen=True, kw_only=True):
    """A list as somebody wants to see it again: `query` is what stands after the `?` of its address."""

    owner: str
    name: str
    query: str
    shared: bool = False
    changed_at: datetime


_encode = msgspec.msgpack.Encoder().encode
_settings = msgspec.msgpack.Decoder(Settings).decode
_view = msgspec.msgpack.Decoder(SavedView).decode


class Personal:
    """What belongs to one person, by the name under which they act."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._changing = asyncio.Lock()

    def settings(self, actor: str) -> Settings:
        """Return what a person set, else what holds for everybody."""
        body = self._store.row(_SETTINGS, actor)
        return Settings() if body is None else _settings(body)

    async def change(self, actor: str, parts: Mapping[str, str | bool | UnsetType]) -> Settings:
        """Change what a person set by what is given, and return it all; raises Unfit.

        One change goes after the other: another device may be changing the rest.
        """
        async with self._changing:
            given = {name: part for name, part in parts.items() if part is not UNSET}
            settings = replace(self.settings(actor), **given)
            _check_settings(settings)
            await self._store.write(Batch(rows=[Row(_SETTINGS, actor, _encode(settings))]))
        return settings

    def views(self, actor: str) -> list[SavedView]:
        """Return a person's own views, then those that others share, each by name."""
        every = [_view(body) for _, body in self._store.prefixed(_VIEWS, "")]
        seen = [view for view in every if view.owner == actor or view.shared]
        return sorted(seen, key=lambda view: (view.owner != actor, view.name.casefold(), view.owner))

    def view(self, actor: str, owner: str, name: str) -> SavedView | None:
        """Return a view that a person may see."""
        body = self._store.row(_VIEWS, _key(owner, name))
        found = None if body is None else _view(body)
        return found if found is not None and (found.shared or owner == actor) else None

    async def save(self, view: SavedView) -> None:
        """Keep a view, in place of the one of that name that its owner has; raises Unfit."""
        _check_view(view)
        key = _key(view.owner, view.name)
        before = self.view(view.owner, view.owner, view.name)
        if before is None:
            self._refuse_too_many(view.owner)
        was_shared = before is not None and before.shared
        told = [self._audit(view, view.owner, "view save")] if view.shared or was_shared else []
        await self._store.write(Batch(rows=[Row(_VIEWS, key, _encode(view))], audit=told))

    async def drop(self, view: SavedView, actor: str) -> None:
        """Delete a view."""
        told = [self._audit(view, actor, "view delete")] if view.shared else []
        await self._store.write(Batch(rows=[Row(_VIEWS, _key(view.owner, view.name), None)], audit=told))

    def _refuse_too_many(self, owner: str) -> None:
        if len(self._store.prefixed(_VIEWS, _key(owner, ""))) >= MOST_VIEWS:
            raise Unfit(f"you have {MOST_VIEWS} saved views, which is the most; delete one first", "name")
        if len(self._store.prefixed(_VIEWS, "")) >= MOST_VIEWS_OF_ALL:
            raise Unfit(f"all together have {MOST_VIEWS_OF_ALL} saved views, which is the most", "name")

    def _audit(self, view: SavedView, actor: str, action: str) -> AuditEntry:
        target = f"{view.owner}/{view.name}"
        return AuditEntry(at=self._clock.now(), actor=actor, action=action, target=target)


def _key(owner: str, name: str) -> str:
    """Return the key of a view; no name of somebody who acts has a slash in it."""
    return f"{owner}/{name}"


def _check_settings(settings: Settings) -> None:
    for field, value, known in (
        ("language", settings.language, LANGUAGES),
        ("theme", settings.theme, THEMES),
        ("density", settings.density, DENSITIES),
    ):
        if value not in known:
            raise Unfit(f"{field} is one of {', '.join(known)}", field)
    if settings.zone != _AUTO and not _is_zone(settings.zone):
        raise Unfit("zone is auto, or a time zone such as Asia/Shanghai or UTC", "zone")


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def _check_view(view: SavedView) -> None:
    if (
        not 1 <= len(view.name) <= NAME_LENGTH
        or view.name != view.name.strip()
        or not view.name.isprintable()
    ):
        raise Unfit(f"a name has 1 to {NAME_LENGTH} characters that can be seen", "name")
    if "/" in view.name:
        raise Unfit("a name has no slash in it", "name")
    if len(view.query) > QUERY_LENGTH or not view.query.isprintable():
        raise Unfit(f"a query has at most {QUERY_LENGTH} characters, all of which can be seen", "query")
