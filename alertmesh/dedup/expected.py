"""Say which alerts must keep coming, and how often."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Literal

from msgspec import Struct

from alertmesh.core.alert import Sighting
from alertmesh.core.matchers import Matcher, matches_all, parse_matchers

PING = "Heartbeat"
"""Name of the alert that a call of a heartbeat's address stands for; the label `heartbeat` says whose."""

_NAME = "alertname"


class Heartbeat(Struct, frozen=True, kw_only=True):
    """One kind of alert that must come again within `every`, with `grace` on top.

    `by` are the labels that tell apart who sends it: each set of their values is missed on its own,
    once it was seen; with `required`, one is missed even if none was ever seen. With `ping` it is
    the call of an address, and `matchers` may be left out; with `auto`, a call by any name that no
    other heartbeat has. `labels` are added to the alert that it is missing, which has `priority`.
    """

    name: str
    matchers: str = ""
    every: timedelta = timedelta(minutes=5)
    grace: timedelta = timedelta(minutes=2)
    priority: Literal["P1", "P2", "P3", "P4"] = "P2"
    by: tuple[str, ...] = ("cluster", "prometheus")
    labels: dict[str, str] = {}
    required: bool = False
    ping: bool = False
    auto: bool = False

    @property
    def accepts(self) -> str:
        """Return the matchers, those of its own or those of its calls."""
        if self.matchers or not (self.ping or self.auto):
            return self.matchers
        return f'{_NAME}="{PING}"' if self.auto else f'{_NAME}="{PING}",heartbeat="{self.name}"'

    @property
    def tells_apart(self) -> tuple[str, ...]:
        """Return the labels that tell senders apart."""
        return ("heartbeat", *self.by) if self.auto else self.by


class Pace(Struct, frozen=True, gc=False):
    """How long an alert that must keep coming is believed without a repeat.

    A `strict` one from its first firing on; others once their sender repeated one so soon.
    """

    longest: timedelta
    strict: bool


class Expected:
    """Find the heartbeat that an alert is, with all matchers read once."""

    def __init__(self, heartbeats: Sequence[Heartbeat]) -> None:
        self.heartbeats = {heartbeat.name: heartbeat for heartbeat in heartbeats}
        known = [
            (
                _name_first(parse_matchers(heartbeat.accepts)),
                heartbeat,
                Pace(heartbeat.every + heartbeat.grace, _is_strict(heartbeat)),
            )
            for heartbeat in sorted(self.heartbeats.values(), key=lambda one: one.auto)
            if heartbeat.accepts
        ]
        names = {name for matchers, _, _ in known if (name := _name_of(matchers))}
        self._others = [entry for entry in known if not _name_of(entry[0])]
        self._by_name = {name: [e for e in known if _name_of(e[0]) in (None, name)] for name in names}

    def find(self, labels: Mapping[str, str]) -> Heartbeat | None:
        """Return the first heartbeat that accepts `labels`; those for calls by any name come last."""
        for matchers, heartbeat, _ in self._by_name.get(labels.get(_NAME, ""), self._others):
            if matches_all(matchers, labels):
                return heartbeat
        return None

    def pace(self, labels: Mapping[str, str]) -> Pace | None:
        """Return how long an alert with these labels is believed without a repeat, if that is bounded."""
        for matchers, _, pace in self._by_name.get(labels.get(_NAME, ""), self._others):
            if matches_all(matchers, labels):
                return pace
        return None

    def call(self, name: str) -> Sighting:
        """Return what a call of the address of `name` stands for; KeyError when none takes it."""
        labels = {_NAME: PING, "heartbeat": name}
        found = self.find(labels)
        if found is None or not (found.ping or found.auto):
            raise KeyError(name)
        return Sighting(name, True, labels, {})

    def matchers(self) -> tuple[str, ...]:
        """Return the matchers of every heartbeat, so that none is taken for a trouble."""
        return tuple(heartbeat.accepts for heartbeat in self.heartbeats.values())


def never(_labels: Mapping[str, str]) -> Pace | None:
    """Bound nothing."""
    return None


def _is_strict(heartbeat: Heartbeat) -> bool:
    return heartbeat.required or heartbeat.ping or heartbeat.auto


def _name_first(matchers: tuple[Matcher, ...]) -> tuple[Matcher, ...]:
    return tuple(sorted(matchers, key=lambda one: (one.name, one.op) != (_NAME, "=")))


def _name_of(matchers: tuple[Matcher, ...]) -> str | None:
    first = matchers[0] if matchers else None
    return first.value if first is not None and (first.name, first.op) == (_NAME, "=") else None
