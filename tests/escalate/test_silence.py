"""The book of silences and windows: what holds when."""

from datetime import time

import pytest
from msgspec.structs import replace

from alertmesh.core.errors import BadCommand, StaleCommand
from alertmesh.core.silence import Condition, Silence, SilenceState, Window
from alertmesh.escalate.silence import SilenceBook, SilenceSettings
from tests.escalate.fakes import T0, after


def silence(id: str = "s1", start: float = 0, end: float = 60, **changes) -> Silence:
    base = Silence(
        id=id,
        matchers=(Condition("team", "=", "db"),),
        starts_at=after(start),
        ends_at=after(end),
        created_by="ann",
        comment="disk swap",
        updated_at=T0,
    )
    return replace(base, **changes)


@pytest.fixture
def book() -> SilenceBook:
    return SilenceBook(SilenceSettings(max_silences=2))


def holding(book: SilenceBook) -> list[str]:
    return [cover.id for cover in book.active()]


def test_a_silence_holds_at_once(book):
    turn = book.set(silence(), "", T0)
    assert [cover.text for cover in turn.started] == ["silence s1 (disk swap)"]
    assert (holding(book), book.deadline()) == (["s1"], after(60))


def test_a_silence_of_the_future_waits(book):
    assert book.set(silence(start=10), "", T0).started == []
    assert book.deadline() == after(10)
    assert [cover.id for cover in book.turn().started] == ["s1"]


def test_a_silence_ends(book):
    book.set(silence(), "", T0)
    assert book.turn().ended == ["s1"]
    assert holding(book) == []


def test_what_is_over_is_kept_for_a_while(book):
    book.set(silence(), "", T0)
    book.turn()
    assert book.silence("s1") is not None
    book.turn()
    assert (book.silence("s1"), book.deadline()) == (None, None)


def test_a_longer_end_is_no_second_silence(book):
    book.set(silence(), "", T0)
    turn = book.set(silence(end=90), "", after(5))
    assert ([cover.until for cover in turn.started], turn.ended) == ([after(90)], [])
    assert book.deadline() == after(90)


def test_what_replaces_another_ends_it(book):
    book.set(silence(), "", T0)
    turn = book.set(silence("s2"), "s1", after(5))
    assert (turn.ended, holding(book)) == (["s1"], ["s2"])
    assert book.silence("s1").ends_at == after(5)


def test_an_end_before_its_time(book):
    book.set(silence(), "", T0)
    assert book.expire("s1", after(5)).ended == ["s1"]
    assert book.silence("s1").state(after(5)) is SilenceState.EXPIRED


@pytest.mark.parametrize("id", ["s1", "other"])
def test_only_what_is_not_over_can_be_ended(book, id):
    book.set(silence(), "", T0)
    book.turn()
    with pytest.raises(BadCommand, match=id):
        book.expire(id, after(70))


def test_what_was_ended_meanwhile_does_not_come_back(book):
    book.set(silence(), "", T0)
    book.expire("s1", after(5))
    with pytest.raises(StaleCommand, match="over since"):
        book.set(silence(end=90), "", after(5))
    assert (holding(book), book.silence("s1").ends_at) == ([], after(5))


def test_what_covers_something_else_by_now_stays_as_it_is(book):
    book.set(silence(), "", T0)
    with pytest.raises(StaleCommand, match="something else"):
        book.set(silence(matchers=(Condition("team", "=", "web"),)), "", after(5))
    assert book.silence("s1") == silence()


def test_a_silence_in_the_past_is_refused(book):
    with pytest.raises(BadCommand, match="ends_at"):
        book.set(silence(), "", after(60))


def test_too_many_are_refused_unless_one_is_over(book):
    book.set(silence("s1", end=5), "", T0)
    book.set(silence("s2"), "", T0)
    with pytest.raises(BadCommand, match="2 silences"):
        book.set(silence("s3"), "", T0)
    book.turn()
    book.set(silence("s3"), "", after(6))
    assert (book.silence("s1"), holding(book)) == (None, ["s2", "s3"])


@pytest.mark.parametrize(
    ("changes", "now", "possible"),
    [
        pytest.param({"ends_at": after(90)}, 5, True, id="end-of-active"),
        pytest.param({"starts_at": after(6)}, 5, False, id="start-of-active"),
        pytest.param({"matchers": (Condition("team", "=", "web"),)}, 5, False, id="matchers"),
        pytest.param({"starts_at": after(-1)}, -5, True, id="start-of-pending"),
        pytest.param({"ends_at": after(90)}, 70, False, id="expired"),
    ],
)
def test_what_may_be_changed_in_place(changes, now, possible):
    assert silence().takes(silence(**changes), after(now)) is possible


NIGHT = Window(name="night", matchers='team="db"', begins=time(11), ends=time(12))


def test_a_window_comes_and_goes_each_day(book):
    book.adopt([NIGHT])
    assert book.place(T0).started == []
    assert [cover.text for cover in book.turn().started] == ["maintenance night"]
    assert book.turn().ended == ["maintenance/night"]
    assert book.deadline() == after(25 * 60)


def test_a_window_without_a_gap_never_ends(book):
    book.adopt([replace(NIGHT, begins=time(0), ends=time(0))])
    book.place(T0)
    turn = book.turn()
    assert ([cover.id for cover in turn.started], turn.ended) == (["maintenance/night"], [])


def test_a_reload_leaves_alone_what_stayed_the_same(book):
    book.adopt([replace(NIGHT, begins=time(9)), replace(NIGHT, name="gone", begins=time(9))])
    book.place(T0)
    book.adopt([replace(NIGHT, begins=time(9)), replace(NIGHT, name="new", begins=time(9))])
    turn = book.place(after(1))
    assert ([cover.id for cover in turn.started], turn.ended) == (["maintenance/new"], ["maintenance/gone"])


def test_what_an_older_version_took_and_this_one_refuses_holds_and_hides_nothing(book):
    old = Condition("alertname", "!~", "(?!Disk).*")
    book.adopt([replace(NIGHT, begins=time(9), matchers=f'{old.name}{old.op}"{old.value}"')])
    book.place(T0)
    book.set(silence(matchers=(old,)), "", T0)
    assert holding(book) == ["s1", "maintenance/night"]
    assert not any(one.matches({"alertname": "Cpu"}) for cover in book.active() for one in cover.matchers)


def test_a_restart_takes_up_the_times(book):
    book.adopt([NIGHT])
    book.place(T0)
    book.set(silence(end=30), "", T0)
    again = SilenceBook(SilenceSettings())
    for table, before in zip(again.tables, book.tables, strict=True):
        table.restore((row.key, row.body) for row in before.drain())
    again.restored()
    again.adopt([NIGHT])
    assert again.place(after(1)).started == []
    assert (holding(again), again.deadline()) == (["s1"], after(30))
