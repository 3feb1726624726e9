import pytest

from alertmesh.correlate.attributes import Describer, Part, describe, pod_attribute, pod_token
from alertmesh.correlate.settings import CorrelateSettings
from tests.correlate.fakes import series


def owned(**labels: str) -> list[tuple[str, str]]:
    one = series("A", **labels)
    profile = describe(one, CorrelateSettings())
    token = pod_token(one, profile)
    attributes = (*profile.attributes, pod_attribute(token, profile)) if token else profile.attributes
    return [(item.key, item.value) for item in attributes if item.part is Part.OWN]


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


PODS = ("web-5d4f8c7b9d-x2x7k", "web-5d4f8c7b9d-z9q4m", "web", "kubelet-7xkzp", "kubelet-4mz2q", "kubelet")


@pytest.mark.parametrize("pod", PODS)
@pytest.mark.parametrize("more", [{}, {"odd": "x"}, {"node": "n1"}, {"service": "s"}], ids=str)
def test_a_remembered_profile_is_the_one_that_would_be_read(pod: str, more: dict[str, str]) -> None:
    describer = Describer(CorrelateSettings())
    others = [series("B", pod=other, **more) for other in PODS]
    one = series("A", pod=pod, **more)
    for other in others:
        describer.profile(other)
    assert describer.profile(one) == describe(one, CorrelateSettings())


def test_pods_that_differ_in_nothing_else_share_a_profile() -> None:
    describer = Describer(CorrelateSettings())
    assert describer.profile(series("A", pod=PODS[0])) is describer.profile(series("B", pod=PODS[1]))
