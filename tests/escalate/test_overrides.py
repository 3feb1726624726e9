"""Overrides come and go by the ordered log: who may agree to what, and who is paged then."""

from contextlib import nullcontext
from datetime import timedelta

import pytest
from msgspec.structs import replace

from alertmesh.core.entries import OverrideAnswered, OverrideEnded, OverrideSet
from alertmesh.core.errors import BadCommand
from alertmesh.core.oncall import Override, OverrideState, User
from alertmesh.escalate.overrides import OverrideSettings
from alertmesh.escalate.stage import EscalateSettings, EscalateStage
from tests.escalate.fakes import T0, after, oncall
from tests.escalate.timetable import Timetable, clock

ASKED, AGREED, DECLINED, ENDED, OVER = OverrideState
MUTE = User(name="moe")
PEOPLE = oncall(users=(MUTE,))
DAY = timedelta(days=1)


def an_override(**changes) -> Override:
    """Return ann's place for eve, from a minute after T0 for an hour, unless told otherwise."""
    base = Override(
        id="o1",
        roster="ops",
        starts_at=after(1),
        ends_at=after(61),
        covered="ann",
        person="eve",
        created_by="lea",
        created_at=T0,
    )
    return replace(base, **changes)


def asked(**changes) -> Override:
    return an_override(**{"state": ASKED, "person": "", "created_by": "ann", **changes})


SWAP = {"person": "ben", "in_return": (after(100), after(160))}


class Desk(Timetable):
    """A timetable on which people order overrides."""

    def give(self, override: Override) -> "Desk":
        self._keep(self.stage.order(OverrideSet(override=override, at=self.now), self.now))
        return self

    def answer(self, actor: str, accepts: bool, id: str = "o1") -> "Desk":
        entry = OverrideAnswered(id=id, actor=actor, accepts=accepts, at=self.now)
        self._keep(self.stage.order(entry, self.now))
        return self

    def end(self, id: str = "o1") -> "Desk":
        entry = OverrideEnded(id=id, actor="ann", at=self.now)
        self._keep(self.stage.order(entry, self.now))
        return self

    def primary(self, text: str) -> str:
        return self.stage.rota.duty("ops", clock(text)).primary

    def kept(self) -> dict[str, Override]:
        return {one.id: one for one in self.stage.overrides.overrides()}

    def states(self) -> dict[str, str]:
        return {id: str(one.state) for id, one in self.kept().items()}


@pytest.fixture
def desk() -> Desk:
    return Desk(PEOPLE)


def test_who_takes_duty_is_paged_and_the_original_again_after_it(desk):
    desk.give(an_override()).at("10:59").incident("opened")
    desk.between("10:59", "10:59").page("eve").person("eve", "ack")
    desk.at("11:01").incident("opened", 2)
    desk.between("11:01", "11:01").page("ann").silent_until("11:02")


def test_a_change_of_duty_counts_for_the_next_step_of_what_is_paged_already(desk):
    desk.incident("opened").between("10:00", "10:00").page("ann")
    desk.at("10:02").give(an_override(covered="ben", starts_at=after(2)))
    desk.between("10:03", "10:03").page("eve").silent_until("10:05")


def test_a_restart_keeps_overrides_and_their_times(desk):
    desk.give(an_override()).give(asked(id="o2", starts_at=after(90), ends_at=after(95))).at(
        "10:20"
    ).restart()
    assert (desk.primary("10:30"), desk.primary("11:01")) == ("eve", "ann")
    assert desk.at("11:31").states() == {"o1": OVER, "o2": OVER}


def test_new_rosters_lose_no_override(desk):
    desk.give(an_override()).stage.swap(oncall(users=(MUTE, User(name="new", channels=("ding",)))))
    assert desk.primary("10:30") == "eve"


def test_what_is_only_asked_for_changes_nothing(desk):
    desk.give(asked())
    assert (desk.primary("10:30"), desk.states()) == ("ann", {"o1": ASKED})


def test_anybody_may_take_what_nobody_was_asked_by_name(desk):
    desk.give(asked()).answer("eve", accepts=True)
    assert (desk.primary("10:30"), desk.states()) == ("eve", {"o1": AGREED})
    assert desk.kept()["o1"].answered_by == "eve"


