"""What every store must do."""

import asyncio
import itertools
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alertmesh.core.errors import StoreUnavailable
from alertmesh.core.page import AttemptState
from alertmesh.core.ports import AuditEntry, Batch, Count, Store
from alertmesh.core.records import Row
from alertmesh.store import SqliteStore
from tests.store.makers import START, attempt, line, moment, row, rows, ticks


async def test_log_numbers_grow_by_one_in_order_of_writing(store: Store) -> None:
    assert [await store.write(Batch(entries=ticks(1, 2))), await store.write(Batch(entries=ticks(3)))] == [
        2,
        3,
    ]
    assert [(e.seq, e.entry) for e in store.tail(0, 9)] == list(enumerate(ticks(1, 2, 3), 1))


async def test_a_batch_without_entries_answers_zero(store: Store) -> None:
    await store.write(Batch(entries=ticks(1)))
    assert await store.write(rows("a")) == 0


async def test_tail_starts_after_a_number_and_stops_at_its_limit(store: Store) -> None:
    await store.write(Batch(entries=ticks(*range(10))))
    assert [entry.seq for entry in store.tail(3, 4)] == [4, 5, 6, 7]


async def test_the_cursor_is_the_last_one_written(store: Store) -> None:
    before = store.cursor()
    await store.write(Batch(cursor=7))
    await store.write(rows("a"))
    assert (before, store.cursor()) == (0, 7)


async def test_a_row_is_replaced_by_a_later_one(store: Store) -> None:
    await store.write(Batch(rows=[row("a", b"1"), row("b", b"1")]))
    await store.write(Batch(rows=[row("a", b"2")]))
    assert list(store.rows("t")) == [("a", b"2"), ("b", b"1")]


async def test_a_row_without_body_is_deleted(store: Store) -> None:
    await store.write(rows("a", "b"))
    await store.write(Batch(rows=[row("a", None)]))
    assert (list(store.rows("t")), store.row("t", "a")) == ([("b", b"x")], None)


async def test_a_row_put_again_after_its_deletion_is_the_newest(store: Store) -> None:
    await store.write(rows("a", "b"))
    await store.write(Batch(rows=[row("a", None), row("a", b"2")]))
    assert list(store.rows("t")) == [("b", b"x"), ("a", b"2")]


async def test_an_archived_row_is_read_by_key_but_is_not_live(store: Store) -> None:
    await store.write(Batch(rows=[row(1, b"old", live=False)]))
    assert (list(store.rows("t")), store.row("t", 1)) == ([], b"old")


async def test_text_and_number_are_different_keys(store: Store) -> None:
    await store.write(Batch(rows=[row(1, b"number"), row("1", b"text")]))
    assert (store.row("t", 1), store.row("t", "1")) == (b"number", b"text")


async def test_tables_do_not_mix(store: Store) -> None:
    await store.write(Batch(rows=[Row("t", "a", b"t"), Row("u", "a", b"u")]))
    assert (list(store.rows("t")), list(store.rows("u"))) == ([("a", b"t")], [("a", b"u")])


async def test_rows_of_a_large_table_all_come(store: Store) -> None:
    await store.write(rows(*range(4_500)))
    assert [key for key, _ in store.rows("t")] == list(range(4_500))


async def test_several_rows_come_whether_live_or_not(store: Store) -> None:
    await store.write(Batch(rows=[row(number, live=number % 2 > 0) for number in range(2_000)]))
    found = dict(store.several("t", [*range(1, 1_500), 5_000]))
    assert found == dict.fromkeys(range(1, 1500), b"x")


async def test_scan_pages_numeric_keys_newest_first(store: Store) -> None:
    await store.write(Batch(rows=[row(n, live=n % 2 == 0) for n in range(1, 6)] + [row("text")]))
    first = [key for key, _ in store.scan("t", None, 2)]
    assert (first, [key for key, _ in store.scan("t", first[-1], 9)]) == ([5, 4], [3, 2, 1])


