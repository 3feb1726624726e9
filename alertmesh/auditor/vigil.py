"""When what was found is told: what only passes is not, and what lasts is not told all the time."""

from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from alertmesh.auditor.look import NOBODY_TOLD, Finding

AT_MOST_EVERY_S = 60.0
"""How long the auditor is quiet at least after it told something."""

CALM_ROUNDS = 2
"""After how many rounds without a finding it is over."""

Told = tuple[str, int]


class Word(StrEnum):
    """What is to be said after a round."""

    NEW = "new"
    STILL = "still"
    OVER = "over"


class Saying(Struct, frozen=True):
    """What to tell: everything that is wrong now, and since when something is."""

    word: Word
    findings: tuple[Finding, ...]
    since: datetime


class Vigil:
    """Follow the findings of each round; times are seconds of a clock that nobody sets.

    A finding is believed when two rounds in a row have it, or at once when it is sure.
    """

    def __init__(self, repeat_s: float) -> None:
        self._repeat_s = repeat_s
        self._before: frozenset[tuple[str, int, str]] = frozenset()
        self._told: set[Told] = set()
        self._told_at: float | None = None
        self._since: datetime | None = None
        self._calm = 0

    def note(self, findings: tuple[Finding, ...], at_s: float, is_clean: bool) -> Saying | None:
        """Take the findings of a round; return what is to be said now, after which `told` must follow.

        `is_clean` is false while something is amiss that is no finding yet.
        """
        believed = tuple(one for one in findings if one.sure or one.key in self._before)
        self._before = frozenset(one.key for one in findings)
        self._calm = self._calm + 1 if is_clean else 0
        if not believed:
            return self._end()
        if self._since is None:
            self._since = min(one.since for one in believed)
        quiet_s = None if self._told_at is None else at_s - self._told_at
        if quiet_s is None or (quiet_s >= AT_MOST_EVERY_S and not _news(believed) <= self._told):
            return Saying(Word.NEW, believed, self._since)
        if quiet_s >= self._repeat_s:
            return Saying(Word.STILL, believed, self._since)
        return None

    def told(self, saying: Saying, at_s: float) -> None:
        """Note that it arrived; what did not is wanted again in the next round."""
        if saying.word is Word.OVER:
            self._told, self._told_at, self._since = set(), None, None
            return
        self._told |= _news(saying.findings)
        self._told_at = at_s

    def _end(self) -> Saying | None:
        if self._since is None or self._calm < CALM_ROUNDS:
            return None
        if self._told_at is None:  # nobody heard of it, so nobody need hear that it is over
            self._since = None
            return None
        return Saying(Word.OVER, (), self._since)


def _news(findings: tuple[Finding, ...]) -> set[Told]:
    """Return what would be new: each incident that nobody was told of, else each kind of finding."""
    return {(one.check, one.incident if one.check in NOBODY_TOLD else 0) for one in findings}
