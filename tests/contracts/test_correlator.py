"""What every part of the correlator that holds state must keep to; a table of no part fails."""

import dataclasses
import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from alertmesh.core.group import Grouped
from alertmesh.core.series import Change, ChangeKind
from alertmesh.correlate import CorrelateStage
from alertmesh.correlate.counterfactual import reproduced
from alertmesh.correlate.model import GroupingModel
from tests.contracts.correlator_parts import DESCRIBER, PARTS, SMALL, Part, one, restored, stage, tables
from tests.correlate.fakes import START, series
from tests.correlate.learned import MODEL
from tests.source import ROOT

TABLE = re.compile(r'Records\[[^\n]*\]\(\s*"(\w+)"')
FED, MANY, VERY_MANY = 120, 100_000, 1_000_000
each_part = pytest.mark.parametrize("name", PARTS)


def fed(part: Part, numbers: Iterable[int], step_s: float = 1.0) -> Any:
    """Return a part that was given some things, one after the other."""
    made = part.build()
    for place, number in enumerate(numbers):
        part.feed(made, number, START + timedelta(seconds=place * step_s))
    return made


def again(part: Part, made: Any) -> Any:
    """Return a part built anew from the rows of another one."""
    fresh = part.build()
    for old, new in zip(tables(made), tables(fresh), strict=True):
        new.restore([(row.key, row.body) for row in old.drain() if row.body is not None])
    restored(fresh)
    return fresh


def held(made: Any) -> int:
    return sum(len(table) for table in tables(made))


def test_every_table_belongs_to_a_part() -> None:
    sources = (path.read_text() for path in (ROOT / "alertmesh" / "correlate").glob("*.py"))
    written = {name for source in sources for name in TABLE.findall(source)}
    covered = {table.table for part in PARTS.values() for table in tables(part.build())}
    assert written == covered


def test_the_stage_has_the_table_of_every_part() -> None:
    covered = {table.table for part in PARTS.values() for table in tables(part.build())}
    assert {table.table for table in tables(stage())} == covered


@each_part
def test_it_answers_the_same_after_a_restart(name: str) -> None:
    part = PARTS[name]
    made = fed(part, range(FED))
    before = part.ask(made)
    assert part.ask(again(part, made)) == before


@each_part
def test_it_goes_on_after_a_restart_as_if_there_was_none(name: str) -> None:
    if name in ("relations", "stage"):
        pytest.skip("what came just before is not kept over a restart, by promise")
    part = PARTS[name]
    made = fed(part, range(FED))
    fresh = again(part, made)
    for number in range(FED, FED + 40):
        for each in (made, fresh):
            part.feed(each, number, START + timedelta(seconds=number))
    assert part.ask(fresh) == part.ask(made)


@each_part
def test_asking_changes_nothing(name: str) -> None:
    part = PARTS[name]
    made = fed(part, range(FED))
    for table in tables(made):
        table.drain()
    first = part.ask(made)
    assert part.ask(made) == first
    assert [row for table in tables(made) for row in table.drain()] == []


@pytest.mark.parametrize("name", [name for name, part in PARTS.items() if part.shuffles])
@given(st.permutations(range(40)))
def test_the_order_of_one_moment_makes_no_difference(name: str, order: list[int]) -> None:
    part = PARTS[name]
    assert part.ask(fed(part, order, 0.0)) == part.ask(fed(part, range(40), 0.0))


def bounded(part: Part, count: int) -> None:
    """Feed very many distinct things, and look at the size now and then."""
    made = part.build()
    for number in range(count // part.slowness):
        part.feed(made, number, START + timedelta(seconds=number * part.step_s))
        if number % 1000 == 999:
            for table in tables(made):
                table.drain()
            assert held(made) <= part.most
    assert held(made) <= part.most
    assert getattr(made, "dropped", 1) > 0, "what was let go of is counted"


@each_part
def test_it_holds_no_more_than_it_may(name: str) -> None:
    bounded(PARTS[name], MANY)


@pytest.mark.long
@each_part
def test_it_holds_no_more_after_a_million(name: str) -> None:
    bounded(PARTS[name], VERY_MANY * PARTS[name].slowness // min(PARTS[name].slowness, 20))


@pytest.mark.parametrize("clear", [True, False], ids=["clearing", "firing"])
@pytest.mark.parametrize("model", [MODEL, None], ids=["learned", "by attributes"])
def test_one_group_that_takes_series_without_end_stays_bounded(
    model: GroupingModel | None, clear: bool
) -> None:
    made, groups = CorrelateStage(SMALL, [], (), model), set()
    for number in range(900):
        told = series(f"Kind{number}", namespace=f"ns-{number}", node="n1", job=str(number))
        opened = Change(kind=ChangeKind.OPENED, series=told, fingerprint=told.id, at=_at(number))
        cleared = replace(opened, kind=ChangeKind.CLEARED, series=replace(told, firing=0))
        for event in made.feed([opened, cleared] if clear and number % 8 else [opened], _at(number)):
            if isinstance(event, Grouped):
                groups.add(event.group)
        members, _standings, sessions = made.tables[:3]
        assert told.id in members
        assert len(members) <= SMALL.max_series
        assert len(sessions) <= SMALL.max_series + 1
    assert len(groups) < 20
    assert made.dropped >= 700
    if clear:
        firing = [f"Kind{number}/{number}/ns-{number}/n1" for number in range(0, 900, 8)]
        assert all(one in members for one in firing)


@given(st.permutations(["namespace", "service", "peer", "node", "job", "alertname", "cluster", "severity"]))
def test_the_order_of_labels_makes_no_difference(order: list[str]) -> None:
    told = one(7)
    shuffled = replace(told, labels={name: told.labels[name] for name in order})
    assert DESCRIBER.profile(shuffled) == DESCRIBER.profile(told)


def test_the_order_of_labels_puts_nothing_elsewhere() -> None:
    def joins(turn: bool) -> list[object]:
        made, found = stage(), []
        for number in range(200):
            told = one(number)
            labels = dict(reversed(told.labels.items())) if turn else told.labels
            change = Change(
                kind=ChangeKind.OPENED,
                series=replace(told, labels=labels),
                fingerprint=told.id,
                at=_at(number),
            )
            found.extend((event.group, event.join) for event in made.feed([change], _at(number)))
        return found

    assert joins(False) == joins(True)


@pytest.mark.parametrize("model", [MODEL, None], ids=["learned", "by attributes"])
def test_the_stored_reasons_of_every_member_make_its_score(model: GroupingModel | None) -> None:
    made = fed(going_by(PARTS["stage"], model), range(150))
    joins = [join for name in sorted(made.tables[0]) if (join := made.join_of(name)) is not None]
    assert len(joins) == 150
    for join in joins:
        assert join.reasons
        assert reproduced(join.reasons) == pytest.approx(join.score, abs=0.02)


def going_by(part: Part, model: GroupingModel | None) -> Part:
    """Return a stage that goes by a model, or by none."""
    return dataclasses.replace(part, build=lambda: CorrelateStage(SMALL, [], (), model))


def _at(number: int) -> datetime:
    return START + timedelta(seconds=number)
