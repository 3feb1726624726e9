"""Judge how bad an alert is from its severity word and the class of its service."""

from collections.abc import Mapping

from msgspec import Struct

from alertmesh.core.alert import Priority
from alertmesh.core.errors import BadConfig, BadPayload
from alertmesh.core.matchers import Matcher, matches_all, parse_matchers

_LONGEST = 64


class ServiceClass(Struct, frozen=True):
    """Alerts that count more or less than their word says.

    `match` is a matcher list; `shift` is added to the priority: 1 makes P2 a P3, -1 a P1.
    """

    match: str
    shift: int
    name: str = ""


class PriorityTable(Struct, frozen=True):
    """What severity words mean, as read from `rules/priority.yaml`.

    `labels` are asked in order for the word. `words` maps P1..P4 to the words that mean it, case
    aside; `unknown` is for every other word and for none. Of `classes` the first match counts.
    """

    labels: tuple[str, ...] = ("severity", "level", "priority")
    words: Mapping[str, tuple[str, ...]] = {}
    unknown: str = "P3"
    classes: tuple[ServiceClass, ...] = ()


class PriorityRules:
    """A priority table made ready; raises BadConfig for one that contradicts itself.

    `unknown_words` counts alerts by words that the table does not know, case aside, so that somebody can
    add them: at most `unknown_limit` words, the longest cut. `unknown_alerts` counts them all.

    >>> rules = PriorityRules(PriorityTable(words={"P1": ("critical",)}))
    >>> rules.judge({"severity": "Critical"})
    ('Critical', <Priority.P1: 1>)
    """

    def __init__(self, table: PriorityTable, unknown_limit: int = 1000) -> None:
        problems: list[str] = []
        self.unknown_words: dict[str, int] = {}
        self.unknown_alerts = 0
        self._unknown_limit = unknown_limit
        self._labels = table.labels
        self._words = _words(table.words, problems)
        self._default = _priority(table.unknown, "unknown", problems)
        self._classes = [(_matchers(one, problems), one.shift) for one in table.classes]
        if problems:
            raise BadConfig(problems)

    def judge(self, labels: Mapping[str, str]) -> tuple[str, Priority]:
        """Return the severity word as sent and the priority; never fails, whatever the word."""
        word, priority = self._by_word(labels)
        for matchers, shift in self._classes:
            if matches_all(matchers, labels):
                return word, Priority(min(max(priority + shift, Priority.P1), Priority.P4))
        return word, priority

    def go_on(self, before: "PriorityRules") -> None:
        """Go on counting where other rules stopped, without the words that are known by now."""
        self.unknown_alerts = before.unknown_alerts
        counts = before.unknown_words.items()
        self.unknown_words = {word: count for word, count in counts if word not in self._words}

    def _by_word(self, labels: Mapping[str, str]) -> tuple[str, Priority]:
        first = ""
        for label in self._labels:
            word = labels.get(label, "")
            priority = self._words.get(word.strip().casefold())
            if priority is not None:
                return word, priority
            first = first or word
        if first:
            self._count(first)
        return first, self._default

    def _count(self, word: str) -> None:
        self.unknown_alerts += 1
        name = word.strip().casefold()
        if len(name) > _LONGEST:
            name = name[: _LONGEST - 1] + "…"
        if name in self.unknown_words or len(self.unknown_words) < self._unknown_limit:
            self.unknown_words[name] = self.unknown_words.get(name, 0) + 1


def _words(table: Mapping[str, tuple[str, ...]], problems: list[str]) -> dict[str, Priority]:
    known: dict[str, Priority] = {}
    for name, words in table.items():
        priority = _priority(name, "words", problems)
        problems.extend(
            f"priority.words: {word!r} has two meanings"
            for word in words
            if known.setdefault(word.strip().casefold(), priority) is not priority
        )
    return known


def _priority(name: str, field: str, problems: list[str]) -> Priority:
    try:
        return Priority[name]
    except KeyError:
        problems.append(f"priority.{field}: {name!r} is none of P1, P2, P3, P4")
        return Priority.P3


def _matchers(one: ServiceClass, problems: list[str]) -> tuple[Matcher, ...]:
    try:
        return parse_matchers(one.match)
    except BadPayload as error:
        problems.append(f"priority.classes: {error}")
        return ()
