import numpy as np

from alertmesh.correlate.root_walk import reaching, walk


def test_the_walk_gathers_where_nobody_hands_on() -> None:
    steps = np.array([[0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [0.0, 0.0, 1.0]])
    at = walk(steps, np.array([1.0, 0.0, 0.0]), 0.15)
    assert at.argmax() == 2
    assert abs(at.sum() - 1) < 1e-9


def test_a_circle_does_not_hold_the_walk_up() -> None:
    at = walk(np.array([[0.0, 1.0], [1.0, 0.0]]), np.array([0.5, 0.5]), 0.15)
    assert at.round(6).tolist() == [0.5, 0.5]


def test_reaching_goes_over_several_calls() -> None:
    calls = np.array([[0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [0.0, 0.0, 0.0]])
    assert reaching(calls).tolist() == [[True, True, True], [False, True, True], [False, False, True]]
