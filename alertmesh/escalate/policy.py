"""Which policy an incident opens with, and which of its rows applies."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from alertmesh.core.alert import Priority
from alertmesh.core.errors import BadConfig
from alertmesh.core.matchers import matches_all, parse_matchers
from alertmesh.core.oncall import Policy, PolicyRow, Step, Tier


class PolicyBook:
    """The policies in order, with their matchers read once."""

    def __init__(self, policies: Sequence[Policy]) -> None:
        if not policies:
            raise BadConfig(["rules/policies: at least one policy is needed"])
        self._entries = [(parse_matchers(policy.matchers), policy) for policy in policies]

    def all(self) -> list[Policy]:
        """Return the policies in the order in which they are asked."""
        return [policy for _, policy in self._entries]

    def choose(self, labels: Mapping[str, str]) -> Policy:
        """Return the first policy that accepts `labels`.

        The last one stands in when none does: an incident without a policy would be silent.
        """
        for matchers, policy in self._entries:
            if matches_all(matchers, labels):
                return policy
        return self._entries[-1][1]


def row_of(policy: Policy, priority: Priority) -> PolicyRow:
    """Return the row for `priority`; a missing one is taken from the nearest worse priority, else better."""
    nearest = sorted(policy.rows, key=lambda other: (other > priority, abs(other - priority)))
    return policy.rows[nearest[0]]


def steps_of(row: PolicyRow, tier: Tier) -> tuple[Step, ...]:
    """Return the steps by which `row` pages `tier`."""
    return row.ops_steps if tier is Tier.OPS else row.rnd_steps


def hold_bound(policy: Policy, priority: Priority) -> timedelta:
    """Return the longest that the first page may be delayed; none unless the policy says so."""
    return policy.hold_bounds.get(priority, timedelta())
