"""Links are judged as Alertmanager judges them."""

import pytest

from alertmesh.ingest.uris import is_request_uri

GOOD = [
    "http://127.0.0.1:29090/graph?g0.expr=demo+%3E+0&g0.tab=1",
    *("/foo", "http://x/ y", "http://", "mailto:x", "//x/y", "a:b", "http://主机/图", "http://u:p@x/"),
    *("http://[::1]:9090/", "http://x?q=%zz", "http://x:/"),
]
BAD = [
    *("not a url", "foo", "http://x/%zz", "http://[::1", "http://x:abc/", "x y:z", "http://x/\n"),
    *("1http://x", ":x", "http://a b/", "http://u p@x/"),
]


@pytest.mark.parametrize("text", GOOD)
def test_a_link_is_taken(text):
    assert is_request_uri(text)


@pytest.mark.parametrize("text", BAD)
def test_what_is_no_link_is_refused(text):
    assert not is_request_uri(text)
