"""Two runs over the same past, side by side: by the rules in force, and by others."""

from datetime import datetime
from enum import StrEnum

from msgspec import Struct


class RunFigures(Struct, kw_only=True):
    """The figures of one run. `paged` are incidents about which somebody was paged."""

    series: int
    changes: int
    held: int
    marked: dict[str, int]
    incidents: int
    priorities: dict[str, int]
    paged: int
    pages: int
    people: dict[str, int]
    watched: int
    suppressed: int
    rules: dict[str, int]


class DifferenceKind(StrEnum):
    """How an incident differs between the two runs."""

    ONLY_THEN = "only then"
    ONLY_NOW = "only now"
    PAGE_MOVED = "page moved"


class Difference(Struct, kw_only=True):
    """One incident that differs; a number is None where there is no such incident.

    `note` says where the firings of an incident went that exists on one side only.
    """

    kind: DifferenceKind
    title: str
    priority: str
    opened_at: datetime
    then: int | None = None
    now: int | None = None
    then_page: datetime | None = None
    now_page: datetime | None = None
    note: str = ""


class Comparison(Struct, kw_only=True):
    """Both runs side by side: `then` by the rules in force, `now` by the others.

    `forgotten` counts alerts that are known no more.
    """

    begin: datetime
    end: datetime
    alerts: int
    forgotten: int
    then: RunFigures
    now: RunFigures
    differences: list[Difference]
