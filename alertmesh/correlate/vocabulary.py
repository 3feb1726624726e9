"""Learn which words alerts use all the time, and which tell of one trouble."""

from datetime import datetime, timedelta
from math import log

from alertmesh.core.records import Records
from alertmesh.core.series import Series
from alertmesh.correlate.attributes import Profile
from alertmesh.correlate.rarity import Rarity
from alertmesh.correlate.settings import CorrelateSettings
from alertmesh.correlate.spread import Spread, Spreads
from alertmesh.correlate.words import is_name, spoken, word_token

_KEPT = 12
_SMOOTHING = 12.0
_NAME, _PLAIN = 0.8, 0.3
_LEAST = 0.05


class Vocabulary:
    """Remember in how many recent windows each word was said in its cluster; `table` is durable.

    It holds as many words as `Rarity` holds values; `dropped` counts those forgotten.
    """

    def __init__(self, settings: CorrelateSettings, rarity: Rarity) -> None:
        self.table = Records[str, Spread]("correlate_word", Spread)
        self._spreads = Spreads(self.table, settings.max_values, settings.rarity_half_life_windows)
        self._trust = settings.trust_windows
        self._rarity = rarity

    def adopt(self, settings: CorrelateSettings) -> None:
        """Go by other settings from here on."""
        self._spreads.adopt(settings.max_values, settings.rarity_half_life_windows)
        self._trust = settings.trust_windows

    def repace(self, ratio: float) -> None:
        """Go on with what was counted, by `Rarity` too, in windows `ratio` times as long as they are now."""
        for spreads in (self._spreads, self._rarity.spreads):
            spreads.repace(ratio)

    def jump(self, by: timedelta) -> None:
        """Let what was counted, by `Rarity` too, stay as long ago as it was: whole windows, that is."""
        for spreads in (self._spreads, self._rarity.spreads):
            spreads.move(self._rarity.windows(by))

    @property
    def dropped(self) -> int:
        """Return how many words were forgotten because of the bound."""
        return self._spreads.dropped

    def hear(self, series: Series, profile: Profile, at: datetime) -> tuple[str, ...]:
        """Count the words of a series that begins to fire, and return the few that tell most."""
        said = spoken(series)
        if not said:
            return ()
        window, cluster = self._rarity.window(at), profile.cluster
        for word in said:
            self._spreads.count(word_token(cluster, word), window)
        self._spreads.trim()
        active = self._rarity.active(cluster, window)
        ranked = sorted((-self.telling(cluster, word, active, window), word) for word in said)
        return tuple(sorted(word for telling, word in ranked[:_KEPT] if -telling >= _LEAST))

    def telling(self, cluster: str, word: str, active: float, window: int) -> float:
        """Return how telling it is to share a word, from 0 to 1; `active` is that of the cluster.

        A name counts at once, a word of the language once the cluster is known, and never as much.
        """
        rare = self.rare(cluster, word, active, window)
        return rare * _NAME if is_name(word) else rare * _PLAIN * min(1.0, active / self._trust)

    def rare(self, cluster: str, word: str, active: float, window: int) -> float:
        """Return how rare a word is, from 0 (said all the time) to 1 (said once, or never)."""
        seen = max(1.0, self._spreads.windows(word_token(cluster, word), window))
        most = active + _SMOOTHING
        return float(max(0.0, log(most / seen) / log(most)) ** 2)
