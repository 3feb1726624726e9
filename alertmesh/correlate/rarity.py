"""Learn which values are common, by how many stretches of time they turn up in.

Counting alerts would call a value common because one storm repeats it a hundred times. Counting
stretches of time in which a value appears at all sees the storm once and the hub every time.
"""

from datetime import datetime, timedelta

from alertmesh.core.records import Records
from alertmesh.correlate.attributes import Attribute, Part, Profile
from alertmesh.correlate.settings import CorrelateSettings
from alertmesh.correlate.spread import Spread, Spreads

_CLUSTER = "clusters|"
_NAMESPACE = "namespaces|"
_SMOOTHING = 12.0
_KNOWN_WINDOWS = 3.0
_SEEN = 8192


class Rarity:
    """Remember in how many recent windows each value appeared, compared with its cluster.

    `spreads` are what was counted; `table` is the durable state.
    """

    def __init__(self, settings: CorrelateSettings) -> None:
        self.table = Records[str, Spread]("correlate_value", Spread)
        self.spreads = Spreads(self.table, settings.max_values, settings.rarity_half_life_windows)
        self._settings = settings
        self._namespaces: dict[str, set[str]] = {}
        self._seen: dict[int, Profile] = {}
        self._seen_in = 0

    def adopt(self, settings: CorrelateSettings) -> None:
        """Go by other settings from here on."""
        self._settings = settings
        self.spreads.adopt(settings.max_values, settings.rarity_half_life_windows)

    @property
    def dropped(self) -> int:
        """Return how many values were forgotten because of the bound."""
        return self.spreads.dropped

    def restored(self) -> None:
        """Rebuild what is kept in memory only."""
        self._namespaces = {}
        self._seen.clear()
        for token in self.table:
            self._note(token)

    def is_one_system(self, cluster: str, at: datetime) -> bool:
        """Tell whether a cluster is known long enough to hold one namespace at most.

        In such a cluster everything is near everything; in a shared one it is not.
        """
        if len(self._namespaces.get(cluster, ())) > 1:
            return False
        return self.spreads.windows(_CLUSTER + cluster, self.window(at)) >= _KNOWN_WINDOWS

    def window(self, at: datetime) -> int:
        """Return the number of the window that `at` lies in."""
        return int(at.timestamp() // self._settings.rarity_window_s)

    def windows(self, span: timedelta) -> int:
        """Return the number of windows that a span of time is nearest to."""
        return round(span.total_seconds() / self._settings.rarity_window_s)

    def observe(self, profile: Profile, at: datetime) -> None:
        """Count the values of a series that begins to fire at `at`."""
        window = self.window(at)
        if self._is_counted(profile, window):
            return
        self.spreads.count(_CLUSTER + profile.cluster, window)
        if profile.namespace:
            token = f"{_NAMESPACE}{profile.cluster}|{profile.namespace}"
            self.spreads.count(token, window)
            self._note(token)
        for attribute in profile.attributes:
            self.spreads.count(attribute.token, window)
        if self.spreads.trim():
            self.restored()

    def active(self, cluster: str, window: int) -> float:
        """Return in how many windows anything of a cluster fired, fading."""
        return self.spreads.windows(_CLUSTER + cluster, window)

    def of(self, attribute: Attribute, active: float, window: int) -> float:
        """Return how telling a value is, from 0 (always there, or not known yet) to 1.

        `active` is that of its cluster.
        """
        seen = self.spreads.windows(attribute.token, window)
        rare = 1.0 - max(0.0, seen - 1.0) / (active + _SMOOTHING)
        if attribute.part is not Part.PLACE or self._is_place(attribute.key):
            return rare
        return rare * min(1.0, active / self._settings.trust_windows)

    def _is_counted(self, profile: Profile, window: int) -> bool:
        """Tell whether this very profile was counted in this window already, and note that it is."""
        if window != self._seen_in or len(self._seen) >= _SEEN:
            self._seen.clear()
            self._seen_in = window
        # The profile is kept, so that no other one can have its identity.
        if id(profile) in self._seen:
            return True
        self._seen[id(profile)] = profile
        return False

    def _is_place(self, key: str) -> bool:
        return key == "node" or key in self._settings.place_labels

    def _note(self, token: str) -> None:
        if token.startswith(_NAMESPACE):
            cluster, namespace = token[len(_NAMESPACE) :].rsplit("|", 1)
            self._namespaces.setdefault(cluster, set()).add(namespace)
