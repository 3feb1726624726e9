"""Check that people, rosters, channels and policies name what is there, and make core values of them."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import SecretStr

from alertmesh.config.calendars import CalendarEntry
from alertmesh.config.document import Loc
from alertmesh.config.entries import Placed, Shelf
from alertmesh.config.mainfile import ChannelEntry
from alertmesh.config.problems import unknown
from alertmesh.config.result import ChannelConfig
from alertmesh.config.rosters import RosterEntry, dead_targets
from alertmesh.config.rulefiles import PolicyEntry, RowEntry, StepEntry
from alertmesh.config.users import UserEntry
from alertmesh.core.alert import Priority
from alertmesh.core.oncall import Calendar, OnCall, Policy, PolicyRow, Step
from alertmesh.core.topology import Service

_USER = "user:"
_SECRET_NAME = re.compile(r"secret|token|passw|api_?key|access_?key|credential", re.IGNORECASE)
_SECRET_PART = re.compile(
    r"[?&](?:access_token|token|key|secret|sign?)=[^&]|://[^/@]*:[^/@]+@|/bot/v2/hook/."
)
_HIDE = "write a secret as ${NAME} or file:PATH, so that it does not stand in this file"


@dataclass(frozen=True, slots=True)
class People:
    """Everything that decides who is paged, as it was written."""

    users: Shelf[UserEntry]
    channels: Shelf[ChannelEntry]
    rosters: Shelf[RosterEntry]
    policies: Shelf[PolicyEntry]
    calendars: Shelf[CalendarEntry]

    def problems(self, kinds: Sequence[str]) -> Iterator[str]:
        """Yield a problem for every name that stands for nothing; `kinds` of channel are installed."""
        for user in self.users:
            for index, name in enumerate(user.entry.channels):
                yield from _missing(self.channels, name, user, ("channels", index))
            for priority, ways in user.entry.reach.items():
                for number, way in enumerate(ways):
                    for index, name in enumerate(way.channels):
                        loc = ("reach", priority, number, "channels", index)
                        yield from _missing(self.channels, name, user, loc)
        for channel in self.channels:
            if channel.entry.kind not in kinds:
                yield channel.fault(unknown("kind of channel", channel.entry.kind, kinds), "kind")
            yield from _bare_secrets(channel)
        for roster in self.rosters:
            yield from self._roster_problems(roster)
        for policy in self.policies:
            yield from self._policy_problems(policy)
        if self.policies.complete and all(policy.entry.matchers for policy in self.policies):
            yield 'policies:1:1 no policy takes everything; write one with matchers: ""'

    def _roster_problems(self, roster: Placed[RosterEntry]) -> Iterator[str]:
        yield from _missing(self.calendars, roster.entry.calendar, roster, ("calendar",))
        members = enumerate(roster.entry.members)
        places: list[tuple[str, Loc]] = [(name, ("members", index)) for index, name in members]
        for number, layer in enumerate(roster.entry.layers):
            places += [(name, ("layers", number, "members", i)) for i, name in enumerate(layer.members)]
        if roster.entry.lead:
            places.append((roster.entry.lead, ("lead",)))
        for name, loc in places:
            yield from self._unreachable(name, roster, loc)

    def _unreachable(self, name: str, placed: Placed[Any], loc: Loc) -> Iterator[str]:
        """Yield a problem if a page to somebody would reach nobody."""
        yield from _missing(self.users, name, placed, loc)
        if name in self.users and not self.users[name].entry.plain_channels():
            yield placed.fault(f"{name!r} cannot be paged; name a channel in `channels` of that user", *loc)

    def _policy_problems(self, policy: Placed[PolicyEntry]) -> Iterator[str]:
        yield from _missing(self.rosters, policy.entry.ops_roster, policy, ("ops_roster",))
        yield from _missing(self.rosters, policy.entry.rnd_roster, policy, ("rnd_roster",))
        yield from _missing(self.calendars, policy.entry.calendar, policy, ("calendar",))
        for name, row in policy.entry.rows.items():
            tiers = (
                ("ops_steps", row.ops_steps, policy.entry.ops_roster),
                ("rnd_steps", row.rnd_steps, policy.entry.rnd_roster),
            )
            for field, steps, roster in tiers:
                for number, step in enumerate(steps):
                    for place, target in enumerate(step.targets):
                        if target.startswith(_USER):
                            loc = ("rows", name, field, number, "targets", place)
                            yield from self._unreachable(target.removeprefix(_USER), policy, loc)
                if steps and roster in self.rosters:
                    yield from _dead_end(policy, ("rows", name, field), steps, self.rosters[roster].entry)

    def oncall(self, services: Iterable[Service] = ()) -> OnCall:
        """Return what the stages go by; policies that accept everything come last."""
        policies = sorted(self.policies.entries(), key=lambda entry: not entry.matchers)
        calendars = {entry.name: entry.calendar() for entry in self.calendars.entries()}
        return OnCall(
            users={entry.name: entry.user() for entry in self.users.entries()},
            rosters={entry.name: entry.roster(calendars[entry.calendar]) for entry in self.rosters.entries()},
            policies=tuple(_policy(entry, calendars[entry.calendar]) for entry in policies),
            services=tuple(services),
        )

    def channel_configs(self) -> dict[str, ChannelConfig]:
        """Return the channels by name, with their settings covered."""
        return {
            entry.name: ChannelConfig(
                entry.name, entry.kind, {key: SecretStr(value) for key, value in entry.settings.items()}
            )
            for entry in self.channels.entries()
        }


def _missing(shelf: Shelf[Any], name: str, placed: Placed[Any], loc: Loc) -> Iterator[str]:
    if shelf.complete and name not in shelf:
        yield placed.fault(unknown(shelf.kind, name, shelf.names()), *loc)


def _dead_end(
    policy: Placed[PolicyEntry], loc: Loc, steps: Sequence[StepEntry], roster: RosterEntry
) -> Iterator[str]:
    dead = dead_targets(roster)
    if all(target in dead for step in steps for target in step.targets):
        lacking = " and no ".join(sorted(dead))
        yield policy.fault(f"no step ever reaches anybody: roster {roster.name!r} has no {lacking}", *loc)


def _bare_secrets(channel: Placed[ChannelEntry]) -> Iterator[str]:
    for name, value in channel.entry.settings.items():
        secret = _SECRET_NAME.search(name) or _SECRET_PART.search(value)
        if value and secret and not channel.document.is_reference((*channel.loc, "settings", name)):
            yield channel.fault(f"{name}: {_HIDE}", "settings", name)


def _policy(entry: PolicyEntry, calendar: Calendar) -> Policy:
    return Policy(
        **entry.model_dump(exclude={"rows", "hold_bounds", "calendar"}),
        calendar=calendar,
        rows={Priority[name]: _row(row) for name, row in entry.rows.items()},
        hold_bounds={Priority[name]: bound for name, bound in entry.hold_bounds.items()},
    )


def _row(entry: RowEntry) -> PolicyRow:
    return PolicyRow(
        **entry.model_dump(exclude={"ops_steps", "rnd_steps"}),
        ops_steps=_steps(entry.ops_steps),
        rnd_steps=_steps(entry.rnd_steps),
    )


def _steps(entries: Sequence[StepEntry]) -> tuple[Step, ...]:
    return tuple(Step(entry.after, entry.targets, entry.when) for entry in entries)
