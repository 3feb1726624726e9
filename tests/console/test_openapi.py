"""The API is described as it is."""

from types import SimpleNamespace

import pytest
from schemathesis.specs.openapi.definitions import OPENAPI_31_VALIDATOR

from alertmesh.console.app import build_app
from alertmesh.console.openapi import document, undescribed
from alertmesh.core.ports import HttpLimits
from alertmesh.metrics import Metrics
from tests.reference import OPENAPI, openapi

APP = build_app(SimpleNamespace(limits=HttpLimits()), Metrics())
DOCUMENT = document(APP)
OPERATIONS = [
    (f"{method.upper()} {path}", operation)
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
]
each_operation = pytest.mark.parametrize(
    ("name", "operation"), OPERATIONS, ids=[name for name, _ in OPERATIONS]
)


def test_every_route_says_what_it_takes_and_answers():
    assert undescribed(APP) == []


def test_it_is_a_document_of_openapi_as_that_is_laid_down():
    assert [str(fault) for fault in OPENAPI_31_VALIDATOR.iter_errors(DOCUMENT)] == []


def test_what_the_console_is_built_from_is_the_description_of_today():
    assert OPENAPI.read_text(encoding="utf-8") == openapi(), "write it anew: python -m tests.reference"


def test_no_two_operations_have_one_name():
    names = [operation["operationId"] for _, operation in OPERATIONS]
    assert len(set(names)) == len(names)


@each_operation
def test_an_operation_has_a_summary_and_its_path_is_told(name, operation):
    assert operation["summary"]
    told = {part["name"] for part in operation["parameters"] if part["in"] == "path"}
    assert all(f"{{{part}}}" in name for part in told)
    assert name.count("{") == len(told)


@pytest.mark.parametrize(
    ("path", "scope"),
    [("/api/v1/incidents", "read"), ("/api/v1/incidents/{id}/ack", "respond"), ("/-/reload", "admin")],
)
def test_the_scope_is_told(path, scope):
    (operation,) = DOCUMENT["paths"][path].values()
    assert operation["security"] == [{"token": [scope]}, {"session": [scope]}]


@pytest.mark.parametrize("path", ["/api/v1/ingest/{source}", "/api/v2/silences"])
def test_monitors_and_the_tools_of_alertmanager_may_send_a_password(path):
    operation = DOCUMENT["paths"][path]["post"]
    assert [way for need in operation["security"] for way in need] == ["token", "password", "session"]


def test_refusals_are_told_where_they_can_happen():
    show, act = (DOCUMENT["paths"]["/api/v1/incidents/{id}" + end] for end in ("", "/ack"))
    assert list(show["get"]["responses"]) == ["200", "400", "401", "403", "404"]
    refused = ["400", "401", "403", "404", "409", "413", "415", "422", "503"]
    assert list(act["post"]["responses"]) == ["200", *refused]
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    assert all(act["post"]["responses"][status]["content"] == problem for status in refused)


def test_answers_leave_no_field_out_and_bodies_may():
    schemas = DOCUMENT["components"]["schemas"]
    assert schemas["IncidentView"]["required"] == list(schemas["IncidentView"]["properties"])
    assert schemas["ActionBody"]["required"] == []
    assert schemas["Problem"]["required"] == ["type", "title", "status", "detail"]


def test_an_answer_that_leaves_out_what_is_zero_says_so():
    door = DOCUMENT["paths"]["/api/v1/ingest/{source}"]["post"]["responses"]["202"]
    shape = door["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
    assert DOCUMENT["components"]["schemas"][shape]["required"] == ["accepted", "changed", "rejected"]


async def test_people_find_every_path_and_shape_on_one_page(api):
    page = await (await api.get("/api/docs")).text()
    for path in DOCUMENT["paths"]:
        assert path in page
    for name in DOCUMENT["components"]["schemas"]:
        assert f'id="shape-{name}"' in page
