"""Count and time what happens, for Prometheus; each name stands in `docs/metrics.md`.

Hot paths use children bound once. Levels (how many are open, how long is the queue) are not kept
up to date: they are read from the running machinery when somebody scrapes.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence, Sized
from contextlib import contextmanager
from datetime import datetime
from time import perf_counter
from typing import Protocol

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from alertmesh import __version__
from alertmesh.core.alert import Priority
from alertmesh.core.contact import SourceStatus
from alertmesh.core.errors import StoreUnavailable
from alertmesh.core.page import Attempt, AttemptState, Receipt
from alertmesh.core.ports import ChannelLevel, Levels

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_FAST_S = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)
_SLOW_S = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600)


class Admitted(Protocol):
    """What the repeat filter made of one request: how many said nothing new, or came too late."""

    repeats: int
    stale: int

    @property
    def entries(self) -> Sized:
        """Return the transitions."""
        ...


class Decided(Protocol):
    """What one run of the pipeline led to."""

    @property
    def changes(self) -> Sized:
        """Return the changes of series."""
        ...

    @property
    def attempts(self) -> Sequence[Attempt]:
        """Return the new attempts."""
        ...


class DoorMetrics:
    """The counters of one source, bound once."""

    def __init__(self, metrics: "Metrics", source: str) -> None:
        self._source = source
        self._requests = metrics.ingest_requests
        self._codes: dict[int, Counter] = {}
        self._rejected = metrics.alerts_rejected
        self._refused = metrics.requests_refused
        self._received = metrics.alerts_received.labels(source)
        self._truncated = metrics.alerts_truncated.labels(source)
        self._seconds = metrics.ingest_seconds.labels(source)
        self.changed = metrics.alerts_changed.labels(source)
        self.repeated = metrics.alerts_repeated.labels(source)
        self.stale = metrics.alerts_stale.labels(source)

    def answered(self, code: int, seconds: float) -> None:
        """Count one answered request."""
        bound = self._codes.get(code)
        if bound is None:
            bound = self._codes[code] = self._requests.labels(self._source, str(code))
        bound.inc()
        self._seconds.observe(seconds)

    def received(self, alerts: int, truncated: int) -> None:
        """Count the alerts of a request that could be read, and those its sender left out."""
        self._received.inc(alerts)
        if truncated:
            self._truncated.inc(truncated)

    def rejected(self, alerts: int, reason: str) -> None:
        """Count alerts that were refused while the rest of their request was taken."""
        self._rejected.labels(self._source, reason).inc(alerts)

    def refused(self, reason: str) -> None:
        """Count a request that was refused as a whole."""
        self._refused.labels(self._source, reason).inc()


class Metrics:
    """All metrics of one process, on a registry of their own."""

    def __init__(self) -> None:
        # A creation time per counter would double the size of every scrape and nothing reads it.
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self.registry = CollectorRegistry()
        self._doors: dict[str, DoorMetrics] = {}
        self._levels = _LevelsCollector()
        self._define_ingest()
        self._define_pipeline()
        self._define_delivery()
        self._define_operations()
        self.registry.register(self._levels)
        ProcessCollector(namespace="alertmesh", registry=self.registry)

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(f"alertmesh_{name}", text, labels, registry=self.registry)

    def _gauge(self, name: str, text: str, *labels: str) -> Gauge:
        return Gauge(f"alertmesh_{name}", text, labels, registry=self.registry)

    def _timer(self, name: str, text: str, buckets: Sequence[float], *labels: str) -> Histogram:
        return Histogram(f"alertmesh_{name}", text, labels, buckets=buckets, registry=self.registry)

    def _define_ingest(self) -> None:
        count = self._counter
        self.ingest_requests = count("ingest_requests_total", "Ingest requests answered.", "source", "code")
        self.requests_refused = count(
            "ingest_requests_refused_total", "Ingest requests refused as a whole.", "source", "reason"
        )
        self.alerts_received = count("ingest_alerts_received_total", "Alerts read from requests.", "source")
        self.alerts_changed = count("ingest_alerts_changed_total", "Alerts that were news.", "source")
        self.alerts_repeated = count("ingest_alerts_repeated_total", "Alerts that only repeated.", "source")
        self.alerts_stale = count("ingest_alerts_stale_total", "Alerts that came too late.", "source")
        self.alerts_rejected = count("ingest_alerts_rejected_total", "Alerts refused.", "source", "reason")
        self.alerts_truncated = count(
            "ingest_alerts_truncated_total", "Alerts that the sender says it left out.", "source"
        )
        self.ingest_seconds = self._timer(
            "ingest_request_seconds", "Time to answer an ingest request.", _FAST_S, "source"
        )

    def _define_pipeline(self) -> None:
        self._log_appends = self._counter("log_appends_total", "Writes to the log.")
        self._log_entries = self._counter("log_entries_total", "Entries appended to the log.")
        self._decided = self._counter("pipeline_entries_total", "Log entries decided on.")
        self._failed = self._counter("pipeline_failures_total", "Log entries that could not be decided.")
        self._loops = self._counter("loop_failures_total", "Rounds of an inner loop that failed.", "loop")
        self._jumps = self._counter("clock_jumps_total", "Jumps of the wall clock.", "direction")
        self._changes = self._counter("pipeline_changes_total", "Changes of series.")
        self._stale = self._counter("stale_events_total", "Timers and commands of an earlier epoch.")
        self._leases = self._counter("leases_expired_total", "Alerts ended because nobody repeated them.")
        self._batch_s = self._timer("pipeline_batch_seconds", "Time to decide a batch.", _FAST_S)
        self._write_s = self._timer("store_write_seconds", "Time until a write was durable.", _FAST_S)
        self._write_failures = self._counter("store_write_failures_total", "Writes that the store refused.")

    def _define_delivery(self) -> None:
        self._pages = self._counter("pages_total", "Messages decided on.", "channel", "kind")
        self._attempts = self._counter("attempts_total", "Attempts by outcome.", "channel", "state")
        self._answers = self._counter("channel_answers_total", "What channels said.", "channel", "answer")
        self._send_s = self._timer(
            "send_seconds", "Time from when a message was due until it was taken.", _SLOW_S, "channel"
        )

    def _define_operations(self) -> None:
        self._commands = self._counter("commands_total", "Actions of people.", "action", "result")
        self._listening = self._gauge("live_streams", "Clients that follow the live stream.")
        self._let_go = self._counter("live_streams_dropped_total", "Live streams cut off as too slow.")
        self._denied = self._counter("requests_denied_total", "Requests denied at the gate.", "reason")
        self._reloads = self._counter("config_reloads_total", "Configuration loads.", "result")
        self._reload_ok = self._gauge("config_last_reload_successful", "1 if the last load was good.")
        self._reload_at = self._gauge(
            "config_last_reload_success_timestamp_seconds", "Moment of the last good load."
        )
        self._gauge("build_info", "1, labelled with the version.", "version").labels(__version__).set(1)

    def door(self, source: str) -> DoorMetrics:
        """Return the counters of a source; only names of known sources may be asked for."""
        bound = self._doors.get(source)
        if bound is None:
            bound = self._doors[source] = DoorMetrics(self, source)
        return bound

    def listening(self, more: int) -> None:
        """Count a client that began to follow the live stream, or one that left."""
        self._listening.inc(more)

    def let_go(self) -> None:
        """Count a client of the live stream that did not keep up."""
        self._let_go.inc()

    def admitted(self, source: str, admission: Admitted) -> None:
        """Count what the repeat filter made of a request."""
        door = self.door(source)
        door.changed.inc(len(admission.entries))
        door.repeated.inc(admission.repeats)
        if admission.stale:
            door.stale.inc(admission.stale)

    def expired(self, leases: int) -> None:
        """Count alerts that ended because nobody repeated them."""
        self._leases.inc(leases)

    @contextmanager
    def deciding(self, entries: int) -> Iterator[None]:
        """Time the deciding of a batch of log entries."""
        started = perf_counter()
        yield
        self._batch_s.observe(perf_counter() - started)
        self._decided.inc(entries)

    @contextmanager
    def writing(self, entries: int = 0) -> Iterator[None]:
        """Time a write to the store that appends `entries` to the log, or count its failure."""
        started = perf_counter()
        try:
            yield
        except StoreUnavailable:
            self._write_failures.inc()
            raise
        self._write_s.observe(perf_counter() - started)
        if entries:
            self._log_appends.inc()
            self._log_entries.inc(entries)

    def entry_failed(self) -> None:
        """Count a log entry that could not be decided."""
        self._failed.inc()

    def loop_failed(self, name: str) -> None:
        """Count a failed round of a loop."""
        self._loops.labels(name).inc()

    def jumped(self, by_s: float) -> None:
        """Count a jump of the wall clock."""
        self._jumps.labels("forward" if by_s > 0 else "back").inc()

    def decided(self, out: Decided) -> None:
        """Count what a batch led to."""
        self._changes.inc(len(out.changes))
        for attempt in out.attempts:
            self._pages.labels(attempt.channel, attempt.page.kind.value).inc()

    def stale(self, events: int = 1) -> None:
        """Count timers or commands that belonged to an earlier epoch."""
        self._stale.inc(events)

    def attempted(self, attempt: Attempt, now: datetime) -> None:
        """Count an attempt by the state it reached, and time one that its channel took just now."""
        self._attempts.labels(attempt.channel, attempt.state).inc()
        if attempt.state is AttemptState.SENT:
            seconds = max(0.0, (now - attempt.wanted_at).total_seconds())
            self._send_s.labels(attempt.channel).observe(seconds)

    def answered(self, channel: str, receipt: Receipt) -> None:
        """Count what a channel said about a message: sent, busy, throttled, refused, dead or unknown."""
        self._answers.labels(channel, "throttled" if receipt.throttled else receipt.state).inc()

    def commanded(self, action: str, result: str) -> None:
        """Count an action of a person; `result` is done, stale or refused."""
        self._commands.labels(action, result).inc()

    def denied(self, reason: str) -> None:
        """Count a request denied before anything was read."""
        self._denied.labels(reason).inc()

    def reload_succeeded(self, at: datetime) -> None:
        """Note a good load of the configuration."""
        self._reloads.labels("success").inc()
        self._reload_ok.set(1)
        self._reload_at.set(at.timestamp())

    def reload_failed(self) -> None:
        """Note a bad configuration that was not taken."""
        self._reloads.labels("failure").inc()
        self._reload_ok.set(0)

    def watch(self, read: Callable[[], Levels]) -> None:
        """Have `read` tell the present levels at each scrape."""
        self._levels.read = read

    def render(self) -> bytes:
        """Return all metrics in Prometheus' text format."""
        return generate_latest(self.registry)


