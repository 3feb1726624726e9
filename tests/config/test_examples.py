"""The form of the examples that a rule file may carry."""

from datetime import timedelta
from pathlib import Path

import pytest

from alertmesh.config import load
from tests.config import folders
from tests.config.folders import problems

GIVEN = 'given: [{at: "1d 04:05", labels: {alertname: A}}]'


def written(tmp_path: Path, text: str, name: str = "dedup/a.yaml") -> Path:
    return folders.written(tmp_path, text, name)


def test_a_time_may_be_on_a_later_day(tmp_path: Path) -> None:
    folder = written(tmp_path, f"examples: [{{name: a, {GIVEN}, expect: {{incidents: 1}}}}]")
    [mine] = load(None, folder, {}).examples  # the shipped ones are not about these rules
    assert mine.entry.given[0].at == timedelta(days=1, hours=4, minutes=5)


def test_examples_are_no_settings(tmp_path: Path) -> None:
    folder = written(tmp_path, f"remember: 5m\nexamples: [{{name: a, {GIVEN}, expect: {{incidents: 1}}}}]")
    assert load(None, folder, {}).section("dedup") == {"remember": timedelta(minutes=5)}


def test_a_list_of_rules_may_have_examples_beside_it(tmp_path: Path) -> None:
    rule = "rules: [{id: a, source: a=b, target: c=d}]"
    text = f"{rule}\nexamples: [{{name: a, {GIVEN}, expect: {{incidents: 1}}}}]"
    config = load(None, written(tmp_path, text, "inhibit/a.yaml"), {})
    assert [entry["id"] for entry in config.section("inhibit")["rules"]] == ["a"]


@pytest.mark.parametrize(
    ("example", "problem"),
    [
        (f"{{{GIVEN}, expect: {{incidents: 1}}}}", "1:12 examples.0.name: is missing"),
        (f"{{name: a, {GIVEN}}}", "1:12 examples.0.expect: is missing"),
        (f"{{name: a, {GIVEN}, expect: {{}}}}", "examples.0.expect: should name what is expected"),
        ("{name: a, given: [], expect: {incidents: 1}}", "examples.0.given: should hold at least one alert"),
        (f"{{name: a, {GIVEN}, expect: {{incident: 1}}}}", "unknown key; did you mean 'incidents'?"),
        (
            "{name: a, given: [{at: noon, labels: {a: b}}], expect: {incidents: 1}}",
            "1:35 examples.0.given.0.at: should be a time of day such as 04:00",
        ),
        (f"{{name: a, {GIVEN}, expect: {{marks: {{A: [odd]}}}}}}", "examples.0.expect.marks.A.0: should be"),
    ],
)
def test_a_bad_example_is_told_with_its_place(tmp_path: Path, example: str, problem: str) -> None:
    [found] = problems(written(tmp_path, f"examples: [{example}]"))
    assert found.startswith("dedup/a.yaml:1:")
    assert problem in found
