"""Requests whose parts are templates: `{number}`, `{text}` and others stand for parts of a message."""

import base64
import json
import re
from collections.abc import Callable, Mapping
from urllib.parse import parse_qsl, quote, urlsplit

from msgspec import Struct

from alertmesh.core.page import Receipt
from alertmesh.core.ports import Http, HttpAnswer
from alertmesh.notify.exchange import exchange
from alertmesh.notify.settings import Settings

PLACES = frozenset({"number", "text", "key", "callback", "sender", "user", "password", "token", "coding"})
METHODS = ("POST", "PUT", "GET")
JSON, FORM = "application/json", "application/x-www-form-urlencoded"
_PLACE = re.compile(r"\{([a-z_]+)\}")
_HEADER = re.compile(r"([A-Za-z0-9!#$&'*+.^_`|~-]+):[ \t]*(.*)")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")


class Form(Struct, frozen=True, kw_only=True):
    """One kind of request; `fixed` are the parts that every message shares. Never shown.

    A header that stands for a part which a message lacks is left out.
    """

    method: str
    url: str
    headers: Mapping[str, str]
    body: str
    kind: str
    fixed: Mapping[str, str]

    def __repr__(self) -> str:
        return "Form(...)"

    async def post(self, parts: Mapping[str, str], http: Http) -> HttpAnswer | Receipt:
        """Send the request for the given parts once."""
        known = {**dict.fromkeys(PLACES, ""), **self.fixed, **parts}
        url = filled(self.url, known, _percent)
        headers = {
            name: one_line(filled(value, known))
            for name, value in self.headers.items()
            if all(known[place] for place in places(value))
        }
        if self.method == "GET":
            return await exchange(http, "GET", url, headers, b"")
        body = filled(self.body, known, escape(self.kind)).encode()
        return await exchange(http, self.method, url, {**headers, "Content-Type": self.kind}, body)

    def secrets(self) -> tuple[str, ...]:
        """Return what an answer may repeat and nobody may see."""
        basic = _basic(self.fixed)
        plain = [self.fixed.get(name, "") for name in ("password", "token")]
        written = [value.split(" ")[-1] for value in self.headers.values() if not places(value)]
        keys = [value for _, value in parse_qsl(urlsplit(self.url).query) if not places(value)]
        return tuple(secret for secret in (basic, *plain, *written, *keys) if secret)


def read(given: Settings, preset: Mapping[str, str]) -> Form:
    """Read the settings of a request: `url`, `method`, `headers`, `body`, `content_type` and who we are."""
    fixed = {name: given.text(name) for name in ("sender", "user", "password", "token")}
    form = Form(
        method=given.text("method", preset.get("method", METHODS[0])).upper(),
        url=given.url("url"),
        headers=_headers(given, preset.get("headers", ""), fixed),
        body=given.text("body", preset.get("body", "")),
        kind=given.text("content_type", preset.get("content_type", JSON)),
        fixed=fixed,
    )
    if form.method not in METHODS:
        given.fault("method", f"must be one of {', '.join(METHODS)}")
    for setting, text in (("url", form.url), ("body", form.body), *_each("headers", form.headers)):
        if unknown := sorted(places(text) - PLACES):
            given.fault(setting, f"{{{unknown[0]}}} is not one of {', '.join(sorted(PLACES))}")
    everything = " ".join([form.url, form.body, *form.headers.values()])
    for place, setting in (("number", "body"), ("text", "body")):
        if place not in places(everything):
            given.fault(setting, f"{{{place}}} stands nowhere in url, headers or body")
    return form


def filled(template: str, parts: Mapping[str, str], escape: Callable[[str], str] = str) -> str:
    """Return a template with its places filled, once: what stands in a part is never a place."""
    return _PLACE.sub(lambda found: escape(parts.get(found.group(1), "")), template)


def places(template: str) -> set[str]:
    """Return the places of a template."""
    return set(_PLACE.findall(template))


def one_line(text: str) -> str:
    """Return a text as a header may hold it."""
    return _CONTROL.sub(" ", text)


def read_headers(given: Settings, preset: str = "") -> dict[str, str]:
    """Read the setting `headers`: lines of `Name: value`."""
    headers, text = {}, given.text("headers", preset)
    for line in text.splitlines():
        found = _HEADER.fullmatch(line.strip())
        if found:
            headers[found.group(1)] = found.group(2)
        elif line.strip():
            given.fault("headers", "must be lines of `Name: value`")
    return headers


def _headers(given: Settings, preset: str, fixed: Mapping[str, str]) -> dict[str, str]:
    headers = read_headers(given, preset)
    used = {place for value in headers.values() for place in places(value)}
    used |= places(given.text("url")) | places(given.text("body"))
    if fixed["user"] and "user" not in used:
        headers["Authorization"] = f"Basic {_basic(fixed)}"
    elif fixed["token"] and "token" not in used:
        headers["Authorization"] = "Bearer {token}"
    return headers


def _basic(fixed: Mapping[str, str]) -> str:
    user, password = fixed.get("user", ""), fixed.get("password", "")
    return base64.b64encode(f"{user}:{password}".encode()).decode() if user else ""


def _each(setting: str, values: Mapping[str, str]) -> list[tuple[str, str]]:
    return [(setting, value) for value in values.values()]


def escape(kind: str) -> Callable[[str], str]:
    """Return what makes a part safe in a body of a content type."""
    if kind.startswith(FORM):
        return _percent
    return _in_json if JSON in kind or kind.endswith("+json") else str


def _percent(text: str) -> str:
    return quote(text, safe="")


def _in_json(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)[1:-1]
