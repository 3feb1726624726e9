import pytest

from alertmesh.correlate.attributes import Part, describe
from alertmesh.correlate.settings import CorrelateSettings
from tests.correlate.fakes import series


def owned(**labels: str) -> list[tuple[str, str]]:
    profile = describe(series("A", **labels), CorrelateSettings())
    return [(item.key, item.value) for item in profile.attributes if item.part is Part.OWN]


@pytest.mark.parametrize(
    ("labels", "want"),
    [
        pytest.param({"instance": "node-7:9100"}, [("node", "node-7")], id="host"),
        pytest.param({"node": "node-7"}, [("node", "node-7")], id="node"),
        pytest.param(
            {"pod": "web-5d4f8c7b9d-x2x7k", "namespace": "s", "instance": "10.0.0.3:8080"},
            [("app", "web"), ("pod", "s/web-5d4f8c7b9d-x2x7k")],
            id="pod-told-of-by-an-exporter",
        ),
        pytest.param({"deployment": "web", "namespace": "s"}, [("app", "web")], id="deployment"),
    ],
)
def test_what_a_series_is_about(labels: dict[str, str], want: list[tuple[str, str]]) -> None:
    assert owned(**labels) == want


def test_the_node_of_a_pod_is_where_it_lies() -> None:
    profile = describe(series("A", pod="p-0", node="n1:10250"), CorrelateSettings())
    assert [(item.part, item.value) for item in profile.attributes if item.key == "node"] == [
        (Part.PLACE, "n1")
    ]


def test_generic_labels_are_no_attributes() -> None:
    profile = describe(series("A", service="web", job="j", severity="page", odd="x"), CorrelateSettings())
    assert [item.key for item in profile.attributes] == ["app", "odd"]


def test_a_node_belongs_to_no_namespace_session() -> None:
    assert (
        describe(series("A", instance="n1:9100", namespace="monitoring"), CorrelateSettings()).session == ""
    )
