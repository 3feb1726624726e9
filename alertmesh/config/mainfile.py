"""The form of `alertmesh.yaml`, and of the people and channels that may stand in it."""

from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from alertmesh.config.auditor import AuditorEntry
from alertmesh.config.modules import ModuleEntry
from alertmesh.config.oidc import OidcEntry
from alertmesh.config.rosters import RosterEntry
from alertmesh.config.users import UserEntry
from alertmesh.config.values import Address, Count, Duration, Model, Name, Seconds, Url
from alertmesh.config.zabbix import ZabbixEntry


def _text(value: Any) -> Any:
    return str(value).lower() if isinstance(value, bool) else value


class ChannelEntry(Model):
    """One way to reach people; what may be in `settings` depends on `kind`."""

    name: Name
    kind: str
    settings: dict[str, Annotated[str, BeforeValidator(_text)]] = Field(default_factory=dict)


class SourceEntry(Model):
    """One named sender, which posts below `/from/{name}/`."""

    name: Name
    source: str
    lease: Duration | None = None
    labels: dict[str, str] = Field(default_factory=dict)


class LimitsEntry(Model):
    """How large things may be before they are refused, cut or put off."""

    queue_entries: Count = 50_000
    body_bytes: Count | None = None
    body_s: Seconds | None = None
    alerts_per_request: Count | None = None
    page: Count | None = None
    scan: Count | None = None
    labels: Count | None = None
    name_chars: Count | None = None
    value_chars: Count | None = None
    annotations: Count | None = None
    annotation_chars: Annotated[int, Field(ge=16)] | None = None
    link_chars: Count | None = None
    future_s: Seconds | None = None
    shared_texts: Count | None = None


class MainFile(Model):
    """Everything that `alertmesh.yaml` may hold; all of it may be left out."""

    listen: Address = "127.0.0.1:9393"
    store: str = "sqlite:///alertmesh.db"
    rules: str = ""
    models: str = ""
    external_url: Url = ""
    retention_days: Annotated[int, Field(ge=1, le=36_500)] = 30
    limits: LimitsEntry = LimitsEntry()
    sources: tuple[SourceEntry, ...] = ()
    zabbix: tuple[ZabbixEntry, ...] = ()
    modules: tuple[ModuleEntry, ...] = ()
    auditor: AuditorEntry = AuditorEntry()
    oidc: OidcEntry | None = None
    users: tuple[UserEntry, ...] = ()
    channels: tuple[ChannelEntry, ...] = ()
    rosters: tuple[RosterEntry, ...] = ()


class ChannelFile(Model):
    """A file of `rules/channels`."""

    channels: tuple[ChannelEntry, ...] = ()


class RosterFile(Model):
    """A file of `rules/rosters`."""

    users: tuple[UserEntry, ...] = ()
    rosters: tuple[RosterEntry, ...] = ()
