"""What people say is applied, remembered and not undone."""

from collections.abc import Callable, Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alertmesh.core.entries import Action, Command, Feedback
from alertmesh.core.errors import BadCommand
from alertmesh.core.group import GroupsMerged, GroupsParted, GroupSplit, RootMarked, SeriesMoved
from alertmesh.core.judgement import Judgement, Party
from alertmesh.core.series import Change, ChangeKind, Series
from alertmesh.correlate.settings import LearnedSettings
from tests.correlate.fakes import Bench, at, clears, fires, series, turned

WEB = {"namespace": "shop", "service": "web"}


def said(action: Action, a: str, b: str = "", seconds: float = 60, past: bool = False) -> Feedback:
    return Feedback(action=action, actor="ann", at=at(seconds), a=a, b=b, names=("A", "B"), past=past)


def asked(action: Action, **args: str) -> Command:
    return Command(action=action, incident=1, actor="ann", at=at(60), args=args)


def tell(bench: Bench, entry: Feedback) -> None:
    bench.follow(bench.stage.feedback(entry, entry.at))


def ask(bench: Bench, command: Command, group: int, other: int | None = None) -> None:
    bench.follow(bench.stage.command(command, group, other, command.at))


def judged(bench: Bench) -> list[Judgement]:
    (table,) = (table for table in bench.stage.tables if table.table == "correlate_judgement")
    return [table[number] for number in sorted(table)]


def three() -> tuple[Bench, Change, Change, Change]:
    """Two series in group 1, and one in group 2 that has nothing to do with them."""
    bench = Bench()
    one, other, far = fires(0, "A", **WEB), fires(1, "B", **WEB), fires(2, "C", node="n1")
    bench.feed(one, other, far)
    assert bench.together(one, other)
    assert not bench.together(one, far)
    return bench, one, other, far


@pytest.mark.parametrize("order", [("A/shop/web", "C/n1"), ("C/n1", "A/shop/web")], ids=["to", "fro"])
def test_two_series_said_to_belong_together_make_their_groups_one(order: tuple[str, str]) -> None:
    bench, one, other, far = three()
    tell(bench, said(Action.MERGE, *order))
    assert bench.together(one, other, far)
    event = bench.events[-1]
    assert isinstance(event, GroupsMerged)
    assert (event.winner, event.actor) == (1, "ann")


def test_what_is_together_already_is_remembered_and_nothing_more() -> None:
    bench, one, other, _ = three()
    assert bench.stage.feedback(said(Action.MERGE, one.series.id, other.series.id), at(60)) == []
    (judgement,) = judged(bench)
    assert (judgement.left, judgement.groups) == ((Party("A/shop/web", "A", "web"),), (1, 1))


def test_a_series_that_was_joined_goes_back_though_it_was_clear_for_long() -> None:
    bench, one, _, far = three()
    tell(bench, said(Action.MERGE, one.series.id, far.series.id))
    bench.feed(clears(far, 70), turned(5000, far.series, ChangeKind.OPENED))
    assert bench.together(one, far)


def test_without_a_word_it_would_not_have_gone_back() -> None:
    bench, one, other, _ = three()
    bench.feed(clears(one, 70), clears(other, 70), turned(5000, one.series, ChangeKind.OPENED))
    assert not bench.together(one, other)


def test_what_was_joined_is_judged_anew_once_all_of_it_was_clear_for_long() -> None:
    bench, one, other, far = three()
    tell(bench, said(Action.MERGE, one.series.id, far.series.id))
    bench.feed(*(clears(each, 70) for each in (one, other, far)))
    bench.restart()
    bench.feed(turned(5000, far.series, ChangeKind.OPENED))
    assert not bench.together(one, far)
    bench.feed(turned(5001, one.series, ChangeKind.OPENED))
    assert not bench.together(one, far)


def test_what_was_joined_goes_back_after_a_short_quiet() -> None:
    bench, one, other, far = three()
    tell(bench, said(Action.MERGE, one.series.id, far.series.id))
    bench.feed(*(clears(each, 70) for each in (one, other, far)))
    bench.feed(turned(1500, far.series, ChangeKind.OPENED))
    assert bench.together(one, far)


