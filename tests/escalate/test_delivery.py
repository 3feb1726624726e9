import pytest
from msgspec.structs import replace

from alertmesh.core.entries import Reported
from alertmesh.escalate.delivery import Deliveries, Verdict
from alertmesh.escalate.events import PageWanted
from alertmesh.escalate.outbound import attempts_of, page_for
from tests.escalate.fakes import T0, outcome, response, user


@pytest.fixture
def deliveries() -> Deliveries:
    return Deliveries(limit=10)


def sends(person: str, *channels: str, loop: int = 0):
    wanted = PageWanted(tier="ops", targets=(), step=0, loop=loop, reason="")
    return attempts_of(page_for(response(), person, wanted, T0), {person: user(person, *channels)})


def begun(deliveries: Deliveries, *pages):
    deliveries.begin(1, {page[0].page.id: page for page in pages})
    return [attempt for page in pages for attempt in page]


def lost(attempt) -> Reported:
    page = attempt.page
    return Reported(
        attempt=attempt.id,
        incident=page.incident,
        page=page.id,
        channel=attempt.channel,
        person=page.person,
        state="failed",
        at=T0,
    )


def test_the_last_channel_of_the_only_page_means_nobody(deliveries):
    ding, sms = begun(deliveries, sends("ann", "ding", "sms"))
    verdicts = [deliveries.settle(outcome(attempt, sent=False)) for attempt in (ding, sms)]
    assert verdicts == [Verdict.FAILED, Verdict.NOBODY]


def test_one_channel_is_enough(deliveries):
    ding, sms = begun(deliveries, sends("ann", "ding", "sms"))
    verdicts = [deliveries.settle(outcome(ding, sent=True)), deliveries.settle(outcome(sms, sent=False))]
    assert verdicts == [Verdict.SENT, Verdict.FAILED]


def test_another_person_under_way_is_somebody(deliveries):
    ann, _ = begun(deliveries, sends("ann"), sends("ben"))
    assert deliveries.settle(outcome(ann, sent=False)) is Verdict.LOST


def test_a_page_of_a_former_step_is_lost_only(deliveries):
    [old] = begun(deliveries, sends("ann"))
    begun(deliveries, sends("ann", loop=1))
    assert deliveries.settle(outcome(old, sent=False)) is Verdict.LOST


@pytest.mark.parametrize("tier", ["ops", ""])
def test_a_withdrawn_page_is_not_awaited(deliveries, tier):
    [attempt] = begun(deliveries, sends("ann"))
    deliveries.withdraw(1, tier)
    assert (deliveries.settle(outcome(attempt, sent=False)), len(deliveries.table)) == (None, 0)


def test_pages_of_the_other_tier_stay(deliveries):
    [attempt] = begun(deliveries, sends("ann"))
    deliveries.withdraw(1, "rnd")
    assert deliveries.settle(outcome(attempt, sent=True)) is Verdict.SENT


def test_an_outcome_of_an_unknown_channel_means_nothing(deliveries):
    [attempt] = begun(deliveries, sends("ann"))
    assert deliveries.settle(replace(outcome(attempt, sent=False), channel="fax")) is None


def test_pages_beyond_the_limit_are_counted(deliveries):
    for loop in range(12):
        begun(deliveries, sends("ann", loop=loop))
    assert deliveries.dropped == 2


def test_what_a_channel_took_and_then_lost_counts_as_failed(deliveries):
    [ding] = begun(deliveries, sends("ann"))
    deliveries.settle(outcome(ding, sent=True))
    assert deliveries.lose(lost(ding)) is Verdict.NOBODY
    assert deliveries.lose(lost(ding)) is None


def test_another_channel_that_took_it_is_enough(deliveries):
    ding, sms = begun(deliveries, sends("ann", "ding", "sms"))
    for attempt in (ding, sms):
        deliveries.settle(outcome(attempt, sent=True))
    assert deliveries.lose(lost(sms)) is Verdict.FAILED
