"""What can be set about the correlator, with the defaults that are shipped."""

from msgspec import Struct

from alertmesh.core.topology import Service
from alertmesh.correlate.batchsettings import BatchSettings
from alertmesh.correlate.topologysettings import TopologySettings

_GENERIC = frozenset(
    (
        "alertname",
        "alertgroup",
        "severity",
        "priority",
        "level",
        "job",
        "prometheus",
        "prometheus_replica",
        "replica",
        "monitor",
        "source",
        "receiver",
        "endpoint",
        "metrics_path",
        "scheme",
        "team",
        "owner",
        "env",
        "environment",
        "stage",
        "region",
        "country",
        "product",
        "project",
        "uid",
        "id",
        "le",
        "quantile",
        "mode",
        "cpu",
        "code",
        "method",
        "verb",
        "reason",
        "phase",
        "status",
        "condition",
        "mountpoint",
        "fstype",
        "device",
        "interface",
        "container_id",
        "image",
        "version",
        "value",
        "url",
        "runbook_url",
        "dashboard",
    )
)


class LearnedSettings(Struct, frozen=True, kw_only=True):
    """Set how the trained model is put to use; durations are in seconds.

    `threshold` is the least probability that joins, the model's own when None; `bind` the least towards
    both of two groups that makes them one, of which the smaller may hold `bind_series` series and neither
    be older than `bind_age_s`. Groups that share a value are looked at for `reach_s` after their last new
    series. A series alone in its group goes back there when it was clear for no longer than `home_s`, or
    `brief_s` if it came at least `habit_times` in the last half day; what flaps stays for `brief_s`.
    """

    threshold: float | None = None
    bind: float = 0.4
    bind_age_s: float = 1800.0
    bind_series: int = 20
    reach_s: float = 1800.0
    home_s: float = 1800.0
    brief_s: float = 60.0
    habit_times: float = 6.0
    max_beats: int = 300_000
    max_decisions: int = 20_000


class CorrelateSettings(Struct, frozen=True, kw_only=True):
    """Set how far apart in time and how alike alerts of one cause are; durations are in seconds.

    `window_s` is how long after its last new alert a group still takes new ones; `session_s` the
    gap within which one namespace alone is evidence enough (0: never). `threshold` is the least
    score that joins, `merge_threshold` the least that binds two groups, of which the smaller may
    hold `merge_series` series and neither be older than `merge_age_s`. A series that fires again
    after it was clear for `renew_s` is judged anew, unless its group has no more than
    `same_series` series: then the same trouble is back. A value that more than
    `spread_limit` live groups carry is no evidence; a label that is not known to be a place needs
    `trust_windows` rarity windows of `rarity_window_s` before it counts fully.
    What people parted is kept apart for `apart_s`, and for as long as it goes on firing.
    Changes made to things are kept for `change_days`, at most `max_changes`; one may be the reason
    for what begins within `change_reach_s` after it.
    """

    window_s: float = 300.0
    session_s: float = 75.0
    max_age_s: float = 86400.0
    threshold: float = 0.5
    merge_threshold: float = 0.6
    merge_series: int = 5
    merge_age_s: float = 300.0
    spread_limit: int = 24
    renew_s: float = 300.0
    same_series: int = 1
    max_reasons: int = 4
    rarity_window_s: float = 900.0
    rarity_half_life_windows: float = 192.0
    trust_windows: float = 12.0
    place_labels: tuple[str, ...] = (
        "rack",
        "switch",
        "pdu",
        "hypervisor",
        "chassis",
        "row",
        "storage_pool",
        "availability_zone",
        "zone",
    )
    global_labels: tuple[str, ...] = ("correlation_id", "incident_key")
    generic_labels: frozenset[str] = _GENERIC
    exporters: tuple[str, ...] = (
        "kube-state-metrics",
        "node-exporter",
        "prometheus-node-exporter",
        "kubelet",
        "cadvisor",
        "blackbox-exporter",
        "prometheus",
    )
    ignored: tuple[str, ...] = ('alertname=~"Watchdog|InfoInhibitor"',)
    max_groups: int = 20_000
    max_series: int = 200_000
    max_values: int = 50_000
    max_attributes: int = 16
    apart_s: float = 86400.0
    max_verdicts: int = 10_000
    max_judgements: int = 10_000
    max_changes: int = 10_000
    change_days: float = 7.0
    change_reach_s: float = 1800.0
    topology: TopologySettings = TopologySettings()
    learned: LearnedSettings = LearnedSettings()
    batch: BatchSettings = BatchSettings()
    services: tuple[Service, ...] = ()
