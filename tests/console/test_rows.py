"""The short form of incidents, a page at a time."""

import pytest

from alertmesh.core.response import State
from alertmesh.desks.rows import FIELDS
from tests.console.fakes import a_response, an_incident

PATH = "/api/v1/incidents/rows"


@pytest.fixture(autouse=True)
def incidents(service):
    states = (State.T1_PAGING, State.RESOLVED, State.T2_ACKED, State.MERGED, State.SNOOZED)
    for number, state in enumerate(states, start=1):
        labels = {"cluster": f"c{number % 2}"}
        service.pairs[number] = (an_incident(number, labels=labels), a_response(number, state=state))


async def rows(api, query):
    answer = await api.get(f"{PATH}?{query}")
    assert answer.status == 200, await answer.text()
    return await answer.json()


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("", [5, 4, 3, 2, 1]),
        ("open=true", [5, 3, 1]),
        ("open=false&before=3", [2, 1]),
        ("open=true&before=5", [3, 1]),
        ("open=true&state=snoozed,resolved", [5]),
        ("open=true&filter=cluster=c0", []),
        ("filter=cluster=c0", [4, 2]),
        ("open=true&priority=P1", []),
    ],
)
async def test_rows_are_those_asked_for_newest_first(api, query, numbers):
    assert [row["id"] for row in (await rows(api, query))["rows"]] == numbers


@pytest.mark.parametrize("which", ["open=true", "open=false"])
async def test_pages_follow_one_another(api, which):
    seen, before = [], ""
    while True:
        page = await rows(api, f"{which}&limit=2{before}")
        seen += [row["id"] for row in page["rows"]]
        if page["next"] is None:
            break
        before = f"&before={page['next']}"
    assert seen == ([5, 3, 1] if which == "open=true" else [5, 4, 3, 2, 1])


async def test_a_row_has_every_field_and_the_likeliest_root(api, service):
    page = await rows(api, "open=true")
    assert set(page["rows"][0]) == set(FIELDS)
    assert page["rows"][0]["root"] == {"entity": "node c1/n1", "score": 0.9}
    assert page["live"] == service.desks.live.id


@pytest.mark.parametrize(
    ("query", "field"), [("open=1", "open"), ("state=lost", "state"), ("before=0", "before")]
)
async def test_what_cannot_be_asked_for_is_named(api, query, field):
    answer = await api.get(f"{PATH}?{query}")
    assert (answer.status, (await answer.json())["field"]) == (400, field)


async def test_many_rows_are_sent_compressed_to_who_takes_that(api):
    plain = await api.get(PATH, Accept_Encoding="identity")
    squeezed = await api.get(PATH, Accept_Encoding="gzip")
    assert "Content-Encoding" not in plain.headers
    assert squeezed.headers["Content-Encoding"] == "gzip"
    assert await plain.json() == await squeezed.json()
