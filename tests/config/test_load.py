"""From files to a configuration, or to every problem at once."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from alertmesh.config import Config, DoorConfig, default_rules_dir, load
from alertmesh.config.deduprules import ChronicEntry, FlapEntry, HealTableEntry, SelfhealEntry
from alertmesh.config.rulefiles import CorrelateFile, DedupFile, IdentityEntry, IncidentsFile, PriorityFile
from alertmesh.config.topologyrules import ServiceEntry, TopologyEntry
from alertmesh.core.alert import Priority
from alertmesh.core.errors import BadConfig
from alertmesh.core.topology import Service
from alertmesh.correlate.inhibit import InhibitRule
from alertmesh.correlate.settings import CorrelateSettings
from alertmesh.correlate.topologysettings import TopologySettings
from alertmesh.dedup.chronicsettings import ChronicSettings
from alertmesh.dedup.fingerprint import Identity
from alertmesh.dedup.flapsettings import FlapSettings
from alertmesh.dedup.selfhealsettings import HealEntry, SelfhealSettings
from alertmesh.dedup.settings import DedupSettings
from alertmesh.incidents.settings import IncidentSettings
from alertmesh.ingest.normalise import Limits
from alertmesh.ingest.priority import PriorityRules, PriorityTable

PEOPLE = """
users: [{name: wang, channels: [console]}]
rosters: [{name: ops, members: [wang]}, {name: rnd, members: [wang]}]
"""
Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a file below a fresh directory and return its path."""

    def written(text: str, name: str = "alertmesh.yaml") -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    return written


def loaded(path: Path | None, rules: Path | None = None, **overrides: str) -> Config:
    return load(path, rules, overrides)


def problems(path: Path | None, rules: Path | None = None, **overrides: str) -> list[str]:
    """Return the problems, each without the directory of its file."""
    with pytest.raises(BadConfig) as caught:
        load(path, rules, overrides)
    folder = f"{path.parent if path else rules}/"
    return [problem.replace(folder, "") for problem in caught.value.problems]


def test_nothing_at_all_is_enough() -> None:
    config = loaded(None)
    assert (config.listen, config.store) == ("127.0.0.1:9393", "sqlite:///alertmesh.db")
    assert config.oncall.users["operator"].channels == ("console",)
    assert set(config.oncall.rosters) == {"ops", "rnd"}
    assert config.channels["console"].kind == "stdout"
    assert config.oncall.policies[-1].matchers == ""


@pytest.mark.parametrize(
    ("section", "kind"),
    [
        pytest.param("dedup", DedupSettings, id="dedup"),
        pytest.param("correlate", CorrelateSettings, id="correlate"),
        pytest.param("incidents", IncidentSettings, id="incidents"),
        pytest.param("priority", PriorityTable, id="priority"),
        pytest.param("alerts", Limits, id="alerts"),
    ],
)
def test_shipped_sections_fit_their_stage(section: str, kind: type) -> None:
    assert isinstance(msgspec.convert(loaded(None).section(section), kind), kind)


def test_the_shipped_dedup_rules_are_the_defaults() -> None:
    shipped = msgspec.convert(loaded(None).section("dedup"), DedupSettings)
    bare = msgspec.structs.replace(shipped.selfheal, table=())
    assert msgspec.structs.replace(shipped, selfheal=bare) == DedupSettings()


def test_the_shipped_inhibit_rules_fit() -> None:
    rules = msgspec.convert(loaded(None).section("inhibit")["rules"], list[InhibitRule])
    assert len(rules) > 1


def test_the_shipped_priorities_know_the_usual_words() -> None:
    table = PriorityRules(msgspec.convert(loaded(None).section("priority"), PriorityTable))
    assert table.judge({"severity": "严重"})[1] is Priority.P1


