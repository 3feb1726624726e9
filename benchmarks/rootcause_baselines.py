"""Rank the things of a group by the plainest of ideas, to be held against ours."""

from collections.abc import Callable, Mapping

import numpy as np

from alertmesh.correlate.root_view import View

Scores = Mapping[str, float]
_STEPS, _RESTART = 50, 0.15


def earliest(view: View) -> Scores:
    """Score a thing by how early its first alert came."""
    found: dict[str, float] = {}
    for one in view.told:
        found[one.entity] = max(found.get(one.entity, -np.inf), -one.onset)
    return found


def most(view: View) -> Scores:
    """Score a thing by how many alerts are about it."""
    found: dict[str, float] = {}
    for one in view.told:
        found[one.entity] = found.get(one.entity, 0.0) + 1.0
    return found


def deepest(view: View) -> Scores:
    """Score a thing by how many that alert reach it by calls, less how many it reaches."""
    names = sorted({one.entity for one in view.told} | {peer for one in view.told for peer in one.peers})
    place = {name: number for number, name in enumerate(names)}
    reach = np.eye(len(names), dtype=bool)
    for caller, callee in _calls(view):
        if caller in place and callee in place:
            reach[place[caller], place[callee]] = True
    for _ in names:
        reach = (reach.astype(int) @ reach.astype(int)) > 0
    above, below = reach.sum(axis=0), reach.sum(axis=1)
    return {name: float(above[number] - below[number]) for name, number in place.items()}


def walk(view: View) -> Scores:
    """Score a thing by how often a walk from callers to callees that alert is at it."""
    counts = most(view)
    names = sorted(counts.keys() | {peer for one in view.told for peer in one.peers})
    place = {name: number for number, name in enumerate(names)}
    steps = np.eye(len(names)) * 0.5
    for caller, callee in _calls(view):
        if caller in place and callee in place:
            steps[place[caller], place[callee]] = 1.0
    steps /= steps.sum(axis=1, keepdims=True)
    start = np.array([counts.get(name, 0.0) for name in names])
    start /= max(1.0, start.sum())
    at = start
    for _ in range(_STEPS):
        at = (1 - _RESTART) * at @ steps + _RESTART * start
    return {name: float(at[number]) for name, number in place.items()}


def _calls(view: View) -> set[tuple[str, str]]:
    return set(view.calls) | {(one.entity, peer) for one in view.told for peer in one.peers}


BASELINES: Mapping[str, Callable[[View], Scores]] = {
    "earliest alert": earliest,
    "most alerts": most,
    "deepest callee": deepest,
    "walk": walk,
}
