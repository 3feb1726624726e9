"""The command line's client says in one line why it got no answer."""

import json

import pytest

from alertmesh.client import ApiClient, ApiError
from tests.real.local import LocalServer, free_port


class Api(LocalServer):
    """Answer everything with one status and body, and remember what was asked."""

    def __init__(self, status=200, body=b"{}"):
        super().__init__()
        self.status, self.body, self.asked = status, body, []

    def answer(self, method, path, headers, body):
        self.asked.append((method, path, headers, body))
        return self.status, self.body


def test_it_sends_what_is_asked_with_the_token():
    with Api(body=b'{"a":1}') as api:
        client = ApiClient(api.url + "/", "secret")
        assert client.get("/x", one="1 2", none=None) == {"a": 1}
        client.post("/y", {"text": "well"})
    (_, first, headers, _), (_, second, _, body) = api.asked
    assert (first, second, headers["Authorization"]) == ("/x?one=1+2", "/y", "Bearer secret")
    assert json.loads(body) == {"text": "well"}


def test_an_empty_answer_is_nothing():
    with Api(body=b"") as api:
        assert ApiClient(api.url, "").get("/x") is None


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (409, b'{"detail":"it moved on"}', r"it moved on \(HTTP 409\)"),
        (401, b'{"title":"no token"}', "put a token into ALERTMESH_TOKEN"),
        (502, b"<html>", "HTTP 502"),
        (500, b"[1]", "HTTP 500"),
        (200, b"<html>", "is no AlertMesh"),
    ],
)
def test_a_refusal_is_explained(status, body, said):
    with Api(status, body) as api, pytest.raises(ApiError, match=said):
        ApiClient(api.url, "").get("/x")


def test_a_server_that_is_not_there_is_named():
    with pytest.raises(ApiError, match="is `alertmesh serve` running there"):
        ApiClient(f"http://127.0.0.1:{free_port()}", "").get("/x")


@pytest.mark.parametrize("base", ["ftp://x", "127.0.0.1:9393", "http://[::", "http://", "http://x:99999"])
def test_what_is_no_address_is_refused(base):
    with pytest.raises(ApiError, match="is not an http"):
        ApiClient(base, "")
