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
from alertmesh.core.oncall import OnCall, Policy, Tier
from alertmesh.core.response import Response, State, Timer
from alertmesh.core.silence import Silence, Window, written
from alertmesh.correlate.inhibit import InhibitRule
from alertmesh.escalate.events import TIMER_EVENTS, EventKind, MachineEvent, PageWanted
from alertmesh.escalate.machine import step
from alertmesh.escalate.outbound import ways_to
from alertmesh.escalate.policy import PolicyBook, hold_bound, row_of
from alertmesh.escalate.roster import Rota
from alertmesh.escalate.routing import Router, is_staffed
from alertmesh.escalate.windows import occurrence
from alertmesh.incidents.settings import IncidentSettings
from alertmesh.ingest.priority import PriorityRules, PriorityTable

_MOST_COVERS = 1_000
_MOST_PAGES = 200


class Called(Struct, frozen=True, kw_only=True):
    """Somebody who is paged, as whom, and by which channels in the end, the first to be tried first."""

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
    `covers` put it off. `team` is the roster that tier 2 would be, as `team_why` says: that of the `service`
    it belongs to; without a catalogue both are empty. `rounds` is how often all steps of the last tier are
    gone through, `loop_every_s` and `loud_every_s` apart.
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
    service: str
    team: str
    team_why: str
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
    route = Router(config.oncall).alone(labels, policy.rnd_roster)
    pages = _Walk(config.oncall, policy, route.roster, priority, first).pages if is_paged else []
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
        service=route.service,
        team=route.roster,
        team_why=route.why,
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
    """Have the response machine go through the steps of both tiers while nobody answers.

    It ends with the first round of the last tier: all further ones are like it.
    """

    def __init__(
        self, oncall: OnCall, policy: Policy, team: str, priority: Priority, first: datetime
    ) -> None:
        self.pages: list[Foreseen] = []
        self._oncall = oncall
        self._rota = Rota(oncall)
        self._team = team
        self._response = Response(
            incident=0,
            state=State.HELD,
            epoch=0,
            cycle=0,
            step=-1,
            priority=priority,
            policy=policy,
            since=first,
            opened_at=first,
        )
        self._do(MachineEvent(kind=EventKind.HOLD_DUE), first)
        self._go_on()

    def _go_on(self) -> None:
        while self._response.deadlines and len(self.pages) < _MOST_PAGES:
            deadlines = self._response.deadlines
            timer = min((one for one in Timer if one in deadlines), key=lambda one: deadlines[one])
            if timer is Timer.LOUD or (timer is Timer.LOOP and Timer.TIER not in deadlines):
                return
            self._do(MachineEvent(kind=TIMER_EVENTS[timer]), deadlines[timer])

    def _do(self, event: MachineEvent, now: datetime) -> None:
        """Apply an event; a step that reaches nobody is passed at once, and the lead is paged instead."""
        done = step(self._response, event, now)
        self._response = done.response
        for wanted in done.effects:
            if not isinstance(wanted, PageWanted):
                continue
            place = len(self.pages)
            self.pages.append(self._page(wanted, now))
            if not self.pages[place].people:
                self._do(MachineEvent(kind=EventKind.NOBODY), now)
                self._lead(place)

    def _page(self, wanted: PageWanted, at: datetime) -> Foreseen:
        people: dict[str, Called] = {}
        missing: list[str] = []
        roster = self._roster(wanted.tier, at)
        for target in wanted.targets:
            found = self._rota.resolve((target,), roster, at)
            missing += found.missing
            for name in found.people:
                people.setdefault(name, self._called(name, target))
        return Foreseen(
            tier=wanted.tier,
            step=wanted.step + 1,
            turn=wanted.loop + 1,
            at=at,
            people=tuple(people.values()),
            missing=tuple(missing),
        )

    def _roster(self, tier: Tier, at: datetime) -> str:
        """Return the roster of a tier; a team in which nobody can be reached gives way to the policy's."""
        policy = self._response.policy
        if tier is Tier.OPS:
            return policy.ops_roster
        if not is_staffed(self._rota, self._team, at):
            self._team = policy.rnd_roster
        return self._team

    def _lead(self, place: int) -> None:
        """Add the lead to a step that reached nobody, unless what was done in its stead reaches them."""
        gap = self.pages[place]
        already = {one.person for page in self.pages[place + 1 :] for one in page.people}
        for tier in (gap.tier, *Tier):
            for lead in self._rota.resolve(("lead",), self._roster(tier, gap.at), gap.at).people:
                if lead not in already:
                    self.pages[place] = replace(gap, people=(self._called(lead, "lead, in their stead"),))
                return

    def _called(self, name: str, target: str) -> Called:
        ways = ways_to(self._oncall.users[name], self._response.priority)
        channels = dict.fromkeys(channel for way in ways for channel in way.channels)
        return Called(person=name, target=target, channels=tuple(channels))


def _hides(config: Config, labels: Mapping[str, str]) -> tuple[Hiding, ...]:
    """Return the inhibition rules whose target the alert is."""
    rules = msgspec.convert(config.section("inhibit").get("rules", []), list[InhibitRule])
    return tuple(
        Hiding(rule=rule.id, source=rule.source, equal={name: labels[name] for name in rule.equal})
        for rule in rules
        if matches_all(parse_matchers(rule.target), labels) and all(labels.get(name) for name in rule.equal)
    )
