"""Show the description of the API to people: one page, made on the server, without a script."""

import secrets
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any

from aiohttp import web
from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup

from alertmesh.console.openapi import Description, Json
from alertmesh.console.tells import tells


class ApiDocs:
    """The handler of `/api/docs`."""

    def __init__(self, description: Description) -> None:
        self._description = description

    @tells(None, media="text/html")
    async def show(self, _request: web.Request, _actor: str) -> web.StreamResponse:
        """Return the description of this API for people."""
        nonce = secrets.token_urlsafe(12)
        api = self._description.document
        text = _template().render(api=api, tags=_by_tag(api), shape=shape, nonce=nonce)
        policy = f"default-src 'none'; style-src 'nonce-{nonce}'; base-uri 'none'; frame-ancestors 'none'"
        headers = {"Content-Security-Policy": policy, "X-Content-Type-Options": "nosniff"}
        return web.Response(text=text, content_type="text/html", headers=headers)


def shape(schema: Json) -> Markup:
    """Return a JSON Schema in words, with links to the shapes that it names.

    >>> print(shape({"type": "array", "items": {"$ref": "#/components/schemas/Cause"}}))
    list of <a href="#shape-Cause">Cause</a>
    >>> print(shape({"anyOf": [{"type": "integer"}, {"type": "null"}]}))
    integer or null
    """
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return Markup('<a href="#shape-{0}">{0}</a>').format(name)
    if "anyOf" in schema:
        return Markup(" or ").join(map(shape, schema["anyOf"]))
    if schema.get("type") == "array":
        return Markup("list of {}").format(shape(schema.get("items") or {}))
    if isinstance(schema.get("additionalProperties"), dict):
        return Markup("object of {}").format(shape(schema["additionalProperties"]))
    if "enum" in schema:
        return Markup(" or ").join(repr(value) for value in schema["enum"])
    return Markup("{}").format(schema.get("format") or schema.get("type") or "anything")


def _by_tag(api: Json) -> dict[str, list[tuple[str, str, Json]]]:
    every = [
        (method.upper(), path, operation)
        for path, methods in api["paths"].items()
        for method, operation in methods.items()
    ]
    every.sort(key=lambda one: (one[2]["tags"][0], one[1], one[0]))
    return {tag: list(group) for tag, group in groupby(every, key=lambda one: one[2]["tags"][0])}


@cache
def _template() -> Any:
    folder = Path(__file__).parent / "templates"
    loader = Environment(loader=FileSystemLoader(folder), autoescape=True, trim_blocks=True)
    return loader.get_template("docs.html")
