"""What people and machines do to things: deploys, new settings, restarts. Often the reason for an alert."""

from datetime import datetime

from msgspec import Struct


class ChangeEvent(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """One change made to a thing at a moment, as somebody told it.

    `id` is equal for equal events, so that one that is told twice is one. `entity` is the service,
    workload or node, `level` says which. `kind` is a word such as `deploy` or `config`.
    """

    id: str
    at: datetime
    entity: str
    level: str
    kind: str
    summary: str = ""
    cluster: str = ""
    namespace: str = ""
    url: str = ""
    actor: str = ""
