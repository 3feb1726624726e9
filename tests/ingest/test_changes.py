"""The door for what was changed: one or many, each by its place."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from alertmesh.core.changes import ChangeEvent
from alertmesh.core.errors import BadPayload
from alertmesh.ingest.changes import parse

NOW = datetime(2026, 11, 23, 4, tzinfo=UTC)
DEPLOY = {"kind": "deploy", "service": "cart"}


def taken(*items: dict[str, Any]) -> tuple[list[ChangeEvent], list[str]]:
    parsed = parse(msgspec.json.encode(list(items)), NOW)
    return parsed.events, [f"{one.index} {one.error}" for one in parsed.rejected]


def test_a_full_one_is_read() -> None:
    full = {
        **DEPLOY,
        "time": "2026-11-23T11:58:00+08:00",
        "summary": "cart\nv1.4.2",
        "cluster": "east",
        "namespace": "shop",
        "url": "https://ci.example.org/7",
        "actor": "li",
        "pipeline": "ignored",
    }
    ((event,), _) = taken(full)
    assert (event.entity, event.level, event.kind, event.actor) == ("cart", "service", "deploy", "li")
    assert (event.at, event.summary) == (datetime(2026, 11, 23, 3, 58, tzinfo=UTC), "cart v1.4.2")


def test_a_single_one_needs_no_list() -> None:
    assert [event.entity for event in parse(msgspec.json.encode(DEPLOY), NOW).events] == ["cart"]


def test_without_a_time_it_is_now() -> None:
    assert taken(DEPLOY)[0][0].at == NOW


def test_the_same_told_twice_has_one_id() -> None:
    one, other, third = taken(DEPLOY, DEPLOY, {**DEPLOY, "service": "web"})[0]
    assert one.id == other.id != third.id


@pytest.mark.parametrize(
    ("item", "why"),
    [
        ({"kind": "deploy"}, "service: name one of service, workload and node"),
        ({**DEPLOY, "node": "n1"}, "node: name one of service, workload and node"),
        ({"service": "cart"}, "kind: is required"),
        ({**DEPLOY, "kind": " "}, "kind: is required"),
        ({**DEPLOY, "service": 7}, "service: Expected `str`, got `int`"),
        ({**DEPLOY, "time": "2027-01-01T00:00:00Z"}, "time: lies in the future"),
        ({**DEPLOY, "url": "javascript:x"}, "url: is no address"),
        ({**DEPLOY, "summary": "x" * 501}, "summary: is longer than 500 characters"),
    ],
    ids=["what", "two things", "no kind", "empty kind", "type", "future", "url", "long"],
)
def test_a_bad_one_is_refused_and_costs_no_other(item: dict[str, Any], why: str) -> None:
    events, rejected = taken(item, DEPLOY)
    assert ([event.entity for event in events], rejected) == (["cart"], [f"0 {why}"])


@pytest.mark.parametrize("body", [b"", b"{", b"7", b"null", b"[" + b"7," * 1000 + b"7]"])
def test_a_body_that_is_none_is_refused(body: bytes) -> None:
    with pytest.raises(BadPayload):
        parse(body, NOW)
