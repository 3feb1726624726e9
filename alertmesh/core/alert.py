"""One report from a source, from the moment its body is decoded."""

from collections.abc import Sequence
from datetime import datetime
from enum import IntEnum

from msgspec import Struct


class Priority(IntEnum):
    """How bad: P1 wakes people, P4 is read in the morning. A smaller number is worse."""

    P1 = 1
    P2 = 2
    P3 = 3
    P4 = 4


class Entity(Struct, frozen=True, gc=False):
    """The thing an alert is about.

    `kind` is one of cluster, node, host, pod, workload, service, namespace, unknown.
    """

    kind: str
    name: str
    cluster: str = ""
    namespace: str = ""

    def __str__(self) -> str:
        scope = "/".join(part for part in (self.cluster, self.namespace) if part)
        return f"{self.kind} {scope}/{self.name}" if scope else f"{self.kind} {self.name}"


class Sighting(Struct, gc=False):
    """One decoded alert of a request, before anybody knows whether it is news.

    `identity` is a cheap key that is equal for equal label sets of one source (the sender's own
    fingerprint or a hash of the labels). `ends_at` is when it ended if it does not fire, else
    the end of the lease that the sender gave, if any. `starts_at` is None when the sender did
    not say. `keyed` says that the sender names its alerts itself: `identity` is then the fingerprint
    whatever the labels are; `local`, that another sender of the same kind may use the same names
    for other alerts. `revision` is the severity of an alert whose severity may change while it
    fires; another one, unless empty, is news.
    """

    identity: str | int
    firing: bool
    labels: dict[str, str]
    annotations: dict[str, str]
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    generator_url: str = ""
    keyed: bool = False
    revision: str = ""
    local: bool = False


class Rejected(Struct, frozen=True):
    """One alert of a request that was refused, by its place in the request, and why."""

    index: int
    error: str


class Parsed(Struct):
    """What a source made of one request body.

    `positions[i]` is the place of `sightings[i]` in the request; `truncated` counts alerts that
    the sender says it left out.
    """

    sightings: Sequence[Sighting]
    positions: Sequence[int]
    rejected: list[Rejected]
    truncated: int = 0


class Alert(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """One firing of one instance: full labels, where from, since when, how bad.

    `fingerprint` is Alertmanager's, over the labels including the door's default labels.
    `expires_at` is the end of the lease: without a repeat or an end until then it is over.
    """

    fingerprint: str
    source: str
    labels: dict[str, str]
    annotations: dict[str, str]
    starts_at: datetime
    received_at: datetime
    priority: Priority
    entity: Entity
    severity: str = ""
    expires_at: datetime | None = None
    generator_url: str = ""

    @property
    def name(self) -> str:
        """Return the alert's kind, as its source names it."""
        return self.labels.get("alertname", "")
