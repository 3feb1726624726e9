"""Foretell who would hear of an alert, when and how: a function of the configuration and the moment alone.

It is about one alert by itself that nobody takes. What the past teaches, such as that it is likely to
clear alone or comes every night, and what other alerts make of it is not foretold.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from alertmesh.config import Config
from alertmesh.core.alert import Priority
from alertmesh.core.matchers import matches_all, parse_matchers
from alertmesh.core.oncall import OnCall, Policy, PolicyRow, Tier
from alertmesh.core.silence import Silence, Window, written
from alertmesh.correlate.inhibit import InhibitRule
from alertmesh.escalate.moves import MIN_REPEAT
from alertmesh.escalate.policy import PolicyBook, hold_bound, row_of, steps_of
from alertmesh.escalate.roster import Rota
from alertmesh.escalate.windows import occurrence
from alertmesh.incidents.settings import IncidentSettings
from alertmesh.ingest.priority import PriorityRules, PriorityTable

_MOST_COVERS = 1_000
_MOST_PAGES = 200


class Called(Struct, frozen=True, kw_only=True):
    """Somebody who is paged, as whom, and by which channels."""

    person: str
    target: str
    channels: tuple[str, ...]


class Foreseen(Struct, frozen=True, kw_only=True):
    """One step of a tier; `turn` counts the rounds, and nobody is reached as any of `missing`."""

    tier: Tier
    step: int
    turn: int
    at: datetime
    people: tuple[Called, ...]
    missing: tuple[str, ...] = ()


class Covering(Struct, frozen=True, kw_only=True):
    """A silence or maintenance window that accepts the alert when it would be paged, and its end."""

    kind: str
    name: str
    matchers: str
    comment: str
    until: datetime


class Hiding(Struct, frozen=True, kw_only=True):
    """An inhibition rule that hides the alert while another one fires that has the same `equal` labels."""

    rule: str
    source: str
    equal: dict[str, str]


class Forecast(Struct, frozen=True, kw_only=True):
    """What becomes of an alert that fires from `at` on.

    `watched_s` is how long it is watched before it gets an incident, if it stays alone: None for ever.
    The first page goes out at `first_page` and may be held until `held_at_most`; None when it never pages.
    `covers` put it off. `rounds` is how often all steps of the last tier are gone through, `loop_every_s` and
    `loud_every_s` apart.
    """

    labels: dict[str, str]
    at: datetime
    severity: str
    priority: str
    policy: str
    version: str
    watched_s: float | None
    first_page: datetime | None
    held_at_most: datetime | None
    covers: tuple[Covering, ...]
    pages: tuple[Foreseen, ...]
    rounds: int
    loop_every_s: float
    loud_every_s: float
    hides: tuple[Hiding, ...]


def forecast(
    config: Config, labels: Mapping[str, str], at: datetime, silences: Sequence[Silence] = ()
) -> Forecast:
    """Return who would hear of an alert with these labels that fires from `at` on and is never taken."""
    table = msgspec.convert(config.section("priority"), PriorityTable)
    severity, priority = PriorityRules(table).judge(labels)
    policy = PolicyBook(config.oncall.policies).choose(labels)
    row = row_of(policy, priority)
    watched = _watched(config, priority)
    first, latest, covers = _first_page(
        config, policy, priority, labels, at + (watched or timedelta()), silences
    )
    is_paged = bool(row.ops_steps) and watched is not None
    pages = _Walk(config.oncall, policy, row, first).pages if is_paged else []
    return Forecast(
        labels=dict(labels),
        at=at,
        severity=severity,
        priority=priority.name,
        policy=policy.name,
        version=policy.version,
        watched_s=None if watched is None else watched.total_seconds(),
        first_page=first if pages else None,
        held_at_most=latest if pages else None,
        covers=covers,
        pages=tuple(pages),
        rounds=row.loops,
        loop_every_s=row.loop_every.total_seconds(),
        loud_every_s=row.loud_every.total_seconds(),
        hides=_hides(config, labels),
    )


def _watched(config: Config, priority: Priority) -> timedelta | None:
    """Return how long a lone alert is watched before it gets an incident, None for ever."""
    settings = msgspec.convert(config.section("incidents"), IncidentSettings)
    if priority not in settings.watch_priorities:
        return timedelta()
    longest = settings.watch_at_most.get(priority)
    return None if longest is None else timedelta(seconds=longest)


def _first_page(
    config: Config,
    policy: Policy,
    priority: Priority,
    labels: Mapping[str, str],
    opened: datetime,
    silences: Sequence[Silence],
) -> tuple[datetime, datetime, tuple[Covering, ...]]:
    """Return when the first page goes out, until when it may be held, and what puts it off."""
    bound = hold_bound(policy, priority)
    first = opened + min(row_of(policy, priority).hold, bound)
    windows = msgspec.convert(config.section("maintenance")["windows"], list[Window])
    covers: list[Covering] = []
    while len(covers) < _MOST_COVERS:
        found = _covers(windows, silences, labels, first)
        if not found:
            break
        covers += found
        first = max(cover.until for cover in found)
    return first, max(first, opened + bound), tuple(covers)


def _covers(
    windows: Sequence[Window], silences: Sequence[Silence], labels: Mapping[str, str], at: datetime
) -> list[Covering]:
    """Return what covers an alert at a moment."""
    found = []
    for window in windows:
        holds = occurrence(window, at)
        if holds and holds.start <= at and matches_all(parse_matchers(window.matchers), labels):
            found.append(
                Covering(
                    kind="maintenance",
                    name=window.name,
                    matchers=window.matchers,
                    comment=window.comment,
                    until=holds.end,
                )
            )
    for silence in silences:
        conditions = [condition.matcher() for condition in silence.matchers]
        if silence.starts_at <= at < silence.ends_at and matches_all(conditions, labels):
            found.append(
                Covering(
                    kind="silence",
                    name=silence.id,
                    matchers=written(silence.matchers),
                    comment=silence.comment,
                    until=silence.ends_at,
                )
            )
    return found


class _Walk:
    """Go through the steps of both tiers as the state machine does when nobody answers."""

    def __init__(self, oncall: OnCall, policy: Policy, row: PolicyRow, first: datetime) -> None:
        self.pages: list[Foreseen] = []
        self._oncall = oncall
        self._rota = Rota(oncall)
        self._row = row
        self._rosters = {Tier.OPS: policy.ops_roster, Tier.RND: policy.rnd_roster}
        self._handover = first + row.to_rnd_after if row.to_rnd_after is not None and row.rnd_steps else None
        self._tier(Tier.OPS, first)

    def _tier(self, tier: Tier, begun: datetime) -> None:
        """Page a tier; tier 2 takes over when it is time, or when the last step of a round reached nobody."""
        handover = self._handover if tier is Tier.OPS else None
        steps, at, number, turn = steps_of(self._row, tier), begun, 0, 1
        gaps: list[Foreseen] = []
        while (handover is None or at < handover) and len(self.pages) < _MOST_PAGES:
            page = self._step(tier, number, turn, at)
            self.pages.append(page)
            gaps = self._bridge(gaps, page)
            if number + 1 < len(steps):
                at += timedelta() if gaps else steps[number + 1].after - steps[number].after
                number += 1
                continue
            again = at + max(self._row.loop_every, MIN_REPEAT)
            if gaps or handover is None or again >= handover or turn >= self._row.loops:
                break
            at, number, turn = again, 0, turn + 1
        if handover is not None:
            place = len(self.pages)
            self._tier(Tier.RND, gaps[0].at if gaps else handover)
            self._lead(gaps, next(iter(self.pages[place:]), None))
        else:
            self._lead(gaps, None)

    def _bridge(self, gaps: list[Foreseen], page: Foreseen) -> list[Foreseen]:
        """Return the steps in a row that reached nobody, none once somebody was reached in their stead."""
        if not page.people:
            return [*gaps, page]
        self._lead(gaps, page)
        return []

    def _step(self, tier: Tier, number: int, turn: int, at: datetime) -> Foreseen:
        people: dict[str, Called] = {}
        missing: list[str] = []
        for target in steps_of(self._row, tier)[number].targets:
            found = self._rota.resolve((target,), self._rosters[tier], at)
            missing += found.missing
            for name in found.people:
                people.setdefault(name, self._called(name, target))
        called = tuple(people.values())
        return Foreseen(tier=tier, step=number + 1, turn=turn, at=at, people=called, missing=tuple(missing))

    def _lead(self, gaps: Sequence[Foreseen], next_page: Foreseen | None) -> None:
        """Add the lead to a step that reached nobody, unless the step taken in its stead reaches them."""
        if not gaps:
            return
        gap, already = gaps[-1], {one.person for one in next_page.people} if next_page else set()
        for tier in (gap.tier, *Tier):
            for lead in self._rota.resolve(("lead",), self._rosters[tier], gap.at).people:
                if lead not in already:
                    place = self.pages.index(gap)
                    self.pages[place] = replace(gap, people=(self._called(lead, "lead, in their stead"),))
                return

    def _called(self, name: str, target: str) -> Called:
        return Called(person=name, target=target, channels=self._oncall.users[name].channels)


def _hides(config: Config, labels: Mapping[str, str]) -> tuple[Hiding, ...]:
    """Return the inhibition rules whose target the alert is."""
    rules = msgspec.convert(config.section("inhibit").get("rules", []), list[InhibitRule])
    return tuple(
        Hiding(rule=rule.id, source=rule.source, equal={name: labels[name] for name in rule.equal})
        for rule in rules
        if matches_all(parse_matchers(rule.target), labels) and all(labels.get(name) for name in rule.equal)
    )