@pytest.mark.parametrize(
    ("prefix", "found"),
    [
        pytest.param("7/", ["7/a", "7/b"], id="plain"),
        pytest.param("", ["7", "7/a", "7/b", "70/a", "事", "事件"], id="everything"),
        pytest.param("事", ["事", "事件"], id="chinese"),
        pytest.param("%", [], id="no-wildcards"),
        pytest.param("\U0010ffff", [], id="last-character"),
    ],
)
async def test_prefixed_finds_text_keys_in_order(store: Store, prefix: str, found: list[str]) -> None:
    await store.write(rows("70/a", "7/b", "7", 7, "事件", "事"))
    await store.write(Batch(rows=[row("7/a", live=False)]))
    assert [key for key, _ in store.prefixed("t", prefix)] == found


async def test_timeline_of_one_incident_is_in_order_of_writing(store: Store) -> None:
    await store.write(Batch(timeline=[line(1, "a"), line(2, "b"), line(1, "c")]))
    await store.write(Batch(timeline=[line(1, "d")]))
    lines = store.timeline(1, 0, 9)
    assert [(stored.number, stored.line.text) for stored in lines] == [(1, "a"), (3, "c"), (4, "d")]


async def test_timeline_pages(store: Store) -> None:
    await store.write(Batch(timeline=[line(1, "a"), line(2, "b"), line(1, "c"), line(1, "d")]))
    assert [stored.line.text for stored in store.timeline(1, 1, 1)] == ["c"]
    assert [stored.line.text for stored in store.lines(1, 2)] == ["b", "c"]


async def test_lines_of_a_time_come_in_its_order(store: Store) -> None:
    await store.write(Batch(timeline=[line(1, "d", 9), line(2, "b", 5), line(1, "a", 4), line(1, "c", 5)]))
    found = store.lines_within(moment(4), moment(9))
    assert [(stored.number, stored.line.text) for stored in found] == [(3, "a"), (2, "b"), (4, "c")]


async def test_whoever_has_a_line_in_a_time_is_told_of_as_a_whole(store: Store) -> None:
    await store.write(Batch(timeline=[line(2, "a", 1), line(1, "b", 1), line(3, "c", 9)]))
    await store.write(Batch(timeline=[line(2, "d", 5), line(1, "e", 9), line(2, "f", 9)]))
    found = store.courses(moment(5), moment(9))
    assert [[stored.line.text for stored in course] for course in found] == [["a", "d", "f"]]


async def test_attempts_of_a_time_come_in_its_order(store: Store) -> None:
    await store.write(Batch(attempts=[attempt("c", due_s=8), attempt("d", due_s=9), attempt("b", due_s=5)]))
    await store.write(Batch(attempts=[attempt("a", due_s=4.5)]))
    assert [found.id for found in store.attempts_within(moment(4.5), moment(9))] == ["a", "b", "c"]


async def test_the_attempts_written_last_come_first(store: Store) -> None:
    await store.write(Batch(attempts=[attempt("c"), attempt("a"), attempt("b")]))
    await store.write(Batch(attempts=[attempt("c", due_s=9)]))  # changed, which does not make it newer
    first, *rest = store.newest_attempts(None, 2)
    assert [found.id for _, found in (first, *rest)] == ["b", "a"]
    assert [found.id for _, found in store.newest_attempts(rest[-1][0], 9)] == ["c"]


async def test_an_attempt_is_found_by_its_id(store: Store) -> None:
    await store.write(Batch(attempts=[attempt("a/ding")]))
    found = store.attempt("a/ding")
    assert (found and found.id, store.attempt("a")) == ("a/ding", None)


async def test_another_thread_may_read_while_it_is_written(store: Store) -> None:
    def read() -> int:
        with store.aside() as past:
            return len(list(past.lines_within(moment(0), moment(9))))

    await store.write(Batch(timeline=[line(1, "a")] * 5_000))
    reading = asyncio.ensure_future(asyncio.to_thread(read))
    await store.write(Batch(timeline=[line(1, "b")] * 10))
    assert await reading in (5_000, 5_010)


