import pytest

from alertmesh.correlate.root_evidence import AT, gather
from alertmesh.correlate.root_reason import Grounds, sentence
from alertmesh.correlate.root_view import View
from tests.correlate.rootgroups import READER, group, tells


def _piece(view: View, thing: str, piece: str) -> float:
    evidence = gather(view, READER)
    names = [one.name for one in evidence.things]
    return float(evidence.pieces[names.index(thing), AT[piece]])


_PLAIN = group(
    tells("web", "HighErrorRate", 0),
    tells("web", "CallErrorsHigh", 5, to="ads"),
    tells("cart", "HighErrorRate", 10),
    tells("cart", "CPUHigh", 10),
    calls="web>cart>db web>ads",
)


@pytest.mark.parametrize(
    ("thing", "piece", "least", "most"),
    [
        pytest.param("cart", "resource", 1, 1, id="its own alerts by kind"),
        pytest.param("cart", "covers", 1, 1, id="what the others suffer may come from it"),
        pytest.param("web", "covers", 0, 0, id="nobody calls it"),
        pytest.param("ads", "named", 1, 1, id="the alerts about calls are about it"),
        pytest.param("ads", "silent", 1, 1, id="it does not alert itself"),
        pytest.param("db", "frontier", 1, 1, id="only the topology knows it"),
        pytest.param("cart", "walk", 0.3, 1, id="the blame ends at it"),
        pytest.param("web", "walk", 0, 0.2, id="the blame is handed on"),
        pytest.param("web", "deepest", 0, 0.6, id="what it calls explains it"),
    ],
)
def test_each_piece_says_what_it_stands_for(thing: str, piece: str, least: float, most: float) -> None:
    assert least <= round(_piece(_PLAIN, thing, piece), 6) <= most


def test_replicas_of_one_alert_count_once() -> None:
    twice = group(*(tells("cart", "CPUHigh", n) for n in range(2)), tells("web", "CPUHigh"))
    assert _piece(twice, "cart", "volume") == 0.5


def test_one_fault_beneath_is_told_from_many() -> None:
    view = group(*(tells(f"app{n}", "PodNotReady", on="n1") for n in range(3)))
    assert _piece(view, "n1", "carries") == 1.0
    assert _piece(view, "n1", "walk") > 0.5


def test_the_candidates_are_bounded() -> None:
    told = [tells(f"s{n}", "Slow", to=f"p{n}", on=f"n{n % 50}") for n in range(300)]
    view = group(*told, calls=" ".join(f"s{n}>q{n}" for n in range(300)))
    assert len(gather(view, READER).things) <= 100


def test_the_reason_names_what_spoke_most() -> None:
    evidence = gather(_PLAIN, READER)
    place = [thing.name for thing in evidence.things].index("cart")
    added = evidence.pieces[place] * 1.0
    said = sentence(Grounds(evidence.things[place], evidence.pieces[place], added))
    assert said.startswith("service cart tells of CPUHigh and 1 more, ")
    assert "stands behind 100% of what the others tell" in said
