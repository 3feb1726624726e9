"""What people may say against a grouping is what is wrong with it, and nothing else."""

from datetime import UTC, datetime, timedelta

from benchmarks.corrections import Word, mistakes

START = datetime(2026, 11, 23, 4, tzinfo=UTC)
LATER = timedelta(minutes=5)


def said(truth: str, incident: str) -> list[Word]:
    """Return the mistakes of a grouping; a letter an alert, a second apart, `.` for noise or left out."""
    names = [str(number) for number in range(len(truth))]
    true, ours = (
        dict(zip(names, (mark.strip(".") for mark in marks), strict=True)) for marks in (truth, incident)
    )
    times = {name: START + timedelta(seconds=int(name)) for name in names}
    return list(mistakes(true, ours, times))


def test_nothing_is_said_against_what_is_right_or_left_out() -> None:
    assert said("aab.", "112.") == said("aab.", "1123") == said("aa", "..") == []


def test_two_parts_of_one_incident_are_to_be_merged_once() -> None:
    assert said("aaa", "112") == [Word(START + timedelta(seconds=2) + LATER, "merge", "2", "0")]


def test_every_strange_alert_is_to_be_split_off() -> None:
    found = said("aab.", "1111")
    assert [(word.action, word.a, word.b) for word in found] == [("split", "3", "0"), ("split", "2", "0")]


def test_an_incident_of_nothing_but_noise_mixes_nothing() -> None:
    assert said("..", "11") == []
