"""The form of what is set for PaaS modules, and what it comes to."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr

from alertmesh.config.values import Model, Name

_HOST = re.compile(r"\.?[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*|\[?[0-9A-Fa-f:]+\]?")


def _host(text: str) -> str:
    if not _HOST.fullmatch(text):
        raise ValueError("should be the name or address of a host, without scheme, port and path")
    return text.strip("[]").lower()


def _text(value: Any) -> Any:
    return str(value).lower() if isinstance(value, bool) else value


class ModuleEntry(Model):
    """What is set for one module; what may be in `settings` is told by the module."""

    name: Name
    enabled: bool = True
    hosts: tuple[Annotated[str, AfterValidator(_host)], ...] = ()
    settings: dict[str, Annotated[str, BeforeValidator(_text)]] = Field(default_factory=dict)

    def config(self) -> "ModuleConfig":
        """Return it with its settings hidden."""
        hidden = {name: SecretStr(value) for name, value in self.settings.items()}
        return ModuleConfig(self.name, self.enabled, self.hosts, hidden)


@dataclass(frozen=True, slots=True)
class ModuleConfig:
    """What is set for one module: whether it works, and the only hosts it may talk to.

    `.example.org` stands for every host below it. Settings may be secrets, which only `reveal` shows.
    """

    name: str
    enabled: bool = True
    hosts: tuple[str, ...] = ()
    settings: Mapping[str, SecretStr] = field(default_factory=dict, repr=False)

    def reveal(self) -> dict[str, str]:
        """Return the settings in clear, for the module alone."""
        return {name: value.get_secret_value() for name, value in self.settings.items()}
