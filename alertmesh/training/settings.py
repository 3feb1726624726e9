"""Set how a model is trained."""

from msgspec import Struct


class TrainSettings(Struct, frozen=True, kw_only=True):
    """Set from what, how and by which measure a model is trained.

    Each of `rounds` replays each recording once whole and `variants` times in part: see `variants`. A
    part lasts one of `stretches_h` hours, has one of `clusters` clusters (0: all), keeps one of `noise`
    shares of what belongs to no incident and is told of on one of `grids_s` seconds (0: as it was). One of
    `layers` parts of one cluster each lie on top of each other (1: nothing does). Parts of fewer than
    `least_alerts` are left out, and of more than `most_alerts` cut. `policies` are the probabilities from
    which on something joins while rows are collected; of a recording `max_rows` are kept.

    The forest has a tree for every `rows_per_tree` rows, at most `trees`, of up to `leaves` leaves, each
    with at least `rows_per_leaf` rows;
    `rate` is how much a tree counts, `ridge` how much it is held back. From which of `thresholds` on
    something joins is tried on the last `tuned_alerts` alerts of what is trained on.

    The last `holdout` of the time of each recording is not trained on. There the new model must be
    better by `margin` in the mean, and no recording worse by more than `most_worse`.
    """

    rounds: int = 2
    seed: int = 1
    variants: int = 6
    stretches_h: tuple[float, ...] = (4.0, 10.0, 24.0)
    clusters: tuple[int, ...] = (1, 2, 4, 0)
    noise: tuple[float, ...] = (1.0, 1.0, 0.5, 0.2, 0.05)
    grids_s: tuple[int, ...] = (0, 60)
    layers: tuple[int, ...] = (1, 1, 4, 12)
    least_alerts: int = 30
    most_alerts: int = 4_000
    policies: tuple[float, ...] = (0.35, 0.2, 0.5)
    max_rows: int = 600_000
    trees: int = 100
    leaves: int = 15
    rows_per_leaf: int = 30
    rows_per_tree: int = 100
    rate: float = 0.1
    ridge: float = 1.0
    thresholds: tuple[float, ...] = (0.35, 0.25, 0.45)
    tuned_alerts: int = 4_000
    holdout: float = 0.25
    margin: float = 0.002
    most_worse: float = 0.01
