"""Who has duty when somebody stands in for somebody else."""

from datetime import timedelta

import pytest

from alertmesh.core.oncall import DutyRole, Layer, Override, OverrideState, Roster
from alertmesh.escalate.duties import Duty
from alertmesh.escalate.roster import Rota
from tests.escalate.fakes import T0, minutes, oncall
from tests.escalate.rosters import DAY

HOUR = minutes(60)
ABC = Layer(members=("ann", "ben", "cid"))
LATER = timedelta(days=30)


def override(covered: str, person: str, made: int = 0, **more) -> Override:
    """Return an override from T0 for an hour; `made` orders them by when they were made."""
    base = {
        "id": f"o{9 - made}",
        "roster": "r",
        "starts_at": T0,
        "ends_at": T0 + HOUR,
        "created_at": T0 + minutes(made),
    }
    return Override(**{**base, "covered": covered, "person": person, **more})


def duty(*overrides: Override, layers=(ABC,), at=T0) -> Duty:
    return Rota(oncall(Roster(name="r", layers=layers)), overrides).duty("r", at)


def order(*overrides: Override, layers=(ABC,), at=T0) -> tuple[str, ...]:
    found = duty(*overrides, layers=layers, at=at)
    return (found.primary, found.secondary, *found.others)


@pytest.mark.parametrize(
    ("overrides", "wanted"),
    [
        pytest.param([("ann", "zoe")], ("zoe", "ben", "cid"), id="the primary"),
        pytest.param([("cid", "zoe")], ("ann", "ben", "zoe"), id="one of the others"),
        pytest.param([("ann", "ben")], ("ben", "cid"), id="by the secondary: the next moves up"),
        pytest.param([("yan", "zoe")], ("ann", "ben", "cid"), id="of somebody not on duty"),
        pytest.param([("", "zoe")], ("zoe", "ben", "ann", "cid"), id="whoever is primary"),
        pytest.param([("", "ben")], ("ben", "ann", "cid"), id="whoever is primary, by the secondary"),
        pytest.param([("", "ann")], ("ann", "ben", "cid"), id="the primary by themselves"),
        pytest.param([("ann", "yan"), ("ann", "zoe")], ("zoe", "ben", "cid"), id="the later of two"),
        pytest.param([("", "yan"), ("", "zoe")], ("zoe", "ben", "yan", "ann", "cid"), id="the later primary"),
        pytest.param([("ann", "yan"), ("yan", "zoe")], ("zoe", "ben", "cid"), id="a stand-in who is covered"),
        pytest.param([("yan", "zoe"), ("ann", "yan")], ("yan", "ben", "cid"), id="a cover before that"),
        pytest.param([("ann", "zoe"), ("zoe", "ann")], ("ann", "ben", "cid"), id="given back"),
        pytest.param([("", "zoe"), ("ann", "yan")], ("zoe", "ben", "yan", "cid"), id="a displaced primary"),
    ],
)
def test_places(overrides, wanted):
    made = [override(covered, person, number) for number, (covered, person) in enumerate(overrides)]
    assert order(*made) == order(*reversed(made)) == wanted


@pytest.mark.parametrize("state", [state for state in OverrideState if state is not OverrideState.AGREED])
def test_only_what_is_agreed_counts(state):
    assert order(override("ann", "zoe", state=state)) == ("ann", "ben", "cid")


@pytest.mark.parametrize(("at", "first"), [(-1, "ann"), (0, "zoe"), (3599, "zoe"), (3600, "ann")])
def test_it_holds_from_its_beginning_until_just_before_its_end(at, first):
    assert order(override("ann", "zoe"), at=T0 + timedelta(seconds=at))[0] == first


def test_a_swap_gives_each_the_duty_of_the_other():
    swap = override("ann", "ben", in_return=(T0 + DAY, T0 + DAY + HOUR))
    assert order(swap) == ("ben", "cid")
    assert order(swap, at=T0 + DAY) == ("ann", "cid")
    at_once = override("ann", "ben", in_return=(T0, T0 + HOUR))
    assert order(at_once) == ("ben", "ann", "cid")


def test_nothing_is_given_back_for_whoever_is_primary():
    assert order(override("", "ben", in_return=(T0 + DAY, T0 + DAY + HOUR)), at=T0 + DAY) == (
        "ann",
        "ben",
        "cid",
    )


def test_a_secondary_of_its_own_layer_is_covered_too():
    backup = Layer(members=("sam",), role=DutyRole.SECONDARY)
    assert order(override("sam", "zoe"), layers=(ABC, backup)) == ("ann", "zoe", "ben", "cid")
    assert order(override("ann", "sam"), layers=(ABC, backup)) == ("sam", "ben", "cid")


def test_what_the_layers_say_stays_where_nobody_stands_in():
    backup = Layer(members=("ann",), role=DutyRole.SECONDARY)
    assert order(override("yan", "zoe"), layers=(ABC, backup)) == ("ann", "ann", "ben", "cid")


def test_a_secondary_that_a_layer_leaves_empty_stays_empty():
    nobody = Layer(members=(), role=DutyRole.SECONDARY)
    assert order(override("ann", "zoe"), layers=(ABC, nobody)) == ("zoe", "", "ben", "cid")


@pytest.mark.parametrize(
    ("covered", "wanted"), [("", "zoe"), ("ann", "")], ids=["whoever is primary", "somebody"]
)
def test_a_gap_is_filled_only_by_who_stands_in_for_any_primary(covered, wanted):
    assert duty(override(covered, "zoe"), layers=(Layer(members=()),)).primary == wanted


def test_an_override_of_another_roster_changes_nothing():
    assert order(override("ann", "zoe", roster="s")) == ("ann", "ben", "cid")


@pytest.mark.parametrize(
    ("overrides", "why"),
    [
        ([], "ann comes first"),
        ([override("ann", "zoe")], "zoe stands in for ann, by override o9"),
        ([override("", "zoe")], "zoe stands in for whoever is primary, by override o9"),
        ([override("ben", "zoe")], "ann comes first"),
    ],
    ids=["layer", "one", "any", "not the primary"],
)
def test_the_duty_tells_why(overrides, why):
    assert duty(*overrides).why == why


@pytest.mark.parametrize(("at", "belongs"), [(timedelta(), True), (HOUR, False)])
def test_whoever_stands_in_belongs_to_the_roster_meanwhile(at, belongs):
    rota = Rota(oncall(), [override("ann", "dan", roster="ops")])
    assert [rota.has("ops", "dan", T0 + at), rota.has("ops", "ann", T0 + at)] == [belongs, True]


def test_shifts_change_where_overrides_begin_and_end():
    rota = Rota(oncall(Roster(name="r", layers=(ABC,))), [override("ann", "zoe")])
    shifts = rota.shifts("r", T0 - DAY, T0 + DAY)
    assert [(shift.start - T0, shift.duty.primary) for shift in shifts] == [
        (-DAY, "ann"),
        (timedelta(), "zoe"),
        (HOUR, "ann"),
    ]
    assert [rota.next_change("r", at) for at in (T0 - DAY, T0, T0 + HOUR)] == [T0, T0 + HOUR, None]
