"""What can be set about the topology, with the defaults that are shipped."""

from msgspec import Struct


class TopologySettings(Struct, frozen=True, kw_only=True):
    """Set what is learned about who stands next to whom, and for how long it is believed.

    Durations are in seconds. `learn` says whether labels teach edges; a learned call is believed
    for `edge_age_s` after it was seen last, where a pod lies for `placement_age_s`. At most
    `max_told` edges may be imported, at most `max_learned` are learned, of which at most
    `max_per_thing` have one end in common; of learned ones those that would be forgotten first
    make room, of imported ones the whole import is refused.

    Two things are linked when they began to alert within `together_s` of each other in at least
    `support` cases (0: never), in at least the share `together_share` of the cases of the one that
    alerts less often, and `lift` times as often as chance would have it. Cases fade with
    `half_life_s`. A moment at which more than `crowd` things begin to alert says nothing.
    At most `max_things` things are followed, each with `max_partners` others.
    """

    learn: bool = True
    edge_age_s: float = 604_800.0
    placement_age_s: float = 86_400.0
    max_told: int = 50_000
    max_learned: int = 50_000
    max_per_thing: int = 256
    support: int = 8
    together_s: float = 120.0
    together_share: float = 0.7
    lift: float = 8.0
    half_life_s: float = 1_209_600.0
    crowd: int = 8
    max_things: int = 20_000
    max_partners: int = 16
