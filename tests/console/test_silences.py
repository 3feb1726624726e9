"""The paths for silences and maintenance windows."""

from datetime import time, timedelta
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from alertmesh.core.entries import SilenceExpired, SilenceSet
from alertmesh.core.errors import BadCommand, StaleCommand
from alertmesh.core.silence import Condition, Plan, Silence, Window
from tests.console.fakes import NOW, Caller, FakeService, an_alert

PATH = "/api/v1/silences"
HOUR = timedelta(hours=1)


def a_silence(id: str, **changes: Any) -> Silence:
    facts: dict[str, Any] = {
        "id": id,
        "matchers": (Condition("team", "=", "db"),),
        "starts_at": NOW - HOUR,
        "ends_at": NOW + HOUR,
        "created_by": "ann",
        "comment": "disk swap",
        "updated_at": NOW - HOUR,
    }
    return Silence(**{**facts, **changes})


@pytest.fixture
def kept(service: FakeService) -> FakeService:
    """A service with an expired, a pending and an active silence."""
    over = a_silence("over", ends_at=NOW)
    later = a_silence("later", starts_at=NOW + HOUR, ends_at=NOW + 2 * HOUR)
    now = a_silence("now", matchers=(Condition("team", "=~", "web"),))
    service.silenced = {one.id: one for one in (over, later, now)}
    return service


async def post(api: Caller, **body: Any) -> tuple[int, Any]:
    sent = {"matchers": 'team="db"', "comment": "disk swap", "duration_s": 3600} | body
    answer = await api.post(PATH, msgspec.json.encode({k: v for k, v in sent.items() if v is not None}))
    return answer.status, await answer.json()


async def test_makes_a_silence(service: FakeService, api: Caller) -> None:
    status, made = await post(api)
    [entry] = service.ordered
    assert isinstance(entry, SilenceSet)
    assert (status, entry.silence.id, entry.replaces) == (201, made["id"], "")
    assert entry.silence == a_silence(
        made["id"], starts_at=NOW, ends_at=NOW + HOUR, created_by="local", updated_at=NOW
    )


async def test_shows_what_it_made(api: Caller) -> None:
    _, made = await post(api, created_by="li")
    shown = made["silence"]
    assert (shown["state"], shown["matchers"], shown["created_by"]) == ("active", 'team="db"', "li")


async def test_writes_it_into_the_audit_log(service: FakeService, api: Caller) -> None:
    _, made = await post(api)
    [line] = service.audited
    assert (line.action, line.target) == ("silence", f"silence/{made['id']}")
    assert line.detail == 'team="db" until 2026-11-23 05:00 UTC: disk swap'


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"matchers": ""}, "matchers"),
        ({"matchers": 'team=~"("'}, "matchers"),
        ({"matchers": 'team="db'}, "matchers"),
        ({"comment": " "}, "comment"),
        ({"comment": None}, "comment"),
        ({"created_by": "x" * 201}, "created_by"),
        ({"starts_at": "9999-12-31T23:59:59Z"}, "duration_s"),
        ({"starts_at": "2200-01-01T00:00:00Z"}, "duration_s"),
        ({"starts_at": "2026-11-24T04:00:00Z", "duration_s": 366 * 86_400}, "duration_s"),
        ({"duration_s": None}, "ends_at"),
        ({"duration_s": 0}, "duration_s"),
        ({"duration_s": 400 * 86_400}, "duration_s"),
        ({"duration_s": None, "ends_at": "2026-11-23T03:00:00Z"}, "ends_at"),
        ({"duration_s": None, "ends_at": "2026-11-23T06:00:00"}, "ends_at"),
        ({"duration_s": None, "ends_at": "2036-11-23T06:00:00Z"}, "ends_at"),
        ({"minutes": 5}, "minutes"),
    ],
)
async def test_names_the_field_that_does_not_fit(
    service: FakeService, api: Caller, body: dict[str, Any], field: str
) -> None:
    status, problem = await post(api, **body)
    assert (status, problem["field"]) == (422, field)
    assert service.ordered == []


@pytest.mark.parametrize(
    ("body", "warnings"),
    [
        ({"matchers": 'alertname="A",team="db"'}, []),
        ({"matchers": 'team="none"'}, ["it matches no alert that fires now"]),
        ({"matchers": 'alertname="A"'}, ["it matches all 3 alerts that fire now"]),
        ({"matchers": 'team=~".*"'}, ["it matches everything, even an alert without any label"]),
        ({"duration_s": 31 * 86_400}, ["it ends more than 30 days from now"]),
    ],
)
async def test_warns(service: FakeService, api: Caller, body: dict[str, Any], warnings: list[str]) -> None:
    alerts = [an_alert("a", team="db"), an_alert("b", team="db"), an_alert("c", team="web")]
    service.remembered = [*((alert, None) for alert in alerts), (an_alert("d", team="none"), NOW)]
    status, made = await post(api, **body)
    assert (status, made["warnings"]) == (201, warnings)