def test_a_root_that_was_named_stays_though_its_alert_was_clear_for_long() -> None:
    bench, one, other, _ = three()
    ask(bench, asked(Action.ROOT, series=one.series.id), 1)
    bench.feed(clears(one, 70), turned(5000, one.series, ChangeKind.OPENED))
    assert bench.together(one, other)
    assert bench.stage.causes(1)[0].reason == "ann said so"


def test_what_was_split_off_is_judged_anew_when_it_comes_back() -> None:
    bench, one, other, _ = three()
    tell(bench, said(Action.SPLIT, one.series.id, other.series.id))
    assert not bench.stage._people.is_placed(other.series.id)


def parted_for(seconds: float) -> bool:
    """Tell whether two that were parted, and cleared, are still apart so long after."""
    bench, one, other, _ = three()
    tell(bench, said(Action.SPLIT, one.series.id, other.series.id))
    bench.feed(clears(one, 70), clears(other, 70))
    bench.stage.retire(set(bench.of.values()), at(3600))
    bench.restart()
    later = (turned(seconds, each.series, ChangeKind.OPENED) for each in (one, other))
    bench.feed(*later)
    return not bench.together(one, other)


def test_what_was_parted_stays_apart_for_a_day_and_is_judged_anew_then() -> None:
    assert parted_for(86_000)
    assert not parted_for(87_000)


def test_a_split_of_two_series_takes_the_second_out() -> None:
    bench, one, other, _ = three()
    tell(bench, said(Action.SPLIT, one.series.id, other.series.id))
    event = bench.events[-1]
    assert event == GroupSplit(group=1, part=3, series=(other.series.id,), at=at(60), actor="ann")


def test_unrelated_takes_the_first_out() -> None:
    bench, one, other, _ = three()
    tell(bench, said(Action.UNRELATED, one.series.id, other.series.id))
    assert bench.events[-1].series == (one.series.id,)  # type: ignore[union-attr]


@pytest.mark.parametrize("action", [Action.SPLIT, Action.UNRELATED])
def test_what_is_apart_already_is_kept_apart(action: Action) -> None:
    bench, one, _, far = three()
    tell(bench, said(action, one.series.id, far.series.id))
    assert isinstance(bench.events[-1], GroupsParted)
    link = fires(70, "Link", peer="web", service="x", node="n1")
    bench.feed(link)
    assert not bench.together(one, far)


def test_a_split_of_one_series_parts_no_others() -> None:
    bench, one, other, _ = three()
    more = fires(3, "D", **WEB)
    bench.feed(more)
    tell(bench, said(Action.SPLIT, one.series.id, other.series.id))
    assert bench.together(one, more)
    assert not bench.together(one, other)


def test_a_merge_lifts_the_split_of_just_that_pair() -> None:
    bench, one, other, far = three()
    bench.follow(bench.stage.command(asked(Action.UNRELATED, other="2"), 1, 2, at(60)))
    bench.stage.retire([1, 2], at(3600))
    tell(bench, said(Action.MERGE, one.series.id, far.series.id))
    bench.stage.restored()
    again = [turned(90, change.series, ChangeKind.OPENED) for change in (one, other, far)]
    bench.feed(again[2], again[1])
    tell(bench, said(Action.MERGE, other.series.id, one.series.id, seconds=95))
    verdicts = bench.stage._memory.verdicts
    assert set(verdicts.of(other.series.id)) == set(verdicts.of(far.series.id)) != set()
    assert verdicts.of(one.series.id) == {}


def test_what_belongs_with_a_series_that_is_split_off_goes_along() -> None:
    bench, one, other, far = three()
    tell(bench, said(Action.MERGE, other.series.id, far.series.id))
    tell(bench, said(Action.SPLIT, one.series.id, other.series.id))
    assert bench.together(other, far)
    assert not bench.together(one, other)


