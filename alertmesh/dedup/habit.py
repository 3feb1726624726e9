"""What a series uses to do, day by day, and what could be done about it."""

from datetime import UTC, datetime
from math import ceil

from msgspec import Struct

from alertmesh.core.alert import Priority
from alertmesh.core.digest import Noise, Proposal, Remedy
from alertmesh.dedup.chronicsettings import ChronicSettings
from alertmesh.dedup.phases import lengths, p95
from alertmesh.dedup.week import DAYS, Week
from alertmesh.dedup.wording import span

GRACE_S = 0.001  # moments lose less than this on their way from seconds to dates and back
_KEPT = 32
_SHORT_S = 600.0


class Habit(Struct, gc=False, omit_defaults=True):
    """What is known of one series.

    Moments are seconds since 1970. `changes` are the newest moments at which it began to fire and
    cleared, in turns. `noise` says how it is chronic, since when, how bad it was then (`usual`)
    and how many alerts fired at once (`most`); None: it is not, and `not_before` then it will be.
    """

    name: str
    owner: dict[str, str]
    priority: Priority
    week: Week
    changes: list[float]
    firing: int = 1
    most: int = 1
    usual: Priority = Priority.P4
    barred: bool = False
    noise: Noise | None = None
    since: float = 0.0
    not_before: float = 0.0

    def turn(self, at: float) -> None:
        """Begin another phase."""
        self.changes = [*self.changes[1 - _KEPT :], at]

    def pass_over(self, by: float, now: float) -> None:
        """Let what happened be later by `by` seconds, but not later than `now`."""
        self.changes = [min(moment + by, now) for moment in self.changes]
        self.not_before += by
        self.week.pass_over(by, now)
        self.since = min(self.since, self.week.until)

    def phases(self, firing: bool) -> list[float]:
        """Return how long the newest finished phases lasted in which it fired, or did not."""
        return lengths(self.changes, self.firing > 0, firing)

    def noise_by(self, settings: ChronicSettings) -> Noise | None:
        """Return how the last days make it noise; None: they do not."""
        week = self.week
        unbroken = week.until - self.changes[-1] if self.firing else 0.0
        if unbroken >= settings.on_for.total_seconds() - GRACE_S or week.share() >= settings.on_share:
            return Noise.ALWAYS_ON
        return Noise.RECURRING if week.busy_days(settings.episodes) >= settings.days else None

    def longest(self, settings: ChronicSettings) -> float:
        """Return how many seconds it may fire before that is unusual."""
        return max(settings.longer_min.total_seconds(), settings.factor * p95(self.phases(firing=True)))

    def clearest(self, settings: ChronicSettings) -> float:
        """Return how many seconds it may be clear before it is not noise any more."""
        usual = settings.factor * p95(self.phases(firing=False))
        return max(settings.clear_min.total_seconds(), min(usual, settings.clear_max.total_seconds()))


def describe(habit: Habit) -> str:
    """Return in a few words with numbers how it is noise."""
    week = habit.week
    if habit.noise is Noise.RECURRING:
        usual = span(p95(habit.phases(firing=True)))
        return f"began {week.begun()} times in {DAYS} days and clears within {usual}"
    share = week.share()
    if share:
        return f"fired {share:.0%} of the last {DAYS} days"
    return f"fires for {span(week.until - habit.changes[-1])} without a pause"


def proposal(series: str, habit: Habit) -> Proposal:
    """Return what should be done about chronic noise."""
    usual = p95(habit.phases(firing=True))
    remedy, advice = _advice(habit, usual)
    return Proposal(
        series=series,
        name=habit.name,
        owner=habit.owner,
        priority=habit.priority,
        noise=habit.noise or Noise.ALWAYS_ON,
        since=datetime.fromtimestamp(habit.since, UTC),
        numbers={
            "episodes": float(habit.week.begun()),
            "firing_s": round(sum(habit.week.on_s[:DAYS]), 1),
            "usual_s": round(usual, 1),
        },
        remedy=remedy,
        why=f"{describe(habit)}: {advice}",
    )


def _advice(habit: Habit, usual: float) -> tuple[Remedy, str]:
    if habit.noise is Noise.RECURRING and usual <= _SHORT_S:
        minutes = ceil(usual / 60) + 1
        return Remedy.TUNE, f"a rule that waits with `for: {minutes}m` would stay quiet"
    if habit.noise is not Noise.RECURRING and habit.priority is Priority.P4:
        return Remedy.DROP, "an alert of priority P4 that is always on tells nobody anything"
    return Remedy.FIX, "mend what it tells of, or move its threshold to where somebody would act"
