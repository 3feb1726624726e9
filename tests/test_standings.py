"""How a firing alert stands: its incident, what hides it, who would hear of it."""

from datetime import timedelta

import pytest

from alertmesh.core.entries import SilenceSet
from alertmesh.core.silence import Condition, Silence
from alertmesh.standings import Standings
from tests.scenarios.timetable import Timetable


@pytest.fixture
def table():
    """Return a timetable whose messages nobody checks."""
    return Timetable()


def standing(table, name):
    program = table.program
    standings = Standings(program.pipeline, program.filter)
    alert = next(alert for alert, _ in program.pipeline.dedup.alerts() if alert.name == name)
    return standings.of(alert)


def test_an_alert_has_its_incident_its_policy_and_its_lease(table):
    table.fires("NodeDown", node="n1", lease_s=600)
    found = standing(table, "NodeDown")
    now = table.program.clock.now()
    assert (found.incident, found.policy, found.covers, found.hider) == (1, "default", (), None)
    assert (found.last_seen, found.expires_at) == (now, now + timedelta(seconds=600))


def test_what_covers_an_alert_is_named(table):
    now = table.program.clock.now()
    for id in ("s1", "s2"):
        made = Silence(
            id=id,
            matchers=(Condition("node", "=", "n1"),),
            starts_at=now,
            ends_at=now + timedelta(hours=1),
            created_by="ann",
            comment="disk swap",
            updated_at=now,
        )
        table.program._log([SilenceSet(silence=made, at=now)])
    table.fires("NodeDown", node="n1").fires("NodeDown2", node="n2")
    assert standing(table, "NodeDown").covers == ("s1", "s2")
    assert standing(table, "NodeDown2").covers == ()


def test_what_hides_an_alert_by_a_rule_is_named(table):
    table.fires("KubeNodeNotReady", node="n1", severity="error")
    table.fires("KubePodNotReady", node="n1", pod="web-0", severity="warning")
    cause = standing(table, "KubeNodeNotReady")
    assert standing(table, "KubePodNotReady").hider == cause.series
    assert cause.hider is None


def test_what_nobody_knows_stands_nowhere(table):
    table.fires("NodeDown", node="n1")
    alert, _ = next(iter(table.program.pipeline.dedup.alerts()))
    assert Standings(Timetable().program.pipeline, table.program.filter).of(alert) is None


def test_policies_come_in_the_order_in_which_they_are_asked(table):
    standings = Standings(table.program.pipeline, table.program.filter)
    assert [policy.name for policy in standings.policies()] == ["default"]
