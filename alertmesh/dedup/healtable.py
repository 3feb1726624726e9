"""Find what Kubernetes does by itself about an alert."""

from collections.abc import Mapping, Sequence

from alertmesh.core.matchers import Matcher, matches_all, parse_matchers
from alertmesh.dedup.selfhealsettings import HealEntry

_NAME = "alertname"
_CACHED = 4_096
_Line = tuple[tuple[Matcher, ...], HealEntry]


class HealTable:
    """The table of what Kubernetes does; the first entry that accepts an alert counts."""

    def __init__(self, entries: Sequence[HealEntry]) -> None:
        self._lines: list[_Line] = [(parse_matchers(entry.matchers), entry) for entry in entries]
        self._by_name: dict[str, list[_Line]] = {}

    def find(self, labels: Mapping[str, str]) -> HealEntry | None:
        """Return the entry for an alert, if there is one."""
        for matchers, entry in self._named(labels.get(_NAME, "")):
            if matches_all(matchers, labels):
                return entry
        return None

    def _named(self, name: str) -> list[_Line]:
        """Return the lines that may accept an alert of this name, each with what is left to match."""
        known = self._by_name.get(name)
        if known is None:
            if len(self._by_name) >= _CACHED:
                self._by_name.clear()
            only = {_NAME: name}
            known = self._by_name[name] = [
                (tuple(one for one in matchers if one.name != _NAME), entry)
                for matchers, entry in self._lines
                if matches_all([one for one in matchers if one.name == _NAME], only)
            ]
        return known
