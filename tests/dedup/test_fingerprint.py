"""Which alerts are one series."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alertmesh.core.errors import BadPayload
from alertmesh.dedup.fingerprint import Identity, IdentityRule, SeriesNamer, series_id

COMMON = Identity()
BASE = {"alertname": "Disk", "instance": "db1:9100", "job": "node"}


@pytest.mark.parametrize("name", ["severity", "level", "replica", "prometheus_replica", "pod_template_hash"])
def test_labels_that_do_not_name_the_trouble_are_left_out(name: str) -> None:
    assert series_id({**BASE, name: "a"}, COMMON) == series_id(BASE, COMMON)


@pytest.mark.parametrize("name", ["alertname", "instance", "job", "pod", "namespace", "device"])
def test_labels_that_name_the_trouble_are_identity(name: str) -> None:
    assert series_id({**BASE, name: "other"}, COMMON) != series_id(BASE, COMMON)


@given(st.dictionaries(st.text(), st.text(), min_size=1), st.randoms(use_true_random=False))
def test_order_of_labels_does_not_matter(labels: dict[str, str], chance: object) -> None:
    shuffled = list(labels.items())
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert series_id(dict(shuffled), COMMON) == series_id(labels, COMMON)


def test_alerts_without_any_identity_label_are_kept_apart() -> None:
    assert series_id({"severity": "a"}, COMMON) != series_id({"severity": "b"}, COMMON)


def test_the_id_is_16_hex_digits() -> None:
    assert len(series_id(BASE, COMMON)) == 16
    int(series_id(BASE, COMMON), 16)


def test_a_rule_ignores_more_for_its_alerts_only() -> None:
    namer = SeriesNamer(Identity(rules=(IdentityRule(matchers='alertname="Disk"', ignore=("device",)),)))
    assert namer.name({**BASE, "device": "sda"}) == namer.name({**BASE, "device": "sdb"})
    other = {**BASE, "alertname": "Raid"}
    assert namer.name({**other, "device": "sda"}) != namer.name({**other, "device": "sdb"})


def test_a_rule_keeps_a_label_that_is_ignored_elsewhere() -> None:
    namer = SeriesNamer(Identity(rules=(IdentityRule(matchers="job=node", keep=("replica",)),)))
    assert namer.name({**BASE, "replica": "a"}) != namer.name({**BASE, "replica": "b"})


def test_the_first_rule_that_accepts_counts() -> None:
    first = IdentityRule(matchers="job=node", ignore=("device",))
    namer = SeriesNamer(Identity(rules=(first, IdentityRule(matchers="", ignore=("instance",)))))
    assert namer.name(BASE) != namer.name({**BASE, "instance": "db2:9100"})


def test_a_matcher_that_cannot_be_read_is_refused() -> None:
    with pytest.raises(BadPayload):
        SeriesNamer(Identity(rules=(IdentityRule(matchers="a=~b["),)))
