"""Count in how many recent windows of time each value of some kind appeared."""

from collections.abc import Iterable

from msgspec import Struct

from alertmesh.core.records import Records


class Spread(Struct, array_like=True, gc=False):
    """In how many windows a value appeared, fading, and in which one last."""

    windows: float
    last: int


class Spreads:
    """Keep the spread of at most `most` values in a table; `dropped` counts those forgotten."""

    def __init__(self, table: Records[str, Spread], most: int, half_life_windows: float) -> None:
        self.dropped = 0
        self._table = table
        self.adopt(most, half_life_windows)

    def adopt(self, most: int, half_life_windows: float) -> None:
        """Go by another bound and another half-life from here on."""
        self._most = most
        self._decay = 0.5 ** (1.0 / half_life_windows)

    def repace(self, ratio: float) -> None:
        """Go on with what was counted in windows that were `ratio` times as long as they are now."""
        if ratio == 1.0:
            return
        for token in list(self._table):
            spread = self._table[token]
            self._table.put(token, Spread(spread.windows, int(spread.last * ratio)))

    def move(self, windows: int) -> None:
        """Let everything have appeared so many windows later."""
        self._table.rewrite(lambda spread: Spread(spread.windows, spread.last + windows))

    def windows(self, token: str, window: int) -> float:
        """Return in how many windows a value appeared, as of a window."""
        spread = self._table.get(token)
        if spread is None:
            return 0.0
        if spread.last >= window:
            return spread.windows
        return spread.windows * float(self._decay ** (window - spread.last))

    def count(self, token: str, window: int) -> None:
        """Note that a value appears in a window."""
        spread = self._table.get(token)
        if spread is not None and spread.last >= window:
            return
        self._table.put(token, Spread(self.windows(token, window) + 1.0, window))

    def trim(self) -> bool:
        """Forget values down to nine tenths of the bound, those not seen for longest; tell whether."""
        surplus = len(self._table) - self._most
        if surplus <= 0:
            return False
        oldest: Iterable[str] = sorted(self._table, key=lambda token: (self._table[token].last, token))
        for token in list(oldest)[: surplus + self._most // 10]:
            self._table.drop(token)
            self.dropped += 1
        return True
