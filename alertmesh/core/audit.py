"""What the audit log says of an action on an incident, and how to find what people did."""

from collections.abc import Callable
from datetime import datetime

from msgspec import Struct

from alertmesh.core.entries import Command
from alertmesh.core.ports import AuditEntry

Read = Callable[[int | None, int], list[tuple[int, AuditEntry]]]
"""Return up to so many entries numbered below the first, the newest first; `Store.newest_audit` is one."""

_SLICE = 200


class Sought(Struct, frozen=True, kw_only=True):
    """Which entries are wanted; what is empty or None asks for nothing.

    `actor` and `action` are whole words, `target` is how a target begins (`incident/7`), `since` is the
    first moment and `until` the first that is too late.
    """

    actor: str = ""
    action: str = ""
    target: str = ""
    since: datetime | None = None
    until: datetime | None = None

    def accepts(self, entry: AuditEntry) -> bool:
        """Tell whether an entry is wanted."""
        return (
            self.actor in ("", entry.actor)
            and self.action in ("", entry.action)
            and entry.target.startswith(self.target)
            and (self.since is None or entry.at >= self.since)
            and (self.until is None or entry.at < self.until)
        )


def of_command(command: Command) -> AuditEntry:
    """Return the line of an action on an incident, by whatever way the person asked for it."""
    told = [f"{name}={value}" for name, value in command.args.items()]
    if command.epoch is not None:
        told.insert(0, f"epoch={command.epoch}")
    return AuditEntry(
        at=command.at,
        actor=command.actor,
        action=command.action.value,
        target=f"incident/{command.incident}",
        detail=" ".join(told),
    )


def search(
    read: Read, sought: Sought, before: int | None, limit: int, scan: int
) -> tuple[list[tuple[int, AuditEntry]], int | None]:
    """Return up to `limit` wanted entries, the newest first, and the `before` of the next ones if any.

    At most `scan` entries are looked at, so what is found may be short or empty and still go on.
    """
    found: list[tuple[int, AuditEntry]] = []
    left = scan
    while left > 0:
        wanted = min(_SLICE, left)
        part = read(before, wanted)
        for number, entry in part:
            before = number
            if sought.accepts(entry):
                found.append((number, entry))
                if len(found) == limit:
                    return found, before if before > 1 else None
        if len(part) < wanted:
            return found, None
        left -= len(part)
    return found, before
