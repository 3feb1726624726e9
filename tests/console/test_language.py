"""What the stages word in English is told in the language that is asked for, wherever the API shows it."""

import json
from typing import Any

import pytest
from msgspec.structs import replace

from alertmesh.core.digest import Noise
from alertmesh.core.group import Cause, Join, Reason
from alertmesh.core.incident import Similar, TimelineEntry
from alertmesh.core.oncall import Roster, User
from alertmesh.core.regrouping import Regrouping, RegroupKind, Suggestion
from alertmesh.escalate.stage import EscalateStage
from tests.console.fakes import NOW, Caller, FakeService, a_response, an_alert, an_incident
from tests.console.test_digest import a_proposal
from tests.console.test_why import APART, WHY
from tests.escalate.fakes import oncall

REASON = Reason("same_kind", "The group already holds CPU", 0.8)
SPAN = {"starts_at": "2026-11-24T00:00:00Z", "ends_at": "2026-11-25T00:00:00Z"}


@pytest.fixture(autouse=True)
def _an_incident(service: FakeService) -> None:
    join = Join(0.8, (REASON,))
    incident = replace(
        an_incident(1),
        causes=(Cause("cart", "s1", 0.9, "service cart tells of CPU", changed="deploy 4 min before"),),
        similar=(Similar(incident=9, score=0.9, title="", closed_at=NOW, shared="the same words: disk"),),
        together=join,
    )
    service.pairs = {1: (incident, a_response(1)), 2: (an_incident(2), a_response(2))}
    people = oncall(Roster(name="bare"), users=(User(name="ann", display="Ann Lee", channels=("ding",)),))
    service.escalate = EscalateStage(people)
    service.join = join
    service.lines = [TimelineEntry(incident=1, at=NOW, kind="unack", text="ann gave it up")]
    reason = (
        "Looked at together, 2 series and the other 3 are only 9% likely one trouble, pair by pair;"
        " they began 7 min apart"
    )
    told = Regrouping(kind=RegroupKind.SPLIT, groups=(1,), series=("s1",), confidence=0.8, reason=reason)
    service.suggested = [(Suggestion(number=3, at=NOW, seen_at=NOW, told=told), None)]
    answer = "People said that series of the two do not belong together"
    service.reasons = {"s1": replace(WHY, kept_out=("It began the group: no open group was worth weighing",))}
    service.parted = replace(APART, answer=answer)
    why = "fires for 3 days without a pause: a rule that waits with `for: 4m` would stay quiet"
    service.proposals = [replace(a_proposal("a", Noise.ALWAYS_ON), why=why)]
    service.remembered = [(an_alert("a", team="db"), None)]


async def read(api: Caller, path: str, *keys: str | int) -> tuple[str, str]:
    """Return a text of an answer in both languages."""
    told = []
    for language in ("en", "zh"):
        found: Any = await (await api.get(f"/api/v1/{path}?language={language}")).json()
        for key in keys:
            found = found[key]
        told.append(found)
    return told[0], told[1]


@pytest.mark.parametrize(
    ("path", "keys", "chinese"),
    [
        ("incidents/1", ["causes", 0, "reason"], "service cart 报出 CPU"),
        ("incidents/1", ["causes", 0, "changed"], "deploy，告警前 4 分钟"),
        ("incidents/1", ["similar", 0, "shared"], "相同的文字：disk"),
        ("incidents/1", ["together", "reasons", 0, "text"], "本事件已有 CPU"),
        ("incidents/1", ["suggestions", 0, "reason"], "整体来看"),
        ("incidents/1/causes", ["causes", 0, "reason"], "service cart 报出 CPU"),
        ("incidents/1/timeline", ["timeline", 0, "text"], "Ann Lee 放弃处理"),
        ("incidents/1/alerts", ["alerts", 0, "reasons", 0, "text"], "本事件已有 CPU"),
        ("incidents/1/why", ["why", 0, "reasons", 0, "text"], "本事件已有 CPU"),
        ("incidents/1/why", ["why", 0, "kept_out", 0], "由它开启本事件"),
        ("incidents/1/why-not/2", ["answer"], "有人认定两者的序列无关"),
        ("incidents/1/why-not/2", ["then", "against_it", 0, "text"], "相隔的时间"),
        ("digest", ["proposals", 0, "why"], "已连续触发 3 天"),
        ("oncall/bare/gaps", ["faults", 0, "text"], "无人可联系"),
    ],
)
async def test_a_text_is_told_in_the_language_that_is_asked_for(
    api: Caller, path: str, keys: list[str | int], chinese: str
) -> None:
    told = await read(api, path, *keys)
    assert chinese in told[1]
    assert told[0].isascii()


@pytest.mark.parametrize(
    ("path", "body", "chinese"),
    [
        ("oncall/overrides", {"roster": "ops", "person": "max", "covered": "lea", **SPAN}, "没有值班"),
        ("silences", {"matchers": 'team="db"', "comment": "x", "duration_s": 60}, ""),
        ("silences", {"matchers": 'team="web"', "comment": "x", "duration_s": 60}, "没有匹配到"),
    ],
)
async def test_what_to_think_of_is_told_in_the_language_that_is_asked_for(
    api: Caller, path: str, body: dict[str, Any], chinese: str
) -> None:
    answer = await api.post(f"/api/v1/{path}?language=zh", json.dumps(body).encode())
    told = (await answer.json())["warnings"]
    assert (answer.status, chinese in " ".join(told)) == (201, True)


async def test_a_language_that_there_is_not_is_refused(api: Caller) -> None:
    assert (await api.get("/api/v1/incidents/1?language=fr")).status == 400
