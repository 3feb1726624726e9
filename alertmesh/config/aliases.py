"""The form of `rules/aliases.yaml`: which names of different monitors mean one host."""

from typing import Annotated

from pydantic import AfterValidator, Field

from alertmesh.config.values import Model

_DOMAIN = r"^\.?[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*$"
_HostName = Annotated[str, Field(min_length=1, max_length=256)]


class AliasEntry(Model):
    """A host, and what else monitors call it: addresses, agent names, full names."""

    name: _HostName
    also: tuple[_HostName, ...] = Field(min_length=1)


def _unambiguous(hosts: tuple[AliasEntry, ...]) -> tuple[AliasEntry, ...]:
    meant: dict[str, str] = {}
    for entry in hosts:
        for other in (entry.name, *entry.also):
            if meant.setdefault(other.lower(), entry.name) != entry.name:
                raise ValueError(f"{other!r} stands for {meant[other.lower()]!r} already")
    return hosts


class AliasesFile(Model):
    """A file of `rules/aliases`; its keys may be spread over several."""

    domains: tuple[Annotated[str, Field(pattern=_DOMAIN)], ...] | None = None
    hosts: Annotated[tuple[AliasEntry, ...], AfterValidator(_unambiguous)] | None = None
