"""Which alerts end in a route, told by conditions, is which alerts end there when the tree is walked."""

import random

import pytest

from alertmesh.config.document import Document
from alertmesh.core.matchers import matches_all
from alertmesh.importing.reading import Part
from alertmesh.importing.routes import every, reaching, read_route
from tests.importing.test_against_amtool import NAMES, VALUES, a_tree


def read(tree):
    return read_route(Part(Document("am.yml", {}), tree))


def ends(route, labels):
    """Return the routes that take an alert, as Alertmanager walks them; none when it does not match."""
    if not matches_all(route.matchers, labels):
        return []
    taken = []
    for below in route.routes:
        found = ends(below, labels)
        taken += found
        if found and not below.goes_on:
            break
    return taken or [route]


@pytest.mark.parametrize("seed", range(60))
def test_conditions_tell_which_alerts_end_in_a_route(seed):
    chance = random.Random(seed)  # a reproducible tree
    root = read(a_tree(chance))
    alerts = [{name: chance.choice(["", *VALUES]) for name in NAMES} for _ in range(40)]
    for route in every(root):
        ways = reaching(root, route)
        for labels in alerts if ways is not None else ():
            told = any(matches_all(way, labels) for way in ways)
            assert told == (route in ends(root, labels)), (route.receiver, labels)


def test_most_routes_of_random_trees_can_be_told():
    trees = [read(a_tree(random.Random(seed))) for seed in range(60)]
    told = [reaching(root, route) is not None for root in trees for route in every(root)]
    assert sum(told) > len(told) / 2
