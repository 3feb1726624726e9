"""Build the machinery from a configuration: doors, filter, pipeline, outbox."""

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from heapq import nsmallest
from ipaddress import ip_address
from typing import Any, TypeVar

import msgspec
from msgspec.structs import replace

from alertmesh import learned, registry
from alertmesh.channels import built
from alertmesh.config import Config
from alertmesh.core.alert import Alert, Sighting
from alertmesh.core.clock import Clock
from alertmesh.core.contact import UnknownWord
from alertmesh.core.errors import BadConfig
from alertmesh.core.incident import Incident
from alertmesh.core.oncall import User
from alertmesh.core.ports import Batch, Channel, ChannelLevel, Door, Levels, Source, Store
from alertmesh.core.response import Response
from alertmesh.core.silence import Window
from alertmesh.core.topology import Service
from alertmesh.correlate import model
from alertmesh.correlate.inhibit import InhibitRule
from alertmesh.correlate.model import GroupingModel
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
from alertmesh.ingest import mapping
from alertmesh.ingest.aliases import AliasSettings
from alertmesh.ingest.normalise import Limits, Normaliser
from alertmesh.ingest.priority import PriorityTable
from alertmesh.ingest.zabbix_event import api_door
from alertmesh.messages import channel_kinds, templates
from alertmesh.notify.codes import Codes
from alertmesh.notify.outbox import Outbox
from alertmesh.notify.settling import Observer
from alertmesh.notify.transport import AiohttpTransport, hosts_of
from alertmesh.pipeline import Pipeline

T = TypeVar("T")
_EVENT_LEASE = timedelta(seconds=5)
_WORDS = 50  # unknown severity words that are told at most
_STAGES = ("dedup", "correlate", "incidents", "escalate")

Write = Callable[[Batch], Awaitable[object]]
Lookup = Callable[[int], tuple[Incident, Response] | None]


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
        self.sources: Mapping[str, Source] = _sources(config)
        self._reload = reload
        self._learned = _experience(config)
        self._doors: dict[tuple[str, str], Door] = {}
        self._anonymous: dict[str, Door] = {}
        # Servers are asked for as long as the process lives, whatever a reload says.
        self._asked = frozenset(api_door(one.name) for one in config.zabbix)
        dedup = _settings(config, "dedup", DedupSettings)
        self.http = AiohttpTransport(())
        # What is only tried is not counted among what came.
        self.normaliser, self._trying = _normaliser(config), _normaliser(config)
        self.expected = Expected(dedup.heartbeat.expected)
        self.filter = RepeatFilter(
            self.normaliser.describe,
            dedup.max_instances,
            dedup.reorder_window,
            dedup.remember,
            self.expected.pace,
        )
        self.contacts = Contacts(self.filter, dedup.contacts, self.has_door)
        self.pipeline = Pipeline(
            DedupStage(dedup),
            CorrelateStage(
                _correlation(config, self.expected), _inhibits(config), edges, grouping_model(config)
            ),
            IncidentStage(_settings(config, "incidents", IncidentSettings)),
            EscalateStage(config.oncall),
        )
        self.pipeline.escalate.plan(_windows(config))

    def warm_up(self, at: datetime) -> None:
        """Begin at `at` with what was learned from a recording, unless there is experience already."""
        if self._learned is not None:
            settings = _settings(self.config, "correlate", CorrelateSettings)
            learned.lay(self._learned, self.pipeline.correlate, at, settings.rarity_window_s)
            self._learned = None

    @property
    def can_reload(self) -> bool:
        """Tell whether the configuration can be read anew."""
        return self._reload is not None

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

    def has_door(self, key: tuple[str, str]) -> bool:
        """Tell whether somebody can still come by a door, or is asked: what named it may be gone."""
        source, name = key
        entry = self.config.doors.get(name)
        named = entry is not None and entry.source == source
        return source in self.sources and (named or name == source or name in self._asked)

    def source(self, name: str) -> Source:
        """Return a source by name; KeyError when there is none."""
        return self.sources[name]

    def kinds(self) -> list[Source]:
        """Return every kind of sender, by name."""
        return [self.sources[name] for name in sorted(self.sources)]

    def describe(self, door: Door, sighting: Sighting, at: datetime) -> Alert:
        """Return the alert that a sighting would be; BadPayload when it would be refused."""
        return self._trying.describe(door, sighting, at)

    def unknown_words(self) -> list[UnknownWord]:
        """Return the severity words that no rule knows, those of the most alerts first."""
        counts = self.normaliser.rules.unknown_words.items()
        words = [UnknownWord(word, alerts) for word, alerts in counts]
        return nsmallest(_WORDS, words, key=lambda one: (-one.alerts, one.word))

    def is_firing(self, fingerprint: str) -> bool:
        """Tell whether an alert is known and fires."""
        return self.filter.sighted(fingerprint) is not None

    def recorded_door(self, name: str) -> Door:
        """Return the door of a recorded alert's source.

        One that is not installed is taken for a sender of events, each over soon after its last repeat:
        an intrusion detector never says that something goes on.
        """
        source = self.sources.get(name)
        lease = source.lease if source is not None else _EVENT_LEASE
        return self._doors.setdefault(("recorded", name), Door(name, name, lease))

    def outbox(
        self, store: Store, write: Write, clock: Clock, lookup: Lookup, observer: Observer, codes: Codes
    ) -> Outbox:
        """Return the outbox over the configured channels; the network is open to their hosts alone."""
        channels = build_channels(self.config)
        self.http.allow(hosts_of(channels.values()))
        outbox = Outbox(
            store,
            write,
            channels,
            self.http,
            clock,
            lookup,
            self.person,
            external_url=self.config.external_url,
            observer=observer,
            codes=codes,
        )
        outbox.dress(templates(self.config), channel_kinds(self.config))
        return outbox

    def person(self, name: str) -> User | None:
        """Return a person by name, as configured now."""
        return self.config.oncall.users.get(name)

    def fresh(self) -> Config:
        """Read the configuration anew; BadConfig when it is bad, in which case nothing changed."""
        if self._reload is None:
            raise BadConfig(["this server was started without files that could be read again"])
        config = self._reload()
        vet(config)
        return config

    def adopt(self, config: Config, outbox: Outbox) -> None:
        """Go by another configuration from here on; open incidents keep the policy they began with."""
        self.config = config
        self.sources = _sources(config)
        self._doors.clear()
        self._anonymous.clear()
        fresh = _normaliser(config)
        fresh.rules.go_on(self.normaliser.rules)
        self.normaliser, self._trying = fresh, _normaliser(config)
        dedup = _settings(config, "dedup", DedupSettings)
        self.filter.describe = self.normaliser.describe
        self.filter.max_instances = dedup.max_instances
        self.filter.reorder_window, self.filter.remember = dedup.reorder_window, dedup.remember
        self.expected = Expected(dedup.heartbeat.expected)
        self.filter.repace(self.expected.pace, (alert for alert, _ in self.pipeline.dedup.alerts()))
        self.contacts.settings = dedup.contacts
        self.pipeline.dedup.adopt(dedup)
        correlation = _correlation(config, self.expected)
        self.pipeline.correlate.adopt(correlation, _inhibits(config), grouping_model(config))
        self.pipeline.incidents.adopt(_settings(config, "incidents", IncidentSettings))
        self.pipeline.escalate.swap(config.oncall)
        self.pipeline.escalate.plan(_windows(config))
        channels = build_channels(config)
        self.http.allow(hosts_of(channels.values()))
        outbox.adopt(channels, self.person, config.external_url)
        outbox.dress(templates(config), channel_kinds(config))

    def levels(
        self, queue: int, channels: Mapping[str, ChannelLevel], template_failures: Mapping[str, int]
    ) -> Levels:
        """Return how much of everything there is now; `queue` entries wait to be decided."""
        stages = self.pipeline
        return Levels(
            queue=queue,
            instances=len(self.filter),
            series=len(stages.dedup.series),
            groups=stages.correlate.open_groups,
            watch_list=stages.incidents.watching,
            incidents=Counter(incident.priority for incident in stages.incidents.incidents()),
            dropped={name: getattr(stages, name).dropped for name in _STAGES}
            | {"repeats": self.filter.dropped, "relations": stages.correlate.relations.dropped},
            channels=channels,
            template_failures=template_failures,
            unknown_severities=self.normaliser.rules.unknown_alerts,
            storms=stages.dedup.storms(),
            sources=self.contacts.statuses(),
        )


