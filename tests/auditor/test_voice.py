"""What people get to read, and how a channel is tried."""

import pytest

from alertmesh.auditor.look import Check, Finding
from alertmesh.auditor.vigil import Saying, Word
from alertmesh.auditor.voice import SHOWN, Voice, compose
from alertmesh.auditor.words import said, words
from alertmesh.core.clock import ManualClock
from alertmesh.core.oncall import User
from alertmesh.core.ports import HttpAnswer
from alertmesh.demo.robot import Robot
from alertmesh.demo.telecom import Telecom
from alertmesh.notify import sms
from alertmesh.notify.dingtalk import build
from alertmesh.notify.robot import BODY_LIMIT, markdown
from tests.auditor.fakes import NOW, ago

LI = User(name="li", mobile="13800000002", language="zh")
FACTS = {"priority": "P1", "people": "wang, li"}
UNPAGED = Finding(check=Check.UNPAGED, since=ago(100), incident=42, facts=FACTS)
SERVER = Finding(check=Check.SERVER, since=ago(90), facts={"trouble": "HTTP 503"}, sure=True)
NEWS = Saying(Word.NEW, (SERVER, UNPAGED), ago(100))
LEAST = {"access_key_id": "id", "access_key_secret": "s", "sign_name": "值班", "template": "SMS_1"}
SETTINGS = {"webhook": "https://oapi.dingtalk.com/robot/send?access_token=own", "secret": "SECown"}


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("check", Check)
def test_every_finding_has_words(check, language):
    names = "error trouble state timer timers priority people person channel end owner seconds free wanted"
    facts = dict.fromkeys(names.split(), "fact")
    what, do = said(Finding(check=check, since=NOW, facts=facts), language)
    assert what
    assert do
    assert "-" not in what


def test_a_fact_that_is_missing_is_a_dash():
    assert said(Finding(check=Check.WAITING, since=NOW, facts={"person": "li", "error": ""})) == (
        "a page to li waits for -: -",
        "look at the channel and the server's log; call li yourself.",
    )


def test_a_message_says_what_since_when_and_what_to_do_the_worst_first():
    message = compose(NEWS, NOW, "en", [LI], "https://mesh.example")
    assert message.text.splitlines() == [
        "#42 P1 is paged, but no message left (wang, li), since 00:58:20 UTC",
        "Do: call who is on duty yourself; look at the channels and at the server's log.",
        "the server does not take work: HTTP 503, since 00:58:30 UTC",
        "Do: look at the server's process and log; start it again. Nobody is paged while it is away.",
        "AlertMesh: https://mesh.example",
    ]
    assert message.mobiles == (LI.mobile,)
    assert message.minimal == "AlertMesh auditor: 2 findings, server, unpaged"


def test_many_of_one_kind_are_counted():
    many = tuple(
        Finding(check=Check.OVERDUE, since=ago(number), incident=number) for number in range(1, 5_001)
    )
    message = compose(Saying(Word.STILL, many, ago(900)), NOW, "en")
    assert message.text.splitlines()[0] == "Still wrong, since 2026-01-01 00:45 UTC"
    assert f"and {5_000 - SHOWN} more" in message.text
    assert len(markdown(message, message.key)) < BODY_LIMIT / 10


def test_the_end_is_told_in_the_language_of_the_channel():
    message = compose(Saying(Word.OVER, (), ago(900)), NOW, "zh")
    assert message.title == words("zh").over_title
    assert "2026-01-01 00:45 UTC" in message.text


class Robots:
    """A robot of the auditor's own, as `core.ports.Http`."""

    def __init__(self):
        self.robot = Robot(ManualClock(NOW), {"own": "SECown"})
        self.calls = 0

    async def __call__(self, method, url, **rest) -> HttpAnswer:
        self.calls += 1
        return await self.robot(method, url, **rest)


def a_voice(http, **settings):
    return Voice({"own": build("own", SETTINGS | settings)}, [LI], http, pause_s=0)


async def test_people_are_mentioned_in_their_language():
    http = Robots()
    assert await a_voice(http).say(NEWS, NOW)
    (message,) = http.robot.messages
    assert message.title == words("zh").title
    assert message.mobiles == (LI.mobile,)


@pytest.mark.parametrize(
    ("fault", "times", "arrives", "calls"),
    [("busy", 1, True, 2), ("busy", 3, False, 3), ("timeout_after_accept", 1, True, 2)],
)
async def test_a_busy_channel_is_tried_again_and_shows_it_once(fault, times, arrives, calls):
    http = Robots()
    http.robot.fail_next(fault, times)
    assert await a_voice(http).say(NEWS, NOW) is arrives
    assert (http.calls, len(http.robot.messages)) == (calls, int(arrives))


async def test_each_person_is_texted_alone():
    wang = User(name="wang", mobile="13800000001")
    telecom = Telecom(ManualClock(NOW), {"id": "s"})
    text = sms.NOTIFIER.build("text", LEAST | {"params": "priority,title"})
    assert await Voice({"text": text}, [LI, wang], telecom, pause_s=0).say(NEWS, NOW)
    assert [one.number for one in telecom.texts] == [LI.mobile, wang.mobile]
    assert telecom.texts[0].values == {"priority": "P1", "title": words("zh").title[:20]}
    assert telecom.texts[0].out_id != telecom.texts[1].out_id


async def test_a_channel_for_one_person_tells_nobody_when_there_is_none(capsys):
    voice = Voice({"text": sms.NOTIFIER.build("text", LEAST)}, [], Robots())
    assert not await voice.say(NEWS, NOW)
    assert "auditor.people" in capsys.readouterr().out


async def test_a_dead_channel_does_not_keep_another_from_telling():
    http = Robots()
    dead = build("dead", {"webhook": SETTINGS["webhook"].replace("own", "gone"), "secret": "SECx"})
    voice = Voice({"dead": dead, "own": build("own", SETTINGS)}, [LI], http, pause_s=0)
    assert await voice.say(NEWS, NOW)
    assert http.calls == 2


async def test_without_channels_nobody_is_told(capsys):
    assert not await Voice({}, [LI], Robots()).say(NEWS, NOW)
    assert "nobody_to_tell" in capsys.readouterr().out