class _LevelsCollector(Collector):
    def __init__(self) -> None:
        self.read: Callable[[], Levels] = Levels

    def collect(self) -> Iterator[Metric]:
        now = self.read()
        yield GaugeMetricFamily("alertmesh_pipeline_queue_depth", "Log entries undecided.", now.queue)
        yield GaugeMetricFamily("alertmesh_instances", "Alerts the repeat filter knows.", now.instances)
        yield GaugeMetricFamily("alertmesh_series", "Series remembered.", now.series)
        yield GaugeMetricFamily("alertmesh_groups", "Open groups.", now.groups)
        yield GaugeMetricFamily("alertmesh_watch_list_series", "Series without incident.", now.watch_list)
        by_priority = {priority.name: now.incidents.get(priority, 0) for priority in Priority}
        yield _gauges("incidents", "Open incidents.", "priority", by_priority)
        dropped = CounterMetricFamily("alertmesh_dropped", "Items dropped at a limit.", labels=["stage"])
        for stage, count in now.dropped.items():
            dropped.add_metric([stage], count)
        yield dropped
        yield CounterMetricFamily(
            "alertmesh_ingest_alerts_unknown_severity",
            "Alerts with a severity word that no rule knows.",
            now.unknown_severities,
        )
        raging = {"all": 0} | {storm.source or "all": 1 for storm in now.storms}
        yield _gauges("storm", "1 while alerts come many times as fast as usual.", "source", raging)
        failures = CounterMetricFamily(
            "alertmesh_template_failures", "Messages whose template failed.", labels=["template"]
        )
        for template, count in now.template_failures.items():
            failures.add_metric([template], count)
        yield failures
        yield from _channels(now.channels)
        yield from _sources(now.sources)


