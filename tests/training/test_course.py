"""Training makes a better model where there is something to learn, and lets no worse one pass."""

from datetime import date

import pytest
from msgspec.structs import replace

from alertmesh.config import load
from alertmesh.core.errors import BadPayload
from alertmesh.correlate.model import encode
from alertmesh.training import Course, TrainSettings, train
from alertmesh.training.course import compared
from alertmesh.training.trial import Trial
from tests.recordings import failing

SETTINGS = TrainSettings(variants=1, thresholds=(0.35,), least_alerts=20)
QUICK = replace(SETTINGS, variants=0, rounds=1, tuned_alerts=20)
WHOLE = failing(12)


def course(settings=SETTINGS, models="none"):
    return Course(config=load(None, None, {"models": models}), settings=settings, on=date(2026, 11, 2))


@pytest.fixture(scope="module")
def trained():
    return train(course(), [WHOLE])


def trial(worth, name="a"):
    return Trial(
        recording=name,
        alerts=9,
        incidents=2,
        incident_f1=worth,
        clean_ari=worth,
        single_ari=worth,
        worth=worth,
        noise_only=0,
    )


def test_what_shares_no_label_is_learned_to_belong_together(trained):
    [before], [after] = trained.before, trained.after
    assert (trained.better, after.worth > before.worth + 0.05) == (True, True)


def test_the_same_seed_gives_the_same_bytes(trained):
    assert encode(train(course(), [WHOLE]).model) == encode(trained.model)


def test_the_end_is_not_trained_on(trained):
    assert trained.model.card["recordings"] == [{"name": "two", "alerts": 81, "incidents": 9}]
    assert trained.after[0].alerts == 27


def test_the_model_in_service_is_the_measure(trained, tmp_path):
    (tmp_path / "grouping.json").write_bytes(encode(trained.model))
    again = train(course(QUICK, str(tmp_path)), [WHOLE])
    assert [trial.worth for trial in again.before] == [trial.worth for trial in trained.after]


def test_another_recording_may_be_the_judge():
    result = train(course(QUICK), [failing(4)], [failing(3, "other")])
    assert [(trial.recording, trial.alerts) for trial in result.after] == [("other", 27)]


def test_without_an_incident_to_judge_by_nothing_is_trained():
    with pytest.raises(BadPayload, match="name others to judge by"):
        train(course(), [failing(1)])


@pytest.mark.parametrize(
    ("before", "after", "better", "words"),
    [
        ((0.5, 0.5), (0.6, 0.5), True, "better in the mean: 0.5500 against 0.5000"),
        ((0.5, 0.5), (0.502, 0.5), False, "no better in the mean: 0.5010 against 0.5000"),
        ((0.5, 0.5), (0.4, 0.5), False, "no better in the mean"),
        ((0.5, 0.5), (0.9, 0.48), False, "worse on b: 0.4800 against 0.5000"),
    ],
    ids=["better", "hardly better", "worse", "worse on one"],
)
def test_a_model_must_be_better_in_the_mean_and_worse_nowhere(before, after, better, words):
    old, new = ([trial(*item) for item in zip(worths, "ab", strict=True)] for worths in (before, after))
    found, verdict = compared(old, new, SETTINGS)
    assert (found, words in verdict) == (better, True)
