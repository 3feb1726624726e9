"""Signing in by an OpenID provider over HTTP: what is asked of it, what is believed, what people are told."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from joserfc.jwk import ECKey
from pydantic import SecretStr

from alertmesh.config.oidc import OidcConfig, RoleRule
from alertmesh.console.oidc import local
from alertmesh.core.clock import ManualClock
from alertmesh.core.ports import HttpAnswer
from alertmesh.oidc import Provider, SignInFailed, flow
from alertmesh.store.accounts import add, hand_over, hashed, listed, remove, set_password
from tests.console.fakes import CHEAP, NOW, Caller, FakeService, Server, rules
from tests.console.issuer import CLIENT, SECRET, Issuer, by_secret, rsa, signed
from tests.fakes import until

HOME = "https://alerts.example.com"
ROOT = "/api/v1/session/oidc"
GROUPS = (RoleRule("groups", "admins", "admin"), RoleRule("groups", "oncall", "responder"))
PASSWORD = "correct horse"


@pytest.fixture
async def issuer() -> AsyncIterator[Issuer]:
    async with Issuer() as running:
        running.now_s = int(NOW.timestamp())
        yield running


@pytest.fixture
async def service(issuer: Issuer) -> AsyncIterator[FakeService]:
    config = OidcConfig(issuer.url, CLIENT, SecretStr(SECRET), "Keycloak", roles=GROUPS)
    found = FakeService(config=replace(rules(), external_url=HOME, oidc=config))
    yield found
    await found.desks.oidc.stop()


def settings(service: FakeService, **changes: Any) -> None:
    """Put other settings in force, as a reload does."""
    wiring = service.desks.oidc._wiring
    wiring.config = replace(wiring.config, oidc=replace(wiring.config.oidc, **changes))


async def begin(api: Caller, page: str = "") -> tuple[str, str]:
    """Begin, and return where the browser is sent and the cookie it is given."""
    answer = await api.step(f"{ROOT}/start?next={quote(page)}")
    assert answer.status == 302
    made = answer.cookies.get("__Host-alertmesh_oidc")
    return answer.headers["Location"], f"__Host-alertmesh_oidc={made.value}" if made else ""


async def back(api: Caller, cookie: str, **query: str):
    """Come back from the provider."""
    asked = "&".join(f"{name}={quote(value)}" for name, value in query.items())
    return await api.step(f"{ROOT}/callback?{asked}", Cookie=cookie)


async def sign_in(api: Caller, issuer: Issuer, page: str = "", **claims: Any):
    """Go all the way, and return the last answer."""
    place, cookie = await begin(api, page)
    return await back(api, cookie, **issuer.visit(place, **claims))


async def who(api: Caller, answer: Any) -> dict[str, Any]:
    cookie = f"alertmesh_session={answer.cookies['alertmesh_session'].value}"
    return await (await api.get("/api/v1/session", Cookie=cookie)).json()


def failure(answer: Any) -> str:
    """Return why nobody is signed in, as the page that comes next is told."""
    assert (answer.status, "alertmesh_session" in answer.cookies) == (302, False)
    return parse_qs(urlsplit(answer.headers["Location"]).query)["signin"][0]


def actions(service: FakeService) -> list[tuple[str, str, str]]:
    return [(line.actor, line.action, line.detail) for _, line in service.store.audit(0, 50)]


# The way there


async def test_the_ways_to_sign_in_are_told_to_anybody(service: FakeService, api: Caller) -> None:
    told = await (await api.get("/api/v1/session/ways")).json()
    assert told == {"password": False, "provider": {"title": "Keycloak", "start": f"{HOME}{ROOT}/start"}}
    await add(service.store, "wang", "viewer", hashed(PASSWORD, CHEAP), NOW)
    service.clock.advance(timedelta(seconds=1))
    assert (await (await api.get("/api/v1/session/ways")).json())["password"] is True


async def test_the_browser_is_sent_with_all_that_holds_a_sign_in_together(
    api: Caller, issuer: Issuer
) -> None:
    place, cookie = await begin(api)
    sent = {name: values[0] for name, values in parse_qs(urlsplit(place).query).items()}
    secret = cookie.partition("=")[2].partition(".")[0]
    made = [sent.pop(name) for name in ("state", "nonce", "code_challenge")]
    assert place.startswith(f"{issuer.url}/auth?realm=ours&")
    assert sent == {
        "realm": "ours",
        "response_type": "code",
        "client_id": CLIENT,
        "redirect_uri": f"{HOME}{ROOT}/callback",
        "scope": "openid profile",
        "code_challenge_method": "S256",
    }
    assert (len({*made, secret}), min(map(len, made))) == (4, 43)


async def test_no_two_sign_ins_share_anything(api: Caller) -> None:
    places = [(await begin(api))[0] for _ in range(2)]
    states = [parse_qs(urlsplit(place).query) for place in places]
    assert all(states[0][name] != states[1][name] for name in ("state", "nonce", "code_challenge"))


async def test_the_cookie_is_short_lived_and_for_the_server_alone(api: Caller) -> None:
    answer = await api.step(f"{ROOT}/start")
    morsel = answer.cookies["__Host-alertmesh_oidc"]
    kept = tuple(morsel[name] for name in ("httponly", "samesite", "secure", "path", "max-age"))
    assert kept == (True, "Lax", True, "/", "600")


async def test_what_the_provider_tells_of_itself_is_asked_once_an_hour(
    service: FakeService, api: Caller, issuer: Issuer
) -> None:
    for _ in range(3):
        await begin(api)
    assert issuer.asked == {"openid-configuration": 1, "keys": 1}
    service.clock.advance(timedelta(hours=1))
    await begin(api)
    assert issuer.asked["openid-configuration"] == 2


# The way back


async def test_who_comes_back_is_signed_in_where_they_were(api: Caller, issuer: Issuer) -> None:
    answer = await sign_in(api, issuer, "/incidents/7?tab=why#top")
    told = await who(api, answer)
    assert (answer.status, answer.headers["Location"]) == (302, "/incidents/7?tab=why#top")
    assert (told["name"], told["role"], told["way"], told["password"]) == (
        "alice",
        "responder",
        "session",
        False,
    )
    assert answer.cookies["__Host-alertmesh_oidc"].value == ""


async def test_nothing_goes_over_a_connection_that_the_provider_may_have_closed(
    api: Caller, issuer: Issuer
) -> None:
    await sign_in(api, issuer)
    assert len(issuer.lines) == len(set(issuer.lines)) >= 3


async def test_the_session_cookie_is_as_by_a_password(api: Caller, issuer: Issuer) -> None:
    morsel = (await sign_in(api, issuer)).cookies["alertmesh_session"]
    assert (morsel["httponly"], morsel["samesite"], morsel["path"]) == (True, "Strict", "/")


async def test_it_is_in_the_audit_log(service: FakeService, api: Caller, issuer: Issuer) -> None:
    await sign_in(api, issuer)
    assert actions(service) == [("alice", "user add", "responder"), ("alice", "sign in", "")]


@pytest.mark.parametrize(
    "page",
    [
        *("//evil.test", "https://evil.test/", "/\\evil.test", "\\/evil.test", "javascript:alert(1)"),
        *("", "incidents", "/\x00", "/\t/evil.test", "/a\r\nSet-Cookie: a=b", "/" + "a" * 1_600),
        *("/api/v1/session/oidc/start", "/p/code"),
    ],
)
def test_no_page_of_others_is_gone_back_to(page: str) -> None:
    assert local(page) == "/"


async def test_a_cookie_that_was_tampered_with_leads_to_no_other_site(api: Caller, issuer: Issuer) -> None:
    place, cookie = await begin(api)
    forged = cookie.partition(".")[0] + ".aHR0cHM6Ly9ldmlsLnRlc3Q="  # https://evil.test
    answer = await back(api, forged, **issuer.visit(place))
    assert answer.headers["Location"] == "/"


async def test_a_code_that_comes_with_another_state_is_not_used(api: Caller, issuer: Issuer) -> None:
    place, cookie = await begin(api, "/oncall")
    answer = await back(api, cookie, **issuer.visit(place) | {"state": "another"})
    assert (answer.headers["Location"], issuer.asked.get("token", 0)) == ("/oncall?signin=stale", 0)


async def test_a_code_that_comes_to_another_browser_is_not_used(api: Caller, issuer: Issuer) -> None:
    place, _ = await begin(api)
    assert failure(await back(api, "", **issuer.visit(place))) == "stale"


@pytest.mark.parametrize("cookie", ["", "__Host-alertmesh_oidc=", "__Host-alertmesh_oidc=.Lw=="])
async def test_no_state_fits_a_browser_without_a_secret(api: Caller, issuer: Issuer, cookie: str) -> None:
    place, _ = await begin(api)
    made = issuer.visit(place, nonce=flow.nonce(""))
    assert failure(await back(api, cookie, code=made["code"], state=flow.state(""))) == "stale"


async def test_a_code_of_another_sign_in_is_worth_nothing(api: Caller, issuer: Issuer) -> None:
    place, _ = await begin(api)
    stolen = issuer.visit(place)
    place, cookie = await begin(api)
    state = parse_qs(urlsplit(place).query)["state"][0]
    assert failure(await back(api, cookie, code=stolen["code"], state=state)) == "stale"


@pytest.mark.parametrize(
    ("error", "told"),
    [("access_denied", "denied"), ("temporarily_unavailable", "unreachable"), ("invalid_scope", "broken")],
)
async def test_what_the_provider_refuses_is_told(api: Caller, issuer: Issuer, error: str, told: str) -> None:
    place, cookie = await begin(api, "/oncall?team=ops")
    state = issuer.visit(place)["state"]
    answer = await back(api, cookie, error=error, state=state)
    assert answer.headers["Location"] == f"/oncall?team=ops&signin={told}"


@pytest.mark.parametrize(
    ("issued", "told"), [("https://evil.test", "broken"), ("", "broken")], ids=["another", "none"]
)
async def test_an_answer_has_to_say_of_which_provider_it_is(
    api: Caller, issuer: Issuer, issued: str, told: str
) -> None:
    issuer.discovery = {"authorization_response_iss_parameter_supported": True}
    place, cookie = await begin(api)
    more = {"iss": issued} if issued else {}
    assert failure(await back(api, cookie, **issuer.visit(place), **more)) == told
    place, cookie = await begin(api)
    answer = await back(api, cookie, **issuer.visit(place), iss=issuer.url)
    assert "alertmesh_session" in answer.cookies


# What is believed

AT = int(NOW.timestamp())
BAD = {
    "another issuer": {"iss": "https://evil.test"},
    "for another client": {"aud": "another"},
    "for several, made for another": {"aud": [CLIENT, "another"], "azp": "another"},
    "for several, for none of them": {"aud": [CLIENT, "another"]},
    "made for another": {"azp": "another"},
    "another nonce": {"nonce": "another"},
    "over": {"exp": AT - 61},
    "made in the future": {"iat": AT + 61},
    "not good yet": {"nbf": AT + 61},
    "times that are none": {"exp": "tomorrow"},
    "no subject": {"sub": ""},
    "a subject that is no text": {"sub": 7},
}


@pytest.mark.parametrize("claims", BAD.values(), ids=BAD)
async def test_a_token_that_is_not_for_us_and_now_is_not_believed(
    service: FakeService, api: Caller, issuer: Issuer, claims: dict[str, Any]
) -> None:
    assert failure(await sign_in(api, issuer, **claims)) == "broken"
    assert listed(service.store) == []


@pytest.mark.parametrize("name", ["iss", "aud", "exp", "iat", "nonce", "sub"])
async def test_a_token_that_does_not_say_so_is_not_believed(api: Caller, issuer: Issuer, name: str) -> None:
    issuer.without = (name,)
    assert failure(await sign_in(api, issuer)) == "broken"


@pytest.mark.parametrize(
    "claims",
    [{"exp": AT - 59}, {"iat": AT + 59}, {"aud": [CLIENT]}, {"aud": ["x", CLIENT], "azp": CLIENT}],
    ids=["just over", "just made", "a list", "several"],
)
async def test_clocks_may_differ_and_others_may_read_along(
    api: Caller, issuer: Issuer, claims: dict[str, Any]
) -> None:
    assert "alertmesh_session" in (await sign_in(api, issuer, **claims)).cookies


@pytest.mark.parametrize("kind", ["none", "our secret", "their public key"])
async def test_a_token_that_no_key_pair_signed_is_not_believed(
    api: Caller, issuer: Issuer, kind: str
) -> None:
    place, cookie = await begin(api)
    sent = issuer.visit(place)
    secrets = {"our secret": SECRET.encode(), "their public key": issuer.signs.as_pem(private=False)}
    issuer.token = by_secret(issuer.claims, secrets.get(kind))
    assert failure(await back(api, cookie, **sent)) == "broken"


async def test_a_token_signed_by_another_key_of_that_name_is_not_believed(
    api: Caller, issuer: Issuer
) -> None:
    issuer.signs = rsa("one")
    assert failure(await sign_in(api, issuer)) == "broken"


async def test_a_token_that_was_changed_is_not_believed(api: Caller, issuer: Issuer) -> None:
    place, cookie = await begin(api)
    sent = issuer.visit(place)
    genuine = signed(issuer.header, issuer.claims, issuer.signs).split(".")
    forged = signed(issuer.header, issuer.claims | {"groups": ["admins"]}, rsa("one")).split(".")
    issuer.token = ".".join([genuine[0], forged[1], genuine[2]])
    assert failure(await back(api, cookie, **sent)) == "broken"


@pytest.mark.parametrize("token", ["", "a.b", "a.b.c", "....", "é.é.é", "x" * 300_000], ids=range(6))
async def test_what_is_no_token_is_not_believed(api: Caller, issuer: Issuer, token: str) -> None:
    place, cookie = await begin(api)
    sent = issuer.visit(place)
    issuer.answer = (200, {"id_token": token})
    assert failure(await back(api, cookie, **sent)) == "broken"


async def test_keys_are_read_again_once_when_one_is_unknown(api: Caller, issuer: Issuer) -> None:
    await begin(api)
    issuer.keys = [rsa("two")]
    issuer.signs, issuer.header = issuer.keys[0], {"alg": "RS256", "kid": "two"}
    assert "alertmesh_session" in (await sign_in(api, issuer)).cookies
    assert issuer.asked["keys"] == 2


async def test_a_key_that_is_published_nowhere_is_not_believed(api: Caller, issuer: Issuer) -> None:
    issuer.signs, issuer.header = rsa("two"), {"alg": "RS256", "kid": "two"}
    assert failure(await sign_in(api, issuer)) == "broken"
    assert issuer.asked["keys"] == 2


async def test_a_key_for_something_else_is_not_believed(api: Caller, issuer: Issuer) -> None:
    key = issuer.signs.as_dict(private=True)
    issuer.keys = [type(issuer.signs).import_key({**key, "use": "enc"})]
    assert failure(await sign_in(api, issuer)) == "broken"


@pytest.mark.parametrize("kid", ["e", None], ids=["named", "unnamed"])
async def test_a_curve_signs_as_well(api: Caller, issuer: Issuer, kid: str | None) -> None:
    issuer.signs = ECKey.generate_key("P-256", {"kid": "e"})
    issuer.keys += [issuer.signs]
    issuer.header = {"alg": "ES256"} | ({"kid": kid} if kid else {})
    assert "alertmesh_session" in (await sign_in(api, issuer)).cookies


# Whose account it is


@pytest.mark.parametrize(
    ("claims", "told"),
    [
        ({"groups": ["oncall", "admins"]}, "admin"),
        ({"groups": "oncall"}, "responder"),
        ({"groups": ["oncall-emea"]}, "no-role"),
        ({"groups": "oncall admins"}, "no-role"),
        ({"groups": None}, "no-role"),
    ],
    ids=["first rule", "text", "part of a name", "one text", "null"],
)
async def test_the_role_is_what_the_claims_say(
    api: Caller, issuer: Issuer, claims: dict[str, Any], told: str
) -> None:
    answer = await sign_in(api, issuer, **claims)
    role = (await who(api, answer))["role"] if "alertmesh_session" in answer.cookies else failure(answer)
    assert role == told


async def test_who_has_no_role_by_claim_may_have_the_default_one(
    service: FakeService, api: Caller, issuer: Issuer
) -> None:
    settings(service, default_role="viewer")
    assert (await who(api, await sign_in(api, issuer, groups=[])))["role"] == "viewer"


async def test_the_role_is_taken_anew_at_each_sign_in(
    service: FakeService, api: Caller, issuer: Issuer
) -> None:
    first = await sign_in(api, issuer)
    second = await sign_in(api, issuer, groups=["admins"])
    assert [(await who(api, answer))["role"] for answer in (first, second)] == ["admin", "admin"]
    assert ("alice", "user role", "admin") in actions(service)


async def test_who_lost_every_role_loses_the_open_sessions_too(
    service: FakeService, api: Caller, issuer: Issuer
) -> None:
    first = await sign_in(api, issuer)
    assert failure(await sign_in(api, issuer, groups=[])) == "no-role"
    assert (await who(api, first))["status"] == 401
    assert actions(service)[-1] == ("alice", "sign in refused", "no role")


async def test_an_account_with_a_password_is_not_taken_over(
    service: FakeService, api: Caller, issuer: Issuer
) -> None:
    await add(service.store, "alice", "admin", hashed(PASSWORD, CHEAP), NOW)
    assert failure(await sign_in(api, issuer)) == "taken"
    assert listed(service.store)[0].password is not None


async def test_an_account_that_was_handed_over_is_the_providers_from_then_on(
    service: FakeService, api: Caller, issuer: Issuer
) -> None:
    await add(service.store, "alice", "admin", hashed(PASSWORD, CHEAP), NOW)
    await hand_over(service.store, "alice", NOW)
    assert (await who(api, await sign_in(api, issuer)))["role"] == "responder"
    assert failure(await sign_in(api, issuer, sub="u-2")) == "taken"


async def test_a_name_that_somebody_else_has_now_does_not_give_them_the_account(
    service: FakeService, api: Caller, issuer: Issuer
) -> None:
    await sign_in(api, issuer)
    assert failure(await sign_in(api, issuer, sub="u-2")) == "taken"
    await remove(service.store, "alice", NOW)
    assert "alertmesh_session" in (await sign_in(api, issuer, sub="u-2")).cookies


async def test_who_has_the_name_of_another_and_no_role_ends_nobodys_sessions(
    service: FakeService, api: Caller, issuer: Issuer
) -> None:
    first = await sign_in(api, issuer)
    assert failure(await sign_in(api, issuer, sub="u-2", groups=[])) == "taken"
    assert (await who(api, first))["name"] == "alice"
    await asyncio.gather(*service.desks.signin._writing)
    assert actions(service)[-1] == ("alice", "sign in refused", "")


async def test_an_account_that_was_given_a_password_is_the_providers_no_more(
    service: FakeService, api: Caller, issuer: Issuer
) -> None:
    first = await sign_in(api, issuer)
    await set_password(service.store, "alice", hashed(PASSWORD, CHEAP), NOW)
    assert failure(await sign_in(api, issuer)) == "taken"
    assert (await who(api, first))["status"] == 401


async def test_an_account_without_a_password_has_none_to_guess_or_change(
    service: FakeService, api: Caller, issuer: Issuer
) -> None:
    answer = await sign_in(api, issuer)
    guess = await api.post("/api/v1/session", b'{"name": "alice", "password": ""}')
    cookie = f"alertmesh_session={answer.cookies['alertmesh_session'].value}"
    sent = {"Cookie": cookie, "Sec-Fetch-Site": "same-origin", "Content-Type": "application/json"}
    body = b'{"old": "", "new": "battery staple"}'
    changed = await api.send("POST", "/api/v1/session/password", body, sent)
    assert (guess.status, changed.status, (await changed.json())["type"]) == (
        401,
        409,
        "urn:alertmesh:no-password",
    )


@pytest.mark.parametrize(
    ("changes", "claims", "name"),
    [
        ({}, {"preferred_username": "al ice"}, "no-name"),
        ({}, {"preferred_username": "local"}, "no-name"),
        ({}, {"preferred_username": None}, "no-name"),
        ({}, {"preferred_username": "alice@example.com"}, "no-name"),
        ({"strip_domain": "Example.com"}, {"preferred_username": "alice@example.COM"}, "alice"),
        ({"strip_domain": "example.com"}, {"preferred_username": "alice@evil.test"}, "no-name"),
        ({"account_claim": "org.login"}, {"org": {"login": "al"}}, "al"),
        ({"account_claim": "org.login"}, {"org.login": "al", "org": {"login": "b"}}, "al"),
        ({"account_claim": "email", "strip_domain": "a.test"}, {"email": "al@a.test"}, "no-name"),
        (
            {"account_claim": "email", "strip_domain": "a.test"},
            {"email": "al@a.test", "email_verified": True},
            "al",
        ),
    ],
)
async def test_the_name_is_what_a_claim_says(
    service: FakeService,
    api: Caller,
    issuer: Issuer,
    changes: dict[str, Any],
    claims: dict[str, Any],
    name: str,
) -> None:
    settings(service, **changes)
    answer = await sign_in(api, issuer, **claims)
    signed_in = "alertmesh_session" in answer.cookies
    assert ((await who(api, answer))["name"] if signed_in else failure(answer)) == name


@pytest.mark.parametrize(
    ("subject", "told"), [("u-1", "responder"), ("u-2", "broken")], ids=["same", "another"]
)
async def test_what_the_token_does_not_tell_is_asked_for(
    api: Caller, issuer: Issuer, subject: str, told: str
) -> None:
    issuer.discovery = {"userinfo_endpoint": f"{issuer.url}/me"}
    issuer.about = {"sub": subject, "groups": ["oncall"], "preferred_username": "mallory"}
    issuer.without = ("groups",)
    answer = await sign_in(api, issuer)
    if told == "broken":
        assert failure(answer) == told
    else:
        found = await who(api, answer)
        assert (found["name"], found["role"]) == ("alice", told)


# A provider in trouble


async def test_a_provider_that_is_away_is_told_and_left_alone_for_a_while(
    service: FakeService, api: Caller, issuer: Issuer
) -> None:
    await issuer.stop()
    places = [(await begin(api, "/oncall"))[0] for _ in range(2)]
    assert places == ["/oncall?signin=unreachable"] * 2


async def test_it_is_asked_again_after_ten_seconds(service: FakeService, api: Caller, issuer: Issuer) -> None:
    issuer.discovery = {"issuer": "https://evil.test"}
    assert [(await begin(api))[0] for _ in range(2)] == ["/?signin=broken"] * 2
    assert issuer.asked["openid-configuration"] == 1
    issuer.discovery = {}
    service.clock.advance(timedelta(seconds=10))
    assert (await begin(api))[0].startswith(issuer.url)


async def test_a_provider_that_hangs_is_waited_for_once_and_not_by_each_in_turn() -> None:
    clock, asked = ManualClock(NOW), []

    async def hang(method: str, url: str, **more: Any) -> HttpAnswer:
        asked.append(url)
        clock.advance(timedelta(seconds=more["timeout_s"]))
        raise TimeoutError

    provider = Provider(OidcConfig("https://id.test", CLIENT, SecretStr(SECRET), "Keycloak"), hang, clock)
    ends = await asyncio.gather(*(provider.discovered() for _ in range(5)), return_exceptions=True)
    assert ([type(end) for end in ends], len(asked)) == ([SignInFailed] * 5, 1)


@pytest.mark.parametrize(
    "changes",
    [
        {"token_endpoint": "https://evil.test/token"},
        {"jwks_uri": "http://127.0.0.2/keys"},
        {"authorization_endpoint": "http://sso.example.com/auth"},
        {"code_challenge_methods_supported": ["plain"]},
        {"jwks_uri": None},
    ],
    ids=["another host", "another address", "in clear", "no S256", "no keys"],
)
async def test_only_what_is_configured_is_asked(api: Caller, issuer: Issuer, changes: dict[str, Any]) -> None:
    issuer.discovery = changes
    assert (await begin(api))[0] == "/?signin=broken"


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ((400, {"error": "invalid_grant"}), "stale"),
        ((401, {"error": "invalid_client"}), "broken"),
        ((503, {}), "unreachable"),
        ((200, {}), "broken"),
    ],
    ids=["over", "not us", "away", "nothing"],
)
async def test_what_the_token_endpoint_refuses_is_told(
    api: Caller, issuer: Issuer, answer: tuple[int, dict[str, Any]], told: str
) -> None:
    issuer.answer = answer
    assert failure(await sign_in(api, issuer)) == told


async def test_who_fails_too_often_has_to_wait(service: FakeService, api: Caller, issuer: Issuer) -> None:
    issuer.answer = (400, {"error": "invalid_grant"})
    for _ in range(30):
        await sign_in(api, issuer)
    assert (failure(await sign_in(api, issuer)), issuer.asked["token"]) == ("wait", 30)


async def test_neither_secret_nor_token_is_shown(
    api: Caller, issuer: Issuer, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    await sign_in(api, issuer, aud="another")
    shown = caplog.text + "".join(capsys.readouterr())
    token = signed(issuer.header, issuer.claims, issuer.signs)
    assert "sign_in_failed" in shown
    assert not [hidden for hidden in (SECRET, token, token.split(".")[1], "the-code") if hidden in shown]


# The way out


async def leave(api: Caller, answer: Any, **headers: str):
    cookie = f"alertmesh_session={answer.cookies['alertmesh_session'].value}"
    return await api.send("POST", f"{ROOT}/logout", headers={"Cookie": cookie, **headers})


async def test_who_signs_out_is_told_where_to_do_so_at_the_provider(api: Caller, issuer: Issuer) -> None:
    answer = await sign_in(api, issuer)
    gone = await leave(api, answer)
    place = urlsplit((await gone.json())["next"])
    sent = {name: values[0] for name, values in parse_qs(place.query).items()}
    assert f"http://{place.netloc}{place.path}" == f"{issuer.url}/logout"
    assert sent.pop("id_token_hint").count(".") == 2
    assert sent == {"client_id": CLIENT, "post_logout_redirect_uri": f"{HOME}/"}
    assert ((await who(api, answer))["status"], gone.cookies["alertmesh_session"].value) == (401, "")


async def test_a_provider_without_such_a_place_is_left_alone(api: Caller, issuer: Issuer) -> None:
    issuer.discovery = {"end_session_endpoint": None}
    gone = await leave(api, await sign_in(api, issuer))
    assert (gone.status, await gone.json()) == (200, {"next": None})


async def test_a_provider_that_hangs_keeps_nobody_signed_in(
    service: FakeService, api: Caller, issuer: Issuer
) -> None:
    answer = await sign_in(api, issuer)
    service.clock.advance(timedelta(hours=1))
    issuer.answers.clear()
    leaving = asyncio.create_task(leave(api, answer))
    await until(lambda: issuer.asked["openid-configuration"] == 2)
    assert ((await who(api, answer))["status"], leaving.done()) == (401, False)
    issuer.answers.set()
    assert (await leaving).status == 200


async def test_a_page_of_another_site_signs_nobody_out(api: Caller, issuer: Issuer) -> None:
    answer = await sign_in(api, issuer)
    assert (await leave(api, answer, **{"Sec-Fetch-Site": "cross-site"})).status == 403
    assert (await who(api, answer))["name"] == "alice"


# Without a provider


@pytest.mark.parametrize("path", ["start", "callback"])
async def test_without_a_provider_there_is_nothing_to_begin(path: str) -> None:
    async with Server(FakeService()) as api:
        answer = await api.get(f"{ROOT}/{path}")
        told = await (await api.get("/api/v1/session/ways")).json()
    assert (answer.status, told) == (404, {"password": True, "provider": None})


async def test_a_provider_is_enough_to_sign_in_by(service: FakeService, api: Caller) -> None:
    service.add_token("s3cret", "read")
    assert (await (await api.get("/api/v1/session")).json())["type"] == "urn:alertmesh:no-token"