def test_what_was_joined_by_way_of_others_can_be_split() -> None:
    bench, one, other, far = three()
    tell(bench, said(Action.MERGE, one.series.id, far.series.id))
    tell(bench, said(Action.MERGE, far.series.id, other.series.id))
    tell(bench, said(Action.SPLIT, one.series.id, other.series.id))
    assert bench.together(one, far)
    assert not bench.together(one, other)


@pytest.mark.parametrize("parted", ["A/shop/web", "B/shop/web"])
def test_a_merge_of_two_series_leaves_out_what_does_not_belong(parted: str) -> None:
    """One of group 1 has nothing to do with C; the other is then joined with it."""
    bench, one, other, far = three()
    joined = one if parted == other.series.id else other
    tell(bench, said(Action.UNRELATED, parted, far.series.id))
    tell(bench, said(Action.MERGE, joined.series.id, far.series.id))
    assert bench.together(joined, far)
    assert bench.of[parted] != bench.of[far.series.id]


def test_a_merge_of_a_series_leaves_its_group_where_that_does_not_belong() -> None:
    bench, one, other, far = three()
    more = fires(3, "D", node="n1")
    bench.feed(more)
    tell(bench, said(Action.UNRELATED, one.series.id, more.series.id))
    tell(bench, said(Action.MERGE, one.series.id, far.series.id))
    assert bench.together(one, other, far)
    assert not bench.together(far, more)
    assert isinstance(bench.events[-1], SeriesMoved)


def test_a_move_puts_a_series_into_another_group_and_says_why() -> None:
    bench, _, other, far = three()
    tell(bench, said(Action.MOVE, other.series.id, far.series.id))
    event = bench.events[-1]
    assert isinstance(event, SeriesMoved)
    assert (event.group, event.into, event.series) == (1, 2, (other.series.id,))
    assert event.joins[0].reasons[0].text == "ann put it here"


def test_what_was_moved_does_not_come_back_to_where_it_was() -> None:
    bench, one, other, far = three()
    tell(bench, said(Action.MOVE, other.series.id, far.series.id))
    bench.feed(clears(other, 70), turned(5000, other.series, ChangeKind.OPENED))
    assert bench.stage.join_of(other.series.id).score == 1.0  # type: ignore[union-attr]
    bench.feed(*(fires(5001 + n, f"D{n}", node="n1", **WEB) for n in range(4)))
    bench.restart()
    assert bench.of[other.series.id] == bench.of[far.series.id] != bench.of[one.series.id]


def test_the_last_of_a_group_that_is_moved_takes_the_group_along() -> None:
    bench, one, _, far = three()
    tell(bench, said(Action.MOVE, far.series.id, one.series.id))
    event = bench.events[-1]
    assert isinstance(event, GroupsMerged)
    assert (event.winner, event.loser) == (1, 2)


def test_a_move_of_an_incident_without_a_goal_begins_a_group() -> None:
    bench, one, other, _ = three()
    ask(bench, asked(Action.MOVE, series=other.series.id), 1)
    assert not bench.together(one, other)
    assert [(one.action, len(one.behind)) for one in judged(bench)] == [(Action.MOVE, 0)]


def test_a_move_of_an_incident_remembers_what_it_left_and_what_it_joined() -> None:
    bench, one, other, far = three()
    ask(bench, asked(Action.MOVE, series=other.series.id, into="2"), 1, 2)
    (judgement,) = judged(bench)
    parties = (judgement.left, judgement.right, judgement.behind)
    assert [[party.series for party in side] for side in parties] == [
        [other.series.id],
        [far.series.id],
        [one.series.id],
    ]


def test_a_marked_root_is_first_with_all_confidence() -> None:
    bench, _, other, _ = three()
    tell(bench, said(Action.ROOT, other.series.id, "tor-3"))
    first = bench.stage.causes(1)[0]
    assert (first.entity, first.series, first.score) == ("tor-3", other.series.id, 1.0)
    assert first.reason == "ann said so"
    assert [event.entity for event in bench.events if isinstance(event, RootMarked)] == ["tor-3"]


