"""The paths that answer why."""

from msgspec.structs import replace

from alertmesh.core.group import Reason
from alertmesh.core.why import Opinion, Rival, Why, WhyApart
from tests.console.fakes import NOW, Caller, FakeService, a_response, an_incident

PATH = "/api/v1/incidents"
WHY = Why(
    series="s1",
    name="NodeDown",
    entity="n1",
    group=1,
    joined_at=NOW,
    probability=0.8,
    threshold=0.5,
    log_odds=False,
    reasons=(Reason("labels", "both name rack 7", 0.8),),
    kept_out=("Without it, no",),
    rival=Rival(2, 0.4),
)
OPINION = Opinion(
    series="s1",
    name="NodeDown",
    group=2,
    at=NOW,
    probability=0.3,
    threshold=0.5,
    for_it=(),
    against_it=(Reason("time", "the time between them", -1.0),),
)
APART = WhyApart(groups=(1, 2), answer="so", verdicts=("ann said so",), facts=(), then=OPINION, now=None)


def fill(service: FakeService) -> None:
    service.pairs = {number: (an_incident(number), a_response(number)) for number in (1, 2)}
    service.reasons, service.parted = {"s1": WHY}, APART


async def test_each_series_says_why_it_is_in(service: FakeService, api: Caller) -> None:
    fill(service)
    (why,) = (await (await api.get(f"{PATH}/1/why")).json())["why"]
    assert (why["probability"], why["threshold"], why["kept_out"]) == (0.8, 0.5, ["Without it, no"])
    assert why["rival"] == {"group": 2, "incident": 2, "probability": 0.4}
    assert why["reasons"] == [{"feature": "labels", "text": "both name rack 7", "weight": 0.8}]


async def test_of_one_that_is_over_the_stored_reasons_are_told(service: FakeService, api: Caller) -> None:
    fill(service)
    service.reasons = {"s1": replace(WHY, group=9)}
    (why,) = (await (await api.get(f"{PATH}/1/why")).json())["why"]
    assert (why["probability"], why["threshold"], why["kept_out"], why["rival"]) == (0.8, None, [], None)


async def test_two_incidents_say_why_they_are_two(service: FakeService, api: Caller) -> None:
    fill(service)
    told = await (await api.get(f"{PATH}/1/why-not/2")).json()
    assert (told["incidents"], told["answer"], told["verdicts"]) == ([1, 2], "so", ["ann said so"])
    assert (told["then"]["incident"], told["then"]["probability"], told["now"]) == (2, 0.3, None)


async def test_one_is_not_held_against_itself(service: FakeService, api: Caller) -> None:
    fill(service)
    assert (await api.get(f"{PATH}/1/why-not/1")).status == 422


async def test_the_other_must_exist(service: FakeService, api: Caller) -> None:
    fill(service)
    assert (await api.get(f"{PATH}/1/why-not/7")).status == 404


async def test_what_is_over_cannot_be_weighed(service: FakeService, api: Caller) -> None:
    fill(service)
    service.parted = None
    answer = await api.get(f"{PATH}/1/why-not/2")
    assert (answer.status, "is over" in (await answer.json())["detail"]) == (422, True)
