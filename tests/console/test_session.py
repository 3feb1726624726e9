"""Signing in over HTTP: a cookie that only pages of ours can use, and what belongs to each person."""

import json
from datetime import timedelta

import pytest

from alertmesh.store.accounts import add, hashed
from tests.console.fakes import CHEAP, NOW, Caller, FakeService, a_response, an_incident
from tests.console.test_auth import NEEDED

SESSION = "/api/v1/session"
PASSWORD = "correct horse"
FOREIGN = [
    pytest.param({"Origin": "http://evil.test"}, id="origin"),
    pytest.param({"Origin": "null"}, id="no origin of its own"),
    pytest.param({"Sec-Fetch-Site": "cross-site"}, id="cross-site"),
    pytest.param({"Sec-Fetch-Site": "same-site"}, id="same-site"),
    pytest.param({}, id="unsaid"),
]


async def an_account(service: FakeService, role: str = "responder", name: str = "wang") -> None:
    await add(service.store, name, role, hashed(PASSWORD, CHEAP), NOW)
    service.desks.signin.accounts.reload()


async def sign_in(api: Caller, name: str = "wang", password: str = PASSWORD, **headers: str):
    body = json.dumps({"name": name, "password": password}).encode()
    return await api.post(SESSION, body, **headers)


async def cookie_of(service: FakeService, api: Caller, role: str = "responder", name: str = "wang") -> str:
    await an_account(service, role, name)
    answer = await sign_in(api, name)
    return f"alertmesh_session={answer.cookies['alertmesh_session'].value}"


async def ours(api: Caller, method: str, path: str, cookie: str, body: object = None):
    """Ask as a page of ours does."""
    sent = json.dumps(body).encode() if body is not None else b""
    headers = {"Cookie": cookie, "Sec-Fetch-Site": "same-origin", "Content-Type": "application/json"}
    return await api.send(method, path, sent, headers)


async def test_the_cookie_is_for_our_own_pages_and_no_script(service: FakeService, api: Caller) -> None:
    await an_account(service)
    answer = await sign_in(api)
    morsel = answer.cookies["alertmesh_session"]
    assert (answer.status, morsel["httponly"], morsel["samesite"], morsel["path"], morsel["secure"]) == (
        200,
        True,
        "Strict",
        "/",
        "",
    )
    assert morsel.value not in await answer.text()


async def test_the_cookie_goes_by_tls_where_the_page_came_by_tls(service: FakeService, api: Caller) -> None:
    await an_account(service)
    answer = await sign_in(api, X_Forwarded_Proto="https")
    assert answer.cookies["alertmesh_session"]["secure"] is True


async def test_who_is_signed_in_is_told(service: FakeService, api: Caller) -> None:
    cookie = await cookie_of(service, api, name="ann")
    told = await (await api.get(SESSION, Cookie=cookie)).json()
    assert told == {
        "name": "ann",
        "display": "ann",
        "role": "responder",
        "scopes": ["read", "respond"],
        "way": "session",
        "until": "2026-11-23T16:00:00Z",
        "person": "ann",
        "password": True,
        "authentication": True,
        "settings": {
            "language": "auto",
            "zone": "auto",
            "theme": "auto",
            "sound": False,
            "notify": False,
            "density": "dense",
        },
    }


async def test_nobody_has_to_say_who_they_are_on_loopback_at_first(api: Caller) -> None:
    told = await (await api.get(SESSION)).json()
    assert (told["name"], told["way"], told["authentication"], told["person"]) == (
        "local",
        "local",
        False,
        None,
    )
    assert "admin" in told["scopes"]


async def test_a_token_says_who_it_is(service: FakeService, api: Caller) -> None:
    service.add_token("s3cret", "read")
    told = await (await api.get(SESSION, Authorization="Bearer s3cret")).json()
    assert (told["name"], told["way"], told["role"], told["scopes"]) == ("the-read", "token", "", ["read"])


