"""Read from labels who owns a thing in Kubernetes."""

from collections.abc import Mapping

from alertmesh.core.kubernetes import controller

OWNER_LABELS = ("deployment", "statefulset", "daemonset", "job_name", "cronjob", "workload")
"""Labels whose value is a workload."""

REFERENCE_LABELS = (("created_by_kind", "created_by_name"), ("owner_kind", "owner_name"))
"""Owner references as kube-state-metrics tells them: the kind, and the name."""

_KINDS = frozenset(
    (
        "cronjob",
        "daemonset",
        "deployment",
        "deploymentconfig",
        "job",
        "replicaset",
        "replicationcontroller",
        "rollout",
        "statefulset",
    )
)


def owners(labels: Mapping[str, str]) -> list[str]:
    """Return the workloads that own what the labels are about, the surest first, each once.

    A name of a replica set or of one run of a job stands for what made it, and comes last itself.

    >>> owners({"created_by_kind": "ReplicaSet", "created_by_name": "web-5d4f8c7b9d"})
    ['web']
    >>> owners({"job_name": "backup-28391820", "owner_kind": "CronJob", "owner_name": "backup"})
    ['backup', 'backup-28391820']
    """
    found: dict[str, None] = {}
    for kind, name in REFERENCE_LABELS:
        if labels.get(name) and labels.get(kind, "").lower() in _KINDS:
            found[controller(labels[name])] = None
    if labels.get("replicaset"):
        found[controller(labels["replicaset"])] = None
    for label in OWNER_LABELS:
        if labels.get(label):
            if label == "job_name":
                found[controller(labels[label])] = None
            found[labels[label]] = None
    return list(found)
