"""The form of people who can be paged, and of the ways to reach them."""

from datetime import timedelta
from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from alertmesh.config.values import Duration, Model, Name
from alertmesh.core.alert import Priority
from alertmesh.core.oncall import Reach, User

PriorityName = Literal["P1", "P2", "P3", "P4"]


class ReachEntry(Model):
    """Try `channels` together when `after` has passed since the page was decided."""

    after: Duration
    channels: tuple[str, ...] = Field(min_length=1)


def _in_order(ways: tuple[ReachEntry, ...]) -> tuple[ReachEntry, ...]:
    if any(later.after <= earlier.after for earlier, later in pairwise(ways)):
        raise ValueError("should be in order of `after`, each later than the one before")
    return ways


Ways = Annotated[tuple[ReachEntry, ...], Field(min_length=1), AfterValidator(_in_order)]


class UserEntry(Model):
    """A person who can be paged.

    A priority that `reach` lacks goes by the nearest worse one there; when it has no worse one either, by
    `channels`, if there are any. Without `channels`, those of the mildest priority in `reach` stand for them.
    """

    name: Name
    display: str = ""
    mobile: str = ""
    language: Literal["en", "zh"] = "en"
    channels: tuple[str, ...] = ()
    contacts: dict[str, str] = Field(default_factory=dict)
    reach: dict[PriorityName, Ways] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _has_a_way(self) -> Self:
        if not self.reach and "channels" not in self.model_fields_set:
            raise ValueError("needs `channels`, or ways in `reach`")
        return self

    def plain_channels(self) -> tuple[str, ...]:
        """Return the channels for whatever `reach` says nothing about."""
        if self.channels or not self.reach:
            return self.channels
        mildest = self.reach[max(self.reach)]
        return tuple(dict.fromkeys(name for way in mildest for name in way.channels))

    def ways(self) -> dict[Priority, tuple[Reach, ...]]:
        """Return the ways by priority; `channels` are that of P1 and what follows, unless `reach` says more.

        Without that, the loudest pages would go by a way that was written for milder ones.
        """
        reach = {
            Priority[name]: tuple(Reach(way.after, way.channels) for way in ways)
            for name, ways in self.reach.items()
        }
        if reach and self.channels:
            reach.setdefault(Priority.P1, (Reach(timedelta(), self.channels),))
        return reach

    def user(self) -> User:
        """Return what the stages go by."""
        return User(
            name=self.name,
            display=self.display,
            mobile=self.mobile,
            language=self.language,
            channels=self.plain_channels(),
            contacts=self.contacts,
            reach=self.ways(),
        )
