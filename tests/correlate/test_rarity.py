from datetime import datetime, timedelta

from alertmesh.correlate.attributes import Profile, describe
from alertmesh.correlate.rarity import Rarity
from alertmesh.correlate.settings import CorrelateSettings
from tests.correlate.fakes import START, series

SETTINGS = CorrelateSettings()


def profile(**labels: str) -> Profile:
    return describe(series("A", **labels), SETTINGS)


def worth(rarity: Rarity, found: Profile, key: str, at: datetime) -> float:
    attribute = next(item for item in found.attributes if item.key == key)
    window = rarity.window(at)
    return rarity.of(attribute, rarity.active("prod", window), window)


def hours(count: int) -> datetime:
    return START + timedelta(hours=count)


def test_a_value_repeated_in_one_storm_stays_rare() -> None:
    rarity, found = Rarity(SETTINGS), profile(rack="rack-3", service="a")
    for second in range(300):
        rarity.observe(found, START + timedelta(seconds=second))
    assert worth(rarity, found, "rack", START) == 1.0


def test_a_value_that_is_always_there_says_little() -> None:
    rarity, found = Rarity(SETTINGS), profile(service="hub")
    for hour in range(100):
        rarity.observe(found, hours(hour))
    assert worth(rarity, found, "app", hours(100)) < 0.25


def test_an_unknown_label_counts_only_once_the_cluster_is_known() -> None:
    rarity, found = Rarity(SETTINGS), profile(service="a", odd="x")
    rarity.observe(found, START)
    assert worth(rarity, found, "odd", START) < 0.1


def test_what_was_common_long_ago_is_rare_again() -> None:
    rarity, found = Rarity(SETTINGS), profile(service="hub")
    for hour in range(50):
        rarity.observe(found, hours(hour))
        rarity.observe(profile(service=f"other-{hour}"), hours(hour))
    for hour in range(500, 550):
        rarity.observe(profile(service=f"other-{hour}"), hours(hour))
    assert worth(rarity, found, "app", hours(550)) > 0.9


def test_values_are_bounded() -> None:
    rarity = Rarity(CorrelateSettings(max_values=100))
    for hour in range(300):
        rarity.observe(profile(service=f"s{hour}"), hours(hour))
    assert (len(rarity.table) <= 100, rarity.dropped > 0) == (True, True)


def test_one_namespace_for_long_is_one_system() -> None:
    rarity = Rarity(SETTINGS)
    for hour in range(5):
        rarity.observe(profile(service="a", namespace="shop"), hours(hour))
    before = rarity.is_one_system("prod", hours(5))
    rarity.observe(profile(service="a", namespace="other"), hours(5))
    assert (before, rarity.is_one_system("prod", hours(5))) == (True, False)