def vet(config: Config) -> None:
    """Make once what the parts are made of; BadConfig when a configuration that was read cannot be used."""
    build_channels(config)
    templates(config)
    _normaliser(config)
    _sources(config)
    _settings(config, "correlate", CorrelateSettings)
    _settings(config, "dedup", DedupSettings)
    _settings(config, "incidents", IncidentSettings)
    _inhibits(config)
    grouping_model(config)
    _experience(config)


def build_channels(config: Config) -> dict[str, Channel]:
    """Return the configured channels by name; BadConfig lists every one that cannot be built."""
    return built(config.channels.values())


def grouping_model(config: Config) -> GroupingModel | None:
    """Return the trees that the correlator goes by, None for shared attributes alone; BadConfig if bad."""
    files = config.models
    return _decoded(files.grouping, files.grouping_path) if files.grouping_path else None


@lru_cache(maxsize=4)
def _decoded(body: bytes, path: str) -> GroupingModel:
    return model.decode(body, path)


def _experience(config: Config) -> learned.Learned | None:
    files = config.models
    return learned.decode(files.learned, files.learned_path) if files.learned_path else None


def _host(config: Config) -> str:
    return config.listen.rpartition(":")[0].strip("[]")


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _normaliser(config: Config) -> Normaliser:
    table = _settings(config, "priority", PriorityTable)
    aliases = _settings(config, "aliases", AliasSettings)
    return Normaliser(table, _settings(config, "alerts", Limits), aliases)


def _sources(config: Config) -> dict[str, Source]:
    """Return the plugins and the mappings, none of which has the name of a plugin."""
    mapped = {
        one.name: mapping.source(msgspec.convert(one.settings, mapping.Mapping), one.sample)
        for one in config.mappings
    }
    return {**mapped, **registry.sources()}


def _correlation(config: Config, expected: Expected) -> CorrelateSettings:
    """Return the settings of the correlator, which is not to take a heartbeat for a trouble."""
    correlate = _settings(config, "correlate", CorrelateSettings)
    services = msgspec.convert(config.section("services")["services"], tuple[Service, ...])
    ignored = (*correlate.ignored, *filter(None, expected.matchers()))
    return replace(correlate, ignored=ignored, services=services)


def _inhibits(config: Config) -> list[InhibitRule]:
    rules: list[Any] = config.section("inhibit").get("rules", [])
    return msgspec.convert(rules, list[InhibitRule])


def _windows(config: Config) -> list[Window]:
    return msgspec.convert(config.section("maintenance")["windows"], list[Window])


def _settings(config: Config, section: str, kind: type[T]) -> T:
    return msgspec.convert(config.section(section), kind)
