"""What Alertmanager's clients may rely on: the answers of its API v2, strictly, in our own words.

A field that is neither required nor known there is refused, but for `mutedBy`, which came with 0.28.
"""

from typing import Annotated, Literal

from msgspec import Meta, Struct

Stamp = Annotated[str, Meta(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")]
Print = Annotated[str, Meta(pattern=r"^[0-9a-f]{16}$")]
Uuid = Annotated[str, Meta(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
Link = Annotated[str, Meta(min_length=1)]


class Strict(Struct, forbid_unknown_fields=True, kw_only=True):
    """An object that has these fields and no others."""


class Receiver(Strict):
    name: str


class Status(Strict):
    state: Literal["unprocessed", "active", "suppressed"]
    silencedBy: list[str]  # noqa: N815  # the name on the wire, here and below
    inhibitedBy: list[Print]  # noqa: N815
    mutedBy: list[str] = []  # noqa: N815


class Alert(Strict):
    labels: dict[str, str]
    annotations: dict[str, str]
    receivers: list[Receiver]
    fingerprint: Print
    startsAt: Stamp  # noqa: N815
    endsAt: Stamp  # noqa: N815
    updatedAt: Stamp  # noqa: N815
    status: Status
    generatorURL: Link | None = None  # noqa: N815


class Group(Strict):
    labels: dict[str, str]
    receiver: Receiver
    alerts: Annotated[list[Alert], Meta(min_length=1)]


class Condition(Strict):
    name: Annotated[str, Meta(min_length=1)]
    value: str
    isRegex: bool  # noqa: N815
    isEqual: bool  # noqa: N815


class State(Strict):
    state: Literal["expired", "active", "pending"]


class Silence(Strict):
    id: Uuid
    status: State
    updatedAt: Stamp  # noqa: N815
    matchers: Annotated[list[Condition], Meta(min_length=1)]
    startsAt: Stamp  # noqa: N815
    endsAt: Stamp  # noqa: N815
    createdBy: str  # noqa: N815
    comment: str


class Made(Strict):
    silenceID: Uuid  # noqa: N815


class Peer(Strict):
    name: str
    address: str


class Cluster(Strict):
    status: Literal["ready", "settling", "disabled"]
    peers: list[Peer] = []
    name: str = ""


class Version(Strict):
    version: str
    revision: str
    branch: str
    buildUser: str  # noqa: N815
    buildDate: str  # noqa: N815
    goVersion: str  # noqa: N815


class Written(Strict):
    original: str


class Server(Strict):
    cluster: Cluster
    versionInfo: Version  # noqa: N815
    config: Written
    uptime: str


LISTS = {
    "/api/v2/alerts": list[Alert],
    "/api/v2/alerts/groups": list[Group],
    "/api/v2/receivers": list[Receiver],
    "/api/v2/silences": list[Silence],
    "/api/v2/status": Server,
}
"""What a GET of each path answers."""
