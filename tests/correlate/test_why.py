"""Why a series is where it is, and why two groups are not one."""

import pytest

from alertmesh.core.entries import Action, Command, Feedback
from alertmesh.core.why import Why, WhyApart
from alertmesh.correlate import InhibitRule
from alertmesh.correlate.settings import LearnedSettings
from tests.correlate.fakes import START, Bench, at, clears, fires
from tests.correlate.learned import LearnedBench

WEB = fires(0, "HighLatency", service="web", namespace="s")
POD = fires(14, "CPUHigh", pod="web-5d4f8c7b9d-x2x7k", namespace="s")
DB = fires(20, "DiskFull", service="db", namespace="d")
LATE = fires(4000, "DiskFull", service="web", namespace="s")


def why(bench: Bench, series: str) -> Why:
    found = bench.stage.explainer(lambda group: f"group {group}").why(series)
    assert found is not None
    return found


def apart(bench: Bench, one: int, other: int) -> WhyApart:
    found = bench.stage.explainer(lambda group: f"group {group}").apart(one, other)
    assert found is not None
    return found


def fed(bench: Bench) -> Bench:
    bench.feed(WEB, POD, DB, LATE)
    return bench


def test_the_reasons_make_the_probability() -> None:
    found = why(fed(LearnedBench()), POD.series.id)
    assert (found.probability, found.threshold, found.log_odds) == (0.937, 0.5, True)
    assert [(one.feature, one.weight) for one in found.reasons if one.weight] == [
        ("likeness", 2.0),
        ("time", 2.0),
        ("relation", -0.3),
        ("prior", -1.0),
    ]


def test_it_says_what_would_have_kept_it_out() -> None:
    (text,) = why(fed(LearnedBench()), POD.series.id).kept_out
    assert text == (
        "No single piece of evidence decides it. Without “Both are about app web” and “The group took "
        "its last alert 10 s before and still fires” it would have been 21 %, and it takes 50 %"
    )


def test_a_single_piece_that_decides_is_named() -> None:
    bench = LearnedBench(learned=LearnedSettings(threshold=0.9))
    bench.feed(WEB, POD)
    assert [text.partition(" it would")[0] for text in why(bench, POD.series.id).kept_out] == [
        "Without “Both are about app web”",
        "Without “The group took its last alert 10 s before and still fires”",
    ]


def test_the_runner_up_is_told_and_what_set_it_back() -> None:
    bench = LearnedBench(learned=LearnedSettings(threshold=0.6))
    bench.feed(DB, WEB, POD)
    found = why(bench, POD.series.id)
    assert found.rival is not None
    assert (found.rival.group, found.rival.probability) == (bench.of[DB.series.id], 0.31)
    assert found.kept_out[-1].startswith("Had what they share or do not been as for group 1, it would")


def test_shared_evidence_without_a_model_is_explained_too() -> None:
    bench = fed(Bench())
    found, join = why(bench, POD.series.id), bench.stage.join_of(POD.series.id)
    assert join is not None
    assert (found.log_odds, found.probability) == (False, pytest.approx(join.score, abs=0.01))
    assert found.kept_out[0].startswith("No single piece of evidence decides it")


def test_one_that_began_a_group_says_what_was_nearest() -> None:
    found = why(fed(LearnedBench()), DB.series.id)
    assert found.kept_out == ("It began the group: group 1 was 31 % likely, and it takes 50 %",)


def test_what_a_rule_explains_says_so() -> None:
    rule = InhibitRule("down", 'alertname="NodeDown"', 'alertname="PodLost"', ("node",))
    bench = Bench([rule])
    lost = fires(9, "PodLost", node="n1")
    bench.feed(fires(0, "NodeDown", node="n1"), lost)
    assert why(bench, lost.series.id).kept_out[0].startswith("Without the inhibition rule")


def test_what_people_put_there_stays_by_their_word() -> None:
    bench = fed(LearnedBench())
    moved = Feedback(action=Action.MOVE, actor="ann", at=START, a=DB.series.id, b=WEB.series.id)
    bench.follow(bench.stage.feedback(moved, at(5000)))
    found = why(bench, DB.series.id)
    assert found.kept_out == ("People put it here: only another word of theirs takes it out",)


def test_a_stranger_has_no_why() -> None:
    assert fed(Bench()).stage.explainer(str).why("nobody") is None


def test_it_survives_a_restart() -> None:
    bench = fed(LearnedBench())
    before = why(bench, POD.series.id)
    bench.restart()
    assert why(bench, POD.series.id) == before


def test_two_groups_are_apart_for_what_was_weighed() -> None:
    found = apart(fed(LearnedBench()), 1, 2)
    assert found.answer == (
        "When DiskFull came, it was 31 % likely to belong to group 1, and it takes 50 %; "
        "what they share or do not spoke most against it"
    )
    assert found.then is not None
    assert [one.feature for one in found.then.for_it] == ["time"]
    assert [one.feature for one in found.then.against_it] == ["likeness", "relation"]


def test_what_would_be_thought_now_is_told_in_words() -> None:
    found = apart(fed(LearnedBench()), 1, 3).now
    assert found is not None
    assert (found.series, found.group, found.probability) == (LATE.series.id, 1, 0.2142)
    assert [one.text for one in found.for_it] == ["Both are about app web"]


def test_people_who_parted_them_are_named() -> None:
    bench = fed(LearnedBench())
    split = Command(action=Action.SPLIT, incident=1, actor="ann", at=START, args={"series": POD.series.id})
    bench.follow(bench.stage.command(split, 1, None, at(60)))
    found = apart(bench, 1, bench.of[POD.series.id])
    assert (
        found.answer
        == "ann said that CPUHigh on web does not belong with HighLatency on web (2026-11-23 04:01)"
    )
    assert found.verdicts == (found.answer,)


def test_two_that_never_met_are_said_to() -> None:
    bench = LearnedBench()
    far = fires(5, "DiskFull", service="db", cluster="other")
    bench.feed(WEB, far)
    found = apart(bench, bench.of[WEB.series.id], bench.of[far.series.id])
    assert found.answer.startswith("Nobody weighed the two: they share nothing and were never active")
    assert "They are of different clusters, prod and other" in found.facts


def test_how_long_the_first_was_over_is_told() -> None:
    bench = LearnedBench()
    bench.feed(WEB, clears(WEB, 100), fires(1000, "DiskFull", service="db"))
    assert apart(bench, 1, 2).facts[-1] == "Group 1 had been clear for 15 min when group 2 began"


@pytest.mark.parametrize("pair", [(1, 1), (1, 99)], ids=["itself", "not open"])
def test_only_two_open_groups_can_be_held_against_each_other(pair: tuple[int, int]) -> None:
    assert fed(Bench()).stage.explainer(str).apart(*pair) is None


def test_asking_changes_nothing() -> None:
    bench = fed(LearnedBench())
    apart(bench, 1, 2)
    why(bench, POD.series.id)
    assert [row for table in bench.stage.tables for row in table.drain()] == []
