"""Secrets by reference."""

from pathlib import Path

import pytest

from alertmesh.config.references import References
from alertmesh.core.errors import BadConfig


@pytest.mark.parametrize(
    ("text", "value"),
    [
        pytest.param("${A}", "1", id="alone"),
        pytest.param("x=${A}&y=${B}", "x=1&y=2", id="inside"),
        pytest.param("$${A}", "${A}", id="escaped"),
        pytest.param("$A costs $5", "$A costs $5", id="a dollar is a dollar"),
        pytest.param("plain", "plain", id="plain"),
    ],
)
def test_variables(text: str, value: str, tmp_path: Path) -> None:
    assert References({"A": "1", "B": "2"}, tmp_path).resolve(text) == value


def test_a_file_beside_the_configuration(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("s3cret\n")
    assert References({}, tmp_path).resolve("file:token") == "s3cret"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param("${GONE}", "the environment variable GONE is not set", id="variable"),
        pytest.param("${not a name}", "is no name of an environment variable", id="name"),
        pytest.param("file:gone", "the file 'gone' cannot be read: No such file", id="file"),
    ],
)
def test_what_leads_nowhere_is_refused(text: str, problem: str, tmp_path: Path) -> None:
    with pytest.raises(BadConfig, match=problem):
        References({}, tmp_path).resolve(text)
