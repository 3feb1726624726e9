"""What people said is read from a file, and every fault in it is named by row and field."""

import re

import pytest

from alertmesh.core.entries import Action
from alertmesh.core.errors import BadPayload
from alertmesh.feedback import read_remarks

HEAD = "time,action,a,b\n"


def test_rows_are_read_and_put_in_order_of_time(tmp_path):
    path = tmp_path / "in.csv"
    path.write_text(HEAD + "2026-11-23T05:00:00Z,split,x,y\n2026-11-23T05:30:00+01:00,root,x,\n")
    found = [(one.row, one.time.isoformat(), one.action, one.a, one.b) for one in read_remarks(path)]
    assert found == [
        (2, "2026-11-23T04:30:00+00:00", Action.ROOT, "x", ""),
        (1, "2026-11-23T05:00:00+00:00", Action.SPLIT, "x", "y"),
    ]


@pytest.mark.parametrize(
    ("row", "field", "said"),
    [
        ("2026-11-23T05:00:00Z,paint,x,y", "action", "'paint' is none of merge, split, root"),
        ("2026-11-23T05:00:00Z,,x,y", "action", "'' is none of"),
        ("2026-11-23T05:00:00Z,merge,,y", "a", "the id of an input line is missing"),
        ("2026-11-23T05:00:00Z,merge,x,", "b", "merge needs the id of a second input line"),
        ("2026-11-23T05:00:00Z,merge,x", "b", "merge needs the id of a second input line"),
        ("yesterday,merge,x,y", "time", "'yesterday' is no moment"),
        ("2026-11-23T05:00:00,merge,x,y", "time", "has no zone"),
    ],
    ids=["unknown-action", "no-action", "no-a", "no-b", "short-row", "no-time", "no-zone"],
)
def test_a_bad_row_is_said(tmp_path, row, field, said):
    path = tmp_path / "in.csv"
    path.write_text(HEAD + "2026-11-23T04:00:00Z,merge,x,y\n" + row + "\n")
    with pytest.raises(BadPayload, match=f"^feedback row 2, {field}: .*{re.escape(said)}") as caught:
        read_remarks(path)
    assert caught.value.field == field


@pytest.mark.parametrize(
    ("content", "said"), [(b"time,action,a\n", "no column b"), (b"\xff\xfe\xff", "cannot be read")]
)
def test_a_file_that_is_none_is_said(tmp_path, content, said):
    (tmp_path / "in.csv").write_bytes(content)
    with pytest.raises(BadPayload, match=said):
        read_remarks(tmp_path / "in.csv")
