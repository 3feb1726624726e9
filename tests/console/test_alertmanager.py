"""Alertmanager's API for alerts, groups, receivers and status."""

import asyncio
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import msgspec
import pytest
import yaml
from msgspec.structs import replace

from alertmesh.console.routing_text import routing
from alertmesh.core.standing import Standing
from tests.console.alertmanager_shapes import LISTS
from tests.console.fakes import NOW, Caller, FakeService, a_response, an_alert, an_incident
from tests.console.test_silences import a_silence

S1 = "6f1d0c5e-52a4-4f5c-9f0e-0a8a8e1a7b11"
PLAIN, SILENCED, MUTED, HIDDEN, CAUSE = (mark * 16 for mark in "abcde")


def stands(series: str = "s1", policy: str = "default", incident: int | None = None, **more: Any) -> Standing:
    return Standing(series=series, incident=incident, policy=policy, **more)


@pytest.fixture
def busy(service: FakeService) -> FakeService:
    """A service with one alert of every kind, and one that is over."""
    alerts = [an_alert("b", team="db"), an_alert("a", team="web", node="n1"), *map(an_alert, "cde")]
    service.remembered = [*((alert, None) for alert in alerts), (an_alert("f"), NOW)]
    service.standings = {
        PLAIN: stands(
            incident=7, last_seen=NOW + timedelta(minutes=1), expires_at=NOW + timedelta(minutes=4)
        ),
        SILENCED: stands(covers=(S1,), policy="night"),
        MUTED: stands(covers=("maintenance/backup",)),
        HIDDEN: stands("s2", hider="s3", incident=7),
        CAUSE: stands("s3", incident=7),
    }
    service.pairs = {7: (an_incident(7), a_response(7))}
    service.silenced = {S1: a_silence(S1)}
    return service


async def asked(api: Caller, path: str) -> Any:
    answer = await api.get(path)
    assert (answer.status, answer.content_type) == (200, "application/json")
    return await answer.json()


async def prints(api: Caller, query: str, path: str = "/api/v2/alerts") -> str:
    """Return the marks of the alerts that a query finds."""
    return "".join(one["fingerprint"][0] for one in await asked(api, f"{path}?{query}"))


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("prefix", ["", "/from/prom"])
async def test_answers_have_alertmanagers_shapes(
    busy: FakeService, api: Caller, path: str, prefix: str
) -> None:
    body = await asked(api, prefix + path)
    assert msgspec.convert(body, LISTS[path])


async def test_an_alert_is_told_in_full(busy: FakeService, api: Caller) -> None:
    first = (await asked(api, "/api/v2/alerts"))[0]
    assert first == {
        "annotations": {},
        "endsAt": "2026-11-23T04:04:00.000Z",
        "fingerprint": PLAIN,
        "receivers": [{"name": "default"}],
        "startsAt": "2026-11-23T04:00:00.000Z",
        "status": {"state": "active", "silencedBy": [], "inhibitedBy": [], "mutedBy": []},
        "updatedAt": "2026-11-23T04:01:00.000Z",
        "labels": {"alertname": "A", "team": "web", "node": "n1"},
    }


async def test_a_link_is_told_if_there_is_one(service: FakeService, api: Caller) -> None:
    service.remembered = [(replace(an_alert("a"), generator_url="http://p/graph"), None)]
    [one] = await asked(api, "/api/v2/alerts")
    assert one["generatorURL"] == "http://p/graph"
    assert one["endsAt"] == "2026-11-23T04:05:00.000Z"  # a lease that is not known is the usual one


async def test_what_holds_an_alert_back_is_named(busy: FakeService, api: Caller) -> None:
    found = {one["fingerprint"]: one["status"] for one in await asked(api, "/api/v2/alerts")}
    assert found[SILENCED] == {"state": "suppressed", "silencedBy": [S1], "inhibitedBy": [], "mutedBy": []}
    assert found[MUTED]["mutedBy"] == ["backup"]
    assert found[HIDDEN]["inhibitedBy"] == [CAUSE]
    assert found[HIDDEN]["state"] == "suppressed"


async def test_no_more_than_some_of_those_that_hide_an_alert_are_named(
    service: FakeService, api: Caller
) -> None:
    causes = [replace(an_alert("e"), fingerprint=f"{number:016x}") for number in range(30)]
    service.remembered = [(alert, None) for alert in (an_alert("d"), *causes)]
    service.standings = {HIDDEN: stands("s2", hider="s3"), **{c.fingerprint: stands("s3") for c in causes}}
    [one] = await asked(api, f"/api/v2/alerts?active=false&receiver={quote('def.*')}")
    assert len(one["status"]["inhibitedBy"]) == 10


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", "abcde"),
        ("active=false", "bcd"),
        ("silenced=false", "acde"),
        ("inhibited=false", "abce"),
        ("muted=false", "abde"),
        ("silenced=false&inhibited=false&muted=false", "ae"),
        ("active=nonsense", "bcd"),
        ("active=", "abcde"),
        ("active=T", "abcde"),
        ("unprocessed=false", "abcde"),
        ("receiver=night", "b"),
        ("receiver=nigh", ""),
        ("receiver=n.*|def.*", "abcde"),
        ("filter=team%3D%22db%22", "b"),
        ("filter=team%3D~%22db%7Cweb%22&filter=node%3Dn1", "a"),
        ("filter=team%3D%22%22", "cde"),
        ("filter=%7Bteam%3D%22web%22%2Cnode%3D%22n1%22%7D", "a"),
    ],
)
async def test_filters(busy: FakeService, api: Caller, query: str, found: str) -> None:
    assert await prints(api, query) == found


