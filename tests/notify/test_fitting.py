"""Texts that fit: cut by bytes, links apart, and every incident of a list named."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alertmesh.core.page import Recipient
from alertmesh.notify.fitting import CUT, cut, fitted, parted
from alertmesh.notify.hooks import Hook
from alertmesh.notify.wecom import write
from tests.notify.fakes import T0
from tests.notify.test_robot import said

URL = "https://m/incidents/42"


@given(st.text(max_size=80), st.integers(3, 200))
def test_a_cut_text_has_no_more_bytes_and_begins_alike(text, limit):
    short = cut(text, limit)
    assert len(short.encode()) <= limit
    assert short == text or text.startswith(short.removesuffix(CUT))


@given(st.lists(st.text(max_size=120), max_size=40), st.integers(3, 600))
def test_what_fits_is_shown_whole_and_what_does_not_is_marked(lines, limit):
    def fits(shown):
        return len("\n".join(shown).encode()) <= limit

    shown = fitted(lines, fits)
    assert fits(shown)
    assert shown == lines if fits(lines) else any(line.endswith(CUT) for line in shown)


def test_the_longest_lines_are_cut_first():
    lines = ["Where: node-7", "x" * 500, "Since: 04:00"]
    shown = fitted(lines, lambda parts: sum(map(len, parts)) <= 120)
    assert (shown[0], shown[2], len(shown)) == (lines[0], lines[2], 3)


@pytest.mark.parametrize("contacts", [{"wecom": "zhang"}, {}], ids=["markdown", "text"])
def test_a_list_of_sixty_incidents_names_each_of_them(contacts):
    lines = [f"P1 #{number} {'磁盘已满' * 20} (12 min)" for number in range(1000, 1060)]
    people = (Recipient(name="zhang", mobile="13800000001", contacts=contacts),)
    message = said(text="\n".join([*lines, f"Open: {URL}"]), recipients=people)
    body = write(message, Hook("https://h"), T0).decode()
    assert [number for number in range(1000, 1060) if f"P1 #{number} " not in body] == []
    assert URL in body


@pytest.mark.parametrize(
    ("text", "links", "wanted"),
    [
        (f"a\nOpen: {URL}", (), [("Open", URL)]),
        (f"a\n打开：{URL}", (), [("打开", URL)]),
        ("a", (), [("AlertMesh", URL)]),
        (
            f"a\nOpen: {URL}",
            (("Ack", "https://m/p/k"), ("Again", URL)),
            [("Open", URL), ("Ack", "https://m/p/k")],
        ),
    ],
    ids=["english", "chinese", "no-line", "buttons"],
)
def test_links_stand_apart_each_address_once(text, links, wanted):
    assert parted(said(text=text, url=URL, links=links)) == (["a"], wanted)
