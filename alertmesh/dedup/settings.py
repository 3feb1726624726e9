"""What can be set about dedup, with the defaults that are shipped."""

from datetime import timedelta

from msgspec import Struct, field

from alertmesh.dedup.chronicsettings import ChronicSettings
from alertmesh.dedup.fingerprint import Identity
from alertmesh.dedup.flapsettings import FlapSettings
from alertmesh.dedup.heartbeatsettings import ContactSettings, HeartbeatSettings
from alertmesh.dedup.routinesettings import RoutineSettings
from alertmesh.dedup.selfhealsettings import SelfhealSettings
from alertmesh.dedup.stormsettings import StormSettings


class TrackerSettings(Struct, frozen=True, kw_only=True):
    """What makes a series, and how long and how much is remembered.

    `reorder_window`, `remember` and `max_instances` hold for the repeat filter too: how long an
    explicit end makes a firing of the same episode stale, how long ended instances and their
    series are known, and how many instances may be known before ended ones are given up early.
    A tick forgets `forget_per_tick` instances at most.
    """

    identity: Identity = field(default_factory=Identity)
    reorder_window: timedelta = timedelta(seconds=30)
    remember: timedelta = timedelta(minutes=30)
    max_instances: int = 1_000_000
    forget_per_tick: int = 5_000


class DedupSettings(TrackerSettings, frozen=True, kw_only=True):
    """The settings of the stage: those of the series themselves, and a section for each rule."""

    heartbeat: HeartbeatSettings = field(default_factory=HeartbeatSettings)
    contacts: ContactSettings = field(default_factory=ContactSettings)
    flap: FlapSettings = field(default_factory=FlapSettings)
    selfheal: SelfhealSettings = field(default_factory=SelfhealSettings)
    chronic: ChronicSettings = field(default_factory=ChronicSettings)
    routine: RoutineSettings = field(default_factory=RoutineSettings)
    storm: StormSettings = field(default_factory=StormSettings)