@pytest.mark.parametrize("path", ["/api/v2/alerts", "/api/v2/alerts/groups", "/from/p/api/v2/alerts"])
@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("filter=zzz", "bad matcher format: zzz"),
        ("filter=n%3D~%22(%22", "bad matcher format"),
        ("receiver=(", "failed to parse receiver param"),
        ("&".join(["filter=a%3Db"] * 33), "at most 32 matchers"),
    ],
)
async def test_a_bad_question_is_refused_as_a_string(api: Caller, path: str, query: str, says: str) -> None:
    answer = await api.get(f"{path}?{query}")
    assert answer.status == 400
    assert (await answer.json()).startswith(says)


async def test_groups_are_incidents_and_the_rest_by_name(busy: FakeService, api: Caller) -> None:
    found = await asked(api, "/api/v2/alerts/groups")
    told = [
        (one["labels"], one["receiver"]["name"], "".join(a["fingerprint"][0] for a in one["alerts"]))
        for one in found
    ]
    assert told == [
        ({"alertname": "A"}, "default", "c"),
        ({"alertname": "A"}, "night", "b"),
        ({"cluster": "c1", "incident": "7"}, "default", "ade"),
    ]


async def test_a_group_without_wanted_alerts_is_left_out(busy: FakeService, api: Caller) -> None:
    found = await asked(api, "/api/v2/alerts/groups?filter=team%3D%22db%22")
    assert [one["receiver"]["name"] for one in found] == ["night"]


async def test_nothing_at_all_is_an_empty_list(api: Caller) -> None:
    assert await asked(api, "/api/v2/alerts") == []
    assert await asked(api, "/api/v2/alerts/groups") == []


async def test_an_alert_that_is_not_decided_upon_is_left_out(service: FakeService, api: Caller) -> None:
    service.remembered = [(an_alert("a"), None)]
    service.standing = lambda alert: None  # type: ignore[method-assign]
    assert await asked(api, "/api/v2/alerts") == []


async def test_a_long_list_does_not_hold_up_others(service: FakeService, api: Caller) -> None:
    alerts = [
        replace(an_alert("a"), fingerprint=f"{number * 7919 % 20_011:016x}") for number in range(20_000)
    ]
    service.remembered = [(alert, None) for alert in alerts]
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    busybody = asyncio.create_task(others())
    found = await asked(api, "/api/v2/alerts")
    busybody.cancel()
    order = [one["fingerprint"] for one in found]
    assert (len(order), order == sorted(order)) == (20_000, True)
    assert turns > 100


async def test_the_status_is_that_of_a_lone_alertmanager(api: Caller) -> None:
    found = await asked(api, "/api/v2/status")
    assert found["cluster"] == {"peers": [], "status": "disabled"}
    assert found["versionInfo"]["version"] == "0.25.0"
    assert found["uptime"] == "2026-11-23T04:00:00.000Z"
    assert await asked(api, "/api/v2/receivers") == [{"name": "default"}]


def test_policies_are_told_as_a_routing_tree() -> None:
    default = a_response(1).policy
    night = replace(default, name="night", matchers='team="a \\"b\\"", severity=~"x|y"')
    tree = yaml.safe_load(routing([night, default]))
    assert tree["route"] == {
        "receiver": "default",
        "group_by": ["..."],
        "routes": [{"receiver": "night", "matchers": ['team="a \\"b\\""', 'severity=~"x|y"']}],
    }
    assert tree["receivers"] == [{"name": "night"}, {"name": "default"}]


@pytest.mark.parametrize("path", LISTS)
async def test_reading_takes_the_scope_read(service: FakeService, api: Caller, path: str) -> None:
    service.add_token("r", "read")
    service.add_token("i", "ingest")
    refused = await api.get(path)
    told = {"code": 401, "message": "sign in, or send a token"}
    assert (refused.status, refused.content_type, await refused.json()) == (401, "application/json", told)
    assert refused.headers["WWW-Authenticate"].startswith("Bearer")
    assert (await api.get(path, Authorization="Bearer i")).status == 403
    assert (await api.get(path, Authorization="Bearer r")).status == 200
    assert (
        await api.get(path, Authorization="Basic eDpy")
    ).status == 200  # x:r, as Grafana and karma send it


async def test_a_password_is_no_way_into_our_own_api(service: FakeService, api: Caller) -> None:
    service.add_token("r", "read")
    assert (await api.get("/api/v1/alerts", Authorization="Basic eDpy")).status == 401


@pytest.mark.parametrize("prefix", ["", "/from/prom"])
async def test_other_paths_and_methods_are_refused_as_alertmanager_does(api: Caller, prefix: str) -> None:
    answer = await api.get(f"{prefix}/api/v2/nope")
    path = f"{prefix}/api/v2/nope"
    assert (answer.status, await answer.json()) == (
        404,
        {"code": 404, "message": f"path {path} was not found"},
    )
    answer = await api.send("PUT", f"{prefix}/api/v2/silences")
    message = "method PUT is not allowed, but [GET,POST] are"
    assert (answer.status, await answer.json()) == (405, {"code": 405, "message": message})


async def test_grafana_does_not_take_us_for_a_mimir(api: Caller) -> None:
    assert (await api.get("/alertmanager/api/v2/status")).status == 404
