"""Why two incidents are not one, and what would have kept a series out, is told in Chinese."""

from collections.abc import Iterator
from itertools import product

import pytest

from alertmesh.chinese.why import why_in
from alertmesh.core.group import Reason
from alertmesh.correlate import counterfactual, why, whyfacts
from alertmesh.correlate.counterfactual import kept_out, percent
from alertmesh.correlate.features import FAMILIES
from alertmesh.correlate.why import _BARRED
from tests.chinese.english import english
from tests.chinese.written import Source

GROUPS = ("incident 7", "group 3, which has no incident")
SHARES = [percent(share) for share in (0.31, 0.999, 0.001)]
SAMPLES = {
    "percent": SHARES[0],
    "_called": "GROUP",
    "called": "GROUP",
    "likely": SHARES[0],
    "takes": SHARES[1],
}


def of_explainer() -> Iterator[str]:
    """Yield what answers why."""
    source = Source(why, **SAMPLES, _BARRED="BARRED", barred="BARRED", text="how large the group is")
    for name in ("_kept_out", "_alone", "_answer"):
        yield from (text for text in source.returned(name) if english(text))


def of_facts() -> Iterator[str]:
    """Yield what holds of two groups."""
    source = Source(whyfacts, **SAMPLES, one="GROUP", other="GROUP", span="10 min", join="SOME")
    yield from source.returned("_shared")
    yield from source.returned("_times")
    yield from source.given("append")


def of_terms() -> Iterator[str]:
    """Yield what would have kept a series out, by its reasons."""
    for count, threshold in product([1, 2, 3], [0.3, 0.6, 0.95]):
        reasons = [Reason(family, counterfactual.words(family), 1.0) for family in FAMILIES[:count]]
        told = [*reasons, Reason("prior", "Before anything is known of the two", -0.5)]
        yield from kept_out(told, threshold, dict.fromkeys(FAMILIES, -2.0), "incident 7")


SAID = sorted(
    {
        text.replace("GROUP", group)
        .replace("SOME", "A and B" if "clusters" in text else "A, B")
        .replace("BARRED", barred)
        for text in [*of_explainer(), *of_facts(), *of_terms()]
        for group in GROUPS
        for barred in _BARRED.values()
    }
)


@pytest.mark.parametrize("text", SAID)
def test_why_is_told_in_chinese(text):
    assert english(why_in("zh-CN", text)) == []