@pytest.mark.parametrize(
    ("model", "kind"),
    [
        pytest.param(DedupFile, DedupSettings, id="dedup"),
        pytest.param(IdentityEntry, Identity, id="identity"),
        pytest.param(SelfhealEntry, SelfhealSettings, id="selfheal"),
        pytest.param(HealTableEntry, HealEntry, id="selfheal table"),
        pytest.param(FlapEntry, FlapSettings, id="flap"),
        pytest.param(ChronicEntry, ChronicSettings, id="chronic"),
        pytest.param(CorrelateFile, CorrelateSettings, id="correlate"),
        pytest.param(TopologyEntry, TopologySettings, id="topology"),
        pytest.param(ServiceEntry, Service, id="service"),
        pytest.param(IncidentsFile, IncidentSettings, id="incidents"),
        pytest.param(PriorityFile, PriorityTable, id="priority"),
    ],
)
def test_a_section_can_set_everything_that_its_stage_has(model: type, kind: type) -> None:
    elsewhere = {"services"}  # a section of its own
    assert set(model.model_fields) == {field.name for field in msgspec.structs.fields(kind)} - elsewhere  # type: ignore[attr-defined]


def test_a_section_is_a_copy() -> None:
    config = loaded(None)
    config.section("priority").clear()
    assert config.section("priority") != {}


def test_people_of_the_file_stand_in_for_the_shipped(write: Write) -> None:
    config = loaded(write(PEOPLE))
    assert set(config.oncall.users) == {"wang"}
    assert config.oncall.rosters["ops"].layers[0].members == ("wang",)


def test_a_mobile_number_is_a_text(write: Write) -> None:
    path = write(PEOPLE.replace("name: wang,", "name: wang, mobile: 13800000001,"))
    assert loaded(path).oncall.users["wang"].mobile == "13800000001"


def test_the_start_of_a_roster_is_local_time(write: Write) -> None:
    start = "rotation: daily, zone: Asia/Shanghai, start: 2026-01-05T09:00:00"
    path = write(PEOPLE.replace("name: ops,", f"name: ops, {start},"))
    assert loaded(path).oncall.rosters["ops"].layers[0].start == datetime(2026, 1, 5, 1, tzinfo=UTC)


def test_sources_are_doors(write: Write) -> None:
    path = write("sources: [{name: a, source: prometheus, lease: 10m, labels: {cluster: a}}]")
    assert loaded(path).doors == {"a": DoorConfig("a", "prometheus", timedelta(minutes=10), {"cluster": "a"})}


def test_limits_go_where_they_belong(write: Write) -> None:
    path = write("limits: {queue_entries: 7, body_bytes: 1000, body_s: 5s, labels: 9, future_s: 1m}")
    config = loaded(path)
    assert (config.limits.queue_entries, config.limits.http.body_bytes) == (7, 1000)
    assert config.limits.http.body_s == 5
    assert msgspec.convert(config.section("alerts"), Limits) == Limits(labels=9, future_s=60.0)


def test_overrides_win(write: Write) -> None:
    path = write("listen: 127.0.0.1:1\nretention_days: 3\n")
    overrides = {
        "listen": "127.0.0.1:2",
        "correlate.threshold": "0.7",
        "dedup.identity.ignored": "[severity]",
    }
    config = load(path, None, overrides)
    assert (config.listen, config.retention_days) == ("127.0.0.1:2", 3)
    assert config.section("correlate")["threshold"] == 0.7
    assert config.section("dedup")["identity"]["ignored"] == ("severity",)
    assert config.section("dedup")["remember"] == timedelta(minutes=30)


@pytest.mark.parametrize("key", ["lisen", "correlate.treshold", "limits.labls"])
def test_an_override_can_be_wrong(key: str) -> None:
    with pytest.raises(BadConfig, match=r"--set .*unknown key; did you mean"):
        load(None, None, {key: "1"})


def test_the_version_changes_with_the_content(write: Write) -> None:
    before = loaded(write(PEOPLE)).version
    assert loaded(write(PEOPLE)).version == before
    assert loaded(write(PEOPLE + "retention_days: 9\n")).version != before


def test_rules_are_named_by_the_file(write: Write) -> None:
    write("threshold: 0.9", "mine/correlate/a.yaml")
    config = loaded(write("rules: mine"))
    assert config.section("correlate") == {"threshold": 0.9}


def test_a_section_without_files_is_the_shipped_one(write: Write) -> None:
    rules = write("threshold: 0.9", "mine/correlate/a.yaml").parent.parent
    assert loaded(None, rules).section("dedup") == loaded(None).section("dedup")


def test_keys_of_a_section_may_be_spread(write: Write) -> None:
    write("remember: 1h", "mine/dedup/a.yaml")
    rules = write("reorder_window: 10s", "mine/dedup/b.yml").parent.parent
    wanted = {"remember": timedelta(hours=1), "reorder_window": timedelta(seconds=10)}
    assert loaded(None, rules).section("dedup") == wanted


