"""Tell who has duty, from the people, rosters and overrides in force."""

from collections.abc import Iterable
from datetime import datetime

from alertmesh.core.duty import DutyFault, DutyLoad, OnDuty
from alertmesh.core.oncall import OnCall, Override
from alertmesh.escalate.analysis import analyse, loads
from alertmesh.escalate.duties import Duty
from alertmesh.escalate.ical import person_calendar, roster_calendar
from alertmesh.escalate.stage import EscalateStage


class Duties:
    """Ask the last stage; asking changes nothing."""

    def __init__(self, escalate: EscalateStage) -> None:
        self._escalate = escalate

    def oncall(self) -> OnCall:
        """Return the people, rosters and policies in force."""
        return self._escalate.oncall

    def overrides(self) -> Iterable[Override]:
        """Return every override that is kept, whatever its state."""
        return self._escalate.overrides.overrides()

    def at(self, roster: str, moment: datetime) -> OnDuty:
        """Return who has duty at a moment, and until when."""
        rota = self._escalate.rota
        return _told(roster, rota.duty(roster, moment), moment, rota.next_change(roster, moment))

    def shifts(self, roster: str, start: datetime, end: datetime) -> list[OnDuty]:
        """Return who has duty from `start` to `end`, each time as long as nothing changes."""
        found = self._escalate.rota.shifts(roster, start, end)
        return [_told(roster, shift.duty, shift.start, shift.end) for shift in found]

    def faults(self, roster: str, start: datetime, end: datetime) -> list[DutyFault]:
        """Return what is wrong with a roster from `start` until `end`: gaps, and who has too much."""
        return analyse(self._escalate.rota, roster, start, end)

    def loads(self, roster: str, start: datetime, end: datetime) -> list[DutyLoad]:
        """Return how much each member of a roster has, who has most first."""
        return loads(self._escalate.rota, roster, start, end)

    def calendar(self, roster: str, start: datetime, end: datetime, now: datetime) -> str:
        """Return the shifts of a roster from `start` until `end` as an iCalendar."""
        return roster_calendar(self._escalate.rota, roster, start, end, now)

    def person_calendar(self, person: str, start: datetime, end: datetime, now: datetime) -> str:
        """Return when somebody has duty in any roster from `start` until `end` as an iCalendar."""
        return person_calendar(self._escalate.rota, person, start, end, now)


def _told(roster: str, duty: Duty, start: datetime, end: datetime | None) -> OnDuty:
    return OnDuty(
        roster=roster,
        start=start,
        end=end,
        primary=duty.primary,
        secondary=duty.secondary,
        others=duty.others,
        why=duty.why,
        layer=duty.layer,
        override=duty.override,
        covered=duty.covered,
    )
