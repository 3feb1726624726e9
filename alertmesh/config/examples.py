"""The form of `examples:` in a rule file: alerts that are given, and what should come of them."""

import re
from datetime import timedelta
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    Field,
    WithJsonSchema,
    create_model,
    model_validator,
)

from alertmesh.config.values import Count, Duration, Model
from alertmesh.core.series import Mark

_CLOCK = r"^(?:[0-9]{1,3}d )?(?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9])?$"
PriorityName = Literal["P1", "P2", "P3", "P4"]
Total = Annotated[int, Field(ge=0)]


def _clock(value: Any) -> timedelta:
    """Read `04:00`, `04:00:30` or `3d 04:00`, counted from the midnight at which the example begins."""
    if isinstance(value, timedelta):
        return value
    text = str(value)
    if not re.match(_CLOCK, text):
        raise ValueError("should be a time of day such as 04:00 or 04:00:30, on a later day 3d 04:00")
    days, _, clock = text.rpartition("d ")
    hours, minutes, seconds = map(int, (clock + ":00").split(":")[:3])
    return timedelta(days=int(days or 0), hours=hours, minutes=minutes, seconds=seconds)


Clock = Annotated[
    timedelta,
    BeforeValidator(_clock),
    WithJsonSchema({"type": "string", "pattern": _CLOCK, "examples": ["04:00", "04:00:30", "3d 04:00"]}),
]


class GivenEntry(Model):
    """One alert, or with `times` the same again after each `every`; it fires until it is resolved."""

    at: Clock
    status: Literal["firing", "resolved"] = "firing"
    labels: dict[str, str] = Field(min_length=1)
    annotations: dict[str, str] = Field(default_factory=dict)
    source: str = "prometheus"
    times: Count = 1
    every: Duration = timedelta(days=1)


class ExpectEntry(Model):
    """What should be so at `at`; what is not named is not looked at.

    `paged` counts incidents, `pages` every page to a person. `first_page` is null for none.
    `marks` are those that the series of an alert carry, by alertname.
    """

    at: Clock | None = None
    series: Total | None = None
    incidents: Total | None = None
    priority: PriorityName | None = None
    watched: Total | None = None
    suppressed: Total | None = None
    paged: Total | None = None
    pages: Total | None = None
    first_page: Clock | None = None
    marks: dict[str, tuple[Mark, ...]] | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.model_fields_set - {"at"}:
            raise ValueError("should name what is expected, such as incidents: 1")
        return self


def _some(given: tuple[GivenEntry, ...]) -> tuple[GivenEntry, ...]:
    if not given:
        raise ValueError("should hold at least one alert")
    return given


class ExampleEntry(Model):
    """Alerts, and what a fresh AlertMesh with these rules should make of them."""

    name: str = Field(min_length=1)
    given: Annotated[tuple[GivenEntry, ...], AfterValidator(_some)]
    expect: ExpectEntry


class ExamplesFile(Model):
    """What every rule file may hold besides its rules."""

    examples: tuple[ExampleEntry, ...] = ()


def with_examples(model: type[BaseModel]) -> type[BaseModel]:
    """Return the form of a rule file together with that of its examples."""
    return create_model(
        model.__name__,
        __base__=model,
        __doc__=model.__doc__,
        examples=(tuple[ExampleEntry, ...], ()),
    )