def test_a_no_leaves_the_original(desk):
    desk.give(asked(person="ben")).answer("ben", accepts=False)
    assert (desk.primary("10:30"), desk.states()) == ("ann", {"o1": DECLINED})


def test_a_swap_gives_both_times(desk):
    desk.give(asked(**SWAP)).answer("ben", accepts=True)
    on_duty = [set(desk.stage.rota.duty("ops", after(minute)).everybody) for minute in (30, 80, 130)]
    assert on_duty == [{"ben"}, {"ann", "ben"}, {"ann"}]


@pytest.mark.parametrize(
    ("override", "actor", "accepts", "why"),
    [
        (asked(), "ann", True, "person: ann asked for this"),
        (asked(covered="", created_by="ben"), "ben", True, "person: ben asked for this"),
        (asked(person="ben"), "eve", True, "person: ben was asked"),
        (asked(person="ben"), "eve", False, "person: ben was asked"),
        (asked(), "eve", False, "person: nobody was asked by name"),
        (asked(), "moe", True, "person: moe has no channel"),
        (asked(), "who", True, "person: there is nobody called 'who'"),
        (an_override(), "eve", True, "id: override o1 waits for no answer"),
    ],
)
def test_an_answer_must_come_from_who_may_give_it(desk, override, actor, accepts, why):
    desk.give(override)
    before = desk.kept()
    with pytest.raises(BadCommand, match=why):
        desk.answer(actor, accepts)
    assert desk.kept() == before


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"roster": "none"}, "roster: there is no roster 'none'"),
        ({"person": "who"}, "person: there is nobody called 'who'"),
        ({"person": "moe"}, "person: moe has no channel"),
        ({"person": ""}, "person: say who"),
        ({"person": "ann"}, "person: ann cannot take their own place"),
        ({"covered": "dan"}, "covered: dan does not belong to roster ops"),
        ({"ends_at": after(1)}, "ends_at: must end after it starts"),
        ({"starts_at": after(-9), "ends_at": T0}, "ends_at: is in the past"),
        ({"ends_at": after(2) + 62 * DAY}, "ends_at: may last 62 days at most"),
        ({"starts_at": T0 + 399 * DAY, "ends_at": T0 + 401 * DAY}, "ends_at: may be 400 days ahead"),
        ({**SWAP, "covered": ""}, "covered: a swap is between two"),
        ({**SWAP, "person": ""}, "person: a swap is between two"),
        ({**SWAP, "person": "eve"}, "person: eve does not belong to roster ops"),
        ({**SWAP, "in_return": (after(9), after(8))}, "in_return: must end after it starts"),
        ({**SWAP, "in_return": (after(30), after(90))}, "in_return: must not overlap"),
        ({"state": OVER}, "state: is agreed or asked"),
        ({"state": ASKED, "starts_at": T0}, "starts_at: ask for a time that is still ahead"),
        ({"state": ASKED, "covered": "", "person": "lea"}, "person: lea cannot take their own place"),
    ],
)
def test_what_cannot_be_names_its_field(desk, changes, why):
    with pytest.raises(BadCommand, match=why):
        desk.give(an_override(**changes))
    assert desk.kept() == {}


@pytest.mark.parametrize(
    ("second", "clashes"),
    [
        ({}, True),
        ({"starts_at": after(61), "ends_at": after(90)}, False),
        ({"covered": "ben"}, False),
        ({"covered": ""}, False),
        ({"roster": "rnd", "covered": "dan"}, False),
        ({"covered": "ben", "person": "ann", "starts_at": after(90), "ends_at": after(99)}, False),
        (
            {"covered": "ben", "person": "ann", "starts_at": after(90), "ends_at": after(99)}
            | {"in_return": (after(30), after(40))},
            True,
        ),
    ],
    ids=["same", "after it", "another", "the primary's", "another roster", "for ben", "a swap in return"],
)
def test_one_place_is_given_away_once(desk, second, clashes):
    desk.give(an_override())
    why = (
        "covered: the place of ann in ops is given away from 2026-11-23 10:01 .* by override o1; end it first"
    )
    with pytest.raises(BadCommand, match=why) if clashes else nullcontext():
        desk.give(an_override(id="o2", **second))
    assert ("o2" in desk.kept()) is not clashes


