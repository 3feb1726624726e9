"""Weigh evidence that is no label that two series share: words of their texts, changes made to both."""

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from math import prod
from typing import Protocol

from alertmesh.core.changes import ChangeEvent
from alertmesh.correlate.attributes import Attribute, Part
from alertmesh.correlate.changes import Changes
from alertmesh.correlate.live import Live, LiveGroups, Presence
from alertmesh.correlate.rarity import Rarity
from alertmesh.correlate.settings import CorrelateSettings
from alertmesh.correlate.vocabulary import Vocabulary
from alertmesh.correlate.weighing import Subject, Weighing
from alertmesh.correlate.whyfacts import span
from alertmesh.correlate.words import word_token

_SAID = 0.45
_LEAST_SAID = 0.15  # one word of the language is no news, two are, or one name
_NAMED = 0.8  # a word of one text that is the name of a thing of the other
_TOLD = 3
_CHANGED = 0.5
_EVENTS = 8
_NAMES = ("node", "app")
_SLACK = timedelta(seconds=60)


class Witness(Protocol):
    """Adds evidence of its own to what is weighed; changes nothing else."""

    def tell(self, subject: Subject, at: datetime, weighing: Weighing) -> None:
        """Weigh each group that there is something to say about."""
        ...


class Texts:
    """Tell which groups speak of what a newcomer speaks of, or of the newcomer's own thing."""

    def __init__(
        self, settings: CorrelateSettings, groups: LiveGroups, rarity: Rarity, vocabulary: Vocabulary
    ) -> None:
        self._spread_limit = settings.spread_limit
        self._groups = groups
        self._rarity = rarity
        self._vocabulary = vocabulary

    def tell(self, subject: Subject, at: datetime, weighing: Weighing) -> None:
        """Weigh the words that both have: together at most 0.45, and nothing below 0.15."""
        found: dict[Live, dict[str, float]] = {}
        for live, word, worth in self._shared(subject, at):
            words = found.setdefault(live, {})
            words[word] = max(worth, words.get(word, 0.0))
        for live, words in found.items():
            weight = _SAID * (1.0 - prod(1.0 - worth for worth in words.values()))
            if weight >= _LEAST_SAID:
                told = ", ".join(sorted(words, key=lambda word: (-words[word], word))[:_TOLD])
                weighing.tell(live, weight, "same_words", Attribute(Part.OWN, "words", told, f"words|{told}"))

    def _shared(self, subject: Subject, at: datetime) -> Iterator[tuple[Live, str, float]]:
        """Yield each group, word, and what it is worth."""
        window, cluster = self._rarity.window(at), subject.profile.cluster
        active = self._rarity.active(cluster, window)
        for word in subject.words:
            saying = self._carrying(word_token(cluster, word))
            worth = self._vocabulary.telling(cluster, word, active, window) if saying else 0.0
            for presence in saying:
                # What all alerts of a kind say is their template.
                part = presence.part_that_says(subject.name)
                if part:
                    yield presence.live, word, worth * part
            for key in _NAMES:
                token = f"{cluster}|{key}|{word}"
                carrying = self._carrying(token)
                name = Attribute(Part.OWN, key, word, token)
                rare = self._named(name, word, active, window) if carrying else 0.0
                for presence in carrying:
                    yield presence.live, word, rare * presence.part_that_carries()
        for attribute in subject.attributes:
            word = attribute.value.rpartition("/")[2].casefold()
            saying = self._carrying(word_token(cluster, word))
            rare = self._named(attribute, word, active, window) if saying else 0.0
            for presence in saying:
                yield presence.live, word, rare * presence.part_that_says("")

    def _named(self, attribute: Attribute, word: str, active: float, window: int) -> float:
        """Return what it is worth that one says the name of what the other is, calls or lies on."""
        rare = self._vocabulary.rare(attribute.token.partition("|")[0], word, active, window)
        return _NAMED * rare * self._rarity.of(attribute, active, window)

    def _carrying(self, token: str) -> Collection[Presence]:
        carrying = self._groups.carrying(token)
        return carrying if len(carrying) <= self._spread_limit else ()


class SharedChanges:
    """Tell which groups are about things that the change touched that a newcomer's thing was touched by."""

    def __init__(self, settings: CorrelateSettings, groups: LiveGroups, changes: Changes) -> None:
        self._settings = settings
        self._groups = groups
        self._changes = changes

    def tell(self, subject: Subject, at: datetime, weighing: Weighing) -> None:
        """Weigh the newest change that touched both: at most 0.5, nothing after `change_reach_s`."""
        if not len(self._changes.table):
            return
        told: set[Live] = set()
        for event in self._touching(subject, at):
            weight = _CHANGED * self._left(event, at)
            attribute = Attribute(Part.OWN, span(min(event.at, at), at), _words(event), f"change|{event.id}")
            for live in self._touched(event, subject.profile.cluster):
                if live not in told:
                    told.add(live)
                    weighing.tell(live, weight, "same_change", attribute)

    def _touching(self, subject: Subject, at: datetime) -> list[ChangeEvent]:
        """Return the last changes to a newcomer's thing, its place and what it calls, newest first."""
        profile = subject.profile
        names = {profile.subject, profile.node}
        names.update(
            item.value for item in subject.attributes if item.part is not Part.PLACE or item.key == "node"
        )
        found = [
            event
            for event in self._changes.lately(names, profile.cluster, at)
            if event.level == "node" or not profile.namespace or event.namespace in ("", profile.namespace)
        ]
        return sorted(found, key=lambda event: (event.at, event.id), reverse=True)[:_EVENTS]

    def _touched(self, event: ChangeEvent, cluster: str) -> Iterator[Live]:
        """Yield the groups about a thing that was changed before they began."""
        for name in self._changes.touched(event):
            for key in _NAMES:
                carrying = self._groups.carrying(f"{cluster}|{key}|{name}")
                if len(carrying) <= self._settings.spread_limit:
                    yield from (one.live for one in carrying if one.own and _may_follow(one.live, event))

    def _left(self, event: ChangeEvent, at: datetime) -> float:
        age_s = max(0.0, (at - event.at).total_seconds())
        return max(0.0, 1.0 - age_s / self._settings.change_reach_s)


def _may_follow(live: Live, event: ChangeEvent) -> bool:
    """Tell whether a group began after a change, in a namespace that the change was made in."""
    namespaces = live.namespaces
    here = event.level == "node" or event.namespace in ("", *namespaces) or "" in namespaces
    return here and live.standing.opened_at >= event.at - _SLACK


def _words(event: ChangeEvent) -> str:
    by = f" by {event.actor}" if event.actor else ""
    return f"{event.kind}{by}: {event.summary}" if event.summary else f"{event.kind} of {event.entity}{by}"
