"""The thing that an alert is about is found in the labels that stock rules give."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alertmesh.core.alert import Entity
from alertmesh.ingest.subject import subject

KSM = {"job": "kube-state-metrics", "instance": "10.0.0.9:8080"}
KSM_POD = {"pod": "kube-state-metrics-6f", "namespace": "monitoring", "service": "kube-state-metrics"}
EXPORTER = {"job": "node-exporter", "pod": "node-exporter-x7", "namespace": "monitoring"}

CASES = {
    "pod": ({"namespace": "a", "pod": "web-1", "container": "c"}, Entity("pod", "web-1", "", "a")),
    "pod before node": ({"pod": "web-1", "node": "n1", "instance": "h:1"}, Entity("pod", "web-1")),
    "pod in cluster": (
        {"cluster": "c1", "namespace": "a", "pod": "web-1", "instance": "n1:10250", "job": "kubelet"},
        Entity("pod", "web-1", "c1", "a"),
    ),
    "old pod label": ({"pod_name": "web-1"}, Entity("pod", "web-1")),
    "deployment": ({"deployment": "web", "namespace": "a"}, Entity("workload", "web", "", "a")),
    "statefulset": ({"statefulset": "db", "namespace": "a", "job": "x"}, Entity("workload", "db", "", "a")),
    "daemonset": ({"daemonset": "log", "namespace": "a"}, Entity("workload", "log", "", "a")),
    "job": ({"job_name": "backup-17", "namespace": "a"}, Entity("workload", "backup-17", "", "a")),
    "autoscaler": ({"horizontalpodautoscaler": "web"}, Entity("workload", "web")),
    "node": ({"node": "n1", "condition": "DiskPressure"}, Entity("node", "n1")),
    "node before host": (
        {"cluster": "c1", "node": "n1", "instance": "10.0.0.1:10250"},
        Entity("node", "n1", "c1"),
    ),
    "host": ({"instance": "web-01:9100", "device": "sda"}, Entity("host", "web-01")),
    "host without port": ({"instance": "web-01"}, Entity("host", "web-01")),
    "host by address": ({"instance": "[fd00::1]:9100"}, Entity("host", "fd00::1")),
    "bare v6": ({"instance": "fd00::1"}, Entity("host", "fd00::1")),
    "probed site": ({"instance": "https://shop.example:8443/health?a=1"}, Entity("host", "shop.example")),
    "exported host": ({"exported_instance": "db-1:9100", "instance": "gw:9091"}, Entity("host", "db-1")),
    "service": ({"job": "grafana", "namespace": "m", "service": "g"}, Entity("service", "g", "", "m")),
    "app": ({"app": "shop", "cluster": "c1"}, Entity("service", "shop", "c1")),
    "scrape job": ({"job": "etcd"}, Entity("service", "etcd")),
    "namespace": ({"cluster": "c1", "namespace": "a", "resourcequota": "q"}, Entity("namespace", "a", "c1")),
    "cluster": ({"cluster": "c1", "alertname": "KubeCPUOvercommit"}, Entity("cluster", "c1")),
    "nothing": ({"alertname": "Watchdog", "severity": "none"}, Entity("unknown", "Watchdog")),
    "empty values": ({"alertname": "A", "pod": "", "node": ""}, Entity("unknown", "A")),
    "reported pod": (
        KSM | KSM_POD | {"exported_pod": "web-1", "exported_namespace": "a"},
        Entity("pod", "web-1", "", "a"),
    ),
    "reported pod, honoured": (KSM | {"pod": "web-1", "namespace": "a"}, Entity("pod", "web-1", "", "a")),
    "reported deployment": (
        KSM | KSM_POD | {"deployment": "web", "exported_namespace": "a"},
        Entity("workload", "web", "", "a"),
    ),
    "reported node": (KSM | KSM_POD | {"node": "n1"}, Entity("node", "n1")),
    "reported namespace": (KSM | KSM_POD | {"exported_namespace": "a"}, Entity("namespace", "a")),
    "reported quota": (KSM | {"namespace": "a", "resourcequota": "q"}, Entity("namespace", "a")),
    "reporter's own pod": (KSM | KSM_POD, Entity("pod", "kube-state-metrics-6f", "", "monitoring")),
    "reporter as target": (
        {"job": "kube-state-metrics", "namespace": "m", "service": "ksm"},
        Entity("service", "ksm", "", "m"),
    ),
    "node exporter's host": (EXPORTER | {"instance": "10.0.0.1:9100"}, Entity("host", "10.0.0.1")),
    "node exporter's node": (EXPORTER | {"node": "n1", "instance": "10.0.0.1:9100"}, Entity("node", "n1")),
    "node exporter itself": (EXPORTER, Entity("pod", "node-exporter-x7", "", "monitoring")),
}


@pytest.mark.parametrize(("labels", "entity"), CASES.values(), ids=CASES)
def test_the_subject_is_found(labels, entity):
    assert subject(labels) == entity


NAMES = st.sampled_from(sorted({name for labels, _ in CASES.values() for name in labels}))


@given(st.dictionaries(NAMES, st.text(max_size=6), max_size=6))
def test_any_labels_have_a_subject_whatever_their_order(labels):
    assert subject(labels) == subject(dict(reversed(labels.items())))
