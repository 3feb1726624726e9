"""Check that the teams of the service catalogue can be paged."""

from collections.abc import Collection, Iterator, Sequence

from alertmesh.config.entries import Shelf
from alertmesh.config.people import People
from alertmesh.config.problems import unknown
from alertmesh.config.rosters import RosterEntry, dead_targets
from alertmesh.config.rulefiles import StepEntry
from alertmesh.config.topologyrules import ServiceEntry


def roster_problems(services: Shelf[ServiceEntry], people: People) -> Iterator[str]:
    """Yield a problem for every service whose roster is not there, or that no step ever reaches."""
    for service in services if people.rosters.complete else ():
        entry = service.entry
        if entry.roster and entry.roster not in people.rosters:
            yield service.fault(unknown("roster", entry.roster, people.rosters.names()), "roster")
            continue
        name = entry.roster or entry.team
        if name not in people.rosters:
            continue
        dead = dead_targets(people.rosters[name].entry)
        for policy in people.policies.entries():
            stuck = [row for row, of in policy.rows.items() if _all_dead(of.rnd_steps, dead)]
            if stuck:
                yield service.fault(
                    f"no rnd_steps of policy {policy.name!r} ever reach anybody at {', '.join(stuck)}: "
                    f"roster {name!r} has no {' and no '.join(sorted(dead))}",
                    "roster" if entry.roster else "team",
                )


def _all_dead(steps: Sequence[StepEntry], dead: Collection[str]) -> bool:
    return bool(steps) and all(target in dead for step in steps for target in step.targets)


def roster_warnings(services: Shelf[ServiceEntry], rosters: Shelf[RosterEntry]) -> Iterator[str]:
    """Yield each service that has a team, but none that can be paged."""
    for service in services:
        team, roster = service.entry.team, service.entry.roster
        if team and not roster and team not in rosters:
            text = f"when {service.entry.name} is the likely root, the policy's rnd_roster is paged"
            yield service.fault(f"{text}: {unknown('roster', team, rosters.names())}", "team")
