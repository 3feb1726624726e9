"""Find the thing that an alert is about."""

from collections.abc import Mapping, Sequence

from alertmesh.core.alert import Entity
from alertmesh.core.hosts import host_of

# A scraped label that collides with one of the scraper's own is renamed `exported_*`,
# so where both are there the exported one is the subject.
_PODS = ("exported_pod", "pod", "pod_name", "kubernetes_pod_name", "k8s_pod_name")
_WORKLOADS = (
    "deployment",
    "statefulset",
    "daemonset",
    "cronjob",
    "job_name",
    "replicaset",
    "replicationcontroller",
    "horizontalpodautoscaler",
    "poddisruptionbudget",
    "workload",
    "workload_name",
)
_NODES = ("exported_node", "node", "node_name", "nodename", "kubernetes_node", "kubernetes_io_hostname")
_DEVICES = ("device", "device_name", "device_id")
_HOSTS = ("host", "hostname", "exported_instance", "instance")
_SERVICES = ("exported_service", "service", "service_name", "app_kubernetes_io_name", "app", "application")
_JOBS = ("exported_job", "job")
_NAMESPACES = ("exported_namespace", "namespace", "kubernetes_namespace", "k8s_namespace_name")
_CLUSTERS = ("cluster", "cluster_name", "k8s_cluster", "kubernetes_cluster", "k8s_cluster_name")

# These report on others, so the pod, address and service of their own are not the subject. Charts
# and operators write the job as `kube-state-metrics`, `monitoring/kube-state-metrics` and the like.
_STATE_REPORTER = "kube-state-metrics"
_NODE_REPORTERS = ("node-exporter", "node_exporter")
_EXPORTED = ("exported_namespace",)
_NOTHING: frozenset[str] = frozenset()
_OWN_POD = frozenset(("pod", "pod_name", "kubernetes_pod_name", "k8s_pod_name"))
_OWN_ADDRESS = frozenset(("instance", "service", "job", "app", "app_kubernetes_io_name"))


def subject(labels: Mapping[str, str]) -> Entity:
    """Return the most specific thing that `labels` name, without ports.

    A pod is more specific than its workload, then node, host, service, namespace and cluster.
    The pod, address and service of an exporter that reports on others do not count as the subject.

    >>> str(subject({"instance": "web-01:9100", "job": "node", "cluster": "c1"}))
    'host c1/web-01'
    """
    cluster = _first(labels, _CLUSTERS)
    namespace = _first(labels, _NAMESPACES)
    ignored = _scrapers_own(labels)
    pod = _first(labels, _PODS, ignored)
    if pod:
        return Entity("pod", pod, cluster, namespace)
    workload = _first(labels, _WORKLOADS)
    if workload:
        return Entity("workload", workload, cluster, namespace)
    node = _first(labels, _NODES)
    if node:
        return Entity("node", host_of(node), cluster)
    host = _first(labels, _HOSTS, ignored)
    if host:
        return Entity("host", host_of(host), cluster)
    service = _first(labels, _SERVICES, ignored) or _first(labels, _JOBS, ignored)
    if service:
        return Entity("service", service, cluster, namespace)
    device = _first(labels, _DEVICES, ignored)
    if device:
        return Entity("host", host_of(device), cluster)
    if namespace:
        return Entity("namespace", namespace, cluster)
    if cluster:
        return Entity("cluster", cluster)
    return Entity("unknown", labels.get("alertname", ""))


def _first(labels: Mapping[str, str], names: Sequence[str], ignored: frozenset[str] = _NOTHING) -> str:
    for name in names:
        value = labels.get(name)
        if value and name not in ignored:
            return value
    return ""


def _scrapers_own(labels: Mapping[str, str]) -> frozenset[str]:
    """Name the labels that describe the scraped exporter rather than what it reports on."""
    job = labels.get("job", "")
    if job.endswith(_NODE_REPORTERS):
        return _OWN_POD if _first(labels, _NODES + _HOSTS) else _NOTHING
    if not job.endswith(_STATE_REPORTER):
        return _NOTHING
    own = _NOTHING
    if _STATE_REPORTER in labels.get("pod", "") and _first(labels, _WORKLOADS + _NODES + _EXPORTED):
        own |= _OWN_POD
    # Without `instance` it is an aggregate over the exporter itself, which then is the subject.
    if "instance" in labels and _first(labels, _NAMESPACES):
        own |= _OWN_ADDRESS
    return own
