"""The form of the list of Zabbix servers, and what it comes to."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated

from pydantic import Field, SecretStr, model_validator

from alertmesh.config.values import Model, Name, Seconds, Url

_Every = Annotated[Seconds, Field(ge=1, le=86_400)]


class ZabbixEntry(Model):
    """One Zabbix server whose API is asked, and told what people did here."""

    name: Name = "zabbix"
    url: Url = Field(min_length=1)
    token: str = ""
    user: str = ""
    password: str = ""
    ca_file: str = ""
    every_s: _Every = 15.0
    reconcile_s: _Every = 60.0
    inventory_s: _Every = 300.0
    write_back: bool = True
    labels: dict[str, str] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _has_an_account(self) -> "ZabbixEntry":
        if bool(self.token) == bool(self.user and self.password):
            raise ValueError("give either token, an API token of Zabbix, or user and password")
        return self

    def config(self) -> "ZabbixConfig":
        """Return it with its secrets hidden."""
        given = self.model_dump()
        given |= {key: SecretStr(given[key]) for key in ("token", "password")}
        return ZabbixConfig(**given)


@dataclass(frozen=True, slots=True)
class ZabbixConfig:
    """One Zabbix server: a token, or else a user with a password.

    It is asked for what is new every `every_s`, for all that is open every `reconcile_s`, and for
    hosts and dependencies every `inventory_s`. `write_back` says whether it is told what people
    did here. `labels` are added to its alerts.
    """

    name: str
    url: str
    token: SecretStr = field(default=SecretStr(""), repr=False)
    user: str = ""
    password: SecretStr = field(default=SecretStr(""), repr=False)
    ca_file: str = ""
    every_s: float = 15.0
    reconcile_s: float = 60.0
    inventory_s: float = 300.0
    write_back: bool = True
    labels: Mapping[str, str] = field(default_factory=dict)
