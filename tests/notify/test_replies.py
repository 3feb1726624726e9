import pytest
from hypothesis import given
from hypothesis import strategies as st

from alertmesh.notify.replies import Verb, Wish, understand


def wish(verb: str, **what: object) -> Wish:
    return Wish(verb=Verb(verb), **what)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("1", wish("ack")),
        ("1.", wish("ack")),
        ("１", wish("ack")),
        ("ack", wish("ack")),
        ("ACK 42", wish("ack", incident=42)),
        ("ack #42 looking at it", wish("ack", incident=42, text="looking at it")),
        ("ack k7q2xz09", wish("ack", code="K7Q2XZ09")),
        ("ack K7Q2XZO9", wish("ack", code="K7Q2XZ09")),
        ("ack tomorrow", wish("ack", text="tomorrow")),
        ("@AlertMesh ack 42", wish("ack", incident=42)),
        ("收到", wish("ack")),
        ("收到,马上看", wish("ack", text="马上看")),
        ("确认42", wish("ack", incident=42)),
        ("确认 ＃42", wish("ack", incident=42)),
        ("@告警 升级42 磁盘满了", wish("escalate", incident=42, text="磁盘满了")),
        ("2 42", wish("escalate", incident=42)),
        ("3", wish("unack")),
        ("resolve 42 restarted it", wish("resolve", incident=42, text="restarted it")),
        ("snooze 42 30", wish("snooze", incident=42, minutes=30)),
        ("snooze 42 2h", wish("snooze", incident=42, minutes=120)),
        ("静音42 1小时", wish("snooze", incident=42, minutes=60)),
        ("note 42 disk is on its way", wish("note", incident=42, text="disk is on its way")),
        ("who is on call?", wish("who")),
        ("谁值班", wish("who")),
        ("help", wish("help")),
        ("?", wish("help")),
    ],
)
def test_what_people_write_is_understood(text, wanted):
    assert understand(text) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no idea what this is",
        "好像是磁盘的问题",
        "解决不了",
        "ok who broke it",
        "1 more thing",
        "42",
        "不能确定",
    ],
)
def test_what_only_begins_like_an_answer_is_none(text):
    assert understand(text) is None


@given(st.text(max_size=40))
def test_any_text_can_be_read(text):
    found = understand(text)
    assert found is None or found.verb in Verb
