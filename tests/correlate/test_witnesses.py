"""What is said in texts, and what was changed together, brings alerts together where labels do not."""

from datetime import datetime
from typing import Any

import pytest
from msgspec.structs import replace

from alertmesh.core.changes import ChangeEvent
from alertmesh.core.group import Grouped
from alertmesh.core.series import Change
from tests.correlate.fakes import Bench, at, fires


def says(seconds: float, name: str, text: str, /, **labels: str) -> Change:
    change = fires(seconds, name, **labels)
    return replace(change, series=replace(change.series, summary=text))


def reasons(bench: Bench, feature: str) -> list[tuple[str, float]]:
    event = next(event for event in reversed(bench.events) if isinstance(event, Grouped))
    return [(one.text, one.weight) for one in event.join.reasons if one.feature == feature]


def shared(*changes: Change, **settings: Any) -> list[tuple[str, float]]:
    """Return what the last series says of words, where anything that is shared at all joins."""
    bench = Bench(threshold=0.1, session_s=0.0, **settings)
    bench.feed(*changes)
    return reasons(bench, "same_words")


ZABBIX = says(0, "磁盘 /data01 空间不足 db-07", "", host="zbx-proxy")


def test_a_text_that_names_a_host_meets_the_label_of_another_alert() -> None:
    assert shared(ZABBIX, fires(20, "NodeDown", node="db-07")) == [("Both speak of db-07", 0.35)]
    assert shared(fires(0, "NodeDown", node="db-07"), replace(ZABBIX, at=at(20))) == [
        ("Both speak of db-07", 0.35)
    ]


@pytest.mark.parametrize(
    ("one", "other", "want"),
    [
        ("order O-7731 failed on ORA-01555", "retry of o-7731: ora-01555", "Both speak of o-7731, ora-01555"),
        ("订单 O-7731 支付失败", "回调失败, 订单 O-7731", "Both speak of o-7731"),
    ],
)
def test_rare_words_of_two_texts_meet(one: str, other: str, want: str) -> None:
    found = shared(says(0, "A", one, service="pay"), says(20, "B", other, service="cart"))
    assert [text for text, _ in found] == [want]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(("A", "from pool-9"), ("A", "from pool-9"), id="the template of a kind"),
        pytest.param(("A", "at 93.5% for 12345 ms"), ("B", "at 93.5% for 12345 ms"), id="measurements"),
        pytest.param(("A", "no answer 磁盘空间"), ("B", "no answer 磁盘空间"), id="words of the language"),
        pytest.param(("A", "db-07 down"), ("B", "db-08 down"), id="other names"),
    ],
)
def test_what_tells_nothing(one: tuple[str, str], other: tuple[str, str]) -> None:
    assert shared(says(0, *one, service="pay"), says(20, *other, service="cart")) == []


def test_words_that_are_labels_count_once() -> None:
    on_it = {"node": "db-07"}
    assert shared(says(0, "A", "db-07 is full", **on_it), says(20, "B", "db-07 is slow", **on_it)) == []


def test_other_clusters_speak_of_other_things() -> None:
    first = says(0, "A", "order O-7731", service="pay", cluster="east")
    assert shared(first, says(20, "B", "order O-7731", service="cart", cluster="west")) == []


def test_text_alone_never_joins_but_with_something_else_it_does() -> None:
    text = "order O-7731 on ORA-01555 at db-07 via pool-9"
    for namespace, want in (("", False), ("s", True)):
        more = {"namespace": namespace} if namespace else {}
        bench = Bench(session_s=0.0)
        first, last = says(0, "A", text, service="pay", **more), says(5, "B", text, service="cart", **more)
        bench.feed(first, last)
        assert bench.together(first, last) is want


def test_words_are_found_again_after_a_restart_and_gone_with_their_group() -> None:
    bench = Bench(threshold=0.1, session_s=0.0)
    first = says(0, "A", "order O-7731", service="pay")
    bench.feed(first)
    bench.restart()
    last = says(20, "B", "order O-7731", service="cart")
    bench.feed(last)
    assert bench.together(first, last)
    bench.stage.retire([bench.of[first.series.id]], at(3600))
    bench.feed(says(40, "C", "order O-7731", service="web"))
    assert reasons(bench, "same_words") == []


def change(name: str, seconds: float, entity: str, **more: str) -> ChangeEvent:
    told = {"level": "service", "kind": "config", "actor": "li", "summary": "pool size 20"} | more
    return ChangeEvent(id=name, at=at(seconds), entity=entity, **told)


def changed(*events: ChangeEvent, seconds: float = 0.0) -> list[tuple[str, float]]:
    """Return what is said of changes when `cart` fires twenty seconds after `pay`."""
    bench = Bench(threshold=0.05, session_s=0.0)
    for event in events:
        bench.stage.changes.note(event, _later(event.at))
    bench.feed(fires(seconds, "A", service="pay"), fires(seconds + 20, "B", service="cart"))
    return reasons(bench, "same_change")


def _later(moment: datetime) -> datetime:
    return max(moment, at(0))


def test_one_change_that_touched_both_is_evidence_and_fades() -> None:
    push = (change("1", -160, "pay"), change("2", -150, "cart"))
    ((text, weight),) = changed(*push)
    assert text == "Both were touched by the same change 3 min before, config by li: pool size 20"
    assert weight == pytest.approx(0.44, abs=0.01)
    assert changed(*push, seconds=900)[0][1] == pytest.approx(0.2, abs=0.02)
    assert changed(*push, seconds=1800) == []


@pytest.mark.parametrize(
    "events",
    [
        pytest.param((), id="no change"),
        pytest.param((change("1", -160, "pay"),), id="only one was touched"),
        pytest.param((change("1", -160, "pay"), change("2", -150, "cart", summary="other")), id="others"),
        pytest.param((change("1", -1500, "pay"), change("2", -150, "cart")), id="far apart"),
        pytest.param(
            tuple(change(n, -150, n, actor="", summary="") for n in ("pay", "cart")), id="nothing is said"
        ),
        pytest.param(
            tuple(change(n, -150, n, cluster="other") for n in ("pay", "cart")), id="another cluster"
        ),
        pytest.param(
            (change("1", -150, "pay"), change("2", 300, "cart")), id="the change came after the alerts"
        ),
    ],
)
def test_what_is_no_common_change(events: tuple[ChangeEvent, ...]) -> None:
    assert changed(*events) == []


def test_a_change_of_the_node_beneath_counts() -> None:
    bench = Bench(threshold=0.05, session_s=0.0)
    bench.stage.changes.note(change("1", -60, "n1", level="node", kind="kernel"), at(0))
    bench.feed(fires(0, "A", node="n1"), fires(20, "B", pod="web-0", node="n1"))
    ((text, _),) = reasons(bench, "same_change")
    assert text.endswith("kernel by li: pool size 20")