def test_a_request_cannot_be_taken_once_the_place_is_given_away(desk):
    desk.give(asked()).give(an_override(id="o2", person="ben"))
    with pytest.raises(BadCommand, match="covered: the place of ann"):
        desk.answer("eve", accepts=True)
    assert desk.states() == {"o1": ASKED, "o2": AGREED}


def test_it_does_not_reach_back(desk):
    desk.at("10:30").give(an_override(starts_at=T0))
    assert [desk.primary(text) for text in ("10:29", "10:30", "11:00", "11:01")] == [
        "ann",
        "eve",
        "eve",
        "ann",
    ]


def test_who_had_duty_stays_known_when_an_override_is_ended_early(desk):
    desk.give(an_override()).at("10:20").end()
    assert (desk.states(), desk.kept()["o1"].ends_at) == ({"o1": ENDED}, clock("10:20"))
    assert [desk.primary(text) for text in ("10:10", "10:20", "10:50")] == ["eve", "ann", "ann"]


@pytest.mark.parametrize("override", [an_override(), asked(), asked(person="ben")])
def test_what_has_not_begun_is_taken_back_without_a_trace_in_duty(desk, override):
    desk.give(override).end()
    assert (desk.states(), desk.primary("10:30")) == ({"o1": ENDED}, "ann")
    with pytest.raises(BadCommand, match="id: override o1 holds no more, it is ended"):
        desk.end()


def test_a_swap_ended_between_its_times_is_one_way_only(desk):
    desk.give(an_override(**SWAP)).at("11:15").end()
    [left] = desk.stage.overrides.counting()
    assert (left.starts_at, left.ends_at, left.in_return) == (after(1), after(61), None)


def test_a_swap_whose_return_comes_first_holds_for_it_alone_when_ended_after(desk):
    desk.give(
        an_override(person="ben", starts_at=after(100), ends_at=after(160), in_return=(after(5), after(9)))
    )
    desk.at("10:07").end()
    [left] = desk.stage.overrides.counting()
    assert (left.starts_at, left.ends_at, left.in_return) == (after(100), after(100), (after(5), after(7)))


def test_a_request_that_nobody_took_is_over_when_it_would_have_begun(desk):
    desk.give(asked()).at("10:02")
    assert (desk.states(), desk.primary("10:30")) == ({"o1": OVER}, "ann")
    with pytest.raises(BadCommand, match="waits for no answer, it is over"):
        desk.answer("eve", accepts=True)


def test_it_is_over_once_both_times_of_a_swap_are(desk):
    desk.give(an_override(**SWAP))
    assert [desk.at(text).states()["o1"] for text in ("12:40", "12:41")] == [AGREED, OVER]


def test_it_is_forgotten_after_some_weeks(desk):
    desk.give(an_override())
    assert desk.at("35 11:01").states() == {"o1": OVER}
    desk.at("35 11:02")
    assert (desk.states(), [key for key in desk.rows if key[0] == "override"]) == ({}, [])


def test_time_that_passed_while_down_is_caught_up_with(desk):
    desk.give(an_override()).give(asked(id="o2")).asleep_until("40 09:00").tick()
    assert (desk.states(), desk.stage.deadline()) == ({}, None)


def test_there_is_room_for_so_many_and_what_is_over_makes_way(desk):
    settings = EscalateSettings(overrides=OverrideSettings(max_overrides=2))
    desk.stage = EscalateStage(PEOPLE, settings)
    desk.give(an_override()).give(asked(id="o2", starts_at=after(200), ends_at=after(201)))
    with pytest.raises(BadCommand, match="there are 2 overrides agreed or asked for; end one first"):
        desk.give(asked(id="o3", starts_at=after(300), ends_at=after(301)))
    desk.at("11:02").give(asked(id="o3", starts_at=after(300), ends_at=after(301)))
    assert sorted(desk.kept()) == ["o2", "o3"]


@pytest.mark.parametrize(
    "entry",
    [
        OverrideAnswered(id="x", actor="ann", accepts=True, at=T0),
        OverrideEnded(id="x", actor="ann", at=T0),
    ],
)
def test_what_is_not_there_is_said(desk, entry):
    with pytest.raises(BadCommand, match="id: there is no override x"):
        desk.stage.order(entry, T0)


def test_an_id_is_given_once(desk):
    desk.give(asked())
    with pytest.raises(BadCommand, match="id: there is an override o1 already"):
        desk.give(asked())
