"""Parts of a recording differ from it as other systems and monitors would, and in nothing else."""

from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from alertmesh.training import TrainSettings
from alertmesh.training.variants import variants
from tests.recordings import failing

WHOLE = failing(12)
PLAIN = TrainSettings(variants=1, stretches_h=(24.0,), clusters=(0,), noise=(1.0,), grids_s=(0,), layers=(1,))


def part(seed=(1, 1, 0), whole=WHOLE, **how):
    """Return the first part of the recording, with only what is named done to it."""
    plain = {name: getattr(PLAIN, name) for name in PLAIN.__struct_fields__} | how
    return list(variants(whole, TrainSettings(**plain), seed))[1]


def test_the_whole_comes_first():
    assert next(variants(WHOLE, PLAIN, (1, 1, 0))) is WHOLE


def test_a_stretch_lasts_as_long_as_it_should():
    alerts = part(stretches_h=(4.0,)).alerts
    assert 3.0 * 3600 < (alerts[-1].time - alerts[0].time).total_seconds() <= 4.0 * 3600


def test_noise_is_left_out_by_series():
    kept = part(noise=(0.5,))
    noise = {alert.labels["node"] for alert, group in zip(kept.alerts, kept.truth, strict=True) if not group}
    assert kept.incidents == WHOLE.incidents
    assert [group for group in kept.truth if not group] == [""] * 12 * len(noise)
    assert len(noise) < 4


def test_a_grid_holds_every_moment():
    kept = part(grids_s=(60,))
    moments = [moment for alert in kept.alerts for moment in (alert.time, alert.ends_at)]
    assert {moment.second for moment in moments} == {0}
    assert [alert.time for alert in kept.alerts] == sorted(alert.time for alert in kept.alerts)


def test_a_grid_leaves_an_end_that_is_as_good_as_never():
    never = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
    whole = replace(WHOLE, alerts=[replace(alert, ends_at=never) for alert in WHOLE.alerts])
    assert {alert.ends_at.year for alert in part(whole=whole, grids_s=(60,)).alerts} == {9999}


def test_a_line_keeps_its_truth():
    kept = part(grids_s=(60,), noise=(0.5,), stretches_h=(8.0,))
    truth = {alert.id: group for alert, group in zip(WHOLE.alerts, WHOLE.truth, strict=True)}
    assert [truth[alert.id] for alert in kept.alerts] == kept.truth


def test_clusters_are_picked():
    assert len(part(clusters=(1,)).alerts) == len(WHOLE.alerts)


@pytest.mark.parametrize(("seed", "same"), [((1, 1, 0), True), ((2, 1, 0), False)], ids=["same", "other"])
def test_chance_is_the_seed_alone(seed, same):
    how = {"stretches_h": (4.0,)}
    assert (part(seed, **how).alerts == part(**how).alerts) == same


def test_what_is_too_short_is_left_out():
    assert len(list(variants(failing(3), TrainSettings(least_alerts=1000), (1, 1, 0)))) == 1


def test_layers_share_nothing_but_time():
    kept = part(layers=(3,))
    layers = [{alert.labels.get("service", "")[:3] for alert in kept.alerts if alert.labels.get("service")}]
    assert layers == [{"l0-", "l1-", "l2-"}]
    assert kept.incidents == 3 * WHOLE.incidents
    assert len({alert.labels.get("cluster", "") for alert in kept.alerts}) == 1
    assert [alert.time for alert in kept.alerts] == sorted(alert.time for alert in kept.alerts)


def test_a_part_is_cut_where_it_gets_too_long():
    assert len(part(most_alerts=50).alerts) == 50
