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


class Terms(Struct, frozen=True, gc=False):
    """The settings of storms as plain numbers; `_s` is in seconds, `least_usual` in alerts a second.

    `step` is the evidence of one alert. No rate below `least_usual` is taken for a usual one.
    """

    factor: float
    step: float
    least: int
    least_usual: float
    evidence: float
    over: float
    calm_s: float
    longest_s: float
    settle_s: float
    warmup_s: float
    memory_s: float


def terms_of(settings: StormSettings) -> Terms:
    """Return the settings in the form that rates go by."""
    return Terms(
        factor=settings.factor,
        step=log(settings.factor),
        least=settings.least,
        least_usual=settings.least / settings.factor / _MINUTE,
        evidence=settings.evidence,
        over=settings.over,
        calm_s=settings.calm.total_seconds(),
        longest_s=settings.longest.total_seconds(),
        settle_s=settings.settle.total_seconds(),
        warmup_s=settings.warmup.total_seconds(),
        memory_s=settings.memory.total_seconds(),
    )


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

    def count(self, now: float, terms: Terms) -> None:
        """Count one alert, which may begin a storm."""
        gap = max(0.0, now - self.at)
        if gap > _MINUTE and self.since == 0 and self.known and self.usual * gap >= _MISSED:
            self.quiet_until = now + terms.settle_s
        faded = self.evidence - (terms.factor - 1) * max(self.usual, terms.least_usual) * gap
        if faded <= 0:
            faded, self.before = 0.0, self.usual
        self._learn(now, gap, terms)
        self.evidence = faded + terms.step
        self.at = max(self.at, now)
        self._turn(now)
        self.slots[-1] += 1
        if now < self.quiet_until or not self.known:
            self.evidence = 0.0
        elif self.since == 0 and self.evidence >= terms.evidence and sum(self.slots) >= terms.least:
            # What belongs to the storm itself must not count as usual.
            self.since, self.calm, self.usual = now, 0.0, min(self.usual, self.before)

    def look(self, now: float, terms: Terms) -> None:
        """See whether a storm is over."""
        self._turn(now)
        if self._recent() >= terms.over * max(self.usual, terms.least_usual):
            self.calm = 0.0
        elif self.calm == 0:
            self.calm = now
        lasting = now - self.since >= terms.longest_s
        if lasting:
            self.usual = max(self.usual, self._recent())
        if lasting or (self.calm and now - self.calm >= terms.calm_s):
            self.since, self.calm, self.evidence, self.at = 0.0, 0.0, 0.0, now

    def shift(self, by: float) -> None:
        """Go along with a jump of the clock by so many seconds."""
        self.first, self.at = self.first + by, self.at + by
        self.slot += round(by / _SLOT_S)
        self.quiet_until += by if self.quiet_until else 0.0
        self.since += by if self.since else 0.0
        self.calm += by if self.calm else 0.0

    def next_look(self) -> float:
        """Return when the present slot ends."""
        return (self.slot + 1) * _SLOT_S

    def per_minute(self) -> float:
        """Return how many alerts came in the last minute, as of the last look."""
        return float(sum(self.slots))

    def _learn(self, now: float, gap: float, terms: Terms) -> None:
        """Let one more alert count for the usual rate: a mean at first, then a fading one."""
        if self.since or now < self.quiet_until or now - self.first < terms.settle_s:
            return
        if self.known:
            self.usual = self.usual * exp(-gap / terms.memory_s) + 1 / terms.memory_s
        elif now - self.first < terms.warmup_s:
            self.usual += 1 / max(terms.warmup_s - terms.settle_s, _MINUTE)
        else:
            self.known = True

    def _recent(self) -> float:
        return sum(self.slots) / (_SLOTS * _SLOT_S)

    def _turn(self, now: float) -> None:
        newest = int(now // _SLOT_S)
        if newest <= self.slot:
            return
        for _ in range(min(_SLOTS, newest - self.slot)):
            self.slots.append(0)
            del self.slots[0]
        self.slot = newest


def rate_from(moment: float) -> Rate:
    """Return the rate of a source of which nothing is known before `moment`."""
    return Rate(moment, moment, [0] * _SLOTS, int(moment // _SLOT_S))
