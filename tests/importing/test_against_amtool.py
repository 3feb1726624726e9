"""Imported policies send alerts to whom Alertmanager's own tool says: random trees, random alerts."""

import random
import shutil
import subprocess

import pytest
import yaml

from alertmesh.config.document import Document
from alertmesh.config.rulefiles import PolicyFile
from alertmesh.core.matchers import matches_all, parse_matchers
from alertmesh.importing.alertmanager import convert
from tests.importing.samples import SHOP

pytestmark = pytest.mark.prometheus

RECEIVERS = [f"r{number}" for number in range(8)]
NAMES, VALUES = ["team", "env", "zone"], ["a", "b", "c"]
TREES = 25
ALERTS = 12


def a_tree(chance, depth=3):
    """Return a random route."""
    route = {"receiver": chance.choice(RECEIVERS)}
    if depth:
        route["routes"] = [a_branch(chance, depth - 1) for _ in range(chance.randrange(4))]
    return route


def a_branch(chance, depth):
    route = a_tree(chance, depth)
    if chance.random() < 0.3:
        del route["receiver"]
    if chance.random() < 0.25:
        route["continue"] = True
    name, value = chance.choice(NAMES), chance.choice(VALUES)
    form = chance.randrange(5)
    if form == 0:
        route["match"] = {name: value}
    elif form == 1:
        route["match_re"] = {name: f"{value}|c"}
    elif form < 4:
        op = chance.choice(["=", "!=", "=~", "!~"])
        route["matchers"] = [f'{name}{op}"{value}"']
    return route


def alerts(chance):
    for _ in range(ALERTS):
        names = chance.sample(NAMES, chance.randrange(1, 4))
        yield {"alertname": "X", **{name: chance.choice(VALUES) for name in names}}


def theirs(path, labels):
    """Return the receivers that amtool names."""
    program = shutil.which("amtool")
    assert program, "amtool is not installed: Debian's package prometheus-alertmanager brings it"
    words = [f"{name}={value}" for name, value in labels.items()]
    command = [program, "config", "routes", "test", f"--config.file={path}", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return set(done.stdout.strip().split(","))


def ours(text):
    """Return what finds the receivers of an alert by the imported policies."""
    found = convert(Document.parse("am.yml", text))
    entries = PolicyFile.model_validate(
        yaml.safe_load(found.files["rules/policies/alertmanager.yaml"])
    ).policies
    users = yaml.safe_load(found.files["rules/rosters/alertmanager.yaml"])["users"]
    shown = {user["name"]: user["display"] for user in users}

    def receivers(labels):
        policy = next(one for one in entries if matches_all(parse_matchers(one.matchers), labels))
        targets = policy.rows["P1"].ops_steps[0].targets
        return {
            shown[policy.ops_roster if one == "primary" else one.removeprefix("user:")] for one in targets
        }

    return receivers


@pytest.mark.parametrize("seed", range(TREES))
def test_a_random_tree_sends_alerts_to_the_same_receivers(tmp_path, seed):
    chance = random.Random(seed)  # a reproducible tree, no secret
    config = {"route": a_tree(chance), "receivers": [{"name": name} for name in RECEIVERS]}
    path = tmp_path / "am.yml"
    path.write_text(yaml.safe_dump(config), encoding="utf-8")
    receivers = ours(path.read_text())
    for labels in alerts(chance):
        assert receivers(labels) == theirs(path, labels), labels


@pytest.mark.parametrize(
    "labels",
    [
        {"team": "db"},
        {"team": "db", "severity": "critical"},
        {"team": "db", "severity": "page", "cluster": "east", "env": "prod"},
        {"team": "shop"},
        {"other": "x"},
    ],
)
def test_a_sample_sends_alerts_to_the_same_receivers(tmp_path, labels):
    gone = '    - matchers: [team="gone"]\n      receiver: nobody-knows\n'
    assert gone in SHOP
    text = SHOP.replace(gone, "")
    path = tmp_path / "am.yml"
    path.write_text(text, encoding="utf-8")
    assert ours(text)(labels) == theirs(path, labels)
