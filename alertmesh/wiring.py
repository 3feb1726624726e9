"""Build the machinery from a configuration: doors, filter, pipeline, outbox."""

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from ipaddress import ip_address
from typing import Any, TypeVar

import msgspec
from msgspec.structs import replace

from alertmesh import registry
from alertmesh.config import Config
from alertmesh.core.clock import Clock
from alertmesh.core.errors import BadConfig
from alertmesh.core.incident import Incident
from alertmesh.core.oncall import User
from alertmesh.core.ports import Batch, Channel, ChannelLevel, Door, Levels, Source, Store
from alertmesh.core.response import Response
from alertmesh.core.silence import Window
from alertmesh.correlate.inhibit import InhibitRule
from alertmesh.correlate.settings import CorrelateSettings
from alertmesh.correlate.stage import CorrelateStage
from alertmesh.correlate.topology import Edge
from alertmesh.dedup.contacts import Contacts
from alertmesh.dedup.expected import Expected
from alertmesh.dedup.repeats import RepeatFilter
from alertmesh.dedup.settings import DedupSettings
from alertmesh.dedup.stage import DedupStage
from alertmesh.escalate.stage import EscalateStage
from alertmesh.incidents.settings import IncidentSettings
from alertmesh.incidents.stage import IncidentStage
from alertmesh.ingest.normalise import Limits, Normaliser
from alertmesh.ingest.priority import PriorityTable
from alertmesh.notify.outbox import Outbox
from alertmesh.notify.transport import AiohttpTransport, hosts_of
from alertmesh.pipeline import Pipeline

T = TypeVar("T")
_STAGES = ("dedup", "correlate", "incidents", "escalate")

Write = Callable[[Batch], Awaitable[object]]
Lookup = Callable[[int], tuple[Incident, Response] | None]
Observe = Callable[[str, str, float], None]


