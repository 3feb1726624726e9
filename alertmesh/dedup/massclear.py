"""Tell alerts that clear one by one from those that end together because their source lost them."""

from collections.abc import Iterator
from datetime import datetime

from msgspec import Struct

from alertmesh.core.records import Records
from alertmesh.dedup.selfhealsettings import SelfhealSettings


class Life(Struct, frozen=True, array_like=True, gc=False):
    """How long one alert of a kind lived."""

    kind: str
    cluster: str
    seconds: float


class ClearRun(Struct, gc=False):
    """What cleared at one source within moments of `began`, when `before` series fired there."""

    began: datetime
    before: int
    cleared: int
    lives: list[Life]


class Verdicts(Struct, frozen=True, gc=False):
    """What a finished run proves of the lives in it: that they `healed`, or nothing."""

    at: datetime
    healed: bool
    lives: list[Life]


class ClearRuns:
    """The runs that are not finished, one a source. `dropped` counts lives that found no room."""

    def __init__(self, settings: SelfhealSettings) -> None:
        self.dropped = 0
        self.table = Records[str, ClearRun]("heal_runs", ClearRun)
        self.adopt(settings)

    def adopt(self, settings: SelfhealSettings) -> None:
        """Go by other settings from here on."""
        self._settings = settings

    def take(self, source: str, before: int, life: Life | None, at: datetime) -> None:
        """Count a clear at a source, and keep the life that it ended if that may prove something."""
        run = self.table.get(source) or ClearRun(at, before, 0, [])
        run.cleared += 1
        if life is not None and len(run.lives) < self._settings.max_ends:
            run.lives.append(life)
        elif life is not None:
            self.dropped += 1
        self.table.put(source, run)

    def finished(self, now: datetime) -> Iterator[Verdicts]:
        """Take out the runs that are over, and say what each of them proves."""
        settings = self._settings
        over = [name for name in self.table if now - self.table[name].began > settings.mass_within]
        for name in sorted(over, key=lambda name: (self.table[name].began, name)):
            run = self.table[name]
            self.table.drop(name)
            many = run.cleared > settings.mass_alerts and run.cleared >= settings.mass_share * run.before
            yield Verdicts(run.began, not many, run.lives)
