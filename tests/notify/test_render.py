"""Messages say what matters in a dozen lines, in the reader's language."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from alertmesh.core.incident import Recurrence
from alertmesh.notify.facts import Briefing, Style
from alertmesh.notify.render import message
from tests.notify.fakes import T0, incident, page, response
from tests.notify.golden import CASES, LANGUAGES, SEEN, as_text, path, rendered


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", list(CASES))
def test_a_message_reads_as_it_was_reviewed(name, language):
    assert as_text(rendered(name, language)) == path(name, language).read_text(encoding="utf-8")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", list(CASES))
def test_a_message_is_short(name, language):
    assert len(rendered(name, language).text.splitlines()) <= 12


def test_the_title_says_priority_number_what_and_how_many_more():
    assert rendered("page", "en").title == "[P1] #42 NodeDiskFull node-7 (+118)"


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"similar": (replace(SEEN, telling=False),)}, None),
        ({"similar": (replace(SEEN, resolved_by="", note=""),)}, "Seen before: #31 (82% alike)"),
        ({"recurrence": Recurrence("node-7", 2, 30)}, "Seen before: 2nd time in 30 days on node-7"),
    ],
    ids=["not alike enough", "nobody handled it", "it came back"],
)
def test_a_page_tells_what_was_seen_before(changes, line):
    said = message(
        [Briefing(pages=(page(),), incident=incident(**changes), response=response())], Style(key="k", now=T0)
    )
    assert [each for each in said.text.splitlines() if "Seen" in each] == ([line] if line else [])


@given(st.text(), st.text(), st.dictionaries(st.sampled_from(["cluster", "node", "service"]), st.text()))
def test_no_label_can_blow_up_a_message(title, summary, labels):
    wild = incident(title=title * 50, summary=summary * 50, labels=labels, services=())
    said = message([Briefing(pages=(page(),), incident=wild, response=response())], Style(key="k", now=T0))
    assert (len(said.title.splitlines()), len(said.text.splitlines()) <= 12, len(said.text) < 1500) == (
        1,
        True,
        True,
    )
