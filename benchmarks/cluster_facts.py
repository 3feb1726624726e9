"""The numbers behind the made-up cluster: what Kubernetes heals, how fast, and what runs by the clock.

The times are the platform's own defaults: restarts and image pulls wait 10 s and twice as long
each time up to 5 min, failed jobs likewise up to 6 min; unused images are collected every 5 min
once 85 % of the disk is used; a silent node is given up after 40 to 55 s and emptied after 340
to 355 s; the autoscaler of pods looks every 15 s and waits 5 min before it shrinks; a volume of
a dead node is freed after 6 min. To each comes what the monitor takes to see it.
"""

from msgspec import Struct

DAY_S = 86_400
RACK_NODES = 40

_RESTARTS = (10, 20, 40, 80, 160)
_JOB_RETRIES = (10, 20, 40, 80, 160)


class Healer(Struct, frozen=True, kw_only=True):
    """A kind of alert that clears alone.

    It lasts a prefix of `chain_s`, or `length_s`, or in a share `late` of the cases `late_s`. A
    share `urgent` is an error rather than a warning. `weight` is how common it is.
    """

    alert: str
    entity: str
    weight: int
    length_s: tuple[int, int] = (0, 0)
    chain_s: tuple[int, ...] = ()
    late: float = 0.0
    late_s: tuple[int, int] = (0, 0)
    urgent: float = 0.0


class Job(Struct, frozen=True, kw_only=True):
    """Something that runs by the clock and trips an alert each time, on several hosts."""

    name: str
    alert: str
    host: str
    places: int
    every_s: int
    offset_s: int
    stagger_s: int
    jitter_s: int
    length_s: tuple[int, int]
    severity: str = "warning"


HEALERS = (
    Healer(alert="NodeDiskUsageHigh", entity="node", weight=18, length_s=(60, 360)),
    Healer(alert="KubePodCrashLooping", entity="pod", weight=24, chain_s=_RESTARTS, urgent=0.1),
    Healer(alert="KubePodNotReady", entity="pod", weight=20, length_s=(20, 200)),
    Healer(alert="KubeContainerWaiting", entity="pod", weight=8, chain_s=_RESTARTS),
    Healer(
        alert="KubeNodeNotReady",
        entity="node",
        weight=6,
        length_s=(40, 150),
        late=0.1,
        late_s=(340, 420),
    ),
    Healer(alert="KubeHpaMaxedOut", entity="workload", weight=8, length_s=(30, 330)),
    Healer(alert="KubeJobFailed", entity="workload", weight=8, chain_s=_JOB_RETRIES),
    Healer(alert="KubeCPUOvercommit", entity="nodepool", weight=2, length_s=(150, 600)),
    Healer(alert="KubeVolumeAttachSlow", entity="pod", weight=4, length_s=(240, 420)),
    Healer(alert="etcdHighNumberOfLeaderChanges", entity="etcd", weight=2, length_s=(60, 330)),
)
NIGHTLY = (
    Job(
        name="backup",
        alert="HostDiskIoHigh",
        host="store",
        places=24,
        every_s=DAY_S,
        offset_s=2 * 3600,
        stagger_s=90,
        jitter_s=150,
        length_s=(1500, 2100),
    ),
    Job(
        name="report",
        alert="DatabaseLoadHigh",
        host="db",
        places=12,
        every_s=DAY_S,
        offset_s=4 * 3600 + 900,
        stagger_s=120,
        jitter_s=120,
        length_s=(900, 1500),
    ),
)
HOURLY = (
    Job(
        name="index",
        alert="HostCpuHigh",
        host="search",
        places=8,
        every_s=3600,
        offset_s=300,
        stagger_s=60,
        jitter_s=45,
        length_s=(240, 420),
    ),
)
WEEKLY = (
    Job(
        name="rotate",
        alert="HostNetworkHigh",
        host="archive",
        places=6,
        every_s=7 * DAY_S,
        offset_s=6 * DAY_S + 3 * 3600,
        stagger_s=300,
        jitter_s=240,
        length_s=(2400, 3600),
    ),
)
FLAPPERS = (
    ("NodeNetworkInterfaceFlapping", False),
    ("NodeClockNotSynchronising", False),
    ("TargetDown", True),
    ("ServiceProbeFailed", True),
)
CHRONIC = ("KubeVersionMismatch", "CPUThrottlingHigh", "KubeQuotaAlmostFull", "PrometheusDuplicateTimestamps")
LONE_TROUBLES = (
    ("NodeRAIDDegraded", "warning", 10_800),
    ("NodeFilesystemReadOnly", "error", 5_400),
    ("KubePersistentVolumeFillingUp", "warning", 7_200),
    ("etcdInsufficientMembers", "critical", 1_800),
)