async def test_an_attempt_is_replaced_in_place(store: Store) -> None:
    await store.write(Batch(attempts=[attempt("a"), attempt("b")]))
    await store.write(Batch(attempts=[attempt("a", AttemptState.SENT)]))
    found = [(stored.id, stored.state) for stored in store.attempts(1)]
    assert found == [("a", AttemptState.SENT), ("b", AttemptState.QUEUED)]


async def test_open_attempts_are_those_that_may_still_leave(store: Store) -> None:
    await store.write(Batch(attempts=[attempt(state.value, state) for state in AttemptState]))
    assert [stored.id for stored in store.open_attempts()] == ["queued", "claimed", "unknown"]


async def test_claimed_since_counts_a_message_once(store: Store) -> None:
    sent = AttemptState.SENT
    claims = [("a", 5, "k1"), ("b", 8, "k1"), ("c", 3, "k0"), ("d", 9, "k2")]
    await store.write(Batch(attempts=[attempt(n, sent, claimed_s=at, key=key) for n, at, key in claims]))
    assert store.claimed_since("ding", moment(5)) == [("k1", moment(8)), ("k2", moment(9))]
    assert store.claimed_since("sms", START) == []


async def test_counts_keep_the_last_value(store: Store) -> None:
    await store.write(Batch(counts=[Count("b", 1, START), Count("a", 5, START)]))
    await store.write(Batch(counts=[Count("b", 2, moment(0.000001))]))
    assert list(store.counts()) == [Count("a", 5, START), Count("b", 2, moment(0.000001))]


async def test_a_counter_of_zero_is_not_kept(store: Store) -> None:
    await store.write(Batch(counts=[Count("a", 5, START), Count("b", 1, START)]))
    await store.write(Batch(counts=[Count("a", 0, START), Count("never", 0, START)]))
    await asyncio.gather(
        store.write(Batch(counts=[Count("b", 0, START)])),
        store.write(Batch(counts=[Count("b", 2, START), Count("c", 1, START)])),
        store.write(Batch(counts=[Count("c", 0, START)])),
    )
    assert list(store.counts()) == [Count("b", 2, START)]


async def test_audit_entries_are_kept_in_order(store: Store) -> None:
    written = [AuditEntry(at=START, actor=name, action="ack", target="1") for name in ("li", "wang")]
    await store.write(Batch(audit=written))
    assert store.audit(0, 9) == list(enumerate(written, 1))


async def test_the_newest_audit_entries_come_first(store: Store) -> None:
    written = [AuditEntry(at=START, actor=name, action="ack", target="1") for name in ("li", "wang", "chen")]
    await store.write(Batch(audit=written))
    first = store.newest_audit(None, 2)
    assert [(number, entry.actor) for number, entry in first] == [(3, "chen"), (2, "wang")]
    assert [entry.actor for _, entry in store.newest_audit(first[-1][0], 9)] == ["li"]
    assert store.newest_audit(1, 9) == []


async def test_only_what_is_on_a_disk_has_a_size(store: Store) -> None:
    before = store.size()
    await store.write(Batch(rows=[row("a", bytes(100_000))]))
    assert (store.size() - before >= 100_000) is isinstance(store, SqliteStore)


@pytest.mark.parametrize(
    "bad",
    [
        pytest.param(Batch(entries=ticks(2), rows=[row(2**70)]), id="key-too-large"),
        pytest.param(Batch(entries=ticks(2), rows=[row("\ud800")]), id="key-no-text"),
        pytest.param(Batch(entries=ticks(2), rows=[row(None)]), id="no-key"),  # type: ignore[arg-type]
        pytest.param(
            Batch(entries=ticks(2), counts=[Count("a", 1, START.replace(tzinfo=None))]), id="no-zone"
        ),
    ],
)
async def test_a_bad_batch_leaves_nothing(store: Store, bad: Batch) -> None:
    await store.write(Batch(entries=ticks(1)))
    with pytest.raises(StoreUnavailable):
        await store.write(bad)
    assert await store.write(Batch(entries=ticks(3))) == 2
    assert [stored.entry for stored in store.tail(0, 9)] == ticks(1, 3)


