"""Who handled an incident, and how, is what people did and wrote."""

import pytest

from alertmesh.core.entries import Action, Command
from alertmesh.incidents.handling import Handlings
from tests.incidents.fakes import START

ACK, UNACK, RESOLVE, CLOSE, NOTE = Action.ACK, Action.UNACK, Action.RESOLVE, Action.CLOSE, Action.NOTE


def handled(*done: tuple[str, Action, str], incident: int = 1) -> Handlings:
    made = Handlings()
    for actor, action, text in done:
        made.heed(Command(action=action, incident=incident, actor=actor, at=START, args={"text": text}))
    return made


@pytest.mark.parametrize(
    ("done", "told"),
    [
        ([], ("", "")),
        ([("li", ACK, "")], ("li", "")),
        ([("li", ACK, ""), ("li", UNACK, "")], ("", "")),
        ([("li", ACK, ""), ("wang", RESOLVE, "rolled back")], ("wang", "rolled back")),
        ([("wang", RESOLVE, "rolled back"), ("li", ACK, "")], ("wang", "rolled back")),
        ([("li", ACK, ""), ("li", NOTE, "disk"), ("li", NOTE, "disk is full")], ("li", "disk is full")),
        ([("li", NOTE, "disk"), ("wang", RESOLVE, "cleaned")], ("wang", "cleaned")),
        ([("wang", RESOLVE, "cleaned"), ("li", CLOSE, "no quota")], ("wang", "cleaned; no quota")),
        ([("li", CLOSE, "no quota")], ("li", "no quota")),
        ([("li", Action.SNOOZE, "")], ("", "")),
    ],
    ids=[
        "nobody",
        "taken",
        "given up",
        "ended",
        "late ack",
        "last note",
        "end over note",
        "cause",
        "closed",
        "else",
    ],
)
def test_who_and_how(done: list[tuple[str, Action, str]], told: tuple[str, str]) -> None:
    found = handled(*done).of(1)
    assert (found.person, found.note) == told


def test_a_long_text_is_cut() -> None:
    assert len(handled(("li", NOTE, "x" * 10_000)).of(1).note) == 300


def test_what_changes_nothing_is_not_written() -> None:
    made = handled(("li", Action.SNOOZE, ""))
    assert made.table.drain() == []


def test_the_survivor_keeps_its_own_and_gets_what_it_lacks() -> None:
    made = handled(("li", ACK, ""))
    made.heed(Command(action=NOTE, incident=2, actor="wang", at=START, args={"text": "disk"}))
    made.heed(Command(action=ACK, incident=2, actor="wang", at=START))
    made.hand_over(2, 1)
    assert (made.of(1).person, made.of(1).note, len(made.table)) == ("li", "disk", 1)