@pytest.mark.parametrize(
    ("headers", "kind"),
    [({}, "no-token"), ({"Cookie": "alertmesh_session=wrong"}, "session-over")],
    ids=["nobody", "over"],
)
async def test_who_is_not_signed_in_is_told_so(
    service: FakeService, api: Caller, headers: dict[str, str], kind: str
) -> None:
    await an_account(service)
    answer = await api.get(SESSION, **headers)
    assert (answer.status, (await answer.json())["type"]) == (401, f"urn:alertmesh:{kind}")


@pytest.mark.parametrize(
    ("role", "scopes"),
    [
        ("viewer", {"read"}),
        ("responder", {"read", "respond"}),
        ("admin", {"ingest", "read", "respond", "admin"}),
    ],
)
@pytest.mark.parametrize(("method", "path", "needed"), NEEDED)
async def test_a_role_may_do_what_its_scopes_say(
    service: FakeService, api: Caller, method: str, path: str, needed: str, role: str, scopes: set[str]
) -> None:
    service.pairs[1] = (an_incident(1), a_response(1))
    answer = await ours(api, method, path, await cookie_of(service, api, role))
    assert (answer.status == 403) == (needed not in scopes)
    assert answer.status != 401


async def test_the_account_is_who_acts(service: FakeService, api: Caller) -> None:
    service.pairs[1] = (an_incident(1), a_response(1))
    await ours(api, "POST", "/api/v1/incidents/1/ack", await cookie_of(service, api))
    assert service.done[0].actor == "wang"


@pytest.mark.parametrize("headers", FOREIGN)
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/api/v1/incidents/1/ack"),
        ("PATCH", "/api/v1/session/settings"),
        ("DELETE", "/api/v1/views/a"),
        ("POST", "/api/v1/ingest/alertmanager"),
        ("GET", "/api/v1/heartbeats/nightly"),
        ("POST", "/api/v1/session/password"),
    ],
)
async def test_a_page_of_another_site_does_nothing_with_the_cookie(
    service: FakeService, api: Caller, method: str, path: str, headers: dict[str, str]
) -> None:
    cookie = await cookie_of(service, api, "admin")
    answer = await api.send(method, path, headers={"Cookie": cookie, **headers})
    assert (answer.status, (await answer.json())["field"]) == (403, "Origin")


async def test_a_page_of_ours_is_known_by_its_origin_where_the_browser_says_no_more(
    service: FakeService, api: Caller
) -> None:
    cookie = await cookie_of(service, api)
    headers = {"Cookie": cookie, "Origin": f"http://127.0.0.1:{api.port}"}
    assert (await api.send("PATCH", "/api/v1/session/settings", headers=headers)).status == 200


async def test_an_admin_sees_pages_for_admins_where_the_browser_says_nothing(
    service: FakeService, api: Caller
) -> None:
    cookie = await cookie_of(service, api, "admin")
    answer = await api.get("/api/v1/modules/system/pages/access", Cookie=cookie)
    assert answer.status == 200


@pytest.mark.parametrize("method", ["POST", "DELETE"])
@pytest.mark.parametrize("headers", FOREIGN[:-1])
async def test_a_page_of_another_site_signs_nobody_in_or_out(
    service: FakeService, api: Caller, method: str, headers: dict[str, str]
) -> None:
    cookie = await cookie_of(service, api)
    body = json.dumps({"name": "wang", "password": PASSWORD}).encode()
    sent = {"Cookie": cookie, "Content-Type": "application/json", **headers}
    assert (await api.send(method, SESSION, body, sent)).status == 403
    assert (await api.get(SESSION, Cookie=cookie)).status == 200


async def test_signing_out_ends_the_session(service: FakeService, api: Caller) -> None:
    cookie = await cookie_of(service, api)
    answer = await ours(api, "DELETE", SESSION, cookie)
    assert (answer.status, answer.cookies["alertmesh_session"].value) == (204, "")
    assert (await api.get(SESSION, Cookie=cookie)).status == 401


