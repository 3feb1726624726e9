"""Learn from the labels of one alert where a pod lies and whose it is, for those that do not say it."""

from collections.abc import Mapping

from msgspec.structs import replace

from alertmesh.core.hosts import HOST_LABELS
from alertmesh.core.kubernetes import workload
from alertmesh.core.series import Series
from alertmesh.core.topology import Edge, EdgeKind
from alertmesh.correlate.attributes import Profile, host
from alertmesh.correlate.edges import EdgeBook
from alertmesh.correlate.owners import owners

_NODE_LABELS = ("node", "kubernetes_node", "nodename")


class Placement:
    """Read the edges of pods off labels, and say of a later series what its labels leave out.

    What is known is in the book of edges alone: a pod `runs_on` a node, a workload `owns` a pod.
    A pod that shows up elsewhere has moved.
    """

    def __init__(self, book: EdgeBook, exporters: tuple[str, ...]) -> None:
        self.exporters = frozenset(exporters)
        self._book = book

    def placing(self, labels: Mapping[str, str], profile: Profile) -> list[Edge]:
        """Return where labels say that their pod lies and whose it is; what they contradict is forgotten.

        The pod of an exporter measures others, so that the labels beside it say nothing about it.
        """
        pod = pod_of(labels)
        guess = workload(pod)
        if not pod or guess in self.exporters:
            return []
        node = next((host(labels[label]) for label in _NODE_LABELS if labels.get(label)), "")
        told = next((owner for owner in owners(labels) if owner != pod), "")
        if not node and (not told or told == guess):
            return []
        cluster, place = profile.cluster, f"{profile.namespace}/{pod}"
        before_node, before_owner = self._book.placed(cluster, place)
        owner = told or before_owner or (guess if guess != pod else "")
        edges = []
        if node:
            edges.append(Edge(place, node, EdgeKind.RUNS_ON, cluster))
            if before_node not in ("", node):
                self._book.unlearn(Edge(place, before_node, EdgeKind.RUNS_ON, cluster))
        if owner:
            edges.append(Edge(owner, place, EdgeKind.OWNS, cluster))
            if before_owner not in ("", owner):
                self._book.unlearn(Edge(before_owner, place, EdgeKind.OWNS, cluster))
        return edges

    def labelled(self, series: Series) -> Series:
        """Return the series with the node and the workload of its pod, where its labels lack them."""
        labels = series.labels
        pod = pod_of(labels)
        if not pod:
            return series
        entity = series.entity
        namespace = labels.get("namespace") or entity.namespace
        node, owner = self._book.placed(labels.get("cluster") or entity.cluster, f"{namespace}/{pod}")
        added: dict[str, str] = {}
        if node and not any(labels.get(label) for label in HOST_LABELS):
            added["node"] = node
        if owner and owner != workload(pod) and not owners(labels):
            added["workload"] = owner
        return replace(series, labels={**labels, **added}) if added else series


def pod_of(labels: Mapping[str, str]) -> str:
    """Return the pod that labels name."""
    return labels.get("pod") or labels.get("pod_name") or ""