async def test_a_bad_batch_does_not_spoil_its_neighbours(store: Store) -> None:
    bad = Batch(entries=ticks(99), rows=[row(2**70)])
    batches = [Batch(entries=ticks(1)), bad, Batch(entries=ticks(2))]
    results = await asyncio.gather(*map(store.write, batches), return_exceptions=True)
    assert [results[0], type(results[1]), results[2]] == [1, StoreUnavailable, 2]


async def test_trim_deletes_what_is_old_and_accounted_for(store: Store) -> None:
    await store.write(Batch(entries=ticks(1, 50, 2, 3), cursor=3))
    assert await store.trim(moment(10)) == 2
    assert [stored.seq for stored in store.tail(0, 9)] == [2, 4]


async def test_log_numbers_are_never_given_twice(store: Store) -> None:
    await store.write(Batch(entries=ticks(1, 2), cursor=2))
    await store.trim(START + timedelta(days=1))
    await store.close()
    await store.open()
    assert await store.write(Batch(entries=ticks(3))) == 3


async def test_everything_is_there_after_reopening(store: Store) -> None:
    await store.write(
        Batch(entries=ticks(1), cursor=1, rows=[row("a")], timeline=[line(1, "l")], attempts=[attempt("x")])
    )
    await store.close()
    await store.open()
    found = (store.tail(0, 9)[0].entry, store.cursor(), store.row("t", "a"), len(store.lines(0, 9)))
    assert (*found, store.open_attempts()) == (*ticks(1), 1, b"x", 1, [attempt("x")])


async def test_a_closed_store_takes_nothing(store: Store) -> None:
    await store.close()
    with pytest.raises(StoreUnavailable):
        await store.write(rows("a"))
    await store.open()


async def test_writers_wake_up_in_order_of_their_calls(store: Store) -> None:
    woken: list[int] = []

    async def write(number: int) -> None:
        woken.append(await store.write(Batch(entries=ticks(number))))

    await asyncio.gather(*map(write, range(200)))
    assert woken == list(range(1, 201))


async def test_many_producers_keep_their_own_order(store: Store) -> None:
    async def produce(name: int) -> None:
        for step in range(20):
            await store.write(Batch(entries=ticks(step), timeline=[line(name, str(step))]))

    await asyncio.gather(*map(produce, range(32)))
    texts = [[stored.line.text for stored in store.timeline(name, 0, 99)] for name in range(32)]
    assert texts == [list(map(str, range(20)))] * 32
    assert [stored.seq for stored in store.tail(0, 999)] == list(range(1, 641))


async def test_a_cancelled_writer_does_not_hold_up_the_next(store: Store) -> None:
    task = asyncio.create_task(store.write(Batch(entries=ticks(1))))
    await asyncio.sleep(0)
    task.cancel()
    assert await store.write(Batch(entries=ticks(2))) in {1, 2}


operations = st.lists(
    st.lists(st.tuples(st.sampled_from(["a", "b", 1, 2]), st.none() | st.binary(max_size=2), st.booleans())),
    max_size=6,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batches=operations)
async def test_rows_are_those_of_a_plain_dictionary(store: Store, batches: list[list[tuple]]) -> None:  # type: ignore[type-arg]
    table = f"t{next(_numbers)}"
    model: dict[str | int, tuple[bytes, bool]] = {}
    for batch in batches:
        await store.write(Batch(rows=[Row(table, *item) for item in batch]))
        for key, body, live in batch:
            model.pop(key, None) if body is None else model.update({key: (body, live)})
    assert list(store.rows(table)) == [(key, body) for key, (body, live) in model.items() if live]


_numbers = itertools.count()
