import pytest

from alertmesh.core.group import Grouped
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
