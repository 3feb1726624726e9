"""Our answers to posted alerts beside those of a real Alertmanager.

Alertmanager 0.25 runs here. Where ours differs on purpose, `DIFFERENCES` says why.
"""

import http.client
import shutil
import subprocess
from collections.abc import Iterator
from urllib.error import URLError
from urllib.request import urlopen

import orjson
import pytest

from alertmesh.core.errors import BadPayload
from alertmesh.core.labels import fingerprint
from alertmesh.ingest.prometheus import answer, parse, refusal
from tests.ingest.samples import NOW
from tests.real.local import free_port, wait_until

pytestmark = pytest.mark.prometheus

LABELS = b'"labels":{"a":"b"}'
CONFIG = "route: {receiver: nobody}\nreceivers: [{name: nobody}]\n"
SAME = {
    "none": b"[]",
    "null": b"null",
    "no body": b"",
    "cut short": b"{",
    "an object": b"{}",
    "a number": b"[1]",
    "NaN": b"NaN",
    "binary": b"\xff\xfe",
    "one": b"[{" + LABELS + b"}]",
    "more fields": b"[{" + LABELS + b',"status":5,"foo":[1]}]',
    "an empty value": b'[{"labels":{"a":"b","c":""}}]',
    "bytes that are not UTF-8": b'[{"labels":{"a":"\xff"}}]',
    "labels missing": b"[{}]",
    "labels missing in the second": b"[{" + LABELS + b"},{}]",
    "labels null": b'[{"labels":null}]',
    "labels empty": b'[{"labels":{}}]',
    "only empty values": b'[{"labels":{"a":""}}]',
    "a null value": b'[{"labels":{"a":null}}]',
    "a number as value": b'[{"labels":{"a":1}}]',
    "a list as labels": b'[{"labels":[]}]',
    "no label name": b'[{"labels":{"":"x"}}]',
    "no annotation name": b"[{" + LABELS + b',"annotations":{"":"x"}}]',
    "annotations null": b"[{" + LABELS + b',"annotations":null}]',
    "a number as annotation": b"[{" + LABELS + b',"annotations":{"a":1}}]',
    "a bad date": b"[{" + LABELS + b',"startsAt":"NaN"}]',
    "a number as date": b"[{" + LABELS + b',"startsAt":5}]',
    "an empty date": b"[{" + LABELS + b',"startsAt":""}]',
    "year 1": b"[{" + LABELS + b',"endsAt":"0001-01-01T00:00:00Z"}]',
    "ended": b"[{" + LABELS + b',"endsAt":"1970-01-01T00:00:00Z"}]',
    "ends first": b"[{" + LABELS + b',"startsAt":"2026-11-23T03:00:00Z","endsAt":"2026-11-23T02:00:00Z"}]',
    "starts after the lease": b"[{" + LABELS + b',"startsAt":"2099-01-01T00:00:00Z"}]',
    "a bad link": b"[{" + LABELS + b',"generatorURL":"not a url"}]',
    "a bad link without labels": b'[{"generatorURL":"not a url"}]',
    "an empty link": b"[{" + LABELS + b',"generatorURL":""}]',
    "one good, one bad": b"[{" + LABELS + b'},{"labels":{}}]',
    "two bad": b'[{"labels":{}},{"labels":{"":"x"}}]',
}
DIFFERENCES = {
    "utf-8 names": (b'[{"labels":{"bad-name":"x"}}]', 400, 200),  # any name is taken from 0.28 on
    "blank in a date": (
        b"[{" + LABELS + b',"startsAt":"2026-11-23 03:00:00Z"}]',
        400,
        200,
    ),  # we understand it
    "more after the list": (b"[] x", 200, 400),  # no client means to send that
}


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Return the port of an Alertmanager that runs as long as these tests."""
    program = shutil.which("prometheus-alertmanager")
    assert program, "prometheus-alertmanager is not installed: it is the Debian package of that name"
    home, port = tmp_path_factory.mktemp("alertmanager"), free_port()
    (home / "config.yml").write_text(CONFIG, encoding="utf-8")
    flags = [f"--config.file={home}/config.yml", f"--storage.path={home}/data", "--cluster.listen-address="]
    command = [program, *flags, f"--web.listen-address=127.0.0.1:{port}"]
    with (home / "log").open("wb") as log:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=home)
        try:
            wait_until(f"Alertmanager, see {home}/log", 30, lambda: ready(port))
            yield port
        finally:
            process.terminate()
            process.wait(10)


def ready(port: int) -> bool:
    try:
        with urlopen(f"http://127.0.0.1:{port}/-/ready") as told:
            return told.status == 200
    except URLError:
        return False


def theirs(port: int, body: bytes) -> tuple[int, object]:
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        link.request("POST", "/api/v2/alerts", body, {"Content-Type": "application/json"})
        told = link.getresponse()
        return told.status, shape(told.read())
    finally:
        link.close()


def ours(body: bytes) -> tuple[int, object]:
    try:
        status, text, _ = answer(parse(body, NOW))
    except BadPayload as error:
        status, text, _ = refusal(error)
    return status, shape(text)


def shape(text: bytes) -> object:
    """Return the answer without the reason why a body cannot be read, which is the JSON library's."""
    if not text:
        return ""
    told = orjson.loads(text)
    if isinstance(told, dict):
        return told | {"message": told["message"].partition(", because ")[0]}
    return told


@pytest.mark.parametrize("body", SAME.values(), ids=SAME)
def test_we_answer_as_alertmanager_does(body, port):
    assert ours(body) == theirs(port, body)


@pytest.mark.parametrize(("body", "their_status", "our_status"), DIFFERENCES.values(), ids=DIFFERENCES)
def test_we_differ_where_we_mean_to(body, their_status, our_status, port):
    assert (theirs(port, body)[0], ours(body)[0]) == (their_status, our_status)


def test_fingerprints_are_alertmanagers(port):
    labels = {"alertname": "磁盘", "path": 'a "b"\n', "x": "1"}
    theirs(port, orjson.dumps([{"labels": labels}]))
    assert fingerprint(labels) in {one["fingerprint"] for one in listed(port)}


def listed(port: int) -> list[dict[str, str]]:
    with urlopen(f"http://127.0.0.1:{port}/api/v2/alerts") as told:
        return orjson.loads(told.read())
