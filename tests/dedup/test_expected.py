"""Which alert is which heartbeat."""

import pytest

from alertmesh.dedup.expected import Expected, Heartbeat

WATCHDOG = Heartbeat(name="dog", matchers='cluster=~"a|b",alertname="Watchdog"')
NIGHTLY = Heartbeat(name="nightly", ping=True)
ANY_JOB = Heartbeat(name="jobs", auto=True)
BY_TEAM = Heartbeat(name="team", matchers='team="lamp",kind="beat"')
KNOWN = Expected([ANY_JOB, WATCHDOG, NIGHTLY, BY_TEAM])


@pytest.mark.parametrize(
    ("labels", "name"),
    [
        pytest.param({"alertname": "Watchdog", "cluster": "a"}, "dog", id="all matchers"),
        pytest.param({"alertname": "Watchdog", "cluster": "c"}, None, id="not all matchers"),
        pytest.param({"alertname": "Heartbeat", "heartbeat": "nightly"}, "nightly", id="own before any"),
        pytest.param({"alertname": "Heartbeat", "heartbeat": "x"}, "jobs", id="any name"),
        pytest.param({"alertname": "X", "team": "lamp", "kind": "beat"}, "team", id="any alert name"),
        pytest.param({"alertname": "Disk"}, None, id="a trouble"),
    ],
)
def test_the_heartbeat_of_an_alert(labels: dict[str, str], name: str | None) -> None:
    found = KNOWN.find(labels)
    assert (found and found.name) == name
    assert (KNOWN.pace(labels) is None) == (name is None)


@pytest.mark.parametrize("name", ["dog", "nobody"])
def test_only_what_is_to_be_called_can_be(name: str) -> None:
    with pytest.raises(KeyError):
        Expected([WATCHDOG, NIGHTLY]).call(name)


def test_a_call_is_the_heartbeat_that_was_called() -> None:
    found = KNOWN.find(KNOWN.call("nightly").labels)
    assert found is not None
    assert found.name == "nightly"


def test_without_matchers_nothing_is_a_heartbeat() -> None:
    assert Expected([Heartbeat(name="all")]).find({"alertname": "Disk"}) is None
