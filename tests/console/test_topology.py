"""The paths of the topology: what is shown, and what is taken."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from alertmesh.core.errors import BadCommand, Overloaded
from alertmesh.core.topology import Edge, KnownEdge
from tests.console.fakes import NOW, Caller, FakeService

PATH = "/api/v1/topology"
EDGE = {"a": "web", "b": "cart", "kind": "calls"}


async def send(api: Caller, body: Any, query: str = "?source=cmdb") -> tuple[int, Any]:
    answer = await api.post(PATH + query, msgspec.json.encode(body))
    return answer.status, await answer.json()


async def send_csv(api: Caller, text: str, query: str = "?source=cmdb") -> tuple[int, Any]:
    answer = await api.send("POST", PATH + query, text.encode(), {"Content-Type": "text/csv"})
    return answer.status, await answer.json()


@pytest.fixture
def known(service: FakeService) -> FakeService:
    """A service that knows five edges."""
    service.known = [
        KnownEdge(Edge("web", "cart", "calls", "east"), "cmdb", NOW),
        KnownEdge(Edge("cart", "db", "calls"), "catalogue"),
        KnownEdge(Edge("db", "n1", "runs_on", "east"), "labels", NOW, NOW + timedelta(days=1)),
        KnownEdge(Edge("mail", "web", "linked", "west"), "inferred", NOW, None, True, "in 8 of 9 cases with"),
        KnownEdge(Edge("old", "web", "calls"), "labels", NOW, NOW),
    ]
    return service


async def test_a_list_of_edges_is_taken(service: FakeService, api: Caller) -> None:
    status, answer = await send(api, [EDGE, {**EDGE, "b": "auth", "cluster": "east"}])
    [entry] = service.told
    assert entry.edges == (Edge("web", "cart", "calls"), Edge("web", "auth", "calls", "east"))
    assert (entry.source, entry.adds, entry.ttl_s, entry.at) == ("cmdb", False, None, NOW)
    assert (status, answer) == (200, {"source": "cmdb", "edges": 2, "added": 2, "removed": 0})


async def test_a_table_of_edges_is_taken(service: FakeService, api: Caller) -> None:
    status, _ = await send_csv(api, "kind,a,b,cluster\r\ncalls,web,cart,\r\nruns_on,web,n1,east\r\n")
    assert (status, service.told[0].edges) == (
        200,
        (Edge("web", "cart", "calls"), Edge("web", "n1", "runs_on", "east")),
    )


async def test_the_same_again_changes_nothing(api: Caller) -> None:
    await send(api, [EDGE])
    assert await send(api, [EDGE, EDGE]) == (200, {"source": "cmdb", "edges": 1, "added": 0, "removed": 0})


async def test_an_empty_list_takes_all_back(api: Caller) -> None:
    await send(api, [EDGE])
    assert await send(api, []) == (200, {"source": "cmdb", "edges": 0, "added": 0, "removed": 1})


async def test_without_a_source_edges_are_added(service: FakeService, api: Caller) -> None:
    await send(api, [EDGE], "")
    assert (service.told[0].source, service.told[0].adds) == ("api", True)


async def test_edges_may_end(service: FakeService, api: Caller) -> None:
    await send(api, [EDGE], "?source=cmdb&ttl=2d")
    assert service.told[0].ttl_s == 172_800


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ([EDGE, {**EDGE, "kind": "loves"}], "[1].kind"),
        ([{**EDGE, "a": ""}], "[0].a"),
        ([{**EDGE, "b": "web"}], "[0].b"),
        ([{**EDGE, "b": "x" * 257}], "[0].b"),
        ([{**EDGE, "a": "we\nb"}], "[0].a"),
        ([{**EDGE, "cluster": " east"}], "[0].cluster"),
        ([EDGE, {"a": "web", "b": "cart"}], "[1]"),
        ([{**EDGE, "a": 7}], "[0].a"),
        ([{**EDGE, "colour": "red"}], "[0]"),
        ({}, "body"),
    ],
)
async def test_a_bad_edge_is_named_by_row_and_field(
    service: FakeService, api: Caller, body: Any, field: str
) -> None:
    status, problem = await send(api, body)
    assert (status, problem["field"], service.told) == (422, field, [])


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("a,b,kind\nweb,cart,calls\nweb,auth,loves\n", "line 3.kind"),
        ("a,b,kind\nweb,,calls\n", "line 2.b"),
        ("a,b,kind\nweb,cart\n", "line 2"),
        ("a,b,kind\nweb,cart,calls,east\n", "line 2"),
        ("a,b\nweb,cart\n", "line 1.kind"),
        ("a,b,kind,clusters\nweb,cart,calls,x\n", "line 1.clusters"),
        ("a,b,kind,a\nweb,cart,calls,x\n", "line 1.a"),
        ("", "line 1.a"),
    ],
)
async def test_a_bad_row_is_named_by_line_and_column(
    service: FakeService, api: Caller, text: str, field: str
) -> None:
    status, problem = await send_csv(api, text)
    assert (status, problem["field"], service.told) == (422, field, [])


async def test_every_fault_is_told_at_once(api: Caller) -> None:
    _, problem = await send(api, [{**EDGE, "kind": "loves"}, EDGE, {**EDGE, "b": ""}])
    assert [fault.partition(":")[0] for fault in problem["problems"]] == ["[0].kind", "[2].b"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("?source=labels", "source"),
        ("?source=a/b", "source"),
        ("?source=cmdb&ttl=soon", "ttl"),
        ("?source=cmdb&ttl=0", "ttl"),
    ],
)
async def test_a_bad_parameter_is_named(api: Caller, query: str, field: str) -> None:
    status, problem = await send(api, [EDGE], query)
    assert (status, problem["field"]) == (400, field)


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"[", "application/json", 400),
        (b"\xff\xfe", "text/csv", 400),
        (b"a,b,kind\n", "text/plain", 415),
        (b"a,b,kind\n", "application/x-www-form-urlencoded", 415),
    ],
)
async def test_a_body_that_cannot_be_read(api: Caller, body: bytes, kind: str, status: int) -> None:
    answer = await api.send("POST", PATH, body, {"Content-Type": kind})
    assert answer.status == status


@pytest.mark.parametrize(
    ("failure", "status"), [(BadCommand("full"), 422), (Overloaded("busy", 1.0), 503)], ids=["full", "busy"]
)
async def test_a_refusal_is_told(service: FakeService, api: Caller, failure: Exception, status: int) -> None:
    service.failure = failure  # type: ignore[assignment]
    assert (await send(api, [EDGE]))[0] == status


async def test_an_import_is_in_the_audit_log(service: FakeService, api: Caller) -> None:
    await send(api, [EDGE])
    [line] = service.audited
    assert (line.action, line.target, line.detail) == ("topology", "topology/cmdb", "1 edges")


@pytest.mark.parametrize(
    ("scope", "status"), [("read", 403), ("ingest", 403), ("respond", 200), ("admin", 200)]
)
async def test_it_takes_the_scope_to_respond(
    service: FakeService, api: Caller, scope: str, status: int
) -> None:
    service.add_token("secret", scope)
    answer = await api.post(PATH, msgspec.json.encode([EDGE]), Authorization="Bearer secret")
    assert answer.status == status


async def shown(api: Caller, query: str = "") -> list[str]:
    answer = await (await api.get(PATH + query)).json()
    return [f"{edge['a']}>{edge['b']}" for edge in answer["edges"]]


@pytest.mark.parametrize(
    ("query", "edges"),
    [
        ("", ["cart>db", "db>n1", "web>cart", "mail>web"]),
        ("?kind=calls", ["cart>db", "web>cart"]),
        ("?kind=calls,linked&name=web", ["web>cart", "mail>web"]),
        ('?filter=cluster="east"', ["db>n1", "web>cart"]),
        ('?filter=source!="labels",inferred="false"', ["cart>db", "web>cart"]),
        ("?name=nobody", []),
    ],
)
async def test_edges_are_shown_by_cluster_and_name(
    known: FakeService, api: Caller, query: str, edges: list[str]
) -> None:
    assert await shown(api, query) == edges


async def test_pages_follow_each_other(known: FakeService, api: Caller) -> None:
    after, seen = "", []
    while after is not None:
        answer = await (await api.get(f"{PATH}?limit=1&after={after}")).json()
        seen += [edge["a"] for edge in answer["edges"]]
        after = answer["next"]
    assert seen == ["cart", "db", "web", "mail"]


async def test_an_edge_is_shown_with_how_it_is_known(known: FakeService, api: Caller) -> None:
    answer = await (await api.get(PATH + "?kind=linked")).json()
    assert answer["edges"] == [
        {
            "a": "mail",
            "b": "web",
            "kind": "linked",
            "cluster": "west",
            "source": "inferred",
            "inferred": True,
            "seen": "2026-11-23T04:00:00Z",
            "until": None,
            "words": "in 8 of 9 cases with",
        }
    ]


@pytest.mark.parametrize("query", ["?kind=loves", "?after=%FF", "?after=a", "?limit=0", "?filter=("])
async def test_a_bad_question_is_refused(api: Caller, query: str) -> None:
    assert (await api.get(PATH + query)).status == 400
