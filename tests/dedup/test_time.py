"""However late, often, early or out of order news comes, the end state is that of the ordered stream."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from hypothesis import example, given, settings
from hypothesis import strategies as st
from msgspec import Struct
from msgspec.structs import replace

from alertmesh.core.alert import Alert, Sighting
from alertmesh.core.entries import Ended, Fired
from alertmesh.core.ports import Door
from alertmesh.dedup.repeats import RepeatFilter
from alertmesh.dedup.settings import DedupSettings
from alertmesh.dedup.stage import DedupStage
from alertmesh.ingest.normalise import Limits, Normaliser
from alertmesh.ingest.priority import PriorityTable
from tests.dedup.fakes import FOREVER, T0, firing, resolved

HOSTS = ("a", "b", "c")
EPISODE = timedelta(seconds=20)
WINDOW_S = 29.0


class Sent(Struct, frozen=True):
    """A sighting and how many seconds after the beginning it arrives."""

    arrives: float
    sighting: Sighting


class End(Struct, frozen=True):
    """How it ends: since when each instance fires, and how many of each series do."""

    firing: dict[str, datetime]
    series: dict[str, int]


def story(phases: Sequence[Sequence[bool]], skew: timedelta) -> list[Sent]:
    """Return what senders say, in order: each host by host, phases of twenty seconds, firing or not.

    A host that fires has begun ten seconds before it says so, by a clock that is `skew` ahead.
    """
    sent = []
    for host, fires in zip(HOSTS, phases, strict=False):
        before = False
        for number, now_fires in enumerate(fires):
            began = T0 + number * EPISODE + skew - timedelta(seconds=10)
            arrives = number * EPISODE.total_seconds()
            if now_fires:
                began = sent[-1].sighting.starts_at or began if before else began
                sent.append(Sent(arrives, firing("Disk", starts=began, instance=host)))
            elif before:
                since = sent[-1].sighting.starts_at
                sent.append(Sent(arrives, resolved("Disk", ends=began, starts=since, instance=host)))
            before = now_fires
    return sorted(sent, key=lambda one: one.arrives)


def end_of(sent: Sequence[Sent], describe: RepeatFilter, door: Door = FOREVER) -> End:
    """Let everything arrive, and return how it ends."""
    stage = DedupStage(DedupSettings())
    now = T0
    for one in sorted(sent, key=lambda one: one.arrives):
        now = T0 + timedelta(seconds=one.arrives)
        entries = describe.feed(door, [one.sighting], now).entries
        stage.feed([entry for entry in entries if isinstance(entry, Fired | Ended)], now)
    return End(
        {alert.labels["instance"]: alert.starts_at for alert, ended_at in stage.alerts() if ended_at is None},
        {series.labels["instance"]: series.firing for series in stage.series.values() if series.firing},
    )


def door_filter() -> RepeatFilter:
    return RepeatFilter(Normaliser(PriorityTable(), Limits()).describe, remember=timedelta(days=1))


PHASES = st.lists(st.lists(st.booleans(), min_size=1, max_size=5), min_size=1, max_size=len(HOSTS))
DELAYS = st.lists(st.floats(0, WINDOW_S), min_size=1, max_size=20)
SKEWS = st.integers(-3_600, 250).map(lambda seconds: timedelta(seconds=seconds))


def cycled(values: Sequence[float], count: int) -> list[float]:
    return [values[number % len(values)] for number in range(count)]


@settings(max_examples=100, deadline=None)
@given(PHASES, DELAYS, DELAYS)
@example(
    [[True, False, True]], [29.0, 29.0, 0.0], [29.0, 29.0, 0.0]
)  # the second firing overtakes the end of the first
@example([[True, False]], [25.0, 0.0], [25.0, 0.0])  # an end overtakes its firing
@example([[True, True, False, True, False]], [0.0, 21.0], [0.0, 21.0])  # so does that of a later episode
def test_late_repeated_and_reordered_news_ends_as_the_ordered(
    phases: list[list[bool]], delays: list[float], echoes: list[float]
) -> None:
    sent = story(phases, timedelta(0))
    late = [replace(s, arrives=s.arrives + d) for s, d in zip(sent, cycled(delays, len(sent)), strict=True)]
    again = [replace(s, arrives=s.arrives + d) for s, d in zip(sent, cycled(echoes, len(sent)), strict=True)]
    assert end_of([*late, *again], door_filter()).series == end_of(sent, door_filter()).series


@settings(max_examples=50, deadline=None)
@given(PHASES, DELAYS, SKEWS)
@example([[True, False]], [0.0], timedelta(seconds=31))  # by our clock it ends before it began
def test_a_clock_that_is_off_changes_nothing_of_what_fires(
    phases: list[list[bool]], delays: list[float], skew: timedelta
) -> None:
    sent = story(phases, skew)
    late = [replace(s, arrives=s.arrives + d) for s, d in zip(sent, cycled(delays, len(sent)), strict=True)]
    assert end_of(late, door_filter()).series == end_of(story(phases, timedelta(0)), door_filter()).series


@settings(max_examples=50, deadline=None)
@given(PHASES, SKEWS)
def test_a_clock_that_is_off_changes_since_when(phases: list[list[bool]], skew: timedelta) -> None:
    true, off = (end_of(story(phases, by), door_filter()) for by in (timedelta(0), skew))
    assert off.firing == {host: began + skew for host, began in true.firing.items()}


@settings(max_examples=50, deadline=None)
@given(PHASES, st.floats(400, 1e7))
def test_what_begins_in_the_future_began_when_it_came(phases: list[list[bool]], ahead_s: float) -> None:
    sent = story(phases, timedelta(seconds=ahead_s))
    true, off = end_of(story(phases, timedelta(0)), door_filter()), end_of(sent, door_filter())
    assert off.series == true.series
    latest = T0 + timedelta(seconds=max((one.arrives for one in sent), default=0))
    assert all(began <= latest for began in off.firing.values())


def test_the_alert_itself_is_as_the_ordered_stream_left_it() -> None:
    kept: list[Alert] = []
    for order in ((0, 1, 2), (1, 0, 2), (0, 0, 1, 1, 0, 2)):
        sent = story([[True, False, True]], timedelta(0))
        known, stage = door_filter(), DedupStage(DedupSettings())
        for step, number in enumerate(order):
            now = T0 + timedelta(seconds=step) if number < 2 else T0 + timedelta(hours=1)
            entries = known.feed(FOREVER, [sent[number].sighting], now).entries
            stage.feed([entry for entry in entries if isinstance(entry, Fired | Ended)], now)
        kept.extend(alert for alert, ended_at in stage.alerts() if ended_at is None)
    assert [alert.starts_at for alert in kept] == [kept[0].starts_at] * 3
