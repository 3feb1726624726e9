from pathlib import Path

import msgspec
import pytest
import yaml

from alertmesh.correlate import CorrelateSettings, InhibitRule
from alertmesh.correlate.attributes import describe
from alertmesh.correlate.inhibit import Inhibitor
from tests.correlate.fakes import series

RULES = Path(__file__).parents[2] / "rules"


def shipped() -> list[InhibitRule]:
    rules = yaml.safe_load((RULES / "inhibit/kubernetes.yaml").read_text())["rules"]
    return msgspec.convert(rules, list[InhibitRule])


def hidden_by(source: tuple[str, dict[str, str]], target: tuple[str, dict[str, str]]) -> str | None:
    inhibitor = Inhibitor(shipped())
    for name, labels in (source, target):
        one = series(name, **labels)
        sides = inhibitor.slots(one.labels, describe(one, CorrelateSettings()))
        inhibitor.enter(name + one.severity, *sides)
    found = inhibitor.source_of(name + one.severity, *sides)
    return found[1] if found else None


@pytest.mark.parametrize(
    ("source", "target", "rule"),
    [
        pytest.param(
            ("A", {"namespace": "s"}),
            ("A", {"namespace": "s", "severity": "warning"}),
            "critical-over-lower",
            id="worse",
        ),
        pytest.param(
            ("A", {"namespace": "s"}), ("A", {"namespace": "t", "severity": "warning"}), None, id="elsewhere"
        ),
        pytest.param(
            ("A", {"namespace": "s"}), ("B", {"namespace": "s", "severity": "warning"}), None, id="other-kind"
        ),
        pytest.param(("A", {}), ("A", {"severity": "warning"}), None, id="missing-label"),
        pytest.param(
            ("KubeNodeUnreachable", {"node": "n1"}),
            ("NodeClockSkewDetected", {"instance": "n1:9100"}),
            "node-down-over-host",
            id="node-without-port",
        ),
        pytest.param(
            ("KubeNodeUnreachable", {"node": "n1"}),
            ("NodeClockSkewDetected", {"instance": "n1:9100", "cluster": "b"}),
            None,
            id="other-cluster",
        ),
        pytest.param(("etcdNoLeader", {}), ("KubeAPIDown", {}), "etcd-quorum-over-apiserver", id="etcd"),
    ],
)
def test_shipped_rules(
    source: tuple[str, dict[str, str]], target: tuple[str, dict[str, str]], rule: str | None
) -> None:
    assert hidden_by(source, target) == rule


def test_two_alerts_on_both_sides_do_not_hide_each_other() -> None:
    inhibitor = Inhibitor([InhibitRule("all", 'severity="critical"', 'severity="critical"', ("cluster",))])
    one = series("A")
    sides = inhibitor.slots(one.labels, describe(one, CorrelateSettings()))
    inhibitor.enter("a", *sides)
    inhibitor.enter("b", *sides)
    assert inhibitor.source_of("a", *sides) is inhibitor.source_of("b", *sides) is None


def test_the_shipped_settings_are_the_defaults() -> None:
    text = yaml.safe_load((RULES / "correlate/default.yaml").read_text())
    assert msgspec.convert(text, CorrelateSettings) == CorrelateSettings()


def test_the_next_source_answers_when_the_first_is_gone() -> None:
    inhibitor = Inhibitor([InhibitRule("r", 'severity="critical"', 'severity="info"', ("cluster",))])
    bad, mild = series("A"), series("A", severity="info")
    bad_sides = inhibitor.slots(bad.labels, describe(bad, CorrelateSettings()))
    mild_sides = inhibitor.slots(mild.labels, describe(mild, CorrelateSettings()))
    found = []
    for name in ("c", "a", "b"):
        inhibitor.enter(name, *bad_sides)
    for name in ("a", "b", "c"):
        found.append(inhibitor.source_of("m", *mild_sides))
        inhibitor.leave(name, *bad_sides)
    assert [*found, inhibitor.source_of("m", *mild_sides)] == [("a", "r"), ("b", "r"), ("c", "r"), None]


def test_equal_slots_are_one_object() -> None:
    inhibitor = Inhibitor([InhibitRule("r", 'severity="critical"', 'severity="info"', ("cluster",))])
    one, other = series("A"), series("B")
    sides = [inhibitor.slots(each.labels, describe(each, CorrelateSettings())) for each in (one, other)]
    assert sides[0][0] is sides[1][0]
