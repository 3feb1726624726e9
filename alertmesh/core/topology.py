"""The words for what stands next to what: edges, how each is known, and the services of the catalogue."""

from datetime import datetime
from enum import StrEnum

from msgspec import Struct

MOST_CHARS = 256
"""How long the name of a thing in the topology may be."""

CONFIGURED = frozenset({"startup", "catalogue"})
LEARNED = frozenset({"labels", "inferred"})
RESERVED = CONFIGURED | LEARNED
"""Sources that cannot be written from outside: the start of the process, the catalogue, what is learned."""

PEER_LABELS = (
    "peer",
    "peer_service",
    "destination_service",
    "destination_service_name",
    "upstream",
    "callee",
)
"""Labels that name what the alert's own thing calls."""


class EdgeKind(StrEnum):
    """How `a` stands to `b`."""

    CALLS = "calls"
    RUNS_ON = "runs_on"
    OWNS = "owns"
    LINKED = "linked"


class Edge(Struct, frozen=True):
    """A known relation: `a` calls, runs on, owns or is linked to `b`; `kind` says which.

    An edge without a cluster holds in every cluster. A pod is written `namespace/pod`.
    """

    a: str
    b: str
    kind: str
    cluster: str = ""


class KnownEdge(Struct, frozen=True):
    """An edge with how it came to be known.

    `seen` is when its source told of it last, None for what is configured; `until` is when it is
    forgotten unless it is told again, None for never. `inferred` says that nobody told of it: it
    was concluded from alerts, and `words` says from which.
    """

    edge: Edge
    source: str
    seen: datetime | None = None
    until: datetime | None = None
    inferred: bool = False
    words: str = ""


class Service(Struct, frozen=True, kw_only=True):
    """A service of the catalogue: which series it is, who answers for it, and what it needs.

    `match` holds Alertmanager matchers; `cluster` and `namespace` narrow them, empty for any.
    `roster` is who is paged as tier 2 when it is the likely root; without one it is the roster called as
    `team` is, if there is any. `owner` is a person or any word people know.
    """

    name: str
    match: str = ""
    team: str = ""
    roster: str = ""
    owner: str = ""
    depends_on: tuple[str, ...] = ()
    runbooks: tuple[str, ...] = ()
    cluster: str = ""
    namespace: str = ""