class Wiring:
    """One configuration made into working parts, and the way to another one.

    `reload` reads the configuration anew; without it nothing can be reloaded. `edges` are known
    dependencies that the correlator may use. `loopback` tells whether only this machine can reach
    the address that was configured at the start, for a reload does not listen anew.
    """

    def __init__(
        self, config: Config, reload: Callable[[], Config] | None = None, edges: Sequence[Edge] = ()
    ) -> None:
        self.config = config
        self.loopback = _is_loopback(_host(config))
        self.sources: Mapping[str, Source] = registry.sources()
        self._reload = reload
        self._doors: dict[tuple[str, str], Door] = {}
        self._anonymous: dict[str, Door] = {}
        dedup = _settings(config, "dedup", DedupSettings)
        self.http = AiohttpTransport(())
        self.normaliser = _normaliser(config)
        self.expected = Expected(dedup.heartbeat.expected)
        self.filter = RepeatFilter(
            self.normaliser.describe,
            dedup.max_instances,
            dedup.reorder_window,
            dedup.remember,
            self.expected.pace,
        )
        self.contacts = Contacts(self.filter, dedup.contacts)
        self.pipeline = Pipeline(
            DedupStage(dedup),
            CorrelateStage(_correlation(config, self.expected), _inhibits(config), edges),
            IncidentStage(_settings(config, "incidents", IncidentSettings)),
            EscalateStage(config.oncall),
        )
        self.pipeline.escalate.plan(_windows(config))

    @property
    def address(self) -> tuple[str, int]:
        """Return host and port to listen on."""
        return _host(self.config), int(self.config.listen.rpartition(":")[2])

    def door(self, source: str, instance: str) -> Door:
        """Return the door of a sender; KeyError for an unknown source.

        A name that is not configured gets the source's defaults, and no door of its own that
        would have to be remembered.
        """
        known = self._doors.get((source, instance))
        if known is not None:
            return known
        kind = self.sources[source]
        entry = self.config.doors.get(instance)
        if entry is None or entry.source != source:
            door = self._anonymous.get(source)
            if door is None:
                door = self._anonymous[source] = Door(source, source, kind.lease)
            return door
        lease = kind.lease if entry.lease is None else entry.lease
        door = self._doors[source, instance] = Door(instance, source, lease, entry.labels)
        return door

    def recorded_door(self, name: str) -> Door:
        """Return the door of a recorded alert's source, which may be one that is not installed."""
        source = name if name in self.sources else "prometheus"
        kind = self.sources[source]
        return self._doors.setdefault((source, name), Door(name, name, kind.lease))

    def outbox(self, store: Store, write: Write, clock: Clock, lookup: Lookup, observe: Observe) -> Outbox:
        """Return the outbox over the configured channels; the network is open to their hosts alone."""
        channels = build_channels(self.config)
        self.http.allow(hosts_of(channels.values()))
        return Outbox(
            store,
            write,
            channels,
            self.http,
            clock,
            lookup,
            self.person,
            external_url=self.config.external_url,
            observe=observe,
        )

    def person(self, name: str) -> User | None:
        """Return a person by name, as configured now."""
        return self.config.oncall.users.get(name)

    def fresh(self) -> Config:
        """Read the configuration anew; BadConfig when it is bad, in which case nothing changed."""
        if self._reload is None:
            raise BadConfig(["this server was started without files that could be read again"])
        config = self._reload()
        build_channels(config)
        _normaliser(config)
        _settings(config, "correlate", CorrelateSettings)
        _settings(config, "dedup", DedupSettings)
        _settings(config, "incidents", IncidentSettings)
        _inhibits(config)
        return config

    def adopt(self, config: Config, outbox: Outbox) -> None:
        """Go by another configuration from here on; open incidents keep the policy they began with."""
        self.config = config
        self._doors.clear()
        self._anonymous.clear()
        self.normaliser = _normaliser(config)
        dedup = _settings(config, "dedup", DedupSettings)
        self.filter.describe = self.normaliser.describe
        self.filter.max_instances = dedup.max_instances
        self.filter.reorder_window, self.filter.remember = dedup.reorder_window, dedup.remember
        self.expected = Expected(dedup.heartbeat.expected)
        self.filter.repace(self.expected.pace)
        self.contacts.settings = dedup.contacts
        self.pipeline.dedup.adopt(dedup)
        self.pipeline.correlate.adopt(_correlation(config, self.expected), _inhibits(config))
        self.pipeline.escalate.swap(config.oncall)
        self.pipeline.escalate.plan(_windows(config))
        channels = build_channels(config)
        self.http.allow(hosts_of(channels.values()))
        outbox.adopt(channels, self.person, config.external_url)

    def levels(self, queue: int, outbox: Outbox) -> Levels:
        """Return how much of everything there is now; `queue` entries wait to be decided."""
        stages = self.pipeline
        paused = outbox.paused()
        channels = {
            name: ChannelLevel(waiting=waiting, broken=name in paused)
            for name, waiting in outbox.depths().items()
        }
        return Levels(
            queue=queue,
            instances=len(self.filter),
            series=len(stages.dedup.series),
            groups=stages.correlate.open_groups,
            watch_list=stages.incidents.watching,
            incidents=Counter(incident.priority for incident in stages.incidents.incidents()),
            dropped={name: getattr(stages, name).dropped for name in _STAGES}
            | {"repeats": self.filter.dropped},
            channels=channels,
            storms=stages.dedup.storms(),
            sources=self.contacts.statuses(),
        )


def build_channels(config: Config) -> dict[str, Channel]:
    """Return the configured channels by name; BadConfig lists every one that cannot be built."""
    kinds = registry.notifiers()
    problems: list[str] = []
    channels: dict[str, Channel] = {}
    for channel in config.channels.values():
        kind = kinds.get(channel.kind)
        if kind is None:
            problems.append(
                f"channel {channel.name}: kind {channel.kind!r} is none of {', '.join(sorted(kinds))}"
            )
            continue
        try:
            channels[channel.name] = kind.build(channel.name, channel.reveal())
        except BadConfig as error:
            problems += error.problems
    if problems:
        raise BadConfig(problems)
    return channels


def _host(config: Config) -> str:
    return config.listen.rpartition(":")[0].strip("[]")


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _normaliser(config: Config) -> Normaliser:
    table = _settings(config, "priority", PriorityTable)
    return Normaliser(table, _settings(config, "alerts", Limits))


def _correlation(config: Config, expected: Expected) -> CorrelateSettings:
    """Return the settings of the correlator, which is not to take a heartbeat for a trouble."""
    correlate = _settings(config, "correlate", CorrelateSettings)
    return replace(correlate, ignored=(*correlate.ignored, *filter(None, expected.matchers())))


def _inhibits(config: Config) -> list[InhibitRule]:
    rules: list[Any] = config.section("inhibit").get("rules", [])
    return msgspec.convert(rules, list[InhibitRule])


def _windows(config: Config) -> list[Window]:
    return msgspec.convert(config.section("maintenance")["windows"], list[Window])


def _settings(config: Config, section: str, kind: type[T]) -> T:
    return msgspec.convert(config.section(section), kind)
