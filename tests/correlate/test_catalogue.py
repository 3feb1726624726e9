"""Which service a series belongs to."""

import pytest

from alertmesh.core.catalogue import Catalogue
from alertmesh.core.topology import Service
from alertmesh.correlate.attributes import Describer
from alertmesh.correlate.settings import CorrelateSettings
from tests.correlate.fakes import series

SERVICES = (
    Service(name="checkout", match='app=~"checkout.*"', namespace="shop"),
    Service(name="cart", match='app="cart"'),
    Service(name="late-cart", match='app="cart",tier="2"'),
    Service(name="east-db", match='role="db"', cluster="east"),
    Service(name="named-only"),
)


@pytest.mark.parametrize(
    ("labels", "cluster", "namespace", "service"),
    [
        pytest.param({"app": "cart"}, "", "", "cart", id="by one value"),
        pytest.param({"app": "checkout-worker"}, "", "shop", "checkout", id="by a pattern"),
        pytest.param({"app": "checkout"}, "", "test", "", id="of another namespace"),
        pytest.param({"role": "db"}, "east", "", "east-db", id="of its cluster"),
        pytest.param({"role": "db"}, "west", "", "", id="of another cluster"),
        pytest.param({"app": "cart", "tier": "2"}, "", "", "cart", id="the first that matches"),
        pytest.param({}, "", "", "", id="without labels"),
    ],
)
def test_the_service_of_a_series(labels: dict[str, str], cluster: str, namespace: str, service: str) -> None:
    assert Catalogue(SERVICES).service(labels, cluster, namespace) == service


def describer(*services: Service) -> Describer:
    return Describer(CorrelateSettings(services=services))


def test_a_series_takes_the_name_of_its_service() -> None:
    one = series("Slow", pod="checkout-worker-5d4f8c7b9d-x2x7k", app="checkout-worker", namespace="shop")
    profile = describer(*SERVICES).profile(one)
    names = [item.value for item in profile.attributes if item.key == "app"]
    assert (profile.subject, names) == ("checkout", ["checkout", "checkout-worker"])


def test_a_node_of_a_service_stays_a_node() -> None:
    profile = describer(Service(name="db", match='node=~"db-.*"')).profile(series("Down", node="db-3"))
    assert (profile.subject, profile.level) == ("db-3", "node")
    assert "prod|app|db" in [item.token for item in profile.attributes]


@pytest.mark.parametrize("label", ["team", "pod", "alertname"])
def test_a_service_may_be_told_by_a_label_that_is_no_evidence(label: str) -> None:
    one, other = (series("Slow", app="web", pod="web-0", team="a"), series("Fast", app="web", pod="web-1"))
    known = describer(Service(name="mine", match=f'{label}="{one.labels[label]}"'))
    assert [known.profile(each).subject for each in (one, other, one)] == ["mine", "web", "mine"]
