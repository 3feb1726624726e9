"""What is better read in the morning than at night: noise, and what could be done about it."""

from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from alertmesh.core.alert import Priority


class Noise(StrEnum):
    """How a series is noise."""

    ALWAYS_ON = "always_on"  # it fires nearly all the time
    RECURRING = "recurring"  # it comes and goes many times a day, for days
    ROUTINE = "routine"  # it comes at its usual time, as long and as bad as usual


class Remedy(StrEnum):
    """What to do about noise."""

    FIX = "fix"  # the trouble is real and stays: mend it
    TUNE = "tune"  # the rule is too eager: change its threshold or its duration
    DROP = "drop"  # nobody needs it: delete the rule
    MAINTENANCE = "maintenance"  # it is planned work: declare a window for it


class Proposal(Struct, frozen=True, kw_only=True, gc=False):
    """A series that somebody should do something about, who that may be, and what.

    `owner` holds those of the labels team, owner, service, namespace and the like that the series
    has. `numbers` are what the proposal rests on, by name; `why` says it in one sentence. `snippet`
    is the YAML of a rule that would do it, where there is one.
    """

    series: str
    name: str
    owner: dict[str, str]
    priority: Priority
    noise: Noise
    since: datetime
    numbers: dict[str, float]
    remedy: Remedy
    why: str
    snippet: str = ""
