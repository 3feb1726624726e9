"""The told storm is what the demo says it is."""

from collections import Counter
from datetime import UTC, datetime, timedelta

from alertmesh.demo.stories import storm

NOW = datetime(2026, 11, 23, 4, tzinfo=UTC)


def test_it_is_told_in_order_and_over_after_twenty_minutes():
    times = [alert.time for alert in storm(NOW)]
    assert times == sorted(times)
    assert times[-1] - NOW <= timedelta(minutes=20)


def test_everything_that_fires_ends():
    told = list(storm(NOW))
    fired = Counter(str(sorted(alert.labels.items())) for alert in told if alert.status == "firing")
    ended = Counter(str(sorted(alert.labels.items())) for alert in told if alert.status == "resolved")
    assert fired == ended
    assert sum(fired.values()) >= 300


def test_it_is_the_same_each_time():
    assert list(storm(NOW)) == list(storm(NOW))
