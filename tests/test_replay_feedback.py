"""What people said of recorded alerts takes effect in its time and shows in what a replay writes."""

import csv
from datetime import UTC, datetime, timedelta

import pytest

from alertmesh.core.entries import Action
from alertmesh.core.errors import BadPayload
from alertmesh.feedback import Remark
from alertmesh.recorded import RecordedAlert
from alertmesh.replay import Replay
from alertmesh.wiring import Wiring
from tests.scenarios.people import staffed

NOW = datetime(2026, 11, 23, 4, tzinfo=UTC)


def alert(second, name, service="", status="firing"):
    labels = {"alertname": name, "severity": "critical", "cluster": "east", "service": service or name}
    at = NOW + timedelta(seconds=second)
    ends_at = at + timedelta(hours=9) if status == "firing" else None
    return RecordedAlert(id=f"{name}{second}", time=at, status=status, labels=labels, ends_at=ends_at)


def said(second, action, a, b=""):
    return Remark(row=1, time=NOW + timedelta(seconds=second), action=Action(action), a=a, b=b)


def replayed(tmp_path, alerts, *remarks):
    """Replay and return the incident of each line, with the run."""
    run = Replay(Wiring(staffed("console")))
    run.run(alerts, remarks)
    run.write_groups(tmp_path / "groups.csv")
    with (tmp_path / "groups.csv").open(newline="") as file:
        return {row["id"]: row["incident"] for row in csv.DictReader(file)}, run


def judgements(run):
    (table,) = (one for one in run._pipeline.correlate.tables if one.table == "correlate_judgement")
    return [table[number] for number in sorted(table)]


TWO = [alert(0, "Down", "web"), alert(10, "Late", "cart"), alert(300, "Other", "mail")]
ONE = [alert(0, "Down", "web"), alert(10, "Late", "web"), alert(300, "Other", "mail")]


def test_a_merge_makes_two_incidents_one(tmp_path):
    found, run = replayed(tmp_path, TWO, said(60, "merge", "Down0", "Late10"))
    assert (found["Down0"], found["Late10"], found["Other300"]) == ("1", "1", "3")
    assert run.summary().incidents == 2


def test_a_split_makes_two_of_one(tmp_path):
    found, run = replayed(tmp_path, ONE, said(60, "split", "Down0", "Late10"))
    assert len(set(found.values())) == 3
    assert run.summary().incidents == 3


def test_without_a_word_they_are_what_the_machine_made(tmp_path):
    assert len(set(replayed(tmp_path, ONE)[0].values())) == 2
    assert len(set(replayed(tmp_path, TWO)[0].values())) == 3


@pytest.mark.parametrize(("second", "together"), [(9, True), (10, False), (11, False)])
def test_a_word_takes_effect_before_the_first_line_that_is_later(tmp_path, second, together):
    alerts = [alert(0, "Down", "web"), alert(5, "Late", "cart"), alert(10, "Late", "web")]
    remark = said(second, "split", "Down0", "Late10")
    if together:  # that line is not there yet
        with pytest.raises(
            BadPayload, match="feedback row 1, b: no input line up to that time has the id 'Late10'"
        ):
            replayed(tmp_path, alerts, remark)
        return
    found, _ = replayed(tmp_path, alerts, remark)
    assert (found["Down0"] == found["Late10"]) is together


@pytest.mark.parametrize(("a", "b", "field"), [("x", "Down0", "a"), ("Down0", "x", "b")])
def test_an_unknown_line_is_said_with_row_and_field(tmp_path, a, b, field):
    with pytest.raises(BadPayload, match=f"row 1, {field}: .*'x'") as caught:
        replayed(tmp_path, TWO, said(60, "merge", a, b))
    assert caught.value.field == field


def test_a_word_after_the_last_line_counts_too(tmp_path):
    found, _ = replayed(tmp_path, TWO, said(900, "merge", "Down0", "Late10"))
    assert found["Down0"] == found["Late10"]


@pytest.mark.parametrize(("b", "entity"), [("", "cart"), ("tor-3", "tor-3")])
def test_a_root_is_first_in_the_causes(tmp_path, b, entity):
    _, run = replayed(tmp_path, TWO, said(60, "merge", "Down0", "Late10"), said(61, "root", "Late10", b))
    run.write_causes(tmp_path / "causes.csv")
    with (tmp_path / "causes.csv").open(newline="") as file:
        first = next(row for row in csv.DictReader(file) if row["incident"] == "1")
    assert (first["entity"], first["score"], first["reason"]) == (entity, "1.0000", "people said so")


def test_what_is_split_already_is_remembered(tmp_path):
    found, run = replayed(tmp_path, TWO, said(60, "split", "Down0", "Late10"))
    assert len(set(found.values())) == 3
    assert [one.action for one in judgements(run)] == [Action.SPLIT]


