"""Why a series is in its group, and why two groups are not one: what people and machines are told."""

from datetime import datetime

from msgspec import Struct

from alertmesh.core.group import Reason


class Rival(Struct, frozen=True, gc=False):
    """Another group that a series might have joined, and how likely it belonged there."""

    group: int
    probability: float


class Why(Struct, frozen=True, kw_only=True, gc=False):
    """Why one series is in its group.

    `probability` is what the `reasons` add up to: in log-odds when `log_odds` says so, else each
    takes its share of the doubt that the others left. `threshold` is what it took to join. `kept_out`
    says in sentences what would have kept it out. `rival` is the likeliest other group at that time.
    """

    series: str
    name: str
    entity: str
    group: int
    joined_at: datetime
    probability: float
    threshold: float
    log_odds: bool
    reasons: tuple[Reason, ...]
    kept_out: tuple[str, ...]
    rival: Rival | None = None


class Opinion(Struct, frozen=True, kw_only=True, gc=False):
    """How likely one series belonged to a group at a moment, and what spoke for and against it.

    `barred` is set when something else kept it out however likely that was.
    """

    series: str
    name: str
    group: int
    at: datetime
    probability: float
    threshold: float
    for_it: tuple[Reason, ...]
    against_it: tuple[Reason, ...]
    barred: str = ""


class WhyApart(Struct, frozen=True, kw_only=True, gc=False):
    """Why two groups are not one.

    `answer` says it in one sentence, `facts` are what holds of the two whatever was weighed. `then` is
    the strongest opinion that was formed when a series of one was placed, `now` what would be thought
    of the newest series of the smaller one.
    """

    groups: tuple[int, int]
    answer: str
    verdicts: tuple[str, ...]
    facts: tuple[str, ...]
    then: Opinion | None
    now: Opinion | None
