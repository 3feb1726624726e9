"""Mapping files are read at once, and every fault of them is told with its place."""

from pathlib import Path

import pytest

from alertmesh.config import load
from alertmesh.examples import failures
from tests.config import folders
from tests.config.folders import problems

GOOD = "name: rack\nlabels: {alertname: what, host: {value: host, host: true}}\n"
EXAMPLE = "examples:\n  - {name: a fan, body: {what: Fan, host: 'r1:161'}, expect: [{%s}]}\n"
SHIPPED = ["alibaba-cloud-monitor", "generic", "grafana", "icinga", "nagios", "uptime-kuma"]


def written(tmp_path: Path, text: str, name: str = "mappings/rack.yaml") -> Path:
    return folders.written(tmp_path, text, name)


def test_an_own_mapping_stands_beside_the_shipped_ones(tmp_path: Path) -> None:
    config = load(None, written(tmp_path, GOOD), {})
    assert [mapping.name for mapping in config.mappings] == [*SHIPPED, "rack"]
    assert config.example_count == 0  # the shipped ones are not about this directory


def test_an_own_mapping_stands_in_for_a_shipped_one(tmp_path: Path) -> None:
    config = load(None, written(tmp_path, GOOD.replace("rack", "grafana")), {})
    [mine] = [mapping for mapping in config.mappings if mapping.name == "grafana"]
    assert "*" not in mine.settings["labels"]


@pytest.mark.parametrize("pattern", ["(", "a{99999999999}", "(" * 900])
def test_what_python_takes_for_no_pattern_is_told(tmp_path: Path, pattern: str) -> None:
    text = f"name: rack\nlabels:\n  alertname: what\n  host: {{value: host, extract: '{pattern}'}}\n"
    assert any("labels.host.extract: is no pattern" in one for one in problems(written(tmp_path, text)))


def test_every_fault_is_told_at_once_with_its_place(tmp_path: Path) -> None:
    text = (
        "name: rack\nlease: soon\nbody: xml\neach: 'alerts['\nfiring: {value: state, words: []}\n"
        "labels:\n  alertname: what..\n  host: {value: host, extract: '('}\n  x: {path: y}\n"
        "starts_at: hosts(at)\nexamples: [{name: a, expect: []}]\nlable: {}\n"
    )
    found = problems(written(tmp_path, text))
    expected = [
        "mappings/rack.yaml:2:8 lease: should be a duration",
        "mappings/rack.yaml:3:7 body: should be 'json' or 'form'",
        "mappings/rack.yaml:4:7 each: 'alerts[' is no path: Incomplete expression",
        "mappings/rack.yaml:5:31 firing.words: ",
        "mappings/rack.yaml:7:14 labels.alertname.value: 'what..' is no path",
        "mappings/rack.yaml:8:32 labels.host.extract: is no pattern",
        "mappings/rack.yaml:9:6 labels.x.value: is missing",
        "mappings/rack.yaml:9:7 labels.x.path: unknown key",
        "mappings/rack.yaml:10:12 starts_at.value: 'hosts(at)' there is no function 'hosts'",
        "mappings/rack.yaml:11:12 examples.0.body: is missing",
        "mappings/rack.yaml:12:1 lable: unknown key; did you mean 'labels'?",
    ]
    assert [next((one for one in found if one.startswith(want)), want) for want in expected] == sorted(
        found, key=lambda one: [int(part) for part in one.split(" ")[0].split(":")[1:]]
    )


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("labels: {alertname: a}", "rack.yaml:1:1 name: is missing"),
        ("name: rack\nlabels: {host: h}", "2:9 labels: should hold alertname"),
        ("name: a/b\nlabels: {alertname: a}", "1:7 name: "),
        ("name: rack\nlease: 0s\nlabels: {alertname: a}", "2:8 lease: should be longer than 0"),
        (
            "name: rack\nlabels: {'*': {value: tags, map: {a: b}, default: c}}",
            "2:9 labels: of `*` only `value` counts; leave out `map`, `default`",
        ),
        (
            "name: rack\nlabels: {alertname: a}\nannotations: {'*': {value: a, extract: b, host: true}}",
            "3:14 annotations: of `*` only `value` counts; leave out `extract`, `host`",
        ),
        ("name: rack\nlabels: {'*': '{{ a }}/{{ b }}'}", "2:9 labels: `*` takes the fields of an object"),
        (f"{GOOD}starts_at: {{value: at, host: true}}", "3:12 starts_at: a time has no scheme"),
        (f"{GOOD}ends_at: {{value: at, map: {{never: ''}}}}", "3:10 ends_at: with a `map` every time"),
        (f"{GOOD}ends_at: {{value: at, default: soon}}", "3:10 ends_at: `default` should be a time such as"),
        (f"{GOOD}url: {{value: link, host: true}}", "3:6 url: a link without its scheme is not kept"),
        (f"{GOOD}url: {{value: link, default: mon.example.com}}", "3:6 url: 'mon.example.com' is no link"),
        ("name: prometheus\nlabels: {alertname: a}", "1:7 source 'prometheus' is there already"),
        ("name: changes\nlabels: {alertname: a}", "1:7 source 'changes' is there already"),
        ("- a", "rack.yaml:1:1 should be keys with values"),
        ("name: [", "is not YAML here"),
    ],
)
def test_a_bad_mapping_is_told(tmp_path: Path, text: str, problem: str) -> None:
    assert any(problem in one for one in problems(written(tmp_path, text)))


