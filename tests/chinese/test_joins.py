"""Every reason why series are one incident is told in Chinese."""

import pytest

from alertmesh.chinese.joins import join_in, told
from alertmesh.core.changes import ChangeEvent
from alertmesh.core.group import Join, Reason
from alertmesh.correlate import batch, counterfactual, explain, judgement, online, reasons, roles, witnesses
from alertmesh.correlate.explain import ALONE, Evidence, Wording, linked
from alertmesh.correlate.features import FAMILIES
from alertmesh.correlate.graph import _LINKED, _WORDS
from tests.chinese.english import english
from tests.chinese.written import Source
from tests.incidents.fakes import START

LINKS = {word for pair in _WORDS.values() for word in pair} | {
    _LINKED,
    "alerted together in 3 of 4 cases with",
}


def change(actor: str, summary: str) -> str:
    """Return how a change is told in a reason."""
    event = ChangeEvent(
        id="1", kind="DEPLOY", level="service", entity="CART", at=START, actor=actor, summary=summary
    )
    return witnesses._words(event)


KEYS = {"session": ["14"], "same_change": ["14 s"], "neighbour": [f"CART {words}" for words in sorted(LINKS)]}
VALUES = {
    "session": ["namespace SHOP", "cluster EAST"],
    "same_change": [change("LI", "V2"), change("", "V2"), change("LI", ""), change("", "")],
    "inhibited": Source(roles).texts_of("assign", "text"),
    "person": list(Source(judgement).given("told")),
    "rest": ["3"],
}


def shared() -> list[Reason]:
    """Return what every kind of evidence says."""
    found = [
        Reason(feature, Wording.sentence(Evidence(feature, 0.5, key, value, "", 0.5)), 0.5)
        for feature in explain._SENTENCES
        for key in KEYS.get(feature, ["NODE"])
        for value in VALUES.get(feature, ["N1"])
    ]
    explained = [Reason("explained", text, 1.0) for text in Source(roles).texts_of("source_group", "text")]
    said = [Reason("person", text, 1.0) for text in VALUES["person"]]
    return [*found, *explained, *said, *linked(Join(0.5), "CPU").reasons, *ALONE.reasons]


def weighed() -> list[Reason]:
    """Return what the trained model and the second look say."""
    spans = Source(reasons).returned("_span")
    of = {family: f"_{family}" for family in FAMILIES}
    found = [
        Reason(family, text.replace("3 min", span), 0.5)
        for family, name in of.items()
        for text in Source(reasons, _span="3 min").returned(name)
        for span in ["3 min", *spans]
        if english(text)
    ]
    families = [Reason(family, counterfactual.words(family), 0.5) for family in FAMILIES]
    looked = [Reason("batch", text, 0.5) for text in Source(batch).returned("_reason")]
    measures = [Reason(f"batch_{name}", f"{name} 0.5", 0.0) for name in batch.MEASURES]
    return [*found, *families, *looked, *measures]


@pytest.mark.parametrize("reason", [*shared(), *weighed()], ids=lambda reason: reason.text)
def test_a_reason_is_told_in_chinese(reason):
    assert english(join_in("zh-CN", reason.feature, reason.text)) == []


@pytest.mark.parametrize("reason", shared(), ids=lambda reason: reason.text)
def test_a_reason_is_known_without_what_it_rests_on(reason):
    assert english(told(reason.text)) == []


def test_what_is_said_is_found_in_the_source():
    texts = {reason.text for reason in [*shared(), *weighed()]}
    assert {"X put it here", "X said that they are one", "X on X explains it by rule X"} <= texts
    assert "The group took its last alert a moment before and still fires" in texts
    assert online.Evidence is Evidence


@pytest.mark.parametrize(
    ("feature", "text", "chinese"),
    [
        ("same_thing", "Both are about node n1", "都与 node n1 有关"),
        ("neighbour", "Cart calls db, which the group is about", "Cart 调用本事件中的 db"),
        (
            "session",
            "The group of namespace shop had a new alert 14 s before",
            "命名空间 shop 中的本事件 14 秒前刚有新告警",
        ),
        ("unheard", "Some new words", "Some new words"),
    ],
)
def test_names_stay_and_so_does_what_has_no_form(feature, text, chinese):
    assert join_in("zh", feature, text) == chinese


def test_english_stays_as_it_is():
    assert join_in("en", "same_kind", "The group already holds CPU") == "The group already holds CPU"