async def test_a_longer_end_keeps_the_id(kept: FakeService, api: Caller) -> None:
    _, made = await post(api, id="now", matchers='team=~"web"', duration_s=7200)
    [entry] = kept.ordered
    assert isinstance(entry, SilenceSet)
    assert (made["id"], entry.replaces, entry.silence.starts_at) == ("now", "", NOW - HOUR)
    assert entry.silence.ends_at == NOW + 2 * HOUR


@pytest.mark.parametrize("body", [{"id": "now", "matchers": 'team="db"'}, {"id": "over"}])
async def test_other_matchers_and_what_is_over_make_a_new_id(
    kept: FakeService, api: Caller, body: dict[str, str]
) -> None:
    _, made = await post(api, **body)
    [entry] = kept.ordered
    assert isinstance(entry, SilenceSet)
    assert (made["id"] in ("now", "over"), entry.replaces, entry.silence.starts_at) == (
        False,
        body["id"],
        NOW,
    )


async def test_what_is_changed_must_be_there(api: Caller) -> None:
    status, problem = await post(api, id="none")
    assert (status, problem["field"]) == (404, "id")


async def test_tells_why_it_cannot_be_done(service: FakeService, api: Caller) -> None:
    service.failure = BadCommand("there are too many")
    status, problem = await post(api)
    assert (status, problem["detail"]) == (422, "there are too many")


async def test_tells_that_it_was_ended_meanwhile(kept: FakeService, api: Caller) -> None:
    kept.failure = StaleCommand("silence now is over")
    status, problem = await post(api, id="now", matchers='team=~"web"')
    assert (status, problem["type"].rpartition(":")[2], problem["field"]) == (409, "stale", "id")


async def test_ends_a_silence(kept: FakeService, api: Caller) -> None:
    answer = await api.send("DELETE", f"{PATH}/now")
    assert (answer.status, (await answer.json())["state"]) == (200, "expired")
    assert kept.ordered == [SilenceExpired(id="now", actor="local", at=NOW)]
    assert [line.action for line in kept.audited] == ["expire"]


@pytest.mark.parametrize("method", ["GET", "DELETE"])
async def test_there_is_no_such_silence(api: Caller, method: str) -> None:
    answer = await api.send(method, f"{PATH}/none")
    assert (answer.status, (await answer.json())["field"]) == (404, "id")


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("", ["now", "later", "over"]),
        ("?state=pending,expired", ["later", "over"]),
        ('?filter=team%3D"db"', ["later", "over"]),
        ("?limit=1", ["now"]),
    ],
)
async def test_lists_what_holds_first(kept: FakeService, api: Caller, query: str, ids: list[str]) -> None:
    page = await (await api.get(PATH + query)).json()
    assert [one["id"] for one in page["silences"]] == ids
    assert (page["next"] is not None) == (query == "?limit=1")


async def test_a_page_goes_on_where_the_one_before_ended(kept: FakeService, api: Caller) -> None:
    first = await (await api.get(PATH + "?limit=1")).json()
    kept.silenced["now"] = replace(kept.silenced["now"], ends_at=NOW)
    following = f"{PATH}?limit=2&after={first['next']}"
    rest = await (await api.get(following)).json()
    assert [one["id"] for one in rest["silences"]] == ["later", "now"]
    del kept.silenced["now"]
    rest = await (await api.get(following)).json()
    assert ([one["id"] for one in rest["silences"]], rest["next"]) == (["later", "over"], None)


async def test_shows_one_silence(kept: FakeService, api: Caller) -> None:
    shown = await (await api.get(f"{PATH}/later")).json()
    assert (shown["state"], shown["alerts"], shown["comment"]) == ("pending", 2, "disk swap")


@pytest.mark.parametrize(
    ("method", "path", "scope", "status"),
    [
        ("POST", PATH, "read", 403),
        ("DELETE", f"{PATH}/now", "read", 403),
        ("GET", PATH, "read", 200),
        ("GET", "/api/v1/maintenance", "ingest", 403),
        ("DELETE", f"{PATH}/now", "respond", 200),
    ],
)
async def test_takes_the_right_token(
    kept: FakeService, api: Caller, method: str, path: str, scope: str, status: int
) -> None:
    kept.add_token("secret", scope)
    answer = await api.send(method, path, headers={"Authorization": "Bearer secret"})
    assert answer.status == status


async def test_shows_the_windows(service: FakeService, api: Caller) -> None:
    window = Window(name="night", matchers='team="db"', begins=time(2), ends=time(4), zone="Asia/Shanghai")
    service.plans = [Plan(window=window, next_start=NOW, next_end=NOW + HOUR, alerts=3)]
    [shown] = (await (await api.get("/api/v1/maintenance")).json())["maintenance"]
    assert (shown["name"], shown["begins"], shown["active_until"]) == ("night", "02:00:00", None)
    assert (shown["next_start"], shown["alerts"]) == ("2026-11-23T04:00:00Z", 3)