def test_policies_that_take_everything_come_last(write: Write) -> None:
    shipped = (default_rules_dir() / "policies" / "default.yaml").read_text()
    write(shipped, "mine/policies/a.yaml")
    narrow = shipped.replace('matchers: ""', "matchers: team=db").replace("name: default", "name: db")
    rules = write(narrow, "mine/policies/b.yaml").parent.parent
    assert [policy.name for policy in loaded(None, rules).oncall.policies] == ["db", "default"]


CHANNEL = "channels: [{name: g, kind: dingtalk, settings: {secret: %s, webhook: '%s'}}]"
OPEN = "https://robot.example/send?access_token=abc"


def test_secrets_come_by_reference_and_stay_covered(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROBOT", "abcdef")
    write("SECxyz\n", "robot.secret")
    path = write(CHANNEL % ("file:robot.secret", "https://robot.example/send?access_token=${ROBOT}"))
    config = loaded(path)
    assert config.channels["g"].reveal() == {
        "secret": "SECxyz",
        "webhook": "https://robot.example/send?access_token=abcdef",
    }
    assert "SECxyz" not in repr(config) + repr(config.channels["g"].settings)
    assert "abcdef" not in repr(config)


@pytest.mark.parametrize("address", [OPEN, "https://open.feishu.cn/open-apis/bot/v2/hook/abcdef"])
def test_bare_secrets_are_refused_and_not_repeated(write: Write, address: str) -> None:
    found = problems(write(CHANNEL % ("SECxyz", address)))
    assert [problem.split(" ")[0] for problem in found] == ["alertmesh.yaml:1:57", "alertmesh.yaml:1:74"]
    assert all("${NAME} or file:PATH" in problem for problem in found)
    assert "SECxyz" not in "".join(found)


def test_every_problem_is_told_at_once(write: Write) -> None:
    path = write(
        "lisen: 127.0.0.1:1\n"
        "retention_days: many\n"
        "sources: [{name: a, source: promteus}]\n"
        "users:\n  - name: wang\n    channels: [consol]\n"
        "rosters:\n  - {name: ops, members: [wangg], zone: UTC}\n  - {name: rnd, members: [wang]}\n"
    )
    write("remember: soon\n", "mine/dedup/a.yaml")
    write("rules: [", "mine/inhibit/a.yaml")
    assert problems(path, path.parent / "mine") == [
        "alertmesh.yaml:2:17 retention_days: should be a valid integer, unable to parse string as an integer",
        "alertmesh.yaml:1:1 lisen: unknown key; did you mean 'listen'?",
        "mine/dedup/a.yaml:1:11 remember: should be a duration such as 30s, 5m, 8h or 1d",
        "mine/inhibit/a.yaml:2:1 is not YAML here: did not find expected node content",
        "alertmesh.yaml:6:16 there is no channel 'consol'; did you mean 'console'?",
        "alertmesh.yaml:8:27 there is no user 'wangg'; did you mean 'wang'?",
        "alertmesh.yaml:3:29 there is no kind of source 'promteus'; did you mean 'prometheus'?",
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param(
            "users: [{name: a, chanels: [x]}]",
            "1:19 users.0.chanels: unknown key; did you mean 'channels'?",
            id="key",
        ),
        pytest.param("users: [{name: a}]", "1:9 users.0: needs `channels`, or ways in `reach`", id="missing"),
        pytest.param("users: [a]", "1:9 users.0: should be keys with values", id="text for keys"),
        pytest.param("- a", "1:1 should be keys with values", id="list for file"),
        pytest.param(
            "rosters: [{name: ops, members: []}]",
            "1:11 rosters.0: should name one of `members` at least",
            id="empty",
        ),
        pytest.param(
            "rosters: [{name: ops, members: [a], zone: Mars}]",
            "1:43 rosters.0.zone: 'Mars' is no time zone",
            id="zone",
        ),
        pytest.param(
            "channels: [{name: a, kind: telex}]",
            "1:28 there is no kind of channel 'telex'; known: ",
            id="kind",
        ),
        pytest.param(
            "users: [{name: a, channels: [console]}]",
            "there is no user 'operator'; known: a",
            id="orphaned roster",
        ),
        pytest.param("store: ${GONE}", "1:8 the environment variable GONE is not set", id="variable"),
        pytest.param("rules: gone", "gone:1:1 is no directory of rules", id="directory"),
    ],
)
def test_problems_of_the_file(write: Write, text: str, problem: str) -> None:
    assert any(problem in found for found in problems(write(text)))


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        pytest.param(
            "policy/a.yaml",
            "{}",
            "policy:1:1 is no section of the rules; did you mean 'policies'?",
            id="section",
        ),
        pytest.param(
            "inhibit/a.yaml",
            "- {id: a, source: 'x=~\"[\"', target: y=z}",
            "1:19 rules.0.source: bad regular",
            id="matcher",
        ),
        pytest.param(
            "inhibit/a.yaml",
            "- {id: a, source: '{}', target: y=z}",
            "1:19 rules.0.source: should say which alerts",
            id="hidden by everything",
        ),
        pytest.param(
            "inhibit/a.yaml",
            "- {id: a, source: y=z, target: ''}",
            "rules.0.target: should say which alerts",
            id="everything hidden",
        ),
        pytest.param(
            "inhibit/a.yaml",
            "[{id: a, source: a=b, target: y=z}, {id: a, source: a=b, target: y=z}]",
            "rule 'a' was given already",
            id="twice",
        ),
        pytest.param("policies/a.yaml", "policies: []", "no policy takes everything", id="no default"),
        pytest.param(
            "priority.yaml",
            "words: {P1: [bad], P2: [Bad]}",
            "'Bad' cannot mean both P1 and P2",
            id="two meanings",
        ),
        pytest.param(
            "priority.yaml",
            "words: {P9: [bad]}",
            "words.P9.[key]: should be 'P1', 'P2', 'P3' or 'P4'",
            id="P9",
        ),
        pytest.param(
            "rosters/a.yaml",
            "rosters: [{name: ops, members: [me]}]",
            "1:33 there is no user 'me'",
            id="roster",
        ),
    ],
)
def test_problems_of_the_rules(write: Write, name: str, text: str, problem: str) -> None:
    rules = write(text, f"mine/{name}").parents[len(Path(name).parts) - 1]
    assert any(problem in found for found in problems(None, rules))


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        pytest.param(
            "ops_roster: ops",
            "ops_roster: opps",
            "there is no roster 'opps'; did you mean 'ops'?",
            id="roster",
        ),
        pytest.param("[secondary]", "['user:x']", "there is no user 'x'", id="user"),
        pytest.param("[secondary]", "[anyone]", "targets.0: String should match pattern", id="target"),
        pytest.param("after: 3m", "after: 9m", "should be in order of `after`", id="order"),
        pytest.param("clear_hold: 5m", "clear_hold: 5", "clear_hold: should be a duration", id="duration"),
    ],
)
def test_problems_of_a_policy(write: Write, old: str, new: str, problem: str) -> None:
    shipped = (default_rules_dir() / "policies" / "default.yaml").read_text()
    assert old in shipped
    rules = write(shipped.replace(old, new, 1), "mine/policies/a.yaml").parent.parent
    assert any(problem in found for found in problems(None, rules))


@pytest.mark.parametrize(
    ("text", "regretted"),
    [
        pytest.param("unknown: P2", True, id="left out"),
        pytest.param("words: {}", False, id="none on purpose"),
        pytest.param("words: {P1: [bad]}", False, id="given"),
    ],
)
def test_a_table_of_priorities_without_words_is_a_warning(write: Write, text: str, regretted: bool) -> None:
    path = write(text, "priority.yaml")
    warnings = loaded(None, path.parent).warnings
    assert [one.startswith(f"{path}:1:1 without `words`") for one in warnings] == [True] * regretted


def test_a_name_given_twice_is_a_problem(write: Write) -> None:
    path = write("sources:\n- {name: a, source: prometheus}\n- {name: a, source: prometheus}\n")
    [problem] = problems(path)
    assert problem.startswith("alertmesh.yaml:3:10 source 'a' was given already at ")


def test_a_broken_section_causes_no_further_complaints(write: Write) -> None:
    path = write(PEOPLE.replace("channels: [console]", "chanels: [console]"))
    assert len(problems(path)) == 1
