"""A recording is read with its truth, and cut where its end is held out."""

from datetime import timedelta

import pytest

from alertmesh.core.errors import BadPayload
from alertmesh.training import read_recording
from tests.recordings import START, failing, write


def test_a_recording_is_read_with_its_truth(tmp_path):
    found = read_recording(*write(failing(2), tmp_path))
    assert (found.name, found.truth, found.incidents) == ("two.jsonl", failing(2).truth, 2)


def test_an_alert_without_truth_is_named(tmp_path):
    file, truth = write(failing(2), tmp_path)
    truth.write_text("\n".join(truth.read_text().splitlines()[:-1]))
    with pytest.raises(BadPayload, match=r"1 alerts of two\.jsonl are not in it: 18"):
        read_recording(file, truth)


def test_a_truth_of_noise_alone_teaches_nothing(tmp_path):
    file, truth = write(failing(1), tmp_path)
    truth.write_text("id,group\n" + "".join(f"{number},-\n" for number in range(1, 10)))
    with pytest.raises(BadPayload, match="names no incident"):
        read_recording(file, truth)


def test_the_end_of_the_time_is_cut_off():
    whole = failing(24)
    assert whole.cut(0.25) - START == (whole.alerts[-1].time - START) * 0.75


def test_where_nothing_happened_at_the_end_it_is_the_last_incidents():
    whole = failing(24)
    tail = whole.alerts[-1]
    later = failing(1, "late").alerts[0]
    later.time = tail.time + timedelta(days=9)
    longer = whole.picked(range(len(whole.alerts)))
    longer.alerts.append(later)
    longer.truth.append("")
    assert longer.between(longer.cut(0.25), None).incidents == 6
