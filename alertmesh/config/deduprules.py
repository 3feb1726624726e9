"""The sections of `rules/dedup`, one for each rule. A setting not given keeps the rule's default."""

from datetime import timedelta
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, field_validator, model_validator

from alertmesh.config.values import Count, Duration, Matchers, Model, Name, Zone

_Times = Annotated[float, Field(ge=1, le=1_000)]


def _some_time(value: timedelta) -> timedelta:
    if value <= timedelta(0):
        raise ValueError("should be longer than 0")
    return value


class FlapWindowEntry(Model):
    """How many changes within `length` make a series flap, and how few end it."""

    length: Annotated[Duration, AfterValidator(_some_time)]
    high: Annotated[float, Field(gt=0)]
    low: Annotated[float, Field(ge=0)]

    @model_validator(mode="after")
    def _low_below_high(self) -> Self:
        if self.low > self.high:
            raise ValueError("`low` should not be above `high`")
        return self


class FlapExceptionEntry(Model):
    """Other limits for the series that `matchers` accept."""

    matchers: Matchers
    enabled: bool | None = None
    windows: tuple[FlapWindowEntry, ...] | None = None
    min_changes: Count | None = None
    stable: Duration | None = None


class FlapEntry(Model):
    """When a series flaps."""

    enabled: bool | None = None
    windows: tuple[FlapWindowEntry, ...] | None = None
    min_changes: Count | None = None
    stable: Duration | None = None
    outage_factor: _Times | None = None
    outage_min: Duration | None = None
    outage_max: Duration | None = None
    bounds: dict[Literal["P1", "P2", "P3", "P4"], Duration] | None = None
    max_series: Count | None = None
    rules: tuple[FlapExceptionEntry, ...] | None = None


class ChronicEntry(Model):
    """When a series is noise that nobody acts on."""

    enabled: bool | None = None
    on_for: Annotated[Duration, AfterValidator(_some_time)] | None = None
    on_share: Annotated[float, Field(gt=0, le=1)] | None = None
    episodes: Count | None = None
    days: Annotated[int, Field(ge=1, le=7)] | None = None
    factor: _Times | None = None
    longer_min: Duration | None = None
    clear_min: Duration | None = None
    clear_max: Duration | None = None
    never: tuple[Matchers, ...] | None = None
    owner_labels: tuple[str, ...] | None = None
    max_series: Count | None = None


class HealTableEntry(Model):
    """What Kubernetes does by itself about the alerts that `matchers` accept."""

    name: Annotated[str, Field(min_length=1)]
    matchers: Matchers
    does: Annotated[str, Field(min_length=1)]
    heals: Literal["yes", "no", "harms"]
    acts_after: Duration | None = None
    takes: Duration | None = None


class SelfhealEntry(Model):
    """When the first page waits for an alert to clear alone, and how that is learned."""

    enabled: bool | None = None
    bounds: dict[Literal["P1", "P2", "P3", "P4"], Duration] | None = None
    threshold: Annotated[float, Field(ge=0, le=1)] | None = None
    confidence: Annotated[float, Field(gt=0, lt=1)] | None = None
    least: Count | None = None
    quantile: Annotated[float, Field(gt=0, le=1)] | None = None
    half_life: Annotated[Duration, AfterValidator(_some_time)] | None = None
    strength: Annotated[float, Field(gt=0)] | None = None
    overrule: Count | None = None
    overrule_share: Annotated[float, Field(ge=0, le=1)] | None = None
    hands_after: Duration | None = None
    late: Duration | None = None
    crowd: Count | None = None
    mass_alerts: Count | None = None
    mass_share: Annotated[float, Field(ge=0, le=1)] | None = None
    mass_within: Duration | None = None
    max_kinds: Count | None = None
    max_open: Count | None = None
    max_ends: Count | None = None
    table: tuple[HealTableEntry, ...] | None = None

    @field_validator("table")
    @classmethod
    def _each_name_once(cls, table: tuple[HealTableEntry, ...] | None) -> tuple[HealTableEntry, ...] | None:
        names = [entry.name for entry in table or ()]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"{', '.join(map(repr, twice))} is given twice")
        return table


class RoutineEntry(Model):
    """When an alert comes at its usual time, and how far it may go beyond what is usual."""

    enabled: bool | None = None
    min_runs: Annotated[int, Field(ge=3)] | None = None
    min_days: Annotated[int, Field(ge=3)] | None = None
    share: Annotated[float, Field(gt=0, le=1)] | None = None
    chance: Annotated[float, Field(gt=0, le=0.05)] | None = None
    jitter: Annotated[float, Field(gt=0, le=0.25)] | None = None
    least_jitter: Duration | None = None
    most_jitter: Annotated[Duration, AfterValidator(_some_time)] | None = None
    max_missed: Annotated[int, Field(ge=0)] | None = None
    zone: Zone | None = None
    patience: _Times | None = None
    margin: Duration | None = None
    growth: _Times | None = None
    rejoin: Duration | None = None
    bounds: dict[Literal["P1", "P2", "P3", "P4"], Duration] | None = None
    max_habits: Count | None = None
    max_runs: Annotated[int, Field(ge=8, le=1_000)] | None = None
    max_series: Count | None = None


class StormEntry(Model):
    """When new alerts come so fast that it is a storm, and when it is over."""

    enabled: bool | None = None
    memory: Annotated[Duration, AfterValidator(_some_time)] | None = None
    least: Count | None = None
    factor: Annotated[float, Field(gt=1)] | None = None
    evidence: Annotated[float, Field(gt=0)] | None = None
    over: Annotated[float, Field(gt=0)] | None = None
    calm: Duration | None = None
    longest: Annotated[Duration, AfterValidator(_some_time)] | None = None
    settle: Duration | None = None
    warmup: Duration | None = None
    fresh: Duration | None = None
    max_sources: Count | None = None


class ExpectedEntry(Model):
    """One kind of alert that must keep coming."""

    name: Name
    matchers: Matchers | None = None
    every: Annotated[Duration, AfterValidator(_some_time)] | None = None
    grace: Duration | None = None
    priority: Literal["P1", "P2", "P3", "P4"] | None = None
    by: tuple[str, ...] | None = None
    labels: dict[str, str] | None = None
    required: bool | None = None
    ping: bool | None = None
    auto: bool | None = None

    @model_validator(mode="after")
    def _says_which(self) -> Self:
        if not self.matchers and not self.ping and not self.auto:
            raise ValueError("needs `matchers`, or `ping: true` to be called by its address")
        return self


class HeartbeatEntry(Model):
    """Which alerts must keep coming."""

    expected: tuple[ExpectedEntry, ...] | None = None
    forget: Annotated[Duration, AfterValidator(_some_time)] | None = None
    max_streams: Count | None = None
    max_instances: Count | None = None

    @field_validator("expected")
    @classmethod
    def _each_name_once(cls, value: tuple[ExpectedEntry, ...] | None) -> tuple[ExpectedEntry, ...] | None:
        names = [entry.name for entry in value or ()]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise ValueError(f"{twice!r} is given twice")
        return value


class ContactsEntry(Model):
    """When a sender that was talking counts as silent."""

    enabled: bool | None = None
    least: Duration | None = None
    quiet: Duration | None = None
    factor: _Times | None = None
    mass: Count | None = None
    learn: Count | None = None
    longest: Annotated[Duration, AfterValidator(_some_time)] | None = None
    priority: Literal["P1", "P2", "P3", "P4"] | None = None