@pytest.mark.parametrize(
    "text",
    [
        "url: {value: host, host: true, map: {r1: 'HTTPS://mon.example.com/r1'}}",
        "url: {value: link, extract: 'to (.+)', default: 'http://mon.example.com'}",
        "starts_at: {value: text, extract: 'since (.+)', default: 2026-11-23T04:00:00Z}",
        "ends_at: {value: at, default: 1795406400}",
        "annotations: {'*': {value: tags, host: false}}",
    ],
)
def test_what_can_work_is_taken(tmp_path: Path, text: str) -> None:
    assert load(None, written(tmp_path, f"{GOOD}{text}\n"), {}).mappings


def test_a_name_is_given_once(tmp_path: Path) -> None:
    written(tmp_path, GOOD, "mappings/a.yaml")
    [problem] = problems(written(tmp_path, GOOD, "mappings/b.yaml"))
    assert problem.startswith("mappings/b.yaml:1:7 source 'rack' was given already at")


def test_a_sender_may_be_of_a_mapping(tmp_path: Path) -> None:
    main = tmp_path / "alertmesh.yaml"
    main.write_text("sources: [{name: hall-2, source: uptime-kuma, labels: {cluster: c2}}]")
    assert load(main, None, {}).doors["hall-2"].source == "uptime-kuma"


@pytest.mark.parametrize(
    ("expected", "problem"),
    [
        ("status: firing, labels: {alertname: Fan, host: r1}, entity: host r1", ""),
        ("status: resolved", "example 'a fan': status should be 'resolved', came out 'firing'"),
        ("labels: {alertname: Fan}", "labels.host should be nothing, came out 'r1'"),
        ("priority: P1", "priority should be 'P1', came out 'P3'"),
    ],
)
def test_an_example_is_held_against_what_comes_out(tmp_path: Path, expected: str, problem: str) -> None:
    config = load(None, written(tmp_path, GOOD + "\n" + EXAMPLE % expected), {})
    found = failures(config)
    assert problem in "".join(found)
    assert bool(found) == bool(problem)
    assert all("rack.yaml:5:" in one for one in found)


@pytest.mark.parametrize(
    ("example", "problem"),
    [
        ("body: 'x', expect: []", "the body is refused"),
        ("body: [{}], expect: []", "0 should be refused, came out 0: labels: at least one label"),
        ("body: [{}], rejected: 1, expect: []", ""),
        ("body: {what: Fan}, expect: []", "0 alerts should be read, came out 1"),
    ],
)
def test_what_is_refused_is_told_too(tmp_path: Path, example: str, problem: str) -> None:
    config = load(None, written(tmp_path, f"{GOOD}examples: [{{name: a, {example}}}]"), {})
    found = "".join(failures(config))
    assert (problem in found) if problem else found == ""


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("hosts: [{name: a, also: [x]}, {name: b, also: [X]}]", "1:8 hosts: 'X' stands for 'a' already"),
        ("domains: ['*.example.com']", "1:11 domains.0: "),
        ("hosts: [{name: a, also: []}]", "1:25 hosts.0.also: "),
    ],
)
def test_bad_aliases_are_told(tmp_path: Path, text: str, problem: str) -> None:
    assert any(problem in one for one in problems(written(tmp_path, text, "aliases.yaml")))
