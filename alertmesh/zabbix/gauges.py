"""Tell how it stands with each Zabbix server, for Prometheus; read when somebody scrapes."""

from collections.abc import Callable, Iterator, Sequence

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from alertmesh.zabbix.link import Link

_COUNTERS: tuple[tuple[str, str, Callable[[Link], float]], ...] = (
    ("rounds", "Rounds of questions that went well.", lambda link: link.status.rounds),
    ("failures", "Times asking or telling failed.", lambda link: link.status.failures),
    ("problems_taken", "Problems that only the pull told.", lambda link: link.pull.tally.problems),
    ("ends_taken", "Ends that only the pull told.", lambda link: link.pull.tally.ends),
    ("acks_taken", "Acks made in Zabbix and carried out here.", lambda link: link.acks.taken),
    ("written", "Problems that were told of what people did here.", lambda link: link.writeback.written),
    ("refused", "Orders that Zabbix refused for good.", lambda link: link.writeback.refused),
)


class LinksCollector(Collector):
    """Read the state of all links."""

    def __init__(self, links: Sequence[Link]) -> None:
        self._links = links

    def collect(self) -> Iterator[Metric]:
        """Yield a family each, with one sample for each server."""
        for name, text, read in _COUNTERS:
            counter = CounterMetricFamily(f"alertmesh_zabbix_{name}", text, labels=["server"])
            for link in self._links:
                counter.add_metric([link.name], read(link))
            yield counter
        last = GaugeMetricFamily(
            "alertmesh_zabbix_last_success_timestamp_seconds",
            "Moment of the last round that went well.",
            labels=["server"],
        )
        took = GaugeMetricFamily(
            "alertmesh_zabbix_round_seconds", "How long the last round took.", labels=["server"]
        )
        for link in self._links:
            if link.status.last_ok is not None:
                last.add_metric([link.name], link.status.last_ok.timestamp())
            took.add_metric([link.name], link.status.took_s)
        yield from (last, took)
