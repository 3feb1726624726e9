"""Count the firing instances of one series by how bad they are."""

from alertmesh.core.alert import Priority


class Crowd:
    """The firing instances of a series that has more than one.

    Only numbers are kept, so that a series of 10,000 pods costs no more than one of two.
    """

    __slots__ = ("_counts",)

    def __init__(self) -> None:
        self._counts: dict[tuple[Priority, str], int] = {}

    def add(self, priority: Priority, severity: str) -> None:
        """Count one more."""
        key = (priority, severity)
        self._counts[key] = self._counts.get(key, 0) + 1

    def discard(self, priority: Priority, severity: str) -> None:
        """Count one less."""
        key = (priority, severity)
        left = self._counts[key] - 1
        if left:
            self._counts[key] = left
        else:
            del self._counts[key]

    def worst(self) -> tuple[Priority, str]:
        """Return the worst priority, and the first severity word in order of the alphabet that has it."""
        return min(self._counts)
