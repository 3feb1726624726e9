"""Learn how fast new alerts of one source usually come, and see at once when they come faster.

The test is Page's: after each alert, the evidence that they come several times as fast as usual
grows by a fixed step; between alerts it shrinks with time, never below nothing. That costs a few
operations for each alert, and needs no fixed stretch of time to pass.
"""

from math import exp, log

from msgspec import Struct

from alertmesh.dedup.stormsettings import StormSettings

ALL = ""  # the rate of all sources together
_MINUTE = 60.0
_SLOT_S = 10.0
_SLOTS = 6
_MISSED = 20.0  # so many alerts should have come in a silence that is no chance


class Rate(Struct, gc=False, omit_defaults=True):
    """How fast alerts come from one source; moments are seconds, `usual` is alerts a second.

    `slots` counts the alerts of the last minute, the newest slot being number `slot`. `since` is
    when a storm began and `calm` since when it has been calm, 0 for not. `before` is what was usual
    when `evidence` of a storm was last nothing.
    """

    first: float
    at: float
    slots: list[int]
    slot: int
    usual: float = 0.0
    before: float = 0.0
    known: bool = False
    evidence: float = 0.0
    quiet_until: float = 0.0
    since: float = 0.0
    calm: float = 0.0

    def count(self, now: float, settings: StormSettings) -> None:
        """Count one alert, which may begin a storm."""
        gap = max(0.0, now - self.at)
        if self.since == 0 and self.known and gap > _MINUTE and self.usual * gap >= _MISSED:
            self.quiet_until = now + settings.settle.total_seconds()
        faded = max(0.0, self.evidence - (settings.factor - 1) * self._base(settings) * gap)
        if faded == 0:
            self.before = self.usual
        self._learn(now, gap, settings)
        self.evidence = faded + log(settings.factor)
        self.at = max(self.at, now)
        self._turn(now)
        self.slots[-1] += 1
        if now < self.quiet_until or not self.known:
            self.evidence = 0.0
        elif self.since == 0 and self.evidence >= settings.evidence and sum(self.slots) >= settings.least:
            # What belongs to the storm itself must not count as usual.
            self.since, self.calm, self.usual = now, 0.0, min(self.usual, self.before)

    def look(self, now: float, settings: StormSettings) -> None:
        """See whether a storm is over."""
        self._turn(now)
        if self._recent() >= settings.over * self._base(settings):
            self.calm = 0.0
        elif self.calm == 0:
            self.calm = now
        lasting = now - self.since >= settings.longest.total_seconds()
        if lasting:
            self.usual = max(self.usual, self._recent())
        if lasting or (self.calm and now - self.calm >= settings.calm.total_seconds()):
            self.since, self.calm, self.evidence, self.at = 0.0, 0.0, 0.0, now

    def next_look(self) -> float:
        """Return when the present slot ends."""
        return (self.slot + 1) * _SLOT_S

    def per_minute(self) -> float:
        """Return how many alerts came in the last minute, as of the last look."""
        return float(sum(self.slots))

    def _learn(self, now: float, gap: float, settings: StormSettings) -> None:
        """Let one more alert count for the usual rate: a mean at first, then a fading one."""
        settle, warmup = settings.settle.total_seconds(), settings.warmup.total_seconds()
        if self.since or now < self.quiet_until or now - self.first < settle:
            return
        memory = settings.memory.total_seconds()
        if self.known:
            self.usual = self.usual * exp(-gap / memory) + 1 / memory
        elif now - self.first < warmup:
            self.usual += 1 / max(warmup - settle, _MINUTE)
        else:
            self.known = True

    def _base(self, settings: StormSettings) -> float:
        """Return the usual rate, or what is so slow that even several times of it are no storm."""
        return max(self.usual, settings.least / settings.factor / _MINUTE)

    def _recent(self) -> float:
        return sum(self.slots) / (_SLOTS * _SLOT_S)

    def _turn(self, now: float) -> None:
        newest = int(now // _SLOT_S)
        for _ in range(min(_SLOTS, newest - self.slot)):
            self.slots.append(0)
            del self.slots[0]
        self.slot = max(self.slot, newest)


def rate_from(moment: float) -> Rate:
    """Return the rate of a source of which nothing is known before `moment`."""
    return Rate(moment, moment, [0] * _SLOTS, int(moment // _SLOT_S))