def _channels(levels: Mapping[str, ChannelLevel]) -> Iterator[Metric]:
    waiting = {name: level.waiting for name, level in levels.items()}
    limited = {name: int(level.limited) for name, level in levels.items()}
    broken = {name: int(level.broken) for name, level in levels.items()}
    oldest = {name: level.oldest_s for name, level in levels.items()}
    healthy = {name: int(level.healthy) for name, level in levels.items() if level.healthy is not None}
    yield _gauges("channel_waiting", "Attempts waiting.", "channel", waiting)
    yield _gauges("channel_oldest_seconds", "How long the oldest due attempt waits.", "channel", oldest)
    yield _gauges("channel_healthy", "1 if its last probe went well.", "channel", healthy)
    yield _gauges("channel_limited", "1 while its limiter holds it back.", "channel", limited)
    yield _gauges("channel_broken", "1 while its breaker holds it back.", "channel", broken)


def _sources(sources: Sequence[SourceStatus]) -> Iterator[Metric]:
    labels = ("source", "instance")
    skew = GaugeMetricFamily(
        "alertmesh_source_skew_seconds", "How far a sender's clock is behind ours.", labels=labels
    )
    seen = GaugeMetricFamily(
        "alertmesh_source_last_seen_timestamp_seconds", "Moment of a sender's last request.", labels=labels
    )
    silent = GaugeMetricFamily("alertmesh_source_silent", "1 while a sender is missing.", labels=labels)
    for one in sources:
        name = (one.source, one.name)
        if one.skew_s is not None:
            skew.add_metric(name, one.skew_s)
        seen.add_metric(name, one.last_seen.timestamp())
        silent.add_metric(name, int(one.silent_since is not None))
    yield from (skew, seen, silent)


def _gauges(name: str, text: str, label: str, values: Mapping[str, float]) -> Metric:
    family = GaugeMetricFamily(f"alertmesh_{name}", text, labels=[label])
    for value, count in values.items():
        family.add_metric([value], count)
    return family
