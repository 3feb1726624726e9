"""What is wrong with a roster, and what to think of before an override or a silence, is told in Chinese."""

import pytest

from alertmesh.chinese.duty import fault_in, warning_in
from alertmesh.console import oncall_overrides, silences
from alertmesh.core.duty import DutyFaultKind
from alertmesh.escalate import analysis, shifts, standins
from tests.chinese.english import english
from tests.chinese.written import Source

WHEN = " from 2026-11-27 10:00 to 2026-11-28 10:00 (UTC)"
WHY = [
    *Source(shifts).returned("_why"),
    *Source(standins, whom="whoever is primary").texts_of("_made", "why"),
]
SOURCE = Source(analysis, why="WHY", reason="REASON", unit="UNIT")
REASONS = [text.replace("WHY", why) for text in SOURCE.returned("_reason") for why in WHY]
FAULTS = {
    text.replace("{}", WHEN).replace("REASON", reason).replace("UNIT", unit)
    for text in SOURCE.holding("{}")
    for reason in REASONS
    for unit in ("hours", "nights", "weekend days")
}
WARNINGS = [*Source(oncall_overrides).given("append"), *Source(silences).given("append")]


@pytest.mark.parametrize("text", sorted(FAULTS))
def test_what_is_wrong_with_a_roster_is_told_in_chinese(text):
    assert english(fault_in("zh-CN", text)) == []


@pytest.mark.parametrize("text", WARNINGS)
def test_what_to_think_of_is_told_in_chinese(text):
    assert english(warning_in("zh-CN", text)) == []


def test_what_can_be_wrong_is_found_in_the_source():
    kinds = {text.partition(" from ")[0] for text in FAULTS}
    assert len(kinds) == len(DutyFaultKind) + 2  # there are three kinds of too much
    assert (len(WHY) > 5, len(WARNINGS)) == (True, 6)


def test_people_are_called_by_their_names():
    text = f"wang is primary of db too{WHEN}"
    assert fault_in("zh", text, {"wang": "王伟"}.__getitem__).endswith("王伟 同时是 db 的主值班")


def test_english_stays_as_it_is():
    assert fault_in("en", "nobody has duty") == "nobody has duty"
