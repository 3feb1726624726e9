"""Describe the API in OpenAPI 3.1, from what the handlers say of themselves."""

import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from http import HTTPStatus
from inspect import getdoc
from types import UnionType
from typing import Any, get_args

import msgspec
from aiohttp import web
from msgspec import Struct

from alertmesh import __version__
from alertmesh.console.bodies import send_json
from alertmesh.console.parameters import PARAMETERS
from alertmesh.console.problems import Problem
from alertmesh.console.tells import JSON, Object, Told, tells, told_by

_REFS = "#/components/schemas/{name}"
_PROBLEM = "application/problem+json"
_ALERTMANAGER = "/api/v2/"
_BEHIND_THE_GATE = (401, 403)
_OF_A_BODY = (413, 415, 422)
_SECURITY = {
    "token": {"type": "http", "scheme": "bearer"},
    "password": {"type": "http", "scheme": "basic", "description": "The password is a token."},
    "session": {"type": "apiKey", "in": "cookie", "name": "alertmesh_session"},
}

Json = dict[str, Any]


def document(app: web.Application) -> Json:
    """Return the description of every path of an application that a program may want to ask."""
    described = list(_described(app))
    types = [kind for _, told in described for kind in (*_kinds(told.answers), *_kinds(told.takes))]
    shapes, components = msgspec.json.schema_components([Problem, *types], ref_template=_REFS)
    shape_of = _Shapes(dict(zip(map(repr, [Problem, *types]), shapes, strict=True)))
    paths: dict[str, Json] = {}
    for route, told in described:
        operation = _operation(route, told, shape_of)
        paths.setdefault(_path(route), {})[route.method.lower()] = operation
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "AlertMesh",
            "version": __version__,
            "description": "Moments are RFC 3339 in UTC, absent facts null; no field is left out.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "paths": dict(sorted(paths.items())),
        "components": {"schemas": _answered_whole(components, described), "securitySchemes": _SECURITY},
    }


class _Shapes:
    """The schema of each type that is answered or taken."""

    def __init__(self, by_type: Mapping[str, Json]) -> None:
        self._by_type = by_type

    def __call__(self, kind: Any) -> Json:
        shapes = [self._by_type[repr(one)] for one in _kinds(kind)]
        return shapes[0] if len(shapes) == 1 else {"anyOf": shapes}


def _kinds(kind: Any) -> tuple[Any, ...]:
    """Return the types of an answer, one after the other where it is one of several; none for no body."""
    if kind is None:
        return ()
    return get_args(kind) if isinstance(kind, UnionType) else (kind,)


def undescribed(app: web.Application) -> list[str]:
    """Return the routes whose handlers say nothing of themselves."""
    return sorted(
        f"{route.method} {_path(route)}" for route in _routes(app) if told_by(route.handler) is None
    )


def _routes(app: web.Application) -> Iterator[web.AbstractRoute]:
    return (route for route in app.router.routes() if route.method != "HEAD")


def _described(app: web.Application) -> Iterator[tuple[web.AbstractRoute, Told]]:
    for route in _routes(app):
        told = told_by(route.handler)
        if told is not None:
            yield route, told


def _path(route: web.AbstractRoute) -> str:
    return route.resource.canonical if route.resource is not None else ""


def _operation(route: web.AbstractRoute, told: Told, shape_of: _Shapes) -> Json:
    path = _path(route)
    scope = getattr(route.handler, "scope", None)
    operation: Json = {
        "operationId": _name(route.method, path),
        "summary": _summary(route.handler),
        "tags": [_tag(path)],
        "parameters": [*_path_parameters(path), *(_query_parameter(path, name) for name in told.query)],
        "responses": {
            str(told.status): _success(told, shape_of),
            **{
                str(status): _success(told, shape_of, status)
                if status < 400
                else _refusal(path, status, shape_of)
                for status in sorted(_besides(route, told))
            },
        },
    }
    if told.takes is not None:
        operation["requestBody"] = {"required": True, "content": {JSON: {"schema": shape_of(told.takes)}}}
    operation["security"] = [{way: [scope]} for way in _ways(path, scope)] if scope else []
    return operation


def _besides(route: web.AbstractRoute, told: Told) -> set[int]:
    """Return the statuses besides that of success; what is written may meet a store that takes nothing."""
    statuses = {400, *told.may}
    if getattr(route.handler, "scope", None):
        statuses.update(_BEHIND_THE_GATE)
    if "{" in _path(route):
        statuses.add(404)
    if told.takes is not None:
        statuses.update(_OF_A_BODY)
    if route.method != "GET":
        statuses.add(503)
    return statuses


