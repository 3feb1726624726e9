"""The form of the files below `rules/`.

A setting that is not given keeps the default of the stage it belongs to; so there are no
defaults here.
"""

from itertools import pairwise
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, RootModel, model_validator

from alertmesh.config.batchrules import BatchEntry
from alertmesh.config.deduprules import (
    ChronicEntry,
    ContactsEntry,
    FlapEntry,
    HeartbeatEntry,
    RoutineEntry,
    SelfhealEntry,
    StormEntry,
)
from alertmesh.config.examples import ExampleEntry
from alertmesh.config.topologyrules import TopologyEntry
from alertmesh.config.values import Count, Duration, Matchers, Model, Name, Seconds, SomeMatchers
from alertmesh.core.oncall import When

_TARGET = r"^(?:primary|secondary|lead|all|user:.+)$"
PriorityName = Literal["P1", "P2", "P3", "P4"]
Share = Annotated[float, Field(ge=0, le=1)]


class IdentityRuleEntry(Model):
    """Another identity for the alerts that `matchers` accept."""

    matchers: Matchers
    ignore: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()


class IdentityEntry(Model):
    """Which labels make a series."""

    ignored: tuple[str, ...] | None = None
    rules: tuple[IdentityRuleEntry, ...] | None = None


class DedupFile(Model):
    """A file of `rules/dedup`; its keys may be spread over several."""

    identity: IdentityEntry | None = None
    reorder_window: Duration | None = None
    remember: Duration | None = None
    max_instances: Count | None = None
    forget_per_tick: Count | None = None
    heartbeat: HeartbeatEntry | None = None
    contacts: ContactsEntry | None = None
    flap: FlapEntry | None = None
    selfheal: SelfhealEntry | None = None
    chronic: ChronicEntry | None = None
    routine: RoutineEntry | None = None
    storm: StormEntry | None = None


class LearnedEntry(Model):
    """How the trained model is put to use."""

    threshold: Share | None = None
    bind: Share | None = None
    bind_age_s: Seconds | None = None
    bind_series: Count | None = None
    reach_s: Seconds | None = None
    home_s: Seconds | None = None
    brief_s: Seconds | None = None
    habit_times: Annotated[float, Field(gt=0)] | None = None
    max_beats: Count | None = None
    max_decisions: Count | None = None


class CorrelateFile(Model):
    """A file of `rules/correlate`; its keys may be spread over several."""

    window_s: Seconds | None = None
    session_s: Seconds | None = None
    max_age_s: Seconds | None = None
    threshold: Share | None = None
    merge_threshold: Share | None = None
    merge_series: Count | None = None
    merge_age_s: Seconds | None = None
    renew_s: Seconds | None = None
    same_series: Annotated[int, Field(ge=0)] | None = None
    spread_limit: Count | None = None
    max_reasons: Count | None = None
    rarity_window_s: Annotated[Seconds, Field(ge=1)] | None = None
    rarity_half_life_windows: Annotated[float, Field(gt=0)] | None = None
    trust_windows: Annotated[float, Field(gt=0)] | None = None
    place_labels: tuple[str, ...] | None = None
    global_labels: tuple[str, ...] | None = None
    generic_labels: tuple[str, ...] | None = None
    exporters: tuple[str, ...] | None = None
    ignored: tuple[Matchers, ...] | None = None
    max_groups: Count | None = None
    max_series: Count | None = None
    max_values: Count | None = None
    max_attributes: Count | None = None
    apart_s: Seconds | None = None
    max_verdicts: Count | None = None
    max_judgements: Count | None = None
    max_changes: Count | None = None
    change_days: Annotated[float, Field(gt=0, le=3_650)] | None = None
    change_reach_s: Annotated[Seconds, Field(gt=0)] | None = None
    topology: TopologyEntry | None = None
    learned: LearnedEntry | None = None
    batch: BatchEntry | None = None


