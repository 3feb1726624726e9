import pytest

from tests.console.fakes import NOW, Caller, FakeService, an_alert

PATH = "/api/v1/alerts"


@pytest.fixture(autouse=True)
def _three_alerts(service: FakeService) -> None:
    service.remembered = [
        (an_alert("c", team="db"), None),
        (an_alert("a", team="web"), NOW),
        (an_alert("b", team="db"), None),
    ]


async def marks(api: Caller, query: str) -> str:
    answer = await api.get(PATH + query)
    return "".join(one["fingerprint"][0] for one in (await answer.json())["alerts"])


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("", "abc"),
        ("?state=firing", "bc"),
        ("?state=resolved", "a"),
        ('?filter=team%3D"db"', "bc"),
        ('?filter=team%3D"db"&filter=alertname!%3D"A"', ""),
    ],
)
async def test_filters(api: Caller, query: str, wanted: str) -> None:
    assert await marks(api, query) == wanted


async def test_pages_in_the_order_of_fingerprints(api: Caller) -> None:
    first = await (await api.get(f"{PATH}?limit=2")).json()
    assert [one["fingerprint"][0] for one in first["alerts"]] == ["a", "b"]
    assert await marks(api, f"?limit=2&after={first['next']}") == "c"


async def test_looks_through_more_than_one_slice(service: FakeService, api: Caller) -> None:
    service.remembered += [(an_alert(f"{number:04x}"), None) for number in range(3_000)]
    assert await marks(api, "?limit=3&filter=team%3D~.%2B") == "abc"


async def test_shows_when_it_ended(api: Caller) -> None:
    page = await (await api.get(f"{PATH}?state=resolved")).json()
    (alert,) = page["alerts"]
    assert (alert["state"], alert["ended_at"], alert["priority"]) == (
        "resolved",
        "2026-11-23T04:00:00Z",
        "P3",
    )


async def test_an_expression_that_python_never_ends_with_is_answered(
    service: FakeService, api: Caller
) -> None:
    service.remembered.append((an_alert("d", team="d" * 200), None))
    assert await marks(api, '?filter=team%3D~"(.%2B)%2Bx"') == ""


@pytest.mark.parametrize("text", ["%28" * 2_000, "(%3F%3Da)", "a{1001}"])
async def test_an_expression_that_is_none_is_refused(api: Caller, text: str) -> None:
    for path in (PATH, "/api/v2/alerts"):
        answer = await api.get(f'{path}?filter=team%3D~"{text}"')
        assert (answer.status, "bad regular expression" in await answer.text()) == (400, True)


async def test_names_the_bad_parameter(api: Caller) -> None:
    answer = await api.get(f"{PATH}?state=x")
    assert (answer.status, (await answer.json())["field"]) == (400, "state")
