import pytest

from alertmesh.core.group import Grouped
from alertmesh.correlate.counterfactual import reproduced
from alertmesh.correlate.explain import Evidence, Wording
from tests.correlate.fakes import Bench, fires


def test_the_weights_of_a_join_make_its_score() -> None:
    bench = Bench(max_reasons=20)
    bench.feed(fires(0, "A", service="web", namespace="s"), fires(30, "A", pod="web-0", namespace="s"))
    event = bench.events[-1]
    assert isinstance(event, Grouped)
    doubt = 1.0
    for reason in event.join.reasons:
        doubt *= 1 - reason.weight
    assert event.join.score == pytest.approx(1 - doubt, abs=0.001)


def test_reasons_come_strongest_first_and_in_words() -> None:
    bench = Bench()
    bench.feed(fires(0, "A", service="web", namespace="s"), fires(30, "A", pod="web-0", namespace="s"))
    assert [reason.text for reason in bench.events[-1].join.reasons] == [  # type: ignore[union-attr]
        "Both are about app web",
        "The group of namespace prod/s had a new alert 30 s before",
        "The group already holds A",
        "Same namespace s",
    ]


def test_joins_that_say_the_same_are_one_object() -> None:
    wording = Wording(4)
    evidence = [Evidence("same_thing", 0.75, "app", "web", "prod|app|web")]
    first, second = (wording.joined(evidence, 0.75) for _ in range(2))
    assert first is second


def test_what_is_beyond_the_limit_counts_as_one_piece() -> None:
    evidence = [Evidence("same_kind", weight, "", f"{weight}", "") for weight in (0.5, 0.4, 0.3, 0.2)]
    join = Wording(2).joined(evidence, 0.832)
    assert [reason.feature for reason in join.reasons] == ["same_kind", "same_kind", "rest"]
    assert join.reasons[-1].text == "2 weaker pieces of evidence"
    assert reproduced(join.reasons) == pytest.approx(join.score, abs=0.005)


def test_what_hides_a_series_comes_first_and_goes_again() -> None:
    wording = Wording(4)
    join = wording.joined([Evidence("same_thing", 0.75, "app", "web", "prod|app|web")], 0.75)
    hidden = wording.hidden(join, "it does")
    assert ([reason.feature for reason in hidden.reasons], wording.shown(hidden)) == (
        ["inhibited", "same_thing"],
        join,
    )
