"""Rules that say which alert hides which are changed while alerts fire."""

from alertmesh.core.group import Role
from alertmesh.correlate import CorrelateSettings, InhibitRule
from alertmesh.incidents.settings import IncidentSettings

RULE = InhibitRule("work", 'alertname="Maint"', 'alertname="DiskFull"', ("zone",))


def adopt(table, *rules):
    """Go by these rules, as a reload would have it."""
    table.program.pipeline.correlate.adopt(CorrelateSettings(), rules, None)
    return table


def hidden(table):
    """Let a disk be full where somebody is at work, of which nobody is to be told."""
    adopt(table, RULE).fires("Maint", severity="info", service="ops", zone="z1")
    return table.fires("DiskFull", service="db", zone="z1")


def test_what_a_rule_hid_is_paged_at_once_when_a_reload_takes_the_rule_away(table):
    hidden(table).quiet_until("11:00")
    adopt(table).between("11:00", "11:00:05").page("wang")


def test_what_a_rule_hid_is_paged_when_a_reload_changes_the_rule_so_that_it_hides_it_no_more(table):
    hidden(table).quiet_until("11:00")
    other = InhibitRule("work", RULE.source, RULE.target, ("service",))
    adopt(table, other).between("11:00", "11:00:05").page("wang")


def test_what_a_rule_hid_is_paged_when_the_program_starts_again_without_it(table):
    hidden(table).quiet_until("11:00").restart().between("11:00", "11:00:05").page("wang")


def test_a_reload_that_leaves_the_rules_as_they_are_changes_nothing(table):
    adopt(hidden(table).at("10:30"), RULE).quiet_until("12:00")
    table.clears("Maint", severity="info", service="ops", zone="z1")
    table.between("12:00", "12:00:05").page("wang")


def role(table):
    """Return how the only series of the first incident stands in it."""
    (member,) = table.program.pipeline.incidents.members(1)
    return member.join.role


def test_what_is_hidden_by_a_group_that_is_forgotten_while_it_fires_counts_again(table):
    adopt(table, RULE).fires("DiskFull", service="db", zone="z1").between("10:00", "10:00").page("wang")
    table.ack("wang").at("10:20").fires("Maint", severity="info", service="ops", zone="z1")
    assert role(table) is Role.SUPPRESSED
    table.program.pipeline.incidents.adopt(IncidentSettings(max_watched=0))
    table.at("10:21").fires("Idle", severity="info", cluster="west", service="mail").at("10:22")
    assert role(table) is Role.MEMBER
    table.unexpected.clear()
