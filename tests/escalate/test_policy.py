from pathlib import Path

import msgspec
import pytest
import yaml

from alertmesh.core.errors import BadConfig
from alertmesh.core.oncall import Policy, PolicyRow
from alertmesh.escalate.policy import PolicyBook, hold_bound, row_of
from tests.escalate.fakes import P1, P2, P3, P4, minutes, policy, row

DEFAULT = Path(__file__).parents[2] / "rules" / "policies" / "default.yaml"
PAYMENTS = policy(name="payments", matchers='team="pay"')


@pytest.mark.parametrize(("team", "name"), [("pay", "payments"), ("web", "default")])
def test_the_first_policy_that_accepts_the_labels_is_taken(team, name):
    assert PolicyBook([PAYMENTS, policy()]).choose({"team": team}).name == name


def test_the_last_policy_stands_in_when_none_accepts():
    assert PolicyBook([PAYMENTS]).choose({}).name == "payments"


def test_no_policy_at_all_is_refused():
    with pytest.raises(BadConfig, match="at least one"):
        PolicyBook([])


@pytest.mark.parametrize(("asked", "given"), [(P1, P2), (P2, P2), (P3, P2), (P4, P4)], ids=str)
def test_a_missing_row_is_taken_from_the_nearest_worse_priority(asked, given):
    rows = {P2: row(loops=2), P4: row(loops=4)}
    assert row_of(policy(rows=rows), asked) is rows[given]


def test_a_priority_without_a_bound_is_not_held():
    assert hold_bound(policy(hold_bounds={}), P2) == minutes(0)


def test_the_shipped_policy_names_every_field_and_no_other():
    [shipped] = yaml.safe_load(DEFAULT.read_text())["policies"]
    assert set(shipped) == {field.name for field in msgspec.structs.fields(Policy)}
    names = {field.name for field in msgspec.structs.fields(PolicyRow)}
    assert [set(found) for found in shipped["rows"].values()] == [names] * 4
