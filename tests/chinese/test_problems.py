"""What the server refuses is told in Chinese: our sentences are read from the sources, others are made."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Annotated, Any

import msgspec
import pytest
from aiohttp import web
from msgspec import Meta

import alertmesh
from alertmesh.chinese.problems import detail_in
from alertmesh.console import edgeforms
from alertmesh.console.actions import ActionBody
from alertmesh.console.drafts import SilenceBody
from alertmesh.console.oncall_drafts import OverrideBody
from alertmesh.desks import rulebook_files, rulebook_trial, signin
from alertmesh.escalate import commands, terms
from alertmesh.escalate.machine import TABLE
from alertmesh.escalate.table import Refusal
from alertmesh.store import accounts
from tests.chinese.english import english
from tests.chinese.written import Source

_ROOT = Path(alertmesh.__file__).parent
_SAYING = {
    "Refused": 2,
    "unfit": 1,
    "_unfit": 1,
    "_unauthorized": 2,
    **dict.fromkeys(("BadCommand", "StaleCommand", "BadPayload", "Overloaded", "PluginFailed"), 0),
    **dict.fromkeys(("NotWritable", "WrongPassword", "WeakPassword", "Unfit"), 0),
}
"""What says why something is refused, and which of its arguments does."""

_CALL = re.compile(rf"\b({'|'.join(_SAYING)})\(")

_OTHERS = ("training", "feedback.py", "recorded.py", "replay.py", "rosterimport.py", "scoring.py")
"""They are read by commands alone."""

_MADE = ("core/patterns.py",)
"""What they say is made in test_faults."""

_SAMPLES = {
    "console/modules.py": {"kind": "page"},
    "console/topology.py": {"error": "should be a duration such as 30s, 5m, 8h or 1d"},
    "core/moduleforms.py": {"join": "from 1 on"},
    "deliveries.py": {"state": "failed"},
    "escalate/overrides.py": {"state": "over"},
    "notify/callbacks.py": {"what": "a list of calls"},
}


def is_told(text: str) -> bool:
    """Tell whether a refusal is Chinese; keys and examples stay, which are one word at a time."""
    told = detail_in("zh-CN", text)
    return told != text and re.search("[a-z]{2,} [a-z]{2,}", re.sub("`[^`]*`", "", told)) is None


def of_sources() -> Iterator[str]:
    """Yield every sentence with which something is refused anywhere."""
    for path in sorted(_ROOT.rglob("*.py")):
        place = path.relative_to(_ROOT).as_posix()
        if place.startswith(_OTHERS) or place in _MADE or not _CALL.search(path.read_text(encoding="utf-8")):
            continue
        source = Source(path, explain="X", word="a list", **_SAMPLES.get(place, {}))
        for name, argument in _SAYING.items():
            yield from source.given(name, argument)


def of_people() -> Iterator[str]:
    """Yield what is wrong with passwords, with who signs in, with rule files and with overrides."""
    yield from Source(accounts).returned("weakness")
    yield from Source(rulebook_files).returned("why_not_writable")
    yield from (text for module in (signin, rulebook_trial) for text in Source(module).given("__init__"))
    yield from (f"{field}: {why}" for field, why in Source(terms).said("_refuse"))


def of_edges() -> Iterator[str]:
    """Yield what is wrong with a list of edges."""
    source = Source(edgeforms)
    for why in (*source.yielded("_faults"), *source.texts_of("_from_csv", "why"), *source.holding("values")):
        yield f"[3].a: {why}"
        yield f"line 4.b: {why} (and 2 more)"


def of_incidents() -> Iterator[str]:
    """Yield why an incident is left as it is, with what would be possible."""
    [form] = Source(commands, why="WHY").returned("explain")
    files = (_ROOT / "escalate").glob("*.py")
    whys = [why for path in sorted(files) for why in Source(path, action="merge").given("explain", 1)]
    pairs = [*TABLE.refusals, *TABLE.pairs.values()]
    whys += [one.why for one in pairs if isinstance(one, Refusal)]
    yield from (form.replace("WHY", why) for why in whys if english(why))


@cache
def written() -> list[str]:
    """Return every sentence of ours, where one is left out with something in its place."""
    found = {*of_sources(), *of_people(), *of_edges(), *of_incidents()}
    return sorted(text.replace(":  ", ": '' ") for text in found if english(text))


def of_library() -> list[str]:
    """Return the common faults of bodies, as they are decoded."""
    bodies: list[tuple[Any, Any]] = [
        *((ActionBody, body) for body in ([], 1, "A", True, None, {"A": 1}, {"epoch": "A"}, {"epoch": 1.5})),
        *((ActionBody, body) for body in ({"epoch": -1}, {"epoch": 2**63}, {"series": [1]}, {"text": {}})),
        *((SilenceBody, body) for body in ({}, {"matchers": "", "comment": "", "starts_at": "A"})),
        (SilenceBody, {"matchers": "", "comment": "", "starts_at": "2026-11-23T04:00:00"}),
        (OverrideBody, {"roster": "A", "state": "A"}),
        (OverrideBody, {"roster": "A", "in_return": {}}),
        (timedelta, "A"),
        (Annotated[list[int], Meta(max_length=1)], [1, 2]),
        (Annotated[str, Meta(min_length=1)], ""),
    ]
    texts = [
        b"",
        b"{",
        b"{} A",
        b"{A",
        b"[A]",
        b'{"A": 01}',
        b'{"A": "\\A"}',
        b'"\xff"',
        b'{"A": 1,}',
        b"[1,]",
    ]
    given = [(kind, json.dumps(body).encode()) for kind, body in bodies] + [(Any, text) for text in texts]
    return [_refusal(kind, body) for kind, body in given]


def _refusal(kind: Any, body: bytes) -> str:
    with pytest.raises((msgspec.MsgspecError, UnicodeDecodeError)) as caught:
        msgspec.json.decode(body, type=kind)
    return str(caught.value)


def test_the_sentences_are_found_in_the_sources():
    known = {
        "sign in, or send a token",
        "ends_at: the silence would be over already",
        "person: say who has duty instead",
        "it is over; nobody is told; incident X is held, epoch X; possible: X",
        "team: there is no roster X; incident X is held, epoch X; possible: X",
        "a password has at least X characters",
        "dry run X goes on; wait for it or cancel it",
        "[3].a: must not be empty",
        "expected a list, got a list",
    }
    assert known <= set(written())


@pytest.mark.parametrize("text", written())
def test_what_is_refused_is_told_in_chinese(text):
    assert is_told(text)


@pytest.mark.parametrize("text", sorted(set(of_library())))
def test_what_is_wrong_with_a_body_is_told_in_chinese(text):
    assert is_told(text)
    assert is_told(f"is not a list of reports or replies: {text}")


@pytest.mark.parametrize(
    "refused", [web.HTTPBadRequest(), web.HTTPRequestEntityTooLarge(1, 2), web.HTTPExpectationFailed()]
)
def test_what_the_framework_refuses_is_told_in_chinese(refused):
    assert is_told(refused.reason)


@pytest.mark.parametrize(
    ("text", "chinese"),
    [
        (
            "it is over already; note or close it; incident 7 is resolved, epoch 4; possible: note, close",
            "已经结束，请写备注或关闭；事件 #7 现为已解决（第 4 版），可以：添加备注、关闭",
        ),
        ("in_return: is in the past", "in_return：时间已过"),
        ("line 4.kind: is one of calls, owns", "第 4 行 kind：应为 calls, owns 之一"),
        ("line 4: has not 3 values (and 1 more)", "第 4 行：应有 3 个值（另有 1 处）"),
        ("'a b' must end with .yaml", "'a b' 应以 .yaml 结尾"),
        ("/etc/rules/a.yaml: Permission denied", "/etc/rules/a.yaml：没有权限"),
        (
            "rosters/ops.yaml:3:5 zone: is missing; policies/a.yaml:1:1 loops: should be greater than 0",
            "rosters/ops.yaml:3:5 zone：缺少此项；policies/a.yaml:1:1 loops：应大于 0",
        ),
        ("ack has no use for minutes", "认领不需要 minutes"),
        ("id: override 3 holds no more, it is ended", "id：代班 3 已不生效，现为已结束"),
        (
            "module weather: page now failed: ValueError: no sky (a.py:3)",
            "模块 weather 的页面 now 出错：ValueError: no sky (a.py:3)",
        ),
        ("name: something new is wrong", "name: something new is wrong"),
        ("something new is wrong", "something new is wrong"),
        ("", ""),
    ],
)
def test_keys_and_names_stay_and_so_does_what_has_no_form(text, chinese):
    assert detail_in("zh", text) == chinese


@pytest.mark.parametrize("nested", ["a: ", "ttl ", "channel a: ", "tree 1: ", "a:1:1 "])
@pytest.mark.parametrize("length", [980, 100_000])
def test_what_somebody_nested_in_their_own_text_does_no_harm(nested, length):
    assert detail_in("zh", nested * (length // len(nested)) + "is missing")


@pytest.mark.parametrize("text", [" - at $", " (and 1 more)", " codec can't decode  in position 1: "])
def test_what_somebody_said_over_and_over_takes_no_time(text):
    said = f"Object contains unknown field `{text * 2_000}`"
    assert detail_in("zh", said) == said


def test_english_stays_as_it_is():
    assert detail_in("en", "is in the past") == "is in the past"
