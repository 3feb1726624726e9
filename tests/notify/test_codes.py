from datetime import timedelta

from msgspec.structs import replace

from alertmesh.core.page import PageKind
from alertmesh.notify import codes
from alertmesh.notify.codes import Codes, expired, last_of, read, tidied
from tests.notify.fakes import T0, attempt

KEPT = Codes(b"secret")


def test_the_same_message_has_the_same_code_and_another_installation_another():
    assert KEPT.code("k") == Codes(b"secret").code("k")
    assert len({KEPT.code("k"), KEPT.code("l"), Codes(b"other").code("k")}) == 3


def test_a_code_can_be_read_aloud_and_typed():
    assert len(KEPT.code("k")) == codes.LENGTH
    assert not set("ILOU") & set("".join(KEPT.code(str(number)) for number in range(200)))
    assert tidied(" 0o1iL ") == "00111"


def test_it_leads_to_what_was_asked_for_a_day():
    one, other = attempt(1), attempt(1, person="li")
    rows = {row.key: row.body for row in KEPT.rows("k", [one, other, attempt(2)], T0)}
    assert set(rows) == {KEPT.code("k"), last_of("zhang"), last_of("li")}
    found = read(rows[KEPT.code("k")], T0 + timedelta(hours=23))
    assert [(asked.incident, asked.epoch, asked.people) for asked in found.asked] == [
        (1, 2, ("zhang", "li")),
        (2, 2, ("zhang",)),
    ]
    assert read(rows[KEPT.code("k")], T0 + timedelta(hours=24)) is None


def test_news_has_no_code():
    assert KEPT.rows("k", [attempt(kind=PageKind.CLOSING)], T0) == []


def test_what_is_over_is_removed():
    [kept, *_] = KEPT.rows("k", [attempt()], T0)
    later = T0 + timedelta(days=2)
    new = KEPT.rows("l", [replace(attempt(), id="x")], later)[0]
    found = expired([(kept.key, kept.body), (new.key, new.body)], later)
    assert [(row.key, row.body) for row in found] == [(kept.key, None)]
