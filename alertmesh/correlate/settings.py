"""What can be set about the correlator, with the defaults that are shipped."""

from msgspec import Struct

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
    max_verdicts: int = 1_000
