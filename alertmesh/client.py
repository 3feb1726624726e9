"""Talk to a running AlertMesh from the command line."""

import os
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode, urlsplit
from urllib.request import Request, urlopen

import msgspec

from alertmesh.core.errors import AlertMeshError

_TIMEOUT_S = 15.0


class ApiError(AlertMeshError):
    """The server could not be reached, or refused; the text says what to do."""


class ApiClient:
    """Call the HTTP API at `base` with the token in ALERTMESH_TOKEN, if there is one."""

    def __init__(self, base: str, token: str | None = None) -> None:
        if not _is_address(base):
            raise ApiError(f"{base!r} is not an http:// or https:// address")
        self._base = base.rstrip("/")
        self._token = os.environ.get("ALERTMESH_TOKEN", "") if token is None else token

    def get(self, path: str, **query: str | int | None) -> Any:
        """Return the JSON answer to a GET."""
        asked = {name: value for name, value in query.items() if value is not None}
        return self._call("GET", f"{path}?{urlencode(asked)}" if asked else path, None)

    def fetch(self, path: str) -> bytes:
        """Return the answer to a GET of something that is no JSON."""
        return self._ask("GET", path, None)

    def post(self, path: str, body: dict[str, Any]) -> Any:
        """Return the JSON answer to a POST."""
        return self._call("POST", path, msgspec.json.encode(body))

    def send(self, path: str, body: bytes, kind: str) -> Any:
        """Return the JSON answer to a POST of a body that is of the media type `kind`."""
        return self._call("POST", path, body, kind)

    def delete(self, path: str) -> Any:
        """Return the JSON answer to a DELETE."""
        return self._call("DELETE", path, None)

    def _call(self, method: str, path: str, body: bytes | None, kind: str = "application/json") -> Any:
        text = self._ask(method, path, body, kind)
        try:
            return msgspec.json.decode(text) if text else None
        except msgspec.DecodeError as error:
            raise ApiError(f"{self._base} is no AlertMesh: its answer is not JSON") from error

    def _ask(self, method: str, path: str, body: bytes | None, kind: str = "application/json") -> bytes:
        headers = {"Content-Type": kind, "Accept": "application/json"}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        request = Request(self._base + path, data=body, headers=headers, method=method)  # noqa: S310  # scheme checked
        try:
            with urlopen(request, timeout=_TIMEOUT_S) as answer:  # noqa: S310
                found: bytes = answer.read()
                return found
        except HTTPError as error:
            raise ApiError(_explain(error)) from error
        except (OSError, HTTPException) as error:
            raise ApiError(
                f"no answer from {self._base}: {error}; is `alertmesh serve` running there? "
                "Name another address with --url or ALERTMESH_URL."
            ) from error


def _is_address(base: str) -> bool:
    try:
        parts = urlsplit(base)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _explain(error: HTTPError) -> str:
    try:
        problem = msgspec.json.decode(error.read())
        detail = problem.get("detail") or problem.get("title") or str(error)
    except (msgspec.DecodeError, AttributeError):
        detail = str(error)
    if error.code == 401:
        return f"{detail}; put a token into ALERTMESH_TOKEN (alertmesh token create makes one)"
    return f"{detail} (HTTP {error.code})"