class SimilarEntry(Model):
    """How many past incidents are remembered, and which of them an incident names."""

    remembered: Count | None = None
    shown: Count | None = None
    score: Share | None = None
    telling: Share | None = None
    recurs_days: Annotated[int, Field(ge=1, le=3_650)] | None = None
    lookups: Count | None = None
    members: Count | None = None
    features: Count | None = None


class IncidentsFile(Model):
    """`rules/incidents.yaml`: what deserves an incident, and how much of it is told."""

    watch_priorities: tuple[PriorityName, ...] | None = None
    habit_times: dict[PriorityName, Annotated[float, Field(gt=0)]] | None = None
    watch_at_most: dict[PriorityName, Seconds] | None = None
    watch_s: Seconds | None = None
    again_s: Seconds | None = None
    told_joins: Count | None = None
    max_services: Count | None = None
    max_watched: Count | None = None
    similar: SimilarEntry | None = None


class InhibitEntry(Model):
    """One rule: while an alert matching `source` fires, those matching `target` page nobody."""

    id: Name
    source: SomeMatchers
    target: SomeMatchers
    equal: tuple[str, ...] = ()


class InhibitFile(Model):
    """A file of `rules/inhibit`, which is a list, under the key that its list gets when read."""

    rules: tuple[InhibitEntry, ...] = ()
    examples: tuple[ExampleEntry, ...] = ()


class InhibitList(RootModel[tuple[InhibitEntry, ...] | InhibitFile]):
    """A file of `rules/inhibit`, as written: the list alone, or with examples beside it."""


class ServiceClassEntry(Model):
    """Alerts that count more or less than their severity word says."""

    match: Matchers
    shift: Annotated[int, Field(ge=-3, le=3)]
    name: str = ""


class PriorityFile(Model):
    """`rules/priority.yaml`: what severity words mean."""

    labels: tuple[str, ...] | None = None
    words: dict[PriorityName, tuple[str, ...]] | None = None
    unknown: PriorityName | None = None
    classes: tuple[ServiceClassEntry, ...] | None = None

    @model_validator(mode="after")
    def _each_word_once(self) -> Self:
        meanings: dict[str, str] = {}
        for name, words in (self.words or {}).items():
            for word in words:
                if meanings.setdefault(word.strip().casefold(), name) != name:
                    raise ValueError(
                        f"{word!r} cannot mean both {meanings[word.strip().casefold()]} and {name}"
                    )
        return self


class StepEntry(Model):
    """Page `targets` when `after` has passed, in the hours that `when` means."""

    after: Duration
    targets: tuple[Annotated[str, Field(pattern=_TARGET)], ...]
    when: When = When.ALWAYS


def _in_order(steps: tuple[StepEntry, ...]) -> tuple[StepEntry, ...]:
    if any(later.after < earlier.after for earlier, later in pairwise(steps)):
        raise ValueError("should be in order of `after`")
    return steps


Steps = Annotated[tuple[StepEntry, ...], AfterValidator(_in_order)]


class RowEntry(Model):
    """How one priority is treated."""

    hold: Duration
    ops_steps: Steps
    rnd_steps: Steps
    to_rnd_after: Duration | None
    triage: Duration
    ops_lease: Duration
    rnd_lease: Duration
    max_snooze: Duration
    loops: Count
    loop_every: Duration
    loud_every: Duration
    rnd_when: Literal[When.ALWAYS, When.WORKING] = When.ALWAYS


class PolicyEntry(Model):
    """One policy; empty `matchers` accept everything."""

    name: Name
    version: str
    matchers: Matchers = ""
    ops_roster: str
    rnd_roster: str
    rows: dict[PriorityName, RowEntry] = Field(min_length=1)
    hold_bounds: dict[PriorityName, Duration] = Field(default_factory=dict)
    clear_hold: Duration
    reopen_window: Duration
    calendar: str = "default"


class PolicyFile(Model):
    """A file of `rules/policies`."""

    policies: tuple[PolicyEntry, ...] = ()


def given(entry: Model) -> dict[str, Any]:
    """Return what was set in an entry and below it."""
    return entry.model_dump(exclude_unset=True, exclude_none=True)
