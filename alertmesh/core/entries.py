"""The entries of the one ordered log: everything the pipeline decides on."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from alertmesh.core.alert import Alert
from alertmesh.core.changes import ChangeEvent
from alertmesh.core.oncall import Override
from alertmesh.core.regrouping import Regrouping
from alertmesh.core.silence import Silence
from alertmesh.core.topology import Edge


class Fired(Struct, frozen=True, tag="fired"):
    """An instance began to fire, fires with another body after an end, or fires on with another severity."""

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
    PRIORITY = "priority"
    CLOSE = "close"
    MOVE = "move"
    ROOT = "root"
    UNRELATED = "unrelated"
    ACCEPT = "accept"
    DISMISS = "dismiss"
    STEP = "step"


class Command(Struct, frozen=True, kw_only=True, tag="command"):
    """A person's action on an incident, as of `epoch` (None: whatever it is now).

    `args` by action: snooze `minutes`; assign `person`; escalate `step` and `team`, a roster; priority
    `priority`, a word like P2; merge `into`;
    split `series` (ids with commas between); move `series` and, unless they begin an incident of
    their own, `into`; root `series` or `entity` or both; unrelated `series` that do not belong
    here, or `other`, the incident this one has nothing to do with; accept and dismiss
    `suggestion`, its number; note, return, resolve and close `text`; step `runbook`, the number of the
    `step` in it, `done`, true or false, and what it says as `text`.
    """

    action: Action
    incident: int
    actor: str
    at: datetime
    epoch: int | None = None
    args: Mapping[str, str] = {}


class Feedback(Struct, frozen=True, kw_only=True, omit_defaults=True, tag="feedback"):
    """A person's word on series, whether they are in incidents or only watched.

    `merge`: the groups of `a` and `b` are one. `split`: `b` does not belong with `a`. `move`: `a`
    belongs with `b`, or with nothing open when `b` is empty. `unrelated`: `a` does not belong with
    `b`, or where it is when `b` is empty. `root`: `a` is the root of its group, or the entity
    called `b`. `names` are the alertnames, for series that are forgotten by now. A word on what is
    `past` changes no group: it is remembered only. `group` is where both were when that is meant
    by a split and `a` has gone on since, or is `b` itself at an earlier time.
    """

    action: Action
    actor: str
    at: datetime
    a: str
    b: str = ""
    names: tuple[str, str] = ("", "")
    past: bool = False
    group: int = 0


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


class Reported(Struct, frozen=True, kw_only=True, tag="reported"):
    """A channel said later what became of an attempt that had left; `state` is an attempt's."""

    attempt: str
    incident: int
    page: str
    channel: str
    person: str
    state: str
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


class OverrideSet(Struct, frozen=True, kw_only=True, tag="override_set"):
    """A person gave duty to somebody else for a while, or asked who would take it."""

    override: Override
    at: datetime


class OverrideAnswered(Struct, frozen=True, kw_only=True, tag="override_answered"):
    """A person takes duty that was asked for, or will not."""

    id: str
    actor: str
    accepts: bool
    at: datetime


class OverrideEnded(Struct, frozen=True, kw_only=True, tag="override_ended"):
    """A person ended an override before its time, or took back what they asked for."""

    id: str
    actor: str
    at: datetime


class HandoverSigned(Struct, frozen=True, kw_only=True, tag="handover_signed"):
    """Whoever comes on duty takes over what `outgoing` had, with the notes that were left."""

    roster: str
    actor: str
    outgoing: str
    text: str
    at: datetime


class ClockJumped(Struct, frozen=True, tag="clock_jumped"):
    """The wall clock was set: it shows `by_s` seconds more than time that passed; negative: less."""

    by_s: float
    at: datetime


class TopologySet(Struct, frozen=True, kw_only=True, tag="topology_set"):
    """Somebody told which things stand next to each other.

    The edges stand in place of all that `source` told before; with `adds` they stand beside it.
    They are forgotten after `ttl_s` seconds unless they are told again; None: never.
    """

    source: str
    edges: tuple[Edge, ...]
    actor: str
    at: datetime
    adds: bool = False
    ttl_s: float | None = None


class Proposed(Struct, frozen=True, kw_only=True, tag="proposed"):
    """A second look at everything active was had: this is what it would change in the groups.

    Which of it is done, and which is only suggested, is decided when the entry is read.
    """

    at: datetime
    proposals: tuple[Regrouping, ...] = ()


class Changed(Struct, frozen=True, tag="changed"):
    """Somebody told what was changed: a deploy, a new setting, a restart."""

    event: ChangeEvent
    at: datetime


LogEntry = (
    Fired
    | Ended
    | Tick
    | Command
    | Feedback
    | Outcome
    | Reported
    | RulesChanged
    | SilenceSet
    | SilenceExpired
    | OverrideSet
    | OverrideAnswered
    | OverrideEnded
    | HandoverSigned
    | ClockJumped
    | TopologySet
    | Proposed
    | Changed
)
