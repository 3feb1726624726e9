"""Turn the outcomes of a routing tree into policies, and receivers into rosters of one."""

from collections.abc import Sequence
from typing import Any

from alertmesh.importing.matching import written
from alertmesh.importing.naming import Names
from alertmesh.importing.routes import Outcome, Timing

_BOUNDS = {"P2": "5m", "P3": "30m", "P4": "30m"}
_LEASES = {"triage": "30m", "ops_lease": "1h", "rnd_lease": "1h", "max_snooze": "4h"}


def policies(outcomes: Sequence[Outcome], people: dict[str, str]) -> list[dict[str, Any]]:
    """Return a policy for each outcome, in the order of asking; the last accepts everything.

    An outcome with the same conditions as one before it never comes about and is left out.
    """
    names, seen = Names(), set[str]()
    found: list[dict[str, Any]] = []
    for outcome in outcomes:
        matchers = written(outcome.matchers)
        if matchers in seen:
            continue
        seen.add(matchers)
        found.append(_policy(names.fresh("-and-".join(outcome.receivers)), matchers, outcome, people))
        if not matchers:
            break  # what stands below a route without conditions is never reached
    return found


def _policy(name: str, matchers: str, outcome: Outcome, people: dict[str, str]) -> dict[str, Any]:
    first, *others = [people[receiver] for receiver in outcome.receivers]
    targets = ["primary", *(f"user:{other}" for other in others)]
    timing = outcome.timing
    return {
        "name": name,
        "version": "1",
        "matchers": matchers,
        "ops_roster": first,
        "rnd_roster": first,
        "hold_bounds": {"P1": timing.group_wait, **_BOUNDS},
        "clear_hold": "5m",
        "reopen_window": "30m",
        "rows": {priority: _row(targets, timing) for priority in ("P1", "P2", "P3", "P4")},
    }


def _row(targets: list[str], timing: Timing) -> dict[str, Any]:
    steps = [{"after": "0s", "targets": targets}]
    return {
        "hold": timing.group_wait,
        "ops_steps": steps,
        "rnd_steps": [{"after": "0s", "targets": list(targets)}],
        "to_rnd_after": None,
        **_LEASES,
        "loops": 3,
        "loop_every": timing.repeat_interval,
        "loud_every": timing.repeat_interval,
    }


def rosters(policies: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the rosters that policies name: one person each."""
    names = sorted({policy["ops_roster"] for policy in policies})
    return [{"name": name, "members": [name], "lead": name} for name in names]
