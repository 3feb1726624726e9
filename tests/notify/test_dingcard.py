"""What stands on a card."""

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from alertmesh.notify.dingcard import VALUE_LIMIT, Place, first, incident_of, track_id, values
from tests.notify.dingoffice import asking, news

GROUP = Place("cid1", group=True)


def test_every_message_about_an_incident_has_the_same_card():
    ids = {track_id("app", GROUP, message) for message in (asking(), asking("k2"), news("k3"))}
    assert [incident_of(track) for track in ids] == ["42"]


def test_no_two_places_share_a_card():
    places = [GROUP, Place("cid2", group=True), Place("staff1", group=False), Place("cid1", group=False)]
    assert len({track_id("app", place, asking()) for place in places}) == 4


@given(st.lists(st.text(max_size=400), max_size=20), st.text(max_size=600))
def test_no_value_is_too_long(lines, title):
    told = first(values(replace(asking(), title=title, text="\n".join(lines))))
    assert max(len(value.encode()) for value in told.values()) <= VALUE_LIMIT


def test_buttons_speak_the_language_of_the_reader():
    told = values(replace(asking(), language="zh"))
    assert (told["ack"], told["escalate"], told["unack"]) == ("我来处理", "转研发", "我处理不了")


def test_news_leaves_buttons_and_status_alone():
    assert {"status", "open"}.isdisjoint(values(news("k2")))
