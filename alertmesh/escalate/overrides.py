"""Which overrides there are: who has duty in whose place, agreed or asked for."""

from collections.abc import Iterable
from datetime import datetime

from alertmesh.core.entries import OverrideAnswered, OverrideEnded, OverrideSet
from alertmesh.core.errors import BadCommand
from alertmesh.core.oncall import Override
from alertmesh.core.records import Records

OverrideOrder = OverrideSet | OverrideAnswered | OverrideEnded


class OverrideBook:
    """Keep overrides, agreed and asked for, and follow their times."""

    def __init__(self) -> None:
        self._overrides = Records[str, Override]("override", Override)
        self.tables = (self._overrides,)

    def overrides(self) -> Iterable[Override]:
        """Return every override that is kept, whatever its state."""
        return self._overrides.values()

    def order(self, entry: OverrideOrder, now: datetime) -> None:
        """Do what a person asks; BadCommand when it cannot be done."""
        if not isinstance(entry, OverrideSet):
            raise BadCommand(f"there is no override {entry.id!r}")
        self._overrides.put(entry.override.id, entry.override)
