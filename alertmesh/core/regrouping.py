"""What a second look at the open groups would change: one that is two troubles, two that are one."""

from datetime import datetime
from enum import StrEnum

from msgspec import Struct


class RegroupKind(StrEnum):
    """What is proposed to be done."""

    MERGE = "merge"
    SPLIT = "split"


class Term(Struct, frozen=True, array_like=True, gc=False):
    """One thing that was weighed for a proposal, and what it measured."""

    name: str
    value: float


class Regrouping(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """A merge or a split that is proposed, how sure that is in 0..1, and why in one sentence.

    A merge names two `groups`, the older one first, and the `series` of both that were looked at.
    A split names one, and the series that would leave it.
    """

    kind: RegroupKind
    groups: tuple[int, ...]
    series: tuple[str, ...]
    confidence: float
    reason: str
    terms: tuple[Term, ...] = ()


class Suggestion(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """A regrouping that was proposed: first `at` that time, and last at `seen_at`."""

    number: int
    at: datetime
    seen_at: datetime
    told: Regrouping
