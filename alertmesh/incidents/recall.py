"""Look back when an incident opens or has doubled, and remember it when it is closed."""

from datetime import datetime
from typing import Any

from msgspec.structs import replace

from alertmesh.core.records import Records
from alertmesh.incidents.handling import Handlings
from alertmesh.incidents.lifecycle import Case
from alertmesh.incidents.settings import SimilarSettings
from alertmesh.incidents.signature import Limits, root_of, signature
from alertmesh.incidents.similar import Past, PastIncidents, facets_of


class Recall:
    """Hold the past incidents, and what people do to the open ones until they are past too."""

    def __init__(self, settings: SimilarSettings) -> None:
        self.past = PastIncidents(settings)
        self.handlings = Handlings()
        self.adopt(settings)

    def adopt(self, settings: SimilarSettings) -> None:
        """Go by other settings from here on; what is remembered too many goes with the next one."""
        self.past.settings = settings
        self._limits = Limits(settings.members, settings.features)

    @property
    def tables(self) -> tuple[Records[Any, Any], ...]:
        """Return the durable state."""
        return (self.past.table, self.handlings.table)

    def look_back(self, case: Case) -> None:
        """Have an incident name the past ones that it is like, as far as it is known by now."""
        if not len(self.past):
            return
        found = signature(case.members.values(), case.causes, self._limits)
        name, place = root_of(case.members, case.causes)
        again = self.past.recurrence(name, place, case.base.opened_at)
        case.base = replace(case.base, similar=self.past.like(found), recurrence=again)

    def remember(self, case: Case, at: datetime) -> None:
        """Take a closed incident into memory, with who handled it and how."""
        facts, handling = case.facts(), self.handlings.of(case.id)
        root, place = root_of(case.members, case.causes)
        end = facts.cleared_at or at
        self.past.remember(
            Past(
                incident=case.id,
                title=facts.title,
                opened_at=facts.opened_at,
                closed_at=at,
                facets=facets_of(signature(case.members.values(), case.causes, self._limits)),
                root=root,
                place=place,
                resolved_by=handling.person,
                note=handling.note,
                lasted_s=max(0.0, (end - facts.opened_at).total_seconds()),
                alerts=facts.alerts,
            )
        )
        self.handlings.forget(case.id)
