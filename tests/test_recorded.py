"""Recordings are read line by line, and what cannot be read is named."""

import gzip
from datetime import UTC, datetime

import pytest

from alertmesh.core.errors import BadPayload
from alertmesh.recorded import RecordedAlert, read_recorded, write_recorded

ALERT = RecordedAlert(
    id="1", time=datetime(2026, 11, 23, 4, tzinfo=UTC), status="firing", labels={"alertname": "Down"}
)
LINE = b'{"id":"1","time":"2026-11-23T04:00:00Z","status":"firing","labels":{"alertname":"Down"}}\n'


@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.gz"])
def test_what_was_written_is_read(tmp_path, name):
    assert write_recorded(tmp_path / name, iter([ALERT, ALERT])) == 2
    assert list(read_recorded(tmp_path / name)) == [ALERT, ALERT]


def test_empty_lines_are_passed_over(tmp_path):
    (tmp_path / "a").write_bytes(b"\n" + LINE + b"   \n")
    assert list(read_recorded(tmp_path / "a")) == [ALERT]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (LINE + b"{", "a:2: "),
        (b'{"id":1}', "Expected `str`"),
        (LINE.replace(b"firing", b"maybe"), "Invalid enum value"),
        (LINE.replace(b":00Z", b":00"), "time has no zone"),
        (LINE.replace(b'"id"', b'"ends_at":"2026-11-23T04:00:00","id"'), "ends_at has no zone"),
        (b"\xff\xfe", "a:1: "),
    ],
    ids=["cut", "type", "status", "zone", "end zone", "binary"],
)
def test_a_line_that_cannot_be_read_is_named(tmp_path, content, said):
    (tmp_path / "a").write_bytes(content)
    with pytest.raises(BadPayload, match=said):
        list(read_recorded(tmp_path / "a"))


@pytest.mark.parametrize(
    "content",
    [b"plain", gzip.compress(LINE)[:-9], gzip.compress(LINE)[:12] + b"xx"],
    ids=["no archive", "without an end", "other bytes within"],
)
def test_a_broken_archive_is_said_to_be_one(tmp_path, content):
    (tmp_path / "a.gz").write_bytes(content)
    with pytest.raises(BadPayload, match=r"a\.gz cannot be read"):
        list(read_recorded(tmp_path / "a.gz"))


def test_a_file_that_is_not_there_is_said(tmp_path):
    with pytest.raises(BadPayload, match="No such file"):
        list(read_recorded(tmp_path / "a"))


def test_an_end_without_a_time_of_its_own_is_now():
    ended = RecordedAlert(id="1", time=ALERT.time, status="resolved", labels=ALERT.labels).sighting()
    assert (ended.firing, ended.starts_at, ended.ends_at) == (False, None, ALERT.time)


def test_the_order_of_labels_does_not_matter():
    one = RecordedAlert(id="1", time=ALERT.time, status="firing", labels={"a": "1", "b": "2"})
    two = RecordedAlert(id="2", time=ALERT.time, status="firing", labels={"b": "2", "a": "1"})
    assert one.sighting().identity == two.sighting().identity