@pytest.mark.parametrize(("name", "password"), [("wang", "wrong horse"), ("nobody", PASSWORD)])
async def test_a_wrong_password_and_a_wrong_name_are_answered_alike(
    service: FakeService, api: Caller, name: str, password: str
) -> None:
    await an_account(service)
    answer = await sign_in(api, name, password)
    assert (answer.status, answer.cookies) == (401, {})
    assert await answer.json() == {
        "type": "urn:alertmesh:wrong-password",
        "title": "Unauthorized",
        "status": 401,
        "detail": "the name or the password is wrong",
        "field": "password",
    }


async def test_without_any_account_it_is_said_how_to_make_one(service: FakeService, api: Caller) -> None:
    service.add_token("s3cret", "read")
    told = await (await sign_in(api)).json()
    assert (told["type"], "alertmesh user add" in told["detail"]) == ("urn:alertmesh:no-account", True)


async def test_who_comes_without_any_account_there_is_told_so_too(service: FakeService, api: Caller) -> None:
    service.add_token("s3cret", "read")
    answer = await api.get(SESSION)
    assert (answer.status, (await answer.json())["type"]) == (401, "urn:alertmesh:no-account")
    assert "Bearer" in answer.headers["WWW-Authenticate"]


async def test_who_guesses_has_to_wait(service: FakeService, api: Caller) -> None:
    await an_account(service)
    for _ in range(5):
        await sign_in(api, password="wrong horse")
    refused = await sign_in(api)
    assert (refused.status, refused.headers["Retry-After"]) == (429, "1")
    service.clock.advance(timedelta(seconds=1))
    assert (await sign_in(api)).status == 200


async def test_a_proxy_on_this_machine_says_who_guesses(service: FakeService, api: Caller) -> None:
    await an_account(service)
    for number in range(30):
        await sign_in(api, f"n{number}", X_Forwarded_For="192.0.2.9, 192.0.2.1")
    statuses = [(await sign_in(api, X_Forwarded_For=f"192.0.2.9, 192.0.2.{n}")).status for n in (1, 2)]
    assert statuses == [429, 200]


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"{}", 422), (b'{"name":"wang"}', 422), (b"[", 422), (b'{"name":1,"password":"x"}', 422)],
)
async def test_what_is_no_sign_in_is_refused(api: Caller, body: bytes, status: int) -> None:
    assert (await api.post(SESSION, body)).status == status


async def test_the_password_shows_nowhere(
    service: FakeService, api: Caller, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    await an_account(service)
    wrong = await sign_in(api, password="Tr0ub4dor&3")
    odd = await api.post(SESSION, b'{"name": "wang", "password": "Tr0ub4dor&3", "x": 1}')
    shown = await wrong.text() + await odd.text() + caplog.text + "".join(capsys.readouterr())
    assert "Tr0ub4dor" not in shown


# Passwords


async def change(api: Caller, cookie: str, old: str, new: str):
    return await ours(api, "POST", SESSION + "/password", cookie, {"old": old, "new": new})


async def test_people_change_their_password_and_stay_signed_in_here_alone(
    service: FakeService, api: Caller
) -> None:
    cookie = await cookie_of(service, api)
    answer = await change(api, cookie, PASSWORD, "battery staple")
    fresh = f"alertmesh_session={answer.cookies['alertmesh_session'].value}"
    statuses = [(await api.get(SESSION, Cookie=one)).status for one in (cookie, fresh)]
    assert (answer.status, statuses) == (200, [401, 200])
    assert (await sign_in(api, password="battery staple")).status == 200


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [("wrong horse", "battery staple", "old"), (PASSWORD, "short", "new")],
    ids=["wrong", "weak"],
)
async def test_a_password_that_cannot_be_changed_is_named(
    service: FakeService, api: Caller, old: str, new: str, field: str
) -> None:
    answer = await change(api, await cookie_of(service, api), old, new)
    assert (answer.status, (await answer.json())["field"]) == (422, field)


async def test_who_has_no_account_has_no_password(api: Caller) -> None:
    answer = await api.post(SESSION + "/password", b'{"old": "", "new": ""}')
    assert answer.status == 409


