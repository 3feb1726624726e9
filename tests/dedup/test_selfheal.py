"""When the first page waits for an alert to clear alone, and when it does not."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from alertmesh.core.alert import Priority
from alertmesh.core.entries import Ended, Fired, Tick
from alertmesh.core.series import Change, ChangeKind, Mark
from alertmesh.dedup.selfheal import SelfhealRule
from alertmesh.dedup.selfhealsettings import HealEntry, SelfhealSettings
from alertmesh.dedup.settings import DedupSettings
from alertmesh.dedup.stage import DedupStage
from tests.dedup.fakes import at, ended, fired

Entry = Fired | Ended | Tick
IMAGES = HealEntry(
    name="images",
    matchers='alertname="Disk", area="images"',
    does="kubelet removes unused images",
    heals="yes",
    acts_after=timedelta(minutes=5),
    takes=timedelta(minutes=2),
)
PODS = HealEntry(name="pods", matchers='area="pods"', does="kubelet kills pods", heals="harms")
VOLUME = HealEntry(name="volume", matchers='area="volume"', does="nothing", heals="no")


class Story:
    """A stage that has only this rule; ticks come when they are due."""

    def __init__(self, **settings: Any) -> None:
        settings = {"table": (IMAGES, PODS, VOLUME), **settings}
        self.settings = DedupSettings(selfheal=SelfhealSettings(**settings))
        self.stage = DedupStage(self.settings)
        self.rule = SelfhealRule(self.settings, self.stage.series)
        self.stage.rules = (self.rule,)
        self.disk: dict[tuple[str, Any], bytes | None] = {}

    def tell(self, *entries: Entry) -> list[Change]:
        changes: list[Change] = []
        for entry in entries:
            while (due := self.rule.deadline()) is not None and due <= entry.at:
                changes += self.stage.feed([Tick(due)], due)
            changes += self.stage.feed([entry], entry.at)
        return changes

    def until(self, minutes: float) -> list[Change]:
        return self.tell(Tick(at(minutes)))

    def heal(self, times: int, minutes: float = 3.0, start: float = -1_900, **labels: str) -> "Story":
        """Have alerts come and clear alone, an hour apart."""
        for number in range(times):
            begin = start + 60 * number
            self.tell(fired(begin, **labels), ended(begin + minutes, **labels))
        return self

    def restarted(self) -> "Story":
        fresh = Story()
        fresh.__init__(**{n: getattr(self.settings.selfheal, n) for n in SelfhealSettings.__struct_fields__})  # type: ignore[misc]
        for table in self.stage.tables:
            self.disk.update({(row.table, row.key): row.body for row in table.drain()})
        fresh.disk = dict(self.disk)
        for table in fresh.stage.tables:
            table.restore(
                (key, body) for (name, key), body in self.disk.items() if name == table.table and body
            )
        fresh.stage.restored()
        return fresh


def rules(changes: Sequence[Change]) -> list[str]:
    return [note.rule for change in changes for note in change.notes]


def texts(changes: Sequence[Change]) -> list[str]:
    return [note.text for change in changes for note in change.notes]


def hold(changes: Sequence[Change]) -> datetime | None:
    return changes[-1].hold_until


def test_what_is_not_known_pages_at_once() -> None:
    [change] = Story().tell(fired(0))
    assert (change.hold_until, change.series.marks, change.notes) == (None, (), ())


def test_the_table_speaks_before_anything_is_learned() -> None:
    [change] = Story().tell(fired(0, area="images"))
    assert (change.hold_until, change.series.marks) == (at(7), (Mark.HEALING,))
    assert texts([change]) == [
        "kubelet removes unused images: usually done within 7 min (images); "
        "the first page waits until 04:07 UTC"
    ]


def test_what_outlives_kubernetes_pages() -> None:
    story = Story()
    story.tell(fired(0, area="images"))
    assert story.until(6.9) == []
    [change] = story.until(7)
    assert (change.kind, change.series.marks, change.hold_until) == (ChangeKind.MARKED, (), None)
    assert texts([change]) == [
        "still fires after 7 min: it outlived what Kubernetes needs, so paging does not wait any more"
    ]


def test_what_clears_alone_says_so() -> None:
    story = Story()
    [_, change] = story.tell(fired(0, area="images"), ended(3 + 1 / 6, area="images"))
    assert (change.kind, change.series.marks) == (ChangeKind.CLEARED, ())
    assert texts([change]) == ["cleared alone after 3 min 10 s, nobody was paged for it"]
    assert (story.until(60), story.rule.deadline()) == ([], None)


def test_what_harms_is_never_waited_for() -> None:
    story = Story().heal(30, area="pods")
    assert hold(story.tell(fired(0, area="pods"))) is None


@pytest.mark.parametrize(("times", "waits"), [(15, False), (25, True)], ids=["little", "much"])
def test_much_must_be_learned_of_what_the_table_says_is_not_healed(times: int, waits: bool) -> None:
    story = Story().heal(times, area="volume")
    assert (hold(story.tell(fired(0, area="volume"))) is not None) == waits


@pytest.mark.parametrize(("share", "waits"), [(0.8, True), (0.99, False)])
def test_a_larger_share_must_clear_where_the_table_says_it_is_not_healed(share: float, waits: bool) -> None:
    story = Story(overrule_share=share).heal(25, area="volume")
    assert (hold(story.tell(fired(0, area="volume"))) is not None) == waits


def test_a_crowd_teaches_nothing() -> None:
    story = Story(crowd=2).heal(9)
    story.tell(*(fired(0, instance=f"i{number}") for number in range(12)))
    story.tell(*(ended(60, instance=f"i{number}") for number in range(12)))
    assert rules(story.tell(fired(61))) == ["HEAL-1"]


def test_what_was_learned_is_waited_for() -> None:
    story = Story().heal(9)
    [change] = story.tell(fired(0))
    assert change.series.marks == (Mark.HEALING,)
    assert at(3) < hold([change]) < at(6)  # type: ignore[operator]
    assert texts([change]) == [
        "9 of 9 such alerts cleared alone within 3 min 21 s; the first page waits until 04:03 UTC"
    ]


def test_four_good_outcomes_are_too_few() -> None:
    assert hold(Story().heal(4).tell(fired(0))) is None


def test_what_was_learned_overrules_the_table() -> None:
    story = Story()
    for number in range(6):
        begin = -1_000 + 60 * number
        story.tell(fired(begin, area="images"), ended(begin + 50, area="images"))
    assert hold(story.tell(fired(0, area="images"))) is None


def test_a_look_alike_pages_when_the_others_would_have_cleared() -> None:
    story = Story().heal(50, minutes=2)
    story.tell(fired(0))
    [change] = story.until(30)
    assert rules([change]) == ["HEAL-3"]
    assert at(2) < change.at < at(4)


@pytest.mark.parametrize(
    ("severity", "wanted"),
    [pytest.param("critical", None, id="P1"), pytest.param("info", at(7), id="P4")],
)
def test_the_bound_is_that_of_the_priority(severity: str, wanted: datetime | None) -> None:
    assert hold(Story().tell(fired(0, area="images", severity=severity))) == wanted


def test_a_hold_never_passes_the_bound() -> None:
    story = Story(bounds={"P3": timedelta(minutes=4)})
    assert hold(story.tell(fired(0, area="images"))) == at(4)


def test_the_bound_counts_from_the_first_firing() -> None:
    entry = fired(0, area="images")
    old = replace(entry, alert=replace(entry.alert, starts_at=at(-5)))
    assert hold(Story().tell(old)) == at(2)
    older = replace(entry, alert=replace(entry.alert, starts_at=at(-40)))
    assert hold(Story().tell(older)) is None


def test_getting_worse_ends_the_wait() -> None:
    story = Story()
    story.tell(fired(0, area="images"))
    [change] = story.tell(fired(2, area="images", severity="critical"))
    assert (change.kind, change.series.marks, rules([change])) == (ChangeKind.WORSE, (), ["HEAL-6"])
    assert story.until(60) == []


@pytest.mark.parametrize(
    ("priority", "wanted"),
    [
        pytest.param(Priority.P2, (ChangeKind.WORSE, (), ["HEAL-6"]), id="raised"),
        pytest.param(Priority.P4, (ChangeKind.EASED, (Mark.HEALING,), []), id="lowered"),
    ],
)
def test_a_severity_raised_in_place_ends_the_wait(priority: Priority, wanted: tuple[object, ...]) -> None:
    story, entry = Story(), fired(0, area="images")
    story.tell(entry)
    [change] = story.tell(Fired(replace(entry.alert, priority=priority, severity=priority.name), at(2)))
    assert (change.kind, change.series.marks, rules([change])) == wanted


def test_too_many_at_once_end_the_wait_for_all() -> None:
    story = Story(crowd=3)
    for host in "abc":
        assert hold(story.tell(fired(0, area="images", instance=host))) == at(7)
    [fourth] = story.tell(fired(1, area="images", instance="d"))
    assert (fourth.hold_until, rules([fourth])) == (None, ["HEAL-5"])
    released = story.until(1)
    assert {change.series.labels["instance"] for change in released} == set("abc")
    assert rules(released) == ["HEAL-5"] * 3
    assert hold(story.tell(fired(2, area="images", instance="e"))) is None
    assert story.until(60) == []


def test_what_is_usual_is_no_crowd() -> None:
    story = Story(crowd=1)
    for number in range(2_000):
        begin = -2_500 + number
        story.tell(fired(begin, instance=str(number)), ended(begin + 0.9, instance=str(number)))
    holds = [hold(story.tell(fired(0, instance=host))) for host in "abcde"]
    assert None not in holds


@pytest.mark.parametrize("how", ["expired", "one of its instances expired", "late", "after a page"])
def test_such_an_end_proves_nothing(how: str) -> None:
    story = Story()
    for number in range(20):
        begin = 60.0 * (number - 21)
        story.tell(fired(begin))
        if how == "one of its instances expired":
            story.tell(fired(begin + 1, replica="b"), replace(ended(begin + 5, replica="b"), expired=True))
        story.tell(_end(how, begin))
    assert hold(story.tell(fired(0))) is None


def _end(how: str, begin: float) -> Ended:
    if how == "after a page":
        return ended(begin + 20)
    end = ended(begin + 10)
    return replace(end, expired=how == "expired", ended_at=at(begin + 2) if how == "late" else end.ended_at)


def test_a_source_that_loses_its_alerts_teaches_nothing() -> None:
    story = Story()
    hosts = [str(number) for number in range(30)]
    for host in hosts:
        story.tell(fired(-60, instance=host))
    for number, host in enumerate(hosts):
        story.tell(ended(-57 + number / 1_000, instance=host))
    assert hold(story.tell(fired(0))) is None


def test_the_same_ends_one_by_one_do() -> None:
    story = Story()
    hosts = [str(number) for number in range(30)]
    for host in hosts:
        story.tell(fired(-60, instance=host))
    for number, host in enumerate(hosts):
        story.tell(ended(-57 + number / 10, instance=host))
    assert hold(story.tell(fired(0))) is not None


def test_a_held_alert_that_is_not_reported_any_more_is_not_said_to_be_healed() -> None:
    story = Story()
    end = replace(ended(5, area="images"), expired=True)
    assert rules(story.tell(fired(0, area="images"), end)) == ["HEAL-2", "HEAL-7"]


def test_a_flood_is_not_followed_alert_by_alert() -> None:
    story = Story(max_open=3)
    for host in "abcde":
        story.tell(fired(0, area="images", instance=host))
    assert (len(story.rule.tables[1]), story.rule.dropped) == (3, 2)


def test_a_flapper_that_clears_teaches_nothing() -> None:
    story = Story()
    for number in range(20):
        begin = -1_200 + 60 * number
        [opened] = story.tell(fired(begin))
        story.stage.tracker.mark(opened.series.id, (Mark.FLAPPING,), at(begin))
        story.tell(ended(begin + 3))
    assert hold(story.tell(fired(0))) is None


def test_switched_off_it_does_nothing() -> None:
    story = Story(enabled=False).heal(9)
    assert hold(story.tell(fired(0, area="images"))) is None
    assert all(len(table) == 0 for table in story.rule.tables)


def test_nothing_is_left_of_what_ended() -> None:
    story = Story().heal(3, area="images")
    story.until(0)
    assert (len(story.rule.tables[1]), story.rule.deadline()) == (0, None)


MOVES = st.lists(
    st.tuples(
        st.sampled_from(["fires", "ends", "expires"]),
        st.sampled_from("ab"),
        st.sampled_from(["images", "other"]),
        st.sampled_from(["warning", "critical"]),
        st.sampled_from([0.0, 0.01, 1.0, 3.0, 9.0]),
    ),
    max_size=30,
)
Moves = list[tuple[str, str, str, str, float]]


def entries(moves: Moves) -> list[Entry]:
    found: list[Entry] = []
    minute = 0.0
    for what, host, area, severity, later in moves:
        minute += later
        labels = {"instance": host, "area": area, "severity": severity}
        if what == "fires":
            found.append(fired(minute, **labels))
        else:
            found.append(replace(ended(minute, **labels), expired=what == "expires"))
    return found


@given(MOVES, MOVES)
def test_a_restart_is_not_noticed(before: Moves, after: Moves) -> None:
    story = Story(crowd=1).heal(9)
    story.tell(*entries(before))
    fresh = story.restarted()
    later = [replace(entry, at=entry.at + timedelta(hours=5)) for entry in entries(after)]
    for entry in later:
        assert fresh.tell(entry) == story.tell(entry)
    assert [row.body for row in drained(fresh)] == [row.body for row in drained(story)]


def drained(story: Story) -> list[Any]:
    rows = [row for table in story.rule.tables for row in table.drain()]
    return sorted(rows, key=lambda row: (row.table, row.key))


@given(MOVES)
def test_the_mark_and_the_wait_go_together(moves: Moves) -> None:
    story = Story(crowd=1).heal(9)
    for change in story.tell(*entries(moves), Tick(at(600))):
        assert (Mark.HEALING in change.series.marks) or change.hold_until is None
        if change.hold_until is not None:
            assert change.at < change.hold_until <= change.at + timedelta(minutes=30)
    assert story.rule.deadline() is None
    assert all(Mark.HEALING not in series.marks for series in story.stage.series.values())


@given(MOVES)
def test_the_order_of_labels_does_not_matter(moves: Moves) -> None:
    turned = [
        replace(entry, alert=replace(entry.alert, labels=dict(reversed(entry.alert.labels.items()))))
        if isinstance(entry, Fired)
        else entry
        for entry in entries(moves)
    ]
    assert Story().tell(*entries(moves)) == Story().tell(*turned)
