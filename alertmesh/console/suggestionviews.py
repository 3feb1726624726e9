"""The shape in which the API shows an incident together with what is suggested for it."""

from collections.abc import Iterable
from datetime import datetime

from msgspec import Struct

from alertmesh.console.views import IncidentView
from alertmesh.console.wording import Wording
from alertmesh.core.regrouping import Suggestion


class SuggestionView(Struct, frozen=True, kw_only=True):
    """A merge with `other`, null where that is only watched, or a split of `series`.

    `terms` are what was weighed, by name.
    """

    number: int
    kind: str
    other: int | None
    series: tuple[str, ...]
    confidence: float
    reason: str
    terms: dict[str, float]
    at: datetime
    seen_at: datetime


class IncidentDetail(IncidentView, frozen=True, kw_only=True):
    """An incident as it is shown alone."""

    suggestions: list[SuggestionView]


def detailed(
    view: IncidentView, made: Iterable[tuple[Suggestion, int | None]], said: Wording
) -> IncidentDetail:
    """Return an incident with what is suggested for it."""
    facts = {name: getattr(view, name) for name in view.__struct_fields__}
    return IncidentDetail(**facts, suggestions=[show_suggestion(*one, said) for one in made])


def show_suggestion(made: Suggestion, other: int | None, said: Wording) -> SuggestionView:
    """Return how the API shows a suggestion."""
    told = made.told
    return SuggestionView(
        number=made.number,
        kind=told.kind.value,
        other=other,
        series=told.series,
        confidence=told.confidence,
        reason=said.join("batch", told.reason),
        terms={term.name: term.value for term in told.terms},
        at=made.at,
        seen_at=made.seen_at,
    )