def test_a_root_without_a_name_is_what_the_series_is_about() -> None:
    bench, one, *_ = three()
    tell(bench, said(Action.ROOT, one.series.id))
    assert [cause.entity for cause in bench.stage.causes(1)].count("web") == 1
    assert bench.stage.causes(1)[0].entity == "web"


@pytest.mark.parametrize(("entity", "series"), [("web", "A/shop/web"), ("n1", "C/n1"), ("nobody-knows", "")])
def test_a_root_of_an_incident_may_be_named_alone(entity: str, series: str) -> None:
    bench, one, _, far = three()
    tell(bench, said(Action.MERGE, one.series.id, far.series.id))
    ask(bench, asked(Action.ROOT, entity=entity), 1)
    first = bench.stage.causes(1)[0]
    assert (first.entity, first.series) == (entity, series)


def test_the_root_said_last_counts_and_goes_along_with_a_merge_and_a_restart() -> None:
    bench, one, _, far = three()
    tell(bench, said(Action.ROOT, one.series.id, "first"))
    tell(bench, said(Action.ROOT, far.series.id, "second"))
    tell(bench, said(Action.MERGE, one.series.id, far.series.id))
    bench.restart()
    assert bench.stage.causes(1)[0].entity == "second"


def test_a_mark_ends_with_its_group() -> None:
    bench, one, *_ = three()
    tell(bench, said(Action.ROOT, one.series.id, "tor-3"))
    bench.stage.retire([1], at(3600))
    bench.feed(turned(70, one.series, ChangeKind.OPENED))
    group = bench.of[one.series.id]
    assert [cause.entity for cause in bench.stage.causes(group)] == ["web"]


@pytest.mark.parametrize("action", [Action.MERGE, Action.SPLIT, Action.MOVE, Action.ROOT, Action.UNRELATED])
def test_a_word_on_what_nobody_knows_is_remembered(action: Action) -> None:
    bench, *_ = three()
    tell(bench, said(action, "gone", "gone too"))
    (judgement,) = judged(bench)
    assert (judgement.action, judgement.groups) == (action, (0, 0))
    assert "gone" in {party.series for party in (*judgement.left, *judgement.right)}
    assert {party.name for party in (*judgement.left, *judgement.right)} <= {"A", "B"}


@pytest.mark.parametrize("action", [Action.MERGE, Action.SPLIT, Action.MOVE, Action.ROOT, Action.UNRELATED])
def test_a_word_on_what_is_past_changes_no_group(action: Action) -> None:
    bench, one, _, far = three()
    before = dict(bench.of)
    tell(bench, said(action, one.series.id, far.series.id, past=True))
    assert (bench.of, len(judged(bench))) == (before, 1)


NONSENSE: list[tuple[str, Callable[[Bench], object]]] = [
    ("not-for-series", lambda bench: bench.stage.feedback(said(Action.ACK, "A/shop/web"), at(60))),
    ("one-alone", lambda bench: bench.stage.feedback(said(Action.MERGE, "A/shop/web"), at(60))),
    ("alone", lambda bench: bench.stage.feedback(said(Action.MOVE, "C/n1"), at(60))),
    ("alone-too", lambda bench: bench.stage.feedback(said(Action.UNRELATED, "C/n1"), at(60))),
    ("no-root", lambda bench: ask(bench, asked(Action.ROOT), 1)),
    ("strange-root", lambda bench: ask(bench, asked(Action.ROOT, series="C/n1"), 1)),
    ("moved-nothing", lambda bench: ask(bench, asked(Action.MOVE), 1)),
    ("moved-to-itself", lambda bench: ask(bench, asked(Action.MOVE, series="A/shop/web", into="1"), 1, 1)),
    ("moved-alone", lambda bench: ask(bench, asked(Action.MOVE, series="C/n1"), 2)),
    ("unrelated-to-nothing", lambda bench: ask(bench, asked(Action.UNRELATED), 1)),
    ("unrelated-to-itself", lambda bench: ask(bench, asked(Action.UNRELATED, other="1"), 1, 1)),
]


