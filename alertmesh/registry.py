"""Find what is plugged in: sources, notifiers and PaaS modules, our own and others' alike."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from pathlib import PurePath
from traceback import extract_tb
from typing import Any, TypeVar

from alertmesh.core.errors import AlertMeshError, PluginFailed
from alertmesh.core.module import Module
from alertmesh.core.moduleforms import module_faults
from alertmesh.core.ports import Notifier, Source

SOURCES = "alertmesh.sources"
NOTIFIERS = "alertmesh.notifiers"
MODULES = "alertmesh.modules"

_KINDS: dict[str, type[Any]] = {SOURCES: Source, NOTIFIERS: Notifier, MODULES: Module}
_log = logging.getLogger(__name__)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class PluginInfo:
    """One registered plugin: `value` is where it lives, `error` why it cannot be used, if so."""

    group: str
    name: str
    value: str
    error: str = ""


class Registry:
    """The plugins behind a list of entry points; each group is loaded when first asked for.

    A plugin that cannot be used is left out, logged, and told by `plugins` and `failures`.
    """

    def __init__(self, points: Iterable[EntryPoint]) -> None:
        ours = [point for point in points if point.group in _KINDS]
        self._points = sorted(ours, key=lambda point: (point.group, point.name, point.value))
        self._groups: dict[str, dict[str, Any]] = {}
        self._infos: dict[str, list[PluginInfo]] = {}

    def sources(self) -> dict[str, Source]:
        """Return the usable kinds of sender by name."""
        return self._group(SOURCES)

    def notifiers(self) -> dict[str, Notifier]:
        """Return the usable kinds of channel by name."""
        return self._group(NOTIFIERS)

    def modules(self) -> dict[str, Module]:
        """Return the usable PaaS modules by name."""
        return self._group(MODULES)

    def plugins(self) -> list[PluginInfo]:
        """Return every registered plugin, usable or not; loads them all."""
        for group in _KINDS:
            self._group(group)
        return [info for group in _KINDS for info in self._infos[group]]

    def failures(self) -> int:
        """Count the plugins of the groups loaded so far that cannot be used."""
        return sum(bool(info.error) for infos in self._infos.values() for info in infos)

    def _group(self, group: str) -> dict[str, Any]:
        if group not in self._groups:
            self._load(group)
        return self._groups[group]

    def _load(self, group: str) -> None:
        usable: dict[str, Any] = {}
        infos: list[PluginInfo] = []
        for point in self._points:
            if point.group != group:
                continue
            plugin, error = _loaded(point, _KINDS[group])
            if not error and point.name in usable:
                error = "another plugin has this name"
            if error:
                _log.warning("plugin_failed group=%s name=%s error=%r", group, point.name, error)
            else:
                usable[point.name] = plugin
            infos.append(PluginInfo(group, point.name, point.value, error))
        self._groups[group], self._infos[group] = usable, infos


def _loaded(point: EntryPoint, kind: type[T]) -> tuple[T | None, str]:
    """Load one plugin; whatever its import raises is its own failure and nobody else's."""
    try:
        plugin = point.load()
    except (Exception, SystemExit) as error:  # noqa: BLE001
        return None, f"{type(error).__name__}: {error}"
    if not isinstance(plugin, kind):
        return None, f"is a {type(plugin).__name__}, not a {kind.__name__}"
    named = getattr(plugin, "name", point.name)
    if named != point.name:
        return None, f"calls itself {named!r}"
    faults = module_faults(plugin) if isinstance(plugin, Module) else []
    return (None, "; ".join(faults)) if faults else (plugin, "")


async def awaited(work: Awaitable[T], what: str, seconds: float, hide: Callable[[str], str] = str) -> T:
    """Await what a plugin does; `what` names it, `hide` takes secrets out of what it says.

    Its errors of our own kinds pass. Anything else it raises, and taking longer than `seconds`, becomes
    PluginFailed: it is the plugin's failure and nobody else's.
    """
    limit = asyncio.timeout(seconds)
    try:
        async with limit:
            return await work
    except AlertMeshError:
        raise
    except Exception as error:  # noqa: BLE001
        said = f"took longer than {seconds:g} s" if limit.expired() else f"failed: {_said(error)}"
        _log.warning("plugin_failed work=%r error=%r", what, hide(said))
        raise PluginFailed(f"{what} {hide(said)}") from None


def _said(error: Exception) -> str:
    """Return what an error says, and which line of whose file raised it."""
    [*_, last] = extract_tb(error.__traceback__)
    return f"{type(error).__name__}: {str(error)[:300]} ({PurePath(last.filename).name}:{last.lineno})"


@cache
def installed() -> Registry:
    """Return the registry of this Python environment, read once."""
    found = entry_points()
    return Registry(point for group in _KINDS for point in found.select(group=group))


def sources() -> dict[str, Source]:
    """Return the usable kinds of sender by name."""
    return installed().sources()


def notifiers() -> dict[str, Notifier]:
    """Return the usable kinds of channel by name."""
    return installed().notifiers()


def modules() -> dict[str, Module]:
    """Return the usable PaaS modules by name."""
    return installed().modules()


def plugins() -> list[PluginInfo]:
    """Return every registered plugin, usable or not; loads them all."""
    return installed().plugins()