# Settings and views


async def test_settings_are_kept(service: FakeService, api: Caller) -> None:
    wanted = {
        "language": "zh",
        "zone": "Asia/Shanghai",
        "theme": "dark",
        "sound": True,
        "notify": True,
        "density": "roomy",
    }
    first = {name: wanted.pop(name) for name in ("language", "sound")}
    await ours(api, "PATCH", SESSION + "/settings", "", first)
    answer = await ours(api, "PATCH", SESSION + "/settings", "", wanted)
    wanted |= first
    assert (answer.status, await answer.json()) == (200, wanted)
    assert (await (await api.get(SESSION)).json())["settings"] == wanted


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"theme": "pink"}, "theme"),
        ({"zone": "Mars/Base"}, "zone"),
        ({"sound": 3}, "sound"),
        ({"colour": "red"}, "colour"),
    ],
)
async def test_a_setting_that_is_none_is_named(api: Caller, body: dict[str, object], field: str) -> None:
    answer = await ours(api, "PATCH", SESSION + "/settings", "", body)
    assert (answer.status, (await answer.json())["field"]) == (422, field)


async def test_a_view_is_saved_seen_and_deleted(service: FakeService, api: Caller) -> None:
    cookie = await cookie_of(service, api, "viewer")
    path = "/api/v1/views/我的 数据库"
    statuses = [(await ours(api, "PUT", path, cookie, {"query": "q=1"})).status for _ in range(2)]
    seen = await (await api.get(path, Cookie=cookie)).json()
    gone = [(await ours(api, "DELETE", path, cookie)).status for _ in range(2)]
    assert (statuses, gone) == ([201, 200], [204, 404])
    assert seen == {
        "name": "我的 数据库",
        "owner": "wang",
        "mine": True,
        "query": "q=1",
        "shared": False,
        "changed_at": "2026-11-23T04:00:00Z",
    }


async def test_views_are_listed_by_pages(service: FakeService, api: Caller) -> None:
    cookie = await cookie_of(service, api)
    for name in "abc":
        await ours(api, "PUT", f"/api/v1/views/{name}", cookie, {"query": ""})
    first = await (await api.get("/api/v1/views?limit=2", Cookie=cookie)).json()
    await ours(api, "DELETE", "/api/v1/views/b", cookie)
    rest = await (await api.get(f"/api/v1/views?limit=2&after={first['next']}", Cookie=cookie)).json()
    assert [[view["name"] for view in page["views"]] for page in (first, rest)] == [["a", "b"], ["c"]]
    assert rest["next"] is None


@pytest.mark.parametrize(("role", "status"), [("viewer", 403), ("responder", 201)])
async def test_who_may_act_may_share(service: FakeService, api: Caller, role: str, status: int) -> None:
    cookie = await cookie_of(service, api, role)
    body = {"query": "", "shared": True}
    assert (await ours(api, "PUT", "/api/v1/views/a", cookie, body)).status == status


@pytest.mark.parametrize(("role", "status"), [("responder", 403), ("admin", 204)])
async def test_a_shared_view_of_another_is_seen_and_an_admin_may_delete_it(
    service: FakeService, api: Caller, role: str, status: int
) -> None:
    cookie = await cookie_of(service, api)
    await ours(api, "PUT", "/api/v1/views/a", cookie, {"query": "", "shared": True})
    other = await cookie_of(service, api, role, name="li")
    assert (await api.get("/api/v1/views/a?owner=wang", Cookie=other)).status == 200
    assert (await ours(api, "DELETE", "/api/v1/views/a?owner=wang", other)).status == status


async def test_a_view_of_ones_own_is_not_shown_to_others(service: FakeService, api: Caller) -> None:
    await ours(api, "PUT", "/api/v1/views/a", await cookie_of(service, api), {"query": ""})
    other = await cookie_of(service, api, "admin", name="li")
    assert (await api.get("/api/v1/views/a?owner=wang", Cookie=other)).status == 404
