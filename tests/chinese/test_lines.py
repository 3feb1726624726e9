"""Every line of a timeline is told in Chinese: what the stages can write is read from them."""

from itertools import product
from types import ModuleType

import pytest
from msgspec.structs import replace

from alertmesh.chinese.lines import line_in
from alertmesh.chinese.refusals import told
from alertmesh.console import runbooks
from alertmesh.core.alert import Entity, Priority
from alertmesh.core.group import GroupSplit, Join, Reason
from alertmesh.core.incident import Member, TimelineEntry
from alertmesh.core.oncall import Tier
from alertmesh.core.regrouping import Regrouping, RegroupKind, Suggestion
from alertmesh.core.response import State
from alertmesh.core.series import Series
from alertmesh.escalate import (
    condition,
    dispatch,
    holding,
    joining,
    moves,
    people,
    priorities,
    shiftend,
    stage,
    timers,
)
from alertmesh.escalate.events import EventKind, Line, MachineEvent
from alertmesh.escalate.machine import TABLE, step
from alertmesh.escalate.table import Refusal
from alertmesh.incidents import timeline
from alertmesh.incidents.people import named
from tests.chinese.english import english
from tests.chinese.written import Source
from tests.escalate.fakes import T0, minutes, response
from tests.incidents.fakes import START

ESCALATION = (condition, dispatch, holding, joining, moves, people, priorities, shiftend, stage, timers)
SERIES = Series(
    id="S",
    name="CPU",
    labels={},
    entity=Entity("node", "N1"),
    source="P",
    priority=Priority.P2,
    firing=1,
    opened_at=START,
    first_seen_at=START,
    changed_at=START,
)
JOIN = Join(0.8, (Reason("same_kind", "The group already holds CPU", 0.8),))
SPLIT = GroupSplit(group=1, part=2, series=("S", "T"), at=START, join=JOIN)


def suggestion(kind: RegroupKind) -> Suggestion:
    told = Regrouping(
        kind=kind, groups=(1,), series=("S",), confidence=0.9, reason="They share no thing and no place"
    )
    return Suggestion(number=3, at=START, seen_at=START, told=told)


def of_incidents() -> list[TimelineEntry]:
    """Return every line that an incident can write."""
    quiet = replace(SERIES, firing=0)
    places = [(None, suggestion(RegroupKind.SPLIT)), (7, suggestion(RegroupKind.MERGE))]
    return [
        timeline.opened(1, START, SERIES),
        timeline.joined(1, START, SERIES, JOIN),
        timeline.joined(1, START, SERIES, Join(0.5)),
        timeline.grown(1, START, 64),
        timeline.cleared(1, START, SERIES),
        timeline.cleared(1, START, quiet),
        timeline.refired(1, START, SERIES),
        timeline.worse(1, START, SERIES),
        timeline.merged(1, 2, START, JOIN, ""),
        timeline.ended_in(2, 1, START, JOIN, ""),
        timeline.split(1, 2, SPLIT),
        timeline.split(1, 2, replace(SPLIT, join=None)),
        timeline.split_from(2, 1, 3, START, "ANN"),
        timeline.root_marked(1, "N1", START, "ANN"),
        *(timeline.moved_out(1, other, START, some, "ANN") for other, some in MOVED),
        *(timeline.moved_in(1, other, START, some, "ANN") for other, some in MOVED),
        *(timeline.unrelated(1, other, START, "ANN") for other, _ in places),
        *(timeline.suggested(1, other, made, START) for other, made in places),
        *(timeline.dismissed(1, other, made, START, "ANN") for other, made in places),
    ]


MEMBER = Member(incident=1, series=SERIES, join=JOIN, joined_at=START)
MOVED = list(product([None, 7], [named([MEMBER]), named([MEMBER, MEMBER])]))


def written(module: ModuleType) -> list[tuple[str, str]]:
    """Return the lines that a module of escalation words, by kind."""
    found = Source(module, state="read" if module is stage else "held").said("Line", "write")
    return sorted({(kind, text) for kind, text in found if not text.endswith(" ")})  # those are never written


def done() -> set[tuple[str, str]]:
    """Return the lines of every event in every state, with and without what may come with it."""
    found = set()
    for state, kind, priority, full in product(State, EventKind, [Priority.P1, Priority.P3], [False, True]):
        before = response(state, priority, owner="ANN", ops_owner="BEN", incoming="EVE", paged=("ANN",))
        event = MachineEvent(kind=kind, actor="BEN", person="DAN", into=2, minutes=10, tier=Tier.OPS)
        if full:
            until = T0 + minutes(60)
            event = replace(event, text="CPU", until=until, priority=Priority.P1, new_root=True)
        effects = step(before, event, T0).effects
        found.update((one.kind, one.text) for one in effects if isinstance(one, Line))
    return found


@pytest.mark.parametrize("line", of_incidents(), ids=lambda line: line.text)
def test_a_line_of_an_incident_is_told_in_chinese(line):
    assert english(line_in("zh-CN", line.kind, line.text)) == []


@pytest.mark.parametrize(
    ("kind", "text"), [said for module in ESCALATION for said in written(module)], ids=str
)
def test_a_line_of_escalation_is_told_in_chinese(kind, text):
    assert english(line_in("zh", kind, text)) == []


def test_what_escalation_words_is_found_in_its_source():
    assert ("paging", "round X of ops") in written(moves)
    assert {"X by X: X", "X by X"} <= {text for kind, text in written(stage) if kind == "failed"}


def test_every_line_of_the_machine_is_told_in_chinese():
    left = {(kind, text): english(line_in("zh", kind, text)) for kind, text in done()}
    assert {line: words for line, words in left.items() if words and line[0] not in ("note", "step")} == {}


@pytest.mark.parametrize(
    "why", sorted({one.why for one in [*TABLE.refusals, *TABLE.pairs.values()] if isinstance(one, Refusal)})
)
def test_a_refusal_is_told_in_chinese(why):
    assert english(told(why)) == []


@pytest.mark.parametrize("is_done", [True, False])
def test_a_step_of_a_runbook_is_told_in_chinese(is_done):
    text = Source(runbooks, step="1", name="DB").texts_of("_arguments", "text")[0 if is_done else 1]
    assert english(line_in("zh", "step", text)) == []


@pytest.mark.parametrize(
    ("kind", "text", "chinese"),
    [
        ("page", "wang (ops, step 2, round 1) by ding", "呼叫 王伟（一线，第 2 步，第 1 轮），渠道 ding"),
        ("ack", "wang has it for ops: on my way", "王伟 代表一线认领：on my way"),
        ("note", "the disk", "the disk"),
        ("paging", "rnd is paged: wang escalated: the db; again", "开始呼叫研发：王伟 升级：the db; again"),
        (
            "suppressed",
            "by silence 7 (disk) until 2026-11-23 10:00 UTC",
            "由静默 7（disk）抑制，至 2026-11-23 10:00 UTC",
        ),
        (
            "noop",
            "ack by wang: it is over already; note or close it",
            "认领（王伟）：已经结束，请写备注或关闭",
        ),
        ("new", "some day", "some day"),
    ],
)
def test_people_are_called_by_their_names_and_what_they_wrote_stays(kind, text, chinese):
    assert line_in("zh", kind, text, lambda name: {"wang": "王伟"}.get(name, name)) == chinese


def test_english_stays_as_it_is():
    assert line_in("en", "unack", "wang gave it up") == "wang gave it up"
