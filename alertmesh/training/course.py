"""Train a model in rounds, and hold it against the one in service on what neither of them was trained on."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from time import perf_counter
from typing import NamedTuple

import msgspec
import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from alertmesh.config import Config
from alertmesh.core.errors import BadPayload
from alertmesh.correlate.model import GroupingModel
from alertmesh.training.collecting import Rows, collect
from alertmesh.training.fitting import bootstrap, fit
from alertmesh.training.recording import Recording
from alertmesh.training.settings import TrainSettings
from alertmesh.training.trial import Trial, attempt
from alertmesh.training.variants import variants
from alertmesh.wiring import grouping_model

Told = Callable[[str], None]


class Result(Struct, frozen=True, kw_only=True):
    """What came of a training: the new model, and both models' trials on what was held out.

    `better` tells whether the new one may take the place of the one in service, `verdict` why.
    """

    model: GroupingModel
    before: list[Trial]
    after: list[Trial]
    better: bool
    verdict: str


class Exam(NamedTuple):
    """A recording that is replayed and judged from a moment on, or all of it."""

    recording: Recording
    since: datetime | None


class Course(Struct, frozen=True, kw_only=True):
    """What a training goes by; `config` has the model in service, `told` takes lines about progress."""

    config: Config
    settings: TrainSettings
    on: date
    told: Told = lambda line: None


def train(course: Course, recordings: Sequence[Recording], holdout: Sequence[Recording] = ()) -> Result:
    """Train on recordings and judge the outcome on `holdout`, or on the end of each recording."""
    lessons, exams = _divided(recordings, holdout, course.settings.holdout)
    model = _taught(course, lessons)
    service = grouping_model(course.config)
    before, after = ([_sat(course, exam, who) for exam in exams] for who in (service, model))
    better, verdict = compared(before, after, course.settings)
    card = {
        "date": course.on.isoformat(),
        "recordings": [
            {"name": item.name, "alerts": len(item.alerts), "incidents": item.incidents} for item in lessons
        ],
        "settings": msgspec.to_builtins(course.settings),
        "held_out": {"before": msgspec.to_builtins(before), "after": msgspec.to_builtins(after)},
        "verdict": verdict,
    }
    return Result(model=replace(model, card=card), before=before, after=after, better=better, verdict=verdict)


def compared(before: Sequence[Trial], after: Sequence[Trial], settings: TrainSettings) -> tuple[bool, str]:
    """Tell whether the new model may go into service, and say why in a sentence."""
    gain = mean(after) - mean(before)
    figures = f"{mean(after):.4f} against {mean(before):.4f} of the model in service"
    if gain < settings.margin:
        return False, f"no better in the mean: {figures}, and {settings.margin} more is asked for"
    for old, new in zip(before, after, strict=True):
        if new.worth < old.worth - settings.most_worse:
            return False, f"worse on {new.recording}: {new.worth:.4f} against {old.worth:.4f}; mean {figures}"
    return True, f"better in the mean: {figures}, and worse nowhere by more than {settings.most_worse}"


def mean(trials: Sequence[Trial]) -> float:
    """Return what a model was worth over all recordings, each counting alike."""
    return sum(trial.worth for trial in trials) / len(trials)


def _divided(
    recordings: Sequence[Recording], holdout: Sequence[Recording], share: float
) -> tuple[list[Recording], list[Exam]]:
    """Return what is learned from and what is judged by; a replay to judge begins some time before."""
    if holdout:
        return list(recordings), [Exam(recording, None) for recording in holdout]
    lessons, exams = [], []
    for recording in recordings:
        cut = recording.cut(share)
        lessons.append(recording.between(None, cut))
        end = recording.between(cut, None)
        if end.incidents:
            settling = cut - (recording.alerts[-1].time - cut)
            exams.append(Exam(recording.between(settling, None), cut))
    if not exams or not any(lesson.incidents for lesson in lessons):
        raise BadPayload(
            "no incident in the last part of any recording, or none before it: name others to judge by"
        )
    return [lesson for lesson in lessons if lesson.alerts], exams


def _taught(course: Course, lessons: Sequence[Recording]) -> GroupingModel:
    """Collect and fit in turns, each time under the model of the time before."""
    settings = course.settings
    model = grouping_model(course.config) or bootstrap()
    gathered: list[list[Rows]] = [[] for _ in lessons]
    for turn in range(1, settings.rounds + 1):
        for number, lesson in enumerate(lessons):
            gathered[number] += _gathered(course, lesson, model, (settings.seed, turn, number))
        rows = [_together(parts) for parts in gathered]
        begun = perf_counter()
        model = fit(rows, settings, settings.policies[0])
        count = sum(len(part.belongs) for part in rows)
        course.told(f"round {turn}: fitted to {count} rows in {perf_counter() - begun:.1f} s")
    return _tuned(course, lessons, model)


def _gathered(
    course: Course, lesson: Recording, model: GroupingModel, seed: tuple[int, int, int]
) -> list[Rows]:
    policies = course.settings.policies
    found = []
    for number, part in enumerate(variants(lesson, course.settings, seed)):
        begun = perf_counter()
        policy = replace(model, threshold=policies[number % len(policies)])
        rows = collect(part, course.config, policy)
        found.append(rows)
        pace = len(rows.belongs) / max(1e-9, perf_counter() - begun)
        course.told(
            f"round {seed[1]}: {lesson.name}, {f'part {number}' if number else 'whole'}: "
            f"{len(part.alerts)} alerts, {len(rows.belongs)} rows, {pace:.0f} rows/s"
        )
    return found


def _together(parts: Sequence[Rows]) -> Rows:
    return Rows(
        np.concatenate([part.features for part in parts]), np.concatenate([part.belongs for part in parts])
    )


def _tuned(course: Course, lessons: Sequence[Recording], model: GroupingModel) -> GroupingModel:
    """Return the model with the threshold that groups best what it was trained on."""
    most = course.settings.tuned_alerts
    ends = [lesson.picked(range(max(0, len(lesson.alerts) - most), len(lesson.alerts))) for lesson in lessons]
    ends = [end for end in ends if end.incidents]
    best, found = -1.0, model
    for threshold in course.settings.thresholds if ends else ():
        tried = replace(model, threshold=threshold)
        worth = mean([attempt(end, course.config, tried) for end in ends])
        course.told(f"threshold {threshold}: {worth:.4f} on the end of what was trained on")
        if worth > best:
            best, found = worth, tried
    return found


def _sat(course: Course, exam: Exam, model: GroupingModel | None) -> Trial:
    trial = attempt(exam.recording, course.config, model, exam.since)
    who = "attributes alone" if model is None else f"model with {len(model.trees.trees)} trees"
    course.told(f"held out: {trial.recording}, {who}: {trial.worth:.4f}")
    return trial