def test_a_split_moves_the_lines_of_the_episode_that_was_meant(tmp_path):
    """Late fires twice in the group of Down; only the second time it was something else."""
    alerts = [
        alert(0, "Down", "web"),
        alert(10, "Late", "web"),
        alert(20, "Late", "web", "resolved"),
        alert(80, "Late", "web"),
        alert(90, "Late", "web"),
    ]
    found, _ = replayed(tmp_path, alerts, said(100, "split", "Down0", "Late80"))
    assert found["Down0"] == found["Late10"] == found["Late20"] != found["Late80"] == found["Late90"]


def test_a_split_from_the_first_episode_on_moves_all_of_them(tmp_path):
    alerts = [alert(0, "Down", "web"), alert(10, "Late", "web"), alert(20, "Late", "web", "resolved")]
    found, _ = replayed(tmp_path, [*alerts, alert(80, "Late", "web")], said(100, "split", "Down0", "Late10"))
    assert found["Down0"] != found["Late10"] == found["Late20"] == found["Late80"]


def test_one_series_in_two_episodes_can_be_split(tmp_path):
    alerts = [alert(0, "Down", "web"), alert(10, "Late", "web"), alert(20, "Late", "web", "resolved")]
    found, _ = replayed(tmp_path, [*alerts, alert(80, "Late", "web")], said(100, "split", "Late10", "Late80"))
    assert found["Down0"] == found["Late10"] != found["Late80"]


def test_a_series_alone_in_its_incident_can_be_split_from_its_own_past(tmp_path):
    alerts = [alert(10, "Late", "web"), alert(20, "Late", "web", "resolved"), alert(80, "Late", "web")]
    found, run = replayed(tmp_path, alerts, said(100, "split", "Late10", "Late80"))
    assert (found["Late10"], found["Late20"], found["Late80"]) == ("1", "1", "2")
    assert [incident.condition for incident in run.incidents()] == ["cleared", "firing"]


def test_what_was_merged_with_a_series_goes_along_when_it_is_split_from_its_past(tmp_path):
    alerts = [alert(10, "Late", "web"), alert(20, "Late", "web", "resolved"), alert(80, "Late", "web")]
    words = said(100, "merge", "Other90", "Late80"), said(101, "split", "Late10", "Late80")
    found, _ = replayed(tmp_path, [*alerts, alert(90, "Other", "mail")], *words)
    assert found["Late10"] == found["Late20"] != found["Late80"] == found["Other90"]


@pytest.mark.parametrize("pair", [("Late10", "Late40"), ("Late40", "Late10")], ids=["earlier", "later"])
def test_lines_of_one_episode_are_split_at_the_later_of_them(tmp_path, pair):
    alerts = [alert(0, "Down", "web"), *(alert(second, "Late", "web") for second in (10, 30, 40, 50))]
    found, _ = replayed(tmp_path, alerts, said(100, "split", *pair))
    assert found["Down0"] == found["Late10"] == found["Late30"] != found["Late40"] == found["Late50"]


def test_a_series_leaves_the_lines_of_another_that_has_gone_on_since(tmp_path):
    """Down is back as another trouble, Late is still with what it was with the first time."""
    alerts = [
        alert(0, "Down", "web"),
        alert(10, "Late", "web"),
        alert(20, "Down", "web", "resolved"),
        alert(2000, "Down", "web"),
    ]
    words = said(2001, "split", "Late10", "Down2000"), said(2002, "split", "Down0", "Late10")
    found, _ = replayed(tmp_path, alerts, *words)
    assert len({found["Down0"], found["Late10"], found["Down2000"]}) == 3


def test_a_word_on_a_group_that_is_gone_is_remembered_without_harm(tmp_path):
    late = alert(200_000, "Other", "mail")
    over = [alert(0, "Down", "web"), alert(10, "Late", "cart")]
    ended = [alert(20, "Down", "web", "resolved"), alert(30, "Late", "cart", "resolved")]
    found, run = replayed(tmp_path, [*over, *ended, late], said(200_001, "merge", "Down0", "Late10"))
    (judgement,) = judgements(run)
    assert found["Down0"] != found["Late10"]
    assert (judgement.left[0].name, judgement.right[0].name, judgement.groups) == ("Down", "Late", (0, 0))


def test_an_incident_goes_on_though_the_older_group_was_only_watched(tmp_path):
    calm = RecordedAlert(
        id="calm", time=NOW, status="firing", labels={"alertname": "Calm", "severity": "info", "service": "a"}
    )
    found, run = replayed(tmp_path, [calm, alert(5, "Down", "web")], said(60, "merge", "calm", "Down5"))
    assert found == {"calm": "1", "Down5": "1"}
    assert run.summary().incidents == 1
