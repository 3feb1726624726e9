"""Decide which instances are the same trouble: the identity of a series."""

from collections.abc import Mapping

import orjson
import xxhash
from msgspec import Struct

from alertmesh.core.matchers import matches_all, parse_matchers

IGNORED = (
    "__name__",
    "__replica__",
    "alert_severity",
    "current_value",
    "endpoint",
    "level",
    "pod_template_hash",
    "priority",
    "prometheus",
    "prometheus_replica",
    "replica",
    "severity",
    "thanos_ruler_replica",
    "value",
)
"""Labels that say how bad, how much or who measured it, but not what the trouble is."""


class IdentityRule(Struct, frozen=True, kw_only=True):
    """Another identity for the alerts that `matchers` accept.

    `ignore` is left out besides the common list, `keep` is identity although the common list
    leaves it out. The first rule that accepts an alert is the only one that counts.
    """

    matchers: str
    ignore: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()


class Identity(Struct, frozen=True, kw_only=True):
    """Which labels make a series: all but `ignored`, unless one of `rules` says otherwise."""

    ignored: tuple[str, ...] = IGNORED
    rules: tuple[IdentityRule, ...] = ()


class SeriesNamer:
    """Name the series of label sets by one `Identity`, with its matchers read once."""

    def __init__(self, identity: Identity) -> None:
        ignored = frozenset(identity.ignored)
        self._ignored = ignored
        self._rules = [
            (parse_matchers(rule.matchers), (ignored | set(rule.ignore)) - set(rule.keep))
            for rule in identity.rules
        ]

    def name(self, labels: Mapping[str, str]) -> str:
        """Return the id of the series that `labels` belong to, as 16 hex digits.

        Labels of which nothing is identity are all taken, so that strangers never share a series.
        """
        ignored = self._ignored
        for matchers, ignored_here in self._rules:
            if matches_all(matchers, labels):
                ignored = ignored_here
                break
        kept = {name: value for name, value in labels.items() if name not in ignored} or dict(labels)
        return xxhash.xxh3_64_hexdigest(orjson.dumps(kept, option=orjson.OPT_SORT_KEYS))


def series_id(labels: Mapping[str, str], identity: Identity) -> str:
    """Return the id of the series that `labels` belong to.

    >>> common = Identity()
    >>> low, high = {"alertname": "Disk", "severity": "warning"}, {"severity": "page", "alertname": "Disk"}
    >>> series_id(low, common) == series_id(high, common)
    True
    """
    return SeriesNamer(identity).name(labels)
