"""Let the names that different monitors give one host meet."""

from msgspec import Struct
from msgspec.structs import replace

from alertmesh.core.alert import Entity

_HOSTS = frozenset(("host", "node"))


class Alias(Struct, frozen=True):
    """A host by the name that counts, and what else monitors call it."""

    name: str
    also: tuple[str, ...]


class AliasSettings(Struct, frozen=True):
    """Which names mean one host; a name within one of the `domains` means what stands before the domain."""

    domains: tuple[str, ...] = ()
    hosts: tuple[Alias, ...] = ()


class Aliases:
    """Give each host the one name that it is known by. Upper and lower case are the same here."""

    def __init__(self, settings: AliasSettings) -> None:
        self._names = {other.lower(): alias.name for alias in settings.hosts for other in alias.also}
        self._names |= {alias.name.lower(): alias.name for alias in settings.hosts}
        self._domains = tuple(f".{domain.lower().strip('.')}" for domain in settings.domains)

    def named(self, entity: Entity) -> Entity:
        """Return the entity under the name that counts; only hosts and nodes have others.

        >>> settings = AliasSettings(("example.com",), (Alias("node-1", ("10.0.0.7", "agent-1")),))
        >>> aliases = Aliases(settings)
        >>> [aliases.named(Entity("host", name)).name for name in ("Agent-1.example.com", "web.example.com")]
        ['node-1', 'web']
        """
        if entity.kind not in _HOSTS or not (self._names or self._domains):
            return entity
        name = self._known(entity.name)
        return entity if name == entity.name else replace(entity, name=name)

    def _known(self, name: str) -> str:
        known = self._names.get(name.lower())
        if known is not None:
            return known
        for domain in self._domains:
            if name.lower().endswith(domain) and len(name) > len(domain):
                short = name[: -len(domain)]
                return self._names.get(short.lower(), short)
        return name