def _ways(path: str, scope: str) -> list[str]:
    """Return how one may say who asks: by a password only where monitors and Alertmanager's tools come."""
    by_password = scope == "ingest" or _ALERTMANAGER in path
    return [way for way in _SECURITY if by_password or way != "password"]


def _success(told: Told, shape_of: _Shapes, status: int = 0) -> Json:
    answer: Json = {"description": HTTPStatus(status or told.status).phrase}
    if told.answers is not None:
        answer["content"] = {told.media: {"schema": shape_of(told.answers)}}
    elif told.media != JSON:
        answer["content"] = {told.media: {"schema": {"type": "string"}}}
    return answer


def _refusal(path: str, status: int, shape_of: _Shapes) -> Json:
    """Return how a refusal looks: a problem, but where others laid the form down or people read it."""
    if path == "/p/{code}" and status != HTTPStatus.SERVICE_UNAVAILABLE:
        content: Json = {"text/html": {"schema": {"type": "string"}}}
    elif _ALERTMANAGER in path:
        content = {JSON: {"schema": {}}}
    else:
        content = {_PROBLEM: {"schema": shape_of(Problem)}}
    return {"description": HTTPStatus(status).phrase, "content": content}


def _path_parameters(path: str) -> Iterator[Json]:
    for name in re.findall(r"{(\w+)}", path):
        whole = name in {"n", "other"} or (name == "id" and "/incidents/" in path)
        shape = {"type": "integer", "minimum": 0} if whole else {"type": "string", "minLength": 1}
        yield {"name": name, "in": "path", "required": True, "schema": shape}


def _query_parameter(path: str, name: str) -> Json:
    known = PARAMETERS.get(f"{_tag(path)}.{name}") or PARAMETERS[name]
    return {"name": known.name or name, "in": "query", "description": known.about, "schema": known.shape}


def _name(method: str, path: str) -> str:
    """Return a name that no other operation has: the method and the words of the path."""
    words = re.findall(r"\w+", path.replace("/api/", "/"))
    return "_".join([method.lower(), *words])


def _tag(path: str) -> str:
    """Return what an operation is about: the first word of its path that names a thing."""
    words = [word for word in path.split("/") if word and word not in {"api", "v1", "from", "{name}"}]
    if words and words[0] == "v2":
        return "alertmanager"
    return words[0].partition(".")[0] if words else "console"


def _summary(handler: Any) -> str:
    text = " ".join((getdoc(handler) or "").partition("\n\n")[0].split())
    return text.partition(". ")[0].rstrip(".")


def _answered_whole(components: Mapping[str, Json], described: list[tuple[Any, Told]]) -> Json:
    """Return the schemas with every field of answers required: our answers leave none out.

    What is taken keeps its defaults, and so does what is both. Types that leave out their defaults say so.
    """
    answers = [Problem, *(kind for _, told in described for kind in _kinds(told.answers))]
    short = {name for kind in answers if _leaves_out(kind) for name in _names(kind)}
    taken = _reachable(components, [kind for _, told in described for kind in _kinds(told.takes)])
    whole: Json = {}
    for name, schema in sorted(components.items()):
        if name not in taken | short and "properties" in schema:
            schema = {**schema, "required": list(schema["properties"])}
        whole[name] = schema
    return whole


def _names(kind: type) -> tuple[str, str]:
    """Return what a type may be called among the schemas: where two share a name, by its module too."""
    return kind.__name__, f"{kind.__module__}.{kind.__qualname__}"


def _leaves_out(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Struct) and kind.__struct_config__.omit_defaults


def _reachable(components: Mapping[str, Json], kinds: list[Any]) -> set[str]:
    shapes, _ = msgspec.json.schema_components(kinds, ref_template=_REFS) if kinds else ((), {})
    waiting = [ref for shape in shapes for ref in _refs(shape)]
    found: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting.extend(_refs(components.get(name, {})))
    return found


def _refs(shape: object) -> Iterator[str]:
    if isinstance(shape, dict):
        ref = shape.get("$ref")
        if isinstance(ref, str):
            yield ref.rpartition("/")[2]
        shape = list(shape.values())
    if isinstance(shape, list):
        for part in shape:
            yield from _refs(part)


class Description:
    """The handler of `/api/openapi.json`: made once, when it is first asked for."""

    def __init__(self, app: web.Application) -> None:
        self._app = app

    @cached_property
    def document(self) -> Json:
        """The description as such."""
        return document(self._app)

    @tells(Object)
    async def show(self, _request: web.Request, _actor: str) -> web.StreamResponse:
        """Return the description of this API in OpenAPI 3.1."""
        return send_json(self.document)
