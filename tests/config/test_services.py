"""The service catalogue in files."""

from pathlib import Path

import pytest

from alertmesh.config import load
from alertmesh.config.folder import default_rules_dir
from alertmesh.core.errors import BadConfig

CATALOGUE = """
services:
  - name: checkout
    match: 'app="checkout"'
    team: payments
    depends_on: [cart]
"""


def rules(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        path = folder / f"{name.replace('__', '/')}.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    return folder


def test_none_is_shipped() -> None:
    assert load(None, None, {}).section("services") == {"services": []}


def test_files_add_up(tmp_path: Path) -> None:
    other = "services: [{name: cart, owner: li}]"
    found = load(None, rules(tmp_path, services=CATALOGUE, services__shop=other), {}).section("services")
    assert [(one.name, one.team, one.owner, one.depends_on) for one in found["services"]] == [
        ("checkout", "payments", "", ("cart",)),
        ("cart", "", "li", ()),
    ]


ROSTERS = "rosters:" + "".join(
    f"\n  - {{name: {name}, members: [developer]}}" for name in ("ops", "rnd", "payments", "night")
)


def test_services_are_among_what_decides_who_is_paged(tmp_path: Path) -> None:
    text = CATALOGUE + "    roster: night"
    found = load(None, rules(tmp_path, services=text, rosters=ROSTERS), {})
    assert [(one.name, one.team, one.roster) for one in found.oncall.services] == [
        ("checkout", "payments", "night")
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param(CATALOGUE, [], id="a team that is a roster"),
        pytest.param(CATALOGUE.replace("payments", "shop\n    roster: night"), [], id="a roster of its own"),
        pytest.param(CATALOGUE.replace("team: payments", "owner: li"), [], id="no team"),
        pytest.param(
            CATALOGUE.replace("payments", "payment"),
            [
                "services.yaml:5:11 when checkout is the likely root, the policy's rnd_roster is paged: "
                "there is no roster 'payment'; did you mean 'payments'?"
            ],
            id="a team that is none",
        ),
    ],
)
def test_a_team_that_cannot_be_paged_is_a_warning(tmp_path: Path, text: str, told: list[str]) -> None:
    found = load(None, rules(tmp_path, services=text, rosters=ROSTERS), {})
    assert [warning.removeprefix(f"{tmp_path}/") for warning in found.warnings] == told


def test_a_roster_that_is_none_is_told_with_its_place(tmp_path: Path) -> None:
    text = CATALOGUE + "    roster: nights"
    with pytest.raises(BadConfig) as caught:
        load(None, rules(tmp_path, services=text, rosters=ROSTERS), {})
    assert caught.value.problems == [
        f"{tmp_path}/services.yaml:7:13 there is no roster 'nights'; did you mean 'night'?"
    ]


def test_a_team_that_no_step_ever_reaches_is_told_with_its_place(tmp_path: Path) -> None:
    shipped = (default_rules_dir() / "policies" / "default.yaml").read_text()
    policies = shipped.replace("targets: [primary]", "targets: [lead]")
    policies = policies.replace("targets: [secondary]", "targets: [lead]")
    rosters = ROSTERS.replace("members: [developer]", "members: [developer], lead: operator", 2)
    with pytest.raises(BadConfig) as caught:
        load(None, rules(tmp_path, services=CATALOGUE, rosters=rosters, policies__default=policies), {})
    [problem] = caught.value.problems
    assert problem.startswith(f"{tmp_path}/services.yaml:5:11 no rnd_steps of policy 'default' ever reach")
    assert problem.endswith("roster 'payments' has no lead and no secondary")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param(CATALOGUE.replace("'app=\"checkout\"'", "'app'"), ":4:", id="matchers"),
        pytest.param(CATALOGUE.replace("[cart]", "[checkout]"), "depend on itself", id="itself"),
        pytest.param(CATALOGUE.replace("[cart]", "[cart, cart]"), "each thing once", id="twice"),
        pytest.param(CATALOGUE.replace("team", "teem"), ":5:", id="unknown key"),
        pytest.param(CATALOGUE + CATALOGUE.partition("services:")[2], "given already", id="same name"),
    ],
)
def test_a_fault_is_told_with_its_place(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(BadConfig, match=said):
        load(None, rules(tmp_path, services=text), {})


def test_what_is_learned_can_be_set(tmp_path: Path) -> None:
    text = "topology: {support: 0, edge_age_s: 3d}"
    found = load(None, rules(tmp_path, correlate=text), {}).section("correlate")
    assert found["topology"] == {"support": 0, "edge_age_s": 259_200.0}
