"""By which ways somebody is reached: a page by all of them in their time, news by the mildest one alone."""

from datetime import timedelta

import pytest

from alertmesh.core.alert import Priority
from alertmesh.core.oncall import Reach, User
from alertmesh.core.page import PageKind
from alertmesh.escalate.outbound import attempts_of
from tests.notify.fakes import T0, page

NOW, SOON = timedelta(), timedelta(minutes=2)
LOUD = {Priority.P1: (Reach(NOW, ("ding", "sms")), Reach(SOON, ("voice",)))}
BOTH = LOUD | {Priority.P3: (Reach(NOW, ("ding",)), Reach(SOON, ("mail",)))}
NEWS = (PageKind.UPDATE, PageKind.CLOSING)


def ways(kind, reach, priority=Priority.P1):
    user = User(name="zhang", channels=("plain",), reach=reach)
    made = attempts_of(page(kind=kind, priority=priority), {"zhang": user})
    return [(one.channel, one.due_at - T0) for one in made]


def test_a_page_takes_every_way_of_its_priority_in_its_time():
    assert ways(PageKind.PAGE, BOTH) == [("ding", NOW), ("sms", NOW), ("voice", SOON)]


@pytest.mark.parametrize("priority", Priority)
@pytest.mark.parametrize("kind", NEWS)
def test_news_takes_the_first_of_the_mildest_way_whatever_its_incident(kind, priority):
    assert ways(kind, BOTH, priority) == [("ding", NOW)]


@pytest.mark.parametrize("kind", NEWS)
def test_news_never_goes_on_to_what_is_louder(kind):
    assert ways(kind, LOUD) == [("ding", NOW), ("sms", NOW)]
    assert ways(kind, {}) == [("plain", NOW)]
