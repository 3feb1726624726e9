"""What the cards of a channel show at the moment, and who waits for one to be rewritten."""

import asyncio
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

_REMEMBERED = 1_000

Values = Mapping[str, str]


class Board:
    """The last known values of cards, by their id.

    A press of a button has two seconds to be answered, and the answer may rewrite the card; a card must
    not be rewritten in another way meanwhile. So whoever rewrites hands the values over to the press.
    """

    def __init__(self) -> None:
        self._values: OrderedDict[str, dict[str, str]] = OrderedDict()
        self._pressed: dict[str, list[asyncio.Future[Values]]] = {}

    def is_current(self, track: str, values: Values) -> bool:
        """Tell whether a card is known to show these values."""
        known = self._values.get(track, {})
        return all(known.get(name) == value for name, value in values.items())

    def note(self, track: str, values: Values) -> None:
        """Remember what a card shows now."""
        self._values[track] = {**self._values.get(track, {}), **values}
        self._values.move_to_end(track)
        while len(self._values) > _REMEMBERED:
            self._values.popitem(last=False)

    def forget(self, track: str) -> None:
        """Know no longer what a card shows."""
        self._values.pop(track, None)

    def hand_over(self, track: str, values: Values) -> bool:
        """Give values to the presses that wait for them; False when there are none."""
        waiting = [one for one in self._pressed.get(track, ()) if not one.done()]
        for one in waiting:
            one.set_result(values)
        return bool(waiting)

    @contextmanager
    def press(self, track: str) -> Iterator[asyncio.Future[Values]]:
        """Yield what will bring the new values of a card, if it changes in time."""
        coming: asyncio.Future[Values] = asyncio.get_running_loop().create_future()
        waiting = self._pressed.setdefault(track, [])
        waiting.append(coming)
        try:
            yield coming
        finally:
            waiting.remove(coming)
            if not waiting:
                del self._pressed[track]
            coming.cancel()
