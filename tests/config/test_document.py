"""YAML whose every value knows where it stands."""

from pathlib import Path

import pytest

from alertmesh.config.document import Document, merged
from alertmesh.core.errors import BadConfig

TEXT = """\
listen: 127.0.0.1:9393
users:
  - name: wang
    channels: [a, b]
"""


@pytest.mark.parametrize(
    ("loc", "place"),
    [
        pytest.param(("listen",), "f:1:9", id="value"),
        pytest.param(("users", 0, "channels", 1), "f:4:19", id="item deep inside"),
        pytest.param(("users", 0, "mobile"), "f:3:5", id="missing key: its mapping"),
        pytest.param(("users", 0, "name", "x"), "f:3:11", id="below a text"),
        pytest.param(("nothing",), "f:1:1", id="missing at the top"),
    ],
)
def test_places(loc: tuple[str | int, ...], place: str) -> None:
    assert Document.parse("f", TEXT).at(loc) == place


@pytest.mark.parametrize(
    ("text", "value"),
    [
        pytest.param("no", "no", id="no is a word"),
        pytest.param("on", "on", id="on is a word"),
        pytest.param("013", "013", id="a leading zero"),
        pytest.param("12:30", "12:30", id="no sexagesimal"),
        pytest.param("2026-01-05T09:00:00", "2026-01-05T09:00:00", id="no timestamp"),
        pytest.param("7", 7, id="number"),
        pytest.param("0.5", 0.5, id="fraction"),
        pytest.param("true", True, id="true"),
        pytest.param("null", None, id="null"),
        pytest.param("", None, id="nothing"),
    ],
)
def test_plain_values(text: str, value: object) -> None:
    assert Document.parse("f", f"key: {text}").data == {"key": value}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param("a: [1", "f:2:1 is not YAML here", id="unclosed"),
        pytest.param("a: 1\nb: 2\na: 3", "f:3:1 'a' is given twice", id="key twice"),
        pytest.param("a: &x [*x]", "f:1:4 an alias cannot contain itself", id="endless"),
        pytest.param("a: !!python/name:os.system x", "f:1:4 is not YAML here", id="tag"),
        pytest.param("a: \x00", "f:1:1 is not YAML", id="control character"),
    ],
)
def test_faults(text: str, problem: str) -> None:
    with pytest.raises(BadConfig) as caught:
        Document.parse("f", text)
    assert caught.value.problems[0].startswith(problem)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        pytest.param(None, "cannot be read: No such file", id="missing"),
        pytest.param(b"\xff\xfe\xfa", "is not UTF-8 text", id="bytes"),
        pytest.param(b"a: [", "is not YAML here", id="not yaml"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(tmp_path: Path, content: bytes | None, problem: str) -> None:
    path = tmp_path / "a.yaml"
    if content is not None:
        path.write_bytes(content)
    document = Document.read(path)
    assert document.data == {}
    assert problem in document.problems[0]


@pytest.mark.parametrize("text", ["", "# only a comment\n", "---\n"])
def test_an_empty_file_has_no_keys(text: str) -> None:
    assert Document.parse("f", text).data == {}


def test_the_place_of_a_key() -> None:
    assert Document.parse("f", TEXT).at_key(("users", 0, "channels")) == "f:4:5"


def test_a_set_value_is_named_by_its_option() -> None:
    document = Document.parse("f", TEXT)
    document.put(["limits", "queue_entries"], "5")
    assert document.data["limits"] == {"queue_entries": 5}
    assert document.at(("limits", "queue_entries")) == "--set limits.queue_entries:1:1"
    assert document.at(("listen",)) == "f:1:9"


def test_a_value_cannot_be_set_inside_a_text() -> None:
    document = Document.parse("f", TEXT)
    document.put(["listen", "port"], "5")
    assert document.problems == ["--set listen.port:1:1 is inside something that has no keys"]


def test_references_are_marked() -> None:
    document = Document.parse("f", "a: secret\nb: plain", lambda text: text.replace("secret", "*"))
    assert document.data == {"a": "*", "b": "plain"}
    assert (document.is_reference(("a",)), document.is_reference(("b",))) == (True, False)


def test_a_list_can_be_nested() -> None:
    document = Document.parse("f", "- id: a\n- id: b\n")
    document.nest("rules")
    assert document.data == {"rules": [{"id": "a"}, {"id": "b"}]}
    assert document.at(("rules", 1, "id")) == "f:2:7"


def test_parts_are_merged_key_by_key() -> None:
    parts = [{"a": {"x": 1, "y": 1}, "b": [1]}, {"a": {"y": 2}, "b": [2]}]
    assert merged(parts) == {"a": {"x": 1, "y": 2}, "b": [2]}