@pytest.mark.parametrize("deed", [deed for _, deed in NONSENSE], ids=[name for name, _ in NONSENSE])
def test_nonsense_is_refused_and_not_remembered(deed: Callable[[Bench], object]) -> None:
    bench, *_ = three()
    with pytest.raises(BadCommand):
        deed(bench)
    assert judged(bench) == []


def test_a_series_is_not_parted_from_itself_for_good() -> None:
    bench, one, other, _ = three()
    tell(bench, said(Action.SPLIT, one.series.id, one.series.id))
    bench.stage.retire([1, 3], at(3600))
    tell(bench, said(Action.SPLIT, one.series.id, one.series.id))
    assert bench.stage._memory.verdicts.of(one.series.id) == {}
    assert not bench.together(one, other)


def test_no_more_judgements_are_kept_than_set() -> None:
    bench = Bench(max_judgements=3)
    for number in range(5):
        tell(bench, said(Action.MERGE, f"a{number}", "b"))
    assert [one.left[0].series for one in judged(bench)] == ["a2", "a3", "a4"]
    assert bench.stage.dropped == 2


def test_no_more_verdicts_hold_than_set_and_the_groups_forget_them_too() -> None:
    bench, one, _, far = three()
    bench = Bench(max_verdicts=1)
    bench.feed(one, far)
    tell(bench, said(Action.SPLIT, one.series.id, far.series.id))
    tell(bench, said(Action.SPLIT, "x", "y"))
    assert bench.stage.dropped == 1
    bench.feed(fires(70, "Link", peer="web", service="x", node="n1", namespace="shop"))
    assert bench.stage._memory.home(one.series.id).sides == {}  # type: ignore[union-attr]


POOL = [
    *({"namespace": space, "service": service} for space in "ab" for service in "xy"),
    *({"node": node, "rack": "r"} for node in ("n1", "n2", "n3")),
    {"namespace": "a", "service": "x", "peer": "y"},
    {"namespace": "b", "pod": "y-5d4f8c7b9d-x2x7k", "node": "n1"},
    {"rack": "r"},
]
ALERT = st.tuples(
    st.just("alert"),
    st.sampled_from(["Down", "Slow"]),
    st.sampled_from(POOL),
    st.sampled_from([0, 5, 20, 200]),
)
WORD = st.tuples(
    st.just("word"),
    st.sampled_from([Action.MERGE, Action.SPLIT, Action.MOVE, Action.UNRELATED]),
    st.integers(0, 99),
    st.integers(0, 99),
)
RETURN = st.tuples(st.just("return"), st.integers(0, 99))
RETIRE = st.tuples(st.just("retire"), st.integers(0, 99))
RESTART = st.tuples(st.just("restart"))
STEP = st.one_of(ALERT, ALERT, ALERT, ALERT, WORD, WORD, WORD, RETURN, RETURN, RETIRE, RESTART)
STORM = st.lists(STEP, min_size=40, max_size=80)


