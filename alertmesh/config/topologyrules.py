"""The form of the service catalogue, and of what is set about the topology."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from alertmesh.config.values import Count, Matchers, Model, Name, Seconds
from alertmesh.core.topology import Service

_Share = Annotated[float, Field(ge=0, le=1)]
_Text = Annotated[str, Field(min_length=1, max_length=256)]


class TopologyEntry(Model):
    """What is learned about who stands next to whom."""

    learn: bool | None = None
    edge_age_s: Seconds | None = None
    placement_age_s: Seconds | None = None
    max_told: Count | None = None
    max_learned: Count | None = None
    max_per_thing: Count | None = None
    support: Annotated[int, Field(ge=0)] | None = None
    together_s: Annotated[Seconds, Field(ge=1)] | None = None
    together_share: _Share | None = None
    lift: Annotated[float, Field(ge=1)] | None = None
    half_life_s: Annotated[Seconds, Field(ge=1)] | None = None
    crowd: Count | None = None
    max_things: Count | None = None
    max_partners: Count | None = None


class ServiceEntry(Model):
    """One service: which alerts are its own, who answers for it, and what it needs."""

    name: Name
    match: Matchers = ""
    team: str = ""
    roster: str = ""
    owner: str = ""
    depends_on: tuple[_Text, ...] = ()
    runbooks: tuple[_Text, ...] = ()
    cluster: str = ""
    namespace: str = ""

    @model_validator(mode="after")
    def _needs_others(self) -> Self:
        if self.name in self.depends_on:
            raise ValueError(f"{self.name!r} cannot depend on itself")
        if len(set(self.depends_on)) != len(self.depends_on):
            raise ValueError("`depends_on` should name each thing once")
        return self

    def service(self) -> Service:
        """Return what the stages go by."""
        return Service(**self.model_dump())


class ServicesFile(Model):
    """`rules/services.yaml`, or a file of `rules/services`."""

    services: tuple[ServiceEntry, ...] = ()
