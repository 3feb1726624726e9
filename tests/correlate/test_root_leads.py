"""What usually comes before what is evidence, in the order of this group and with a sentence."""

from collections.abc import Sequence

import pytest
from msgspec.structs import replace

from alertmesh.correlate.relations import Relations
from alertmesh.correlate.root_evidence import AT, gather
from alertmesh.correlate.root_leads import MOST_KINDS, Lag, leads_of
from alertmesh.correlate.root_view import Lead, Told
from alertmesh.correlate.root_words import RootWords
from alertmesh.correlate.rootcause import Ranker, RootWeights
from tests.correlate.fakes import at
from tests.correlate.rootgroups import READER, group, tells

HOUR = 3600.0


def heard(lag_s: float, times: int = 12, back: int = 0, scope: str = "shop") -> Relations:
    """Relations of a stream where the first kind came so long before the other, on different things."""
    relations = Relations()
    for number in range(times):
        pair = ("Disk", "Slow") if number >= back else ("Slow", "Disk")
        for step, kind in enumerate(pair):
            thing = (f"thing-{kind}",)
            relations.observe(kind, scope, thing, at(number * HOUR + step * lag_s))
    return relations


def leads(told: Sequence[Told], relations: Relations) -> set[tuple[str, str]]:
    return {(lead.leader, lead.follower) for lead in leads_of(tuple(told), {}, relations)}


HERE = (tells("db", "Disk", 0.0), tells("web", "Slow", 20.0), tells("cart", "Slow", 30.0))


def test_a_thing_leads_those_whose_alerts_usually_come_after_its_own() -> None:
    assert leads(HERE, heard(20.0)) == {("db", "web"), ("db", "cart")}


@pytest.mark.parametrize(
    "relations",
    [
        heard(2.0),
        heard(20.0, times=3),
        heard(20.0, back=6),
        heard(200.0),
        heard(20.0, scope=""),
    ],
    ids=["at once", "seldom", "either way", "late", "never met"],
)
def test_what_is_not_sure_leads_nothing(relations: Relations) -> None:
    assert leads(HERE, relations) == set()


def test_here_it_must_have_come_in_that_order() -> None:
    assert leads([replace(one, onset=-one.onset) for one in HERE], heard(20.0)) == set()


def test_one_that_leads_all_others_goes_before_its_like_and_says_so() -> None:
    last = replace(tells("web", "LatencyP99High", 20.0), weight=0.5)
    told = (tells("db", "LatencyHigh"), tells("app", "LatencyHigh"), last)
    found = (Lead("db", "web", "LatencyHigh", "LatencyP99High", 10.0), Lead("db", "app", "A", "B", 10.0))
    plain, view = group(*told), replace(group(*told), leads=found)
    evidence = gather(view, READER)
    assert evidence.pieces[:, AT["leads"]].tolist() == [
        1.0 if thing.name == "db" else 0.0 for thing in evidence.things
    ]
    assert Ranker().causes(plain)[0].entity == "app"
    best = Ranker().causes(view)[0]
    assert best.entity == "db"
    assert "its LatencyHigh usually comes 10 s before LatencyP99High of web" in best.reason
    unmoved = Ranker(RootWeights(leads=0.0), RootWords()).causes(view)[0]
    assert "usually" not in unmoved.reason


def test_few_pairs_of_kinds_are_asked_about_however_large_the_group_is() -> None:
    class Counting:
        asked = 0

        def lead(self, src: str, dst: str) -> Lag | None:
            self.asked += 1
            return Lag(10.0, 5.0)

    lags = Counting()
    told = [tells(f"t{n % 60}", f"Kind{n}", float(n)) for n in range(384)]
    assert 0 < len(leads_of(tuple(told), {}, lags)) < 24 * 24
    assert lags.asked == MOST_KINDS * (MOST_KINDS - 1)
