"""What is proposed is done, suggested or let go, and never against people's word."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alertmesh.core.entries import Action, Command, Feedback, Proposed
from alertmesh.core.errors import BadCommand
from alertmesh.core.group import GroupsMerged, GroupSplit, Suggested
from alertmesh.core.regrouping import Regrouping, RegroupKind, Suggestion, Term
from alertmesh.core.series import Change
from alertmesh.correlate.batchsettings import BatchSettings
from tests.correlate.fakes import Bench, at, fires

WEB = {"namespace": "shop", "service": "web"}
APPLY, SUGGEST = 0.99, 0.8


def merge(confidence: float, groups: tuple[int, int] = (1, 2), *series: str) -> Regrouping:
    named = series or ("A/shop/web", "C/n1")
    return proposal(RegroupKind.MERGE, groups, named, confidence)


def split(confidence: float, *series: str) -> Regrouping:
    return proposal(RegroupKind.SPLIT, (1,), series, confidence)


def proposal(kind: RegroupKind, groups: tuple[int, ...], series: tuple[str, ...], sure: float) -> Regrouping:
    terms = (Term("across", 0.7),)
    return Regrouping(
        kind=kind, groups=groups, series=series, confidence=sure, reason="It looks so", terms=terms
    )


def three(**batch: object) -> tuple[Bench, Change, Change, Change]:
    """Two series in group 1, and one in group 2 that has nothing to do with them."""
    bench = Bench(batch=BatchSettings(**batch))  # type: ignore[arg-type]
    one, other, far = fires(0, "A", **WEB), fires(1, "B", **WEB), fires(2, "C", node="n1")
    bench.feed(one, other, far)
    return bench, one, other, far


def review(bench: Bench, *told: Regrouping, seconds: float = 60, taken: tuple[int, ...] = ()) -> None:
    entry = Proposed(at=at(seconds), proposals=told)
    bench.follow(bench.stage.suggestions.review(entry, taken.__contains__))


def answer(bench: Bench, action: Action, number: int = 1, group: int = 1) -> None:
    args = {"suggestion": str(number)}
    command = Command(action=action, incident=1, actor="ann", at=at(70), args=args)
    bench.follow(bench.stage.command(command, group, None, command.at))


def suggested(bench: Bench, group: int = 1) -> list[Suggestion]:
    return bench.stage.suggestions.of(group)


def say(bench: Bench, action: Action, a: str, b: str) -> None:
    bench.follow(bench.stage.feedback(Feedback(action=action, actor="ann", at=at(30), a=a, b=b), at(30)))


def test_what_is_sure_is_done_and_says_why() -> None:
    bench, one, other, far = three()
    review(bench, merge(APPLY))
    assert bench.together(one, other, far)
    event = bench.events[-1]
    assert isinstance(event, GroupsMerged)
    assert (event.winner, event.actor, event.join.reasons[0].text) == (1, "", "It looks so")


def test_a_sure_split_is_done() -> None:
    bench, one, other, _ = three()
    review(bench, split(APPLY, "B/shop/web"))
    assert not bench.together(one, other)
    event = bench.events[-1]
    assert isinstance(event, GroupSplit)
    assert event.join is not None
    assert event.join.reasons[1].text == "across 0.7"


def test_what_is_less_sure_is_suggested_to_both_groups_and_changes_nothing() -> None:
    bench, one, _, far = three()
    review(bench, merge(SUGGEST))
    assert not bench.together(one, far)
    assert [event.group for event in bench.events if isinstance(event, Suggested)] == [1, 2]
    assert [made.number for made in suggested(bench, 2)] == [1]


def test_what_is_hardly_likely_is_let_go() -> None:
    bench, *_ = three()
    review(bench, merge(0.3))
    assert suggested(bench) == []


def test_people_are_asked_about_what_they_work_on() -> None:
    bench, one, _, far = three()
    review(bench, merge(APPLY), taken=(2,))
    assert not bench.together(one, far)
    assert len(suggested(bench)) == 1


def test_people_are_asked_about_what_they_put_there() -> None:
    bench, one, other, _ = three()
    say(bench, Action.ROOT, "A/shop/web", "")
    review(bench, split(APPLY, "B/shop/web"))
    assert bench.together(one, other)
    assert len(suggested(bench)) == 1


def test_what_people_parted_is_not_even_suggested_to_be_one() -> None:
    bench, *_ = three()
    say(bench, Action.UNRELATED, "A/shop/web", "C/n1")
    review(bench, merge(APPLY))
    assert (suggested(bench), bench.stage.suggestions.barred) == ([], 1)


def test_what_people_put_together_is_not_even_suggested_to_be_two() -> None:
    bench, *_ = three()
    say(bench, Action.MERGE, "A/shop/web", "B/shop/web")
    review(bench, split(APPLY, "B/shop/web"))
    assert (suggested(bench), bench.stage.suggestions.barred) == ([], 1)


@pytest.mark.parametrize(
    "told",
    [
        merge(APPLY, (1, 3)),
        merge(APPLY, (1, 2), "A/shop/web", "gone"),
        split(APPLY, "C/n1"),
        split(APPLY, "A/shop/web", "B/shop/web"),
    ],
    ids=["a group is gone", "a series is gone", "a series is elsewhere", "nothing would stay"],
)
def test_what_no_longer_fits_is_let_go_and_counted(told: Regrouping) -> None:
    bench, *_ = three()
    before = list(bench.events)
    review(bench, told)
    assert (bench.events, bench.stage.suggestions.outdated) == (before, 1)


def test_a_suggestion_is_told_once_and_kept_as_it_was_made_last() -> None:
    bench, *_ = three()
    review(bench, merge(SUGGEST))
    review(bench, merge(0.85), seconds=120)
    assert sum(isinstance(event, Suggested) for event in bench.events) == 2
    (made,) = suggested(bench)
    assert (made.at, made.seen_at, made.told.confidence) == (at(60), at(120), 0.85)


@pytest.mark.parametrize(("seconds", "left"), [(1500, 1), (1861, 0)], ids=["lately made", "not made again"])
def test_a_suggestion_ends_when_it_is_not_made_again(seconds: float, left: int) -> None:
    bench, *_ = three()
    review(bench, merge(SUGGEST))
    review(bench, seconds=seconds)
    assert len(suggested(bench)) == left


def test_a_suggestion_ends_with_its_group() -> None:
    bench, *_ = three()
    review(bench, merge(SUGGEST))
    bench.stage.retire([2], at(3600))
    assert suggested(bench) == []


def test_no_more_is_kept_than_is_allowed() -> None:
    bench, *_ = three(max_suggestions=1)
    review(bench, merge(SUGGEST), split(SUGGEST, "B/shop/web"))
    assert [made.number for made in suggested(bench)] == [2]
    assert bench.stage.suggestions.dropped == 1


@pytest.mark.parametrize(
    ("told", "action"),
    [(merge(SUGGEST), Action.MERGE), (split(SUGGEST, "B/shop/web"), Action.SPLIT)],
    ids=["merge", "split"],
)
def test_what_is_accepted_is_a_judgement_as_any_other(told: Regrouping, action: Action) -> None:
    bench, *_ = three()
    review(bench, told)
    answer(bench, Action.ACCEPT)
    assert bench.events[-1].actor == "ann"  # type: ignore[union-attr]
    (table,) = (table for table in bench.stage.tables if table.table == "correlate_judgement")
    assert [judgement.action for judgement in table.values()] == [action]
    assert suggested(bench) == []


@pytest.mark.parametrize("told", [merge(SUGGEST), split(SUGGEST, "B/shop/web")], ids=["merge", "split"])
def test_what_is_dismissed_is_not_made_again(told: Regrouping) -> None:
    bench, *_ = three()
    review(bench, told)
    answer(bench, Action.DISMISS)
    bench.restart()
    review(bench, told, seconds=120)
    assert (suggested(bench), bench.stage.suggestions.barred) == ([], 1)


def test_the_oldest_dismissal_makes_room() -> None:
    bench, *_ = three(max_dismissed=1)
    review(bench, merge(SUGGEST), split(SUGGEST, "B/shop/web"))
    answer(bench, Action.DISMISS, 1)
    answer(bench, Action.DISMISS, 2)
    review(bench, merge(SUGGEST), seconds=120)
    assert len(suggested(bench)) == 1
    assert bench.stage.suggestions.dropped == 1


@pytest.mark.parametrize(("number", "group"), [(2, 1), (1, 2)], ids=["no such number", "another group's"])
def test_an_answer_to_what_was_not_asked_is_refused(number: int, group: int) -> None:
    bench, *_ = three()
    review(bench, split(SUGGEST, "B/shop/web"))
    with pytest.raises(BadCommand, match="is not made here"):
        answer(bench, Action.ACCEPT, number, group)


def test_a_restart_between_look_and_decision_decides_the_same() -> None:
    ends = []
    for pause in (Bench.restart, lambda _: None):
        bench, *_ = three()
        review(bench, split(SUGGEST, "B/shop/web"))
        _pause(pause, bench)
        review(bench, merge(APPLY), seconds=120)
        ends.append((bench.of, [type(event) for event in bench.events], suggested(bench)))
    assert ends[0] == ends[1]


def _pause(pause: Callable[[Bench], None], bench: Bench) -> None:
    pause(bench)


SERIES = ("A/shop/web", "B/shop/web", "A/shop/db", "B/shop/db", "C/n1")
words = st.tuples(
    st.sampled_from([Action.MERGE, Action.SPLIT, Action.UNRELATED, Action.MOVE]),
    st.sampled_from(SERIES),
    st.sampled_from(SERIES),
)
looks = st.tuples(st.sampled_from(RegroupKind), st.sets(st.sampled_from(SERIES), min_size=1, max_size=4))


@settings(deadline=None, max_examples=150)
@given(st.lists(words, max_size=4), st.lists(looks, max_size=4))
def test_nothing_that_people_spoke_of_is_put_together_or_parted(
    said: list[tuple[Action, str, str]], told: list[tuple[RegroupKind, set[str]]]
) -> None:
    bench = Bench(window_s=10.0, session_s=0.0)
    for number, name in enumerate(SERIES):
        kind, *where = name.split("/")
        labels = {"namespace": where[0], "service": where[1]} if len(where) > 1 else {"node": where[0]}
        bench.feed(fires(number * 20.0, kind, **labels))
    for action, a, b in said:
        if a != b:
            say(bench, action, a, b)
    before = {(a, b): bench.of[a] == bench.of[b] for _, a, b in said}
    for kind, series in told:
        groups = tuple(sorted({bench.of[one] for one in series}))
        if len(groups) == (2 if kind is RegroupKind.MERGE else 1):
            review(bench, proposal(kind, groups, tuple(sorted(series)), APPLY), seconds=200)
    assert {(a, b): bench.of[a] == bench.of[b] for _, a, b in said} == before