class Witness:
    """Remember what people said last of each pair, and hold the groups against it."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.together: set[frozenset[str]] = set()
        self.apart: set[frozenset[str]] = set()

    def heard(self, action: Action, a: str, b: str, staying: set[str]) -> None:
        pair = frozenset((a, b))
        if action is Action.MERGE:
            self.together.add(pair)
            bound = self.bound(a)
            self.apart = {one for one in self.apart if not one <= bound}
        elif action is Action.MOVE:
            self.together = {one for one in self.together if not (a in one and one & staying)} | {pair}
            mates = {one for one, group in self.bench.of.items() if group == self.bench.of[a]}
            self.apart = {one for one in self.apart if not (a in one and one <= mates)}
            self.apart |= {frozenset((a, other)) for other in staying}
        else:
            leaving, stays = (b, a) if action is Action.SPLIT else (a, b)
            if stays in self.bound(leaving):
                self.together = {one for one in self.together if leaving not in one}
            self.apart.add(pair)

    def bound(self, series: str) -> set[str]:
        """Return what people said belongs with a series, directly or by way of others."""
        found = {series}
        while more := {one for pair in self.together if pair & found for one in pair} - found:
            found |= more
        return found

    def retired(self, gone: set[str]) -> None:
        self.together = {pair for pair in self.together if not pair & gone}

    def check(self) -> None:
        of = self.bench.of
        assert [pair for pair in self.together if len({of[one] for one in pair}) != 1] == []
        live = [pair for pair in self.apart if all(one in of for one in pair)]
        assert [pair for pair in live if len({of[one] for one in pair}) != 2] == []


class Storm:
    """Play a storm of alerts, words, ends of groups and restarts; after each step, every word must hold."""

    def __init__(self) -> None:
        ever = LearnedSettings(home_s=1e9)
        self.bench = Bench(session_s=120, renew_s=30, apart_s=1e9, learned=ever)
        self.witness = Witness(self.bench)
        self.moment = 0.0
        self.firing: set[str] = set()
        self.known: dict[str, Series] = {}

    def play(self, storm: Iterable[tuple[object, ...]]) -> "Storm":
        for step in storm:
            match step:
                case ("alert", str(name), dict(labels), int(pause)):
                    self.moment += pause
                    self._alert(series(name, **labels))
                case ("word", Action() as action, int(left), int(right)):
                    known = sorted(self.bench.of) or [""]
                    self._word(action, known[left % len(known)], known[right % len(known)])
                case ("return", int(which)) if self.known:
                    one = self.known[sorted(self.known)[which % len(self.known)]]
                    for _ in range(2 + (one.id in self.firing)):
                        self.moment += 100
                        self._alert(one)
                case ("retire", int(which)):
                    groups = sorted(set(self.bench.of.values())) or [0]
                    self._retire(groups[which % len(groups)])
                case ("restart",):
                    self.bench.restart()
            self.witness.check()
        return self

    def _alert(self, one: Series) -> None:
        self.known[one.id] = one
        kind = ChangeKind.CLEARED if one.id in self.firing else ChangeKind.OPENED
        self.firing ^= {one.id}
        self.bench.feed(turned(self.moment, one, kind))

    def _word(self, action: Action, a: str, b: str) -> None:
        of = self.bench.of
        if a == b:
            return
        staying = {one for one, group in of.items() if group == of[a]} - {a}
        moved = action is Action.MOVE and of[a] != of[b]
        tell(self.bench, said(action, a, b, self.moment))
        self.witness.heard(action, a, b, staying if moved else set())

    def _retire(self, group: int) -> None:
        gone = {one for one, at_group in self.bench.of.items() if at_group == group}
        self.bench.stage.retire([group], at(3600))
        for one in gone:
            del self.bench.of[one]
        self.firing -= gone
        self.witness.retired(gone)


@settings(max_examples=200, deadline=None)
@given(STORM)
def test_no_storm_undoes_what_people_said(storm: list[tuple[object, ...]]) -> None:
    Storm().play(storm)


@settings(max_examples=50, deadline=None)
@given(STORM)
def test_a_restart_between_words_changes_nothing(storm: list[tuple[object, ...]]) -> None:
    broken, whole = Storm().play(storm).bench, Storm().play(s for s in storm if s != ("restart",)).bench
    assert broken.events == whole.events
    groups = sorted(set(whole.of.values()))
    assert [broken.stage.causes(n) for n in groups] == [whole.stage.causes(n) for n in groups]


def test_a_group_that_its_last_series_left_has_no_root() -> None:
    bench, one = Bench(), fires(0, "A", service="web")
    bench.feed(one)
    memory = bench.stage._memory
    memory.leave(one.series.id, memory.members[one.series.id])
    with pytest.raises(BadCommand, match="nothing is left"):
        ask(bench, asked(Action.ROOT, entity="web"), 1)
