"""What the rules against noise say, and what they propose, is told in Chinese."""

from types import ModuleType

import pytest

from alertmesh.chinese.lines import line_in
from alertmesh.chinese.noise import proposal_in
from alertmesh.dedup import chronic, contacts, flap, habit, heartbeat, routine, routinewords, selfheal, storm
from tests.chinese.english import english
from tests.chinese.written import Source

WHEN = [
    text.replace("every X about", "every Monday about")
    for text in Source(routinewords, name="X").returned("said_when")
]
HABITS = Source(habit).returned("describe")


def notes(module: ModuleType) -> list[str]:
    """Return every note that a rule writes, with each habit and each time in its place."""
    source = Source(module, describe="HABIT", said_when="WHEN", summary="X")
    found = {text for _, text in source.said("Note") if english(text)}
    return sorted(
        text.replace("HABIT", how).replace("WHEN", when)
        for text in found
        for how in (HABITS if "HABIT" in text else [""])
        for when in (WHEN if "WHEN" in text else [""])
    )


RULES = (chronic, flap, heartbeat, routine, selfheal, storm)
OWN = [
    *Source(heartbeat).constants("_told")[1:],
    *Source(heartbeat).texts_of("_missing", "text"),
    *Source(contacts, label="X").texts_of("_alert", "text"),
]


@pytest.mark.parametrize("text", [*OWN, *(note for module in RULES for note in notes(module))])
def test_a_note_of_a_rule_is_told_in_chinese(text):
    assert english(line_in("zh-CN", "rule", text)) == []


def test_what_rules_say_is_found_in_the_source():
    assert "set aside as noise: fired 50% of the last X days" in notes(chronic)
    assert len(WHEN) == 8
    assert [len(notes(module)) > 2 for module in RULES] == [True, True, True, True, True, False]


PROPOSED = [
    *(
        text.replace("WHEN", WHEN[0])
        for text in Source(routinewords, said_when="WHEN").texts_of("proposal", "why")
    ),
    *(f"{how}: {advice}" for how in HABITS for advice in Source(habit).returned("_advice")),
]


@pytest.mark.parametrize("text", PROPOSED)
def test_a_proposal_is_told_in_chinese(text):
    assert english(proposal_in("zh-CN", text)) == []


def test_english_stays_as_it_is():
    assert proposal_in("en", PROPOSED[0]) == PROPOSED[0]
