"""The entries of the one ordered log: everything the pipeline decides on."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from alertmesh.core.alert import Alert
from alertmesh.core.silence import Silence


class Fired(Struct, frozen=True, tag="fired"):
    """An instance began to fire, or fires with another body after an end."""

    alert: Alert
    at: datetime


class Ended(Struct, frozen=True, tag="ended"):
    """An instance stopped; `expired` says that its lease ran out rather than that it was told.

    `lost` names the sender that fell silent, if that is why the lease ran out.
    """

    fingerprint: str
    ended_at: datetime
    at: datetime
    expired: bool = False
    lost: str = ""


class Tick(Struct, frozen=True, tag="tick"):
    """Time has come to `at`; deadlines up to it are due."""

    at: datetime


class Action(StrEnum):
    """What a person can do to an incident."""

    ACK = "ack"
    UNACK = "unack"
    ESCALATE = "escalate"
    RESOLVE = "resolve"
    SNOOZE = "snooze"
    ASSIGN = "assign"
    RETURN = "return"
    MERGE = "merge"
    SPLIT = "split"
    NOTE = "note"
    CLOSE = "close"


class Command(Struct, frozen=True, kw_only=True, tag="command"):
    """A person's action on an incident, as of `epoch` (None: whatever it is now).

    `args` by action: snooze `minutes`; assign `person`; escalate `step`; merge `into`;
    split `series` (ids with commas between); note, return, resolve and close `text`.
    """

    action: Action
    incident: int
    actor: str
    at: datetime
    epoch: int | None = None
    args: Mapping[str, str] = {}


class Outcome(Struct, frozen=True, kw_only=True, tag="outcome"):
    """What became of one attempt: it left (`sent`), or no more will be tried."""

    attempt: str
    incident: int
    page: str
    channel: str
    person: str
    sent: bool
    at: datetime
    error: str = ""


class RulesChanged(Struct, frozen=True, tag="rules"):
    """From here on the named rule set decides."""

    version: str
    at: datetime


class SilenceSet(Struct, frozen=True, kw_only=True, tag="silence_set"):
    """A person made a silence or changed one; `replaces` is the silence that ends because of it."""

    silence: Silence
    at: datetime
    replaces: str = ""


class SilenceExpired(Struct, frozen=True, kw_only=True, tag="silence_expired"):
    """A person ended a silence before its time."""

    id: str
    actor: str
    at: datetime


LogEntry = Fired | Ended | Tick | Command | Outcome | RulesChanged | SilenceSet | SilenceExpired
