"""Messages say what matters in a dozen lines, in the reader's language."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alertmesh.notify.render import Briefing, Style, message
from tests.notify.fakes import T0, incident, page, response
from tests.notify.golden import CASES, LANGUAGES, as_text, path, rendered


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


@given(st.text(), st.text(), st.dictionaries(st.sampled_from(["cluster", "node", "service"]), st.text()))
def test_no_label_can_blow_up_a_message(title, summary, labels):
    wild = incident(title=title * 50, summary=summary * 50, labels=labels, services=())
    said = message([Briefing(pages=(page(),), incident=wild, response=response())], Style(key="k", now=T0))
    assert (len(said.title.splitlines()), len(said.text.splitlines()) <= 12, len(said.text) < 1500) == (
        1,
        True,
        True,
    )
