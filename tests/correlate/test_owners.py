"""Who owns a thing, by its labels."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alertmesh.correlate.owners import OWNER_LABELS, owners

LABELS = st.dictionaries(
    st.sampled_from([*OWNER_LABELS, "replicaset", "created_by_kind", "created_by_name", "app"]),
    st.sampled_from(["web", "Deployment", "web-5d4f8c7b9d", ""]),
)


@pytest.mark.parametrize(
    ("labels", "found"),
    [
        pytest.param({}, [], id="nothing"),
        pytest.param({"deployment": "web"}, ["web"], id="a deployment"),
        pytest.param({"replicaset": "web-5d4f8c7b9d"}, ["web"], id="of a replica set, its deployment"),
        pytest.param({"job_name": "backup-28391820"}, ["backup", "backup-28391820"], id="a run of a job"),
        pytest.param(
            {"created_by_kind": "ReplicaSet", "created_by_name": "web-5d4f8c7b9d"}, ["web"], id="creator"
        ),
        pytest.param({"owner_kind": "StatefulSet", "owner_name": "db"}, ["db"], id="owner reference"),
        pytest.param({"owner_kind": "Node", "owner_name": "node-1"}, [], id="a static pod has no workload"),
        pytest.param({"owner_name": "alice"}, [], id="an owner without a kind may be a person"),
        pytest.param({"owner_kind": "team", "owner_name": "payments"}, [], id="or a team"),
    ],
)
def test_owners(labels: dict[str, str], found: list[str]) -> None:
    assert owners(labels) == found


@given(LABELS, st.randoms())
def test_the_order_of_labels_does_not_matter(labels: dict[str, str], chance: object) -> None:
    pairs = list(labels.items())
    chance.shuffle(pairs)  # type: ignore[attr-defined]
    assert owners(dict(pairs)) == owners(labels)
