"""amtool, as a user runs it, against AlertMesh and a real Alertmanager 0.25; both answers side by side."""

import http.client
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple
from urllib.request import urlopen

import msgspec
import pytest

from tests.console.alertmanager_shapes import LISTS, Made, Silence
from tests.real.alertmesh import AlertMesh, configure
from tests.real.local import free_port, wait_until

pytestmark = pytest.mark.prometheus

NOBODY = "http://127.0.0.1:9"  # nothing is paged here: the robot is never reached
CONFIG = """
route: {receiver: quick, group_by: [alertname], group_wait: 1s}
receivers: [{name: quick}]
inhibit_rules:
- source_matchers: [alertname="KubeNodeNotReady"]
  target_matchers: [alertname="KubePodNotReady"]
  equal: [node]
"""
UNKNOWN = "00000000-0000-4000-8000-000000000000"
ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Server(NamedTuple):
    """One of the two, and amtool pointed at it."""

    name: str
    url: str
    home: Path

    def amtool(self, *words: str, status: int = 0) -> str:
        """Run amtool and return what it prints."""
        program = shutil.which("amtool")
        assert program, "amtool is not installed: Debian's package prometheus-alertmanager brings it"
        done = subprocess.run(
            [program, f"--alertmanager.url={self.url}", *words],
            env=os.environ | {"HOME": str(self.home)},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == status, done.stderr
        return done.stdout + done.stderr

    def json(self, *words: str) -> Any:
        """Run amtool with JSON output."""
        return json.loads(self.amtool("-o", "json", *words))

    def call(
        self, method: str, path: str, body: Any = None, kind: str = "application/json"
    ) -> tuple[int, bytes]:
        """Ask as a client would; return status and body."""
        link = http.client.HTTPConnection(self.url.removeprefix("http://"), timeout=10)
        sent = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        try:
            link.request(method, path, sent, {} if sent is None else {"Content-Type": kind})
            told = link.getresponse()
            return told.status, told.read()
        finally:
            link.close()


@contextmanager
def theirs(home: Path) -> Iterator[Server]:
    """Run a real Alertmanager."""
    program = shutil.which("prometheus-alertmanager")
    assert program, "prometheus-alertmanager is not installed: it is the Debian package of that name"
    (home / "config.yml").write_text(CONFIG, encoding="utf-8")
    url = f"http://127.0.0.1:{free_port()}"
    flags = [f"--config.file={home}/config.yml", f"--storage.path={home}/data", "--cluster.listen-address="]
    command = [program, *flags, f"--web.listen-address={url.removeprefix('http://')}"]
    with (home / "log").open("wb") as log:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=home)
        try:
            wait_until(f"Alertmanager, see {home}/log", 30, lambda: is_ready(url))
            yield Server("theirs", url, home)
        finally:
            process.terminate()
            process.wait(10)


@contextmanager
def ours(home: Path) -> Iterator[Server]:
    """Run AlertMesh."""
    with AlertMesh(configure(home, NOBODY)) as mesh:
        yield Server("ours", mesh.url, home)


def is_ready(url: str) -> bool:
    try:
        with urlopen(f"{url}/-/ready", timeout=5) as told:  # noqa: S310  # http on loopback
            return bool(told.status == 200)
    except OSError:
        return False


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Server]]:
    """Return AlertMesh and Alertmanager, running."""
    homes = tmp_path_factory.mktemp("ours"), tmp_path_factory.mktemp("theirs")
    with ours(homes[0]) as mesh, theirs(homes[1]) as alertmanager:
        yield mesh, alertmanager


@pytest.fixture(params=[0, 1], ids=["ours", "theirs"])
def server(both: tuple[Server, Server], request: pytest.FixtureRequest) -> Server:
    """Return one of the two: what a user does must work on either."""
    found: Server = both[request.param]
    return found


# amtool


def test_alerts_are_added_and_queried(server: Server) -> None:
    server.amtool("alert", "add", "Added", "node=n1", "severity=warning", "--annotation=summary=it is full")
    server.amtool("alert", "add", "Added", "node=n2", "severity=warning")
    wait_until("the alerts", 10, lambda: len(server.json("alert", "query", "Added")) == 2)
    [one] = server.json("alert", "query", "Added", "node=n1")
    assert (one["labels"], one["annotations"], one["status"]["state"]) == (
        {"alertname": "Added", "node": "n1", "severity": "warning"},
        {"summary": "it is full"},
        "active",
    )
    assert server.json("alert", "query", "node=~n[12]", "alertname=Added", "--receiver=qui.*") != []
    assert server.json("alert", "query", "Added", "--receiver=nobody") == []
    assert "Added" in server.amtool("alert", "query")
    assert "it is full" in server.amtool("-o", "extended", "alert", "query", "Added", "node=n1")


def test_a_silence_hides_an_alert_until_it_is_expired(server: Server) -> None:
    server.amtool("alert", "add", "Hushed", "node=n3", "severity=warning")
    wait_until("the alert", 10, lambda: server.json("alert", "query", "Hushed"))
    id = server.amtool(
        "silence", "add", "Hushed", "node=n3", "-d", "2h", "-c", "new disk", "-a", "ann"
    ).strip()
    wait_until("the silence", 10, lambda: server.json("alert", "query", "Hushed") == [])
    [one] = server.json("alert", "query", "Hushed", "--silenced")
    assert (one["status"]["state"], one["status"]["silencedBy"]) == ("suppressed", [id])
    [made] = server.json("silence", "query", "Hushed")
    assert (made["id"], made["comment"], made["createdBy"]) == (id, "new disk", "ann")
    assert id in server.amtool("silence", "query", "node=n3")
    server.amtool("silence", "expire", id)
    wait_until("the end", 10, lambda: server.json("alert", "query", "Hushed"))
    assert server.json("silence", "query", "Hushed") == []
    assert [s["id"] for s in server.json("silence", "query", "--expired", "Hushed")] == [id]


def test_a_silence_is_updated(server: Server) -> None:
    id = server.amtool("silence", "add", "Updated", "x=~a|b", "-d", "1h", "-c", "first").strip()
    [before] = server.json("silence", "query", "Updated")
    told = server.amtool("silence", "update", id, "-d", "5h", "-c", "longer")
    assert id in told
    [after] = server.json("silence", "query", "Updated")
    assert (after["id"], after["comment"]) == (id, "longer")
    assert after["endsAt"] > before["endsAt"]
    assert after["startsAt"] == before["startsAt"]
    assert after["matchers"] == before["matchers"]


def test_silences_are_imported_and_expired_together(server: Server, tmp_path: Path) -> None:
    server.amtool("silence", "add", "Carried", "node=n1", "-d", "1h", "-c", "one")
    server.amtool("silence", "add", "Carried", "node!=n2", "-d", "1h", "-c", "two")
    kept = server.json("silence", "query", "Carried")
    for id in server.amtool("silence", "query", "-q", "Carried").split():
        server.amtool("silence", "expire", id)
    file = tmp_path / "silences.json"
    file.write_text(json.dumps(kept), encoding="utf-8")
    ids = ID.findall(server.amtool("silence", "import", "--force", str(file)))
    assert len(ids) == 2
    found = server.json("silence", "query", "Carried")
    assert sorted(s["id"] for s in found) == sorted(ids)
    assert sorted(s["comment"] for s in found) == ["one", "two"]
    server.amtool("silence", "expire", *ids)
    assert server.json("silence", "query", "Carried") == []


def test_what_amtool_refuses_is_told(server: Server) -> None:
    assert "silence not found" in server.amtool("silence", "expire", UNKNOWN, status=1)
    assert "comment required" in server.amtool("silence", "add", "X", status=1)


def test_the_routes_are_shown_and_tested(server: Server) -> None:
    assert "quick" in server.amtool("config", "show")
    assert server.amtool("config", "routes", "test", "alertname=X").strip().endswith("quick")
    assert "disabled" in server.amtool("cluster", "show")


# Both answers side by side


@pytest.mark.parametrize("path", LISTS)
def test_both_have_the_shapes_that_clients_rely_on(server: Server, path: str) -> None:
    server.amtool("alert", "add", "Shaped", "severity=warning")
    server.amtool("silence", "add", "Shape", "-c", "x")
    wait_until("the alert", 10, lambda: server.json("alert", "query", "Shaped"))
    status, body = server.call("GET", path)
    assert status == 200
    assert msgspec.json.decode(body, type=LISTS[path])


def stamp(minutes: float) -> str:
    at = datetime.now(UTC) + timedelta(minutes=minutes)
    return f"{at:%Y-%m-%dT%H:%M:%S}.000Z"


def silence(**changes: Any) -> dict[str, Any]:
    facts = {
        "matchers": [{"name": "alertname", "value": "Side", "isRegex": False}],
        "startsAt": stamp(0),
        "endsAt": stamp(60),
        "createdBy": "me",
        "comment": "c",
    }
    return {name: value for name, value in (facts | changes).items() if value is not None}


def matcher(**changes: Any) -> dict[str, Any]:
    fields = {"name": "a", "value": "x", "isRegex": False} | changes
    return silence(matchers=[{name: value for name, value in fields.items() if value is not None}])


SILENCES: dict[str, Any] = {
    "good": silence(),
    "more fields": silence(foo=1, status={"state": "active"}, updatedAt=stamp(0)),
    "not equal": silence(
        matchers=[
            {"name": "a", "value": "x", "isRegex": False, "isEqual": False},
            {"name": "b", "value": "y", "isRegex": False},
        ]
    ),
    "an empty comment": silence(comment=""),
    "an empty author": silence(createdBy=""),
    "starts in the past": silence(startsAt=stamp(-60)),
    "starts later": silence(startsAt=stamp(30)),
    "no body": b"",
    "null": b"null",
    "cut short": b"{",
    "a list": b"[]",
    "no matchers": silence(matchers=None),
    "matchers empty": silence(matchers=[]),
    "no comment": silence(comment=None),
    "no author": silence(createdBy=None),
    "no start": silence(startsAt=None),
    "no end": silence(endsAt=None),
    "a bad date": silence(startsAt="x"),
    "ended": silence(startsAt=stamp(-60), endsAt=stamp(-30)),
    "ends first": silence(startsAt=stamp(60), endsAt=stamp(30)),
    "lasts no time": silence(startsAt=stamp(60), endsAt=stamp(60)),
    "matches nothing too": matcher(value=""),
    "matches everything": matcher(value=".*", isRegex=True),
    "differs from something": matcher(name="narrow", value="", isEqual=False),
    "a bad expression": matcher(value="(", isRegex=True),
    "no label name": matcher(name=None),
    "an empty label name": matcher(name=""),
    "no isRegex": matcher(isRegex=None),
    "no value": matcher(value=None),
    "a number as value": matcher(value=5),
    "unknown": silence(id=UNKNOWN),
    "an id that is none": silence(id="abc"),
}
QUESTIONS = [
    "GET /api/v2/alerts?filter=zzz",
    "GET /api/v2/alerts?filter=n%3D~%22(%22",
    "GET /api/v2/alerts?filter=n%3D%221",
    "GET /api/v2/alerts?receiver=(",
    "GET /api/v2/alerts?active=maybe&silenced=false",
    "GET /api/v2/alerts/groups?receiver=(",
    "GET /api/v2/alerts/groups?filter=zzz",
    "GET /api/v2/silences?filter=zz",
    "GET /api/v2/silences?filter=none%3Dx",
    f"GET /api/v2/silence/{UNKNOWN}",
    "GET /api/v2/silence/abc",
    f"DELETE /api/v2/silence/{UNKNOWN}",
    "DELETE /api/v2/silence/abc",
    "PUT /api/v2/silences",
    "DELETE /api/v2/silences",
    "POST /api/v2/receivers",
    "GET /api/v2/nope",
    "GET /-/healthy",
    "GET /-/ready",
]
DIFFERENCES: dict[str, tuple[tuple[Any, ...], int, int]] = {
    "a label name with a dash": (("POST", "/api/v2/silences", matcher(name="a-b")), 400, 200),  # 0.28: 200
    "574 years": (("POST", "/api/v2/silences", silence(endsAt="2600-01-01T00:00:00Z")), 200, 400),
    "braces": (("GET", "/api/v2/alerts?filter=%7Ba%3D%22b%22%2Cc%3D%22d%22%7D"), 400, 200),
}


def outline(status: int, body: bytes) -> tuple[int, object]:
    """Return an answer without ids and without the words of the libraries below."""
    if not body or body.strip() == b"OK" or b'"healthy"' in body or b'"ready"' in body:
        return status, ""
    told = json.loads(body)
    if isinstance(told, dict):
        if "silenceID" in told:
            return status, type(msgspec.convert(told, Made))
        told["message"] = told["message"].partition(", because ")[0].replace("[POST,GET]", "[GET,POST]")
        return status, told
    return status, told if status != 400 else first_words(told)


def first_words(told: str) -> str:
    for known in ("silence invalid: invalid label matcher 0", "failed to parse receiver param"):
        if told.startswith(known):
            return known
    return told if told.startswith(("Failed", "silence")) else "a string"


@pytest.mark.parametrize("name", SILENCES)
def test_a_posted_silence_is_answered_alike(both: tuple[Server, Server], name: str) -> None:
    mine, real = (outline(*one.call("POST", "/api/v2/silences", SILENCES[name])) for one in both)
    assert mine == real


@pytest.mark.parametrize("question", QUESTIONS)
def test_questions_are_answered_alike(both: tuple[Server, Server], question: str) -> None:
    method, path = question.split()
    mine, real = (outline(*one.call(method, path)) for one in both)
    assert mine == real


def test_another_content_type_is_refused_alike(both: tuple[Server, Server]) -> None:
    mine, real = (outline(*one.call("POST", "/api/v2/silences", silence(), "text/plain")) for one in both)
    assert mine == real


@pytest.mark.parametrize("name", DIFFERENCES)
def test_we_differ_where_we_mean_to(both: tuple[Server, Server], name: str) -> None:
    call, their_status, our_status = DIFFERENCES[name]
    mine, real = both
    assert (real.call(*call)[0], mine.call(*call)[0]) == (their_status, our_status)


def test_a_silence_lives_the_same_life(server: Server) -> None:
    def put(**changes: Any) -> str:
        status, body = server.call("POST", "/api/v2/silences", silence(**changes))
        assert status == 200
        return msgspec.json.decode(body, type=Made).silenceID

    def get(id: str) -> Silence:
        return msgspec.json.decode(server.call("GET", f"/api/v2/silence/{id}")[1], type=Silence)

    first = put(comment="life")
    shown = get(first)
    assert put(id=first, startsAt=shown.startsAt, endsAt=stamp(90), comment="life") == first
    other = put(id=first, matchers=[{"name": "b", "value": "1|2", "isRegex": True}])
    assert (other != first, get(first).status.state, get(other).status.state) == (True, "expired", "active")
    for _ in range(2):
        assert server.call("DELETE", f"/api/v2/silence/{other}") == (200, b"")
    assert get(other).status.state == "expired"
    again = put(id=other)
    assert again not in (first, other)
    assert server.call("DELETE", f"/api/v2/silence/{again}")[0] == 200


def test_an_alert_looks_the_same(both: tuple[Server, Server]) -> None:
    alert = {
        "labels": {"alertname": "Same", "node": "n9", "path": 'a "b"\n', "empty": ""},
        "annotations": {"summary": "磁盘"},
        "startsAt": stamp(-5),
        "endsAt": stamp(5),
        "generatorURL": "http://p/graph?g0.expr=up",
    }
    found = []
    for one in both:
        assert one.call("POST", "/api/v2/alerts", [alert])[0] == 200
        wait_until("the alert", 10, lambda one=one: listed(one))  # type: ignore[misc]
        [item] = listed(one)
        del item["updatedAt"]
        item["status"].pop("mutedBy", None)
        found.append(item)
    assert found[0] == found[1]


def test_an_inhibited_alert_is_told_alike(both: tuple[Server, Server]) -> None:
    cause = {"alertname": "KubeNodeNotReady", "node": "n7", "severity": "error"}
    effect = {"alertname": "KubePodNotReady", "node": "n7", "pod": "web-0", "severity": "warning"}
    found = []
    for one in both:
        for labels in (cause, effect):
            assert one.call("POST", "/api/v2/alerts", [{"labels": labels}])[0] == 200
        wait_until("the rule", 10, lambda one=one: one.json("alert", "query", "-i", "pod=web-0"))  # type: ignore[misc]
        [item] = one.json("alert", "query", "--inhibited", "pod=web-0")
        [source] = one.json("alert", "query", "node=n7")
        assert item["status"]["inhibitedBy"] == [source["fingerprint"]]
        found.append((item["status"]["state"], item["status"]["inhibitedBy"], item["status"]["silencedBy"]))
    assert found[0] == found[1]


def listed(server: Server) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(server.call("GET", "/api/v2/alerts?filter=alertname%3DSame")[1])
    return found


def test_the_silences_are_those_of_our_own_commands(both: tuple[Server, Server]) -> None:
    mine, _ = both
    id = mine.amtool("silence", "add", "Shared", "-d", "1h", "-c", "by amtool").strip()
    shown = json.loads(mine.call("GET", f"/api/v1/silences/{id}")[1])
    assert (shown["matchers"], shown["comment"]) == ('alertname="Shared"', "by amtool")
    body = {"matchers": 'alertname="Shared"', "comment": "by us", "duration_s": 60}
    made = json.loads(mine.call("POST", "/api/v1/silences", body)[1])["id"]
    assert {s["id"] for s in mine.json("silence", "query", "Shared")} == {id, made}


def test_a_route_test_asks_a_server_for_its_silences(both: tuple[Server, Server]) -> None:
    mine, _ = both
    mine.amtool("silence", "add", "Foretold", "-d", "1h", "-c", "new disk")
    words = ["route", "test", "alertname=Foretold", "severity=critical", "--url", mine.url]
    done = subprocess.run(
        [sys.executable, "-m", "alertmesh", *words, "--config", str(mine.home / "alertmesh.yaml")],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "(new disk) hides it until" in done.stdout
    assert "wang (primary) by robot" in done.stdout


def test_a_token_lets_amtool_in(tmp_path: Path) -> None:
    with AlertMesh(configure(tmp_path, NOBODY)) as mesh:
        command = [sys.executable, "-m", "alertmesh", "token", "create", "tool", "--scope", "read"]
        store = f"sqlite:///{tmp_path / 'alertmesh.db'}"
        made = subprocess.run([*command, "--store", store], capture_output=True, text=True, check=True)
        token = made.stdout.strip()
        bare = Server("ours", mesh.url, tmp_path)
        wait_until("the token to count", 10, lambda: bare.call("GET", "/api/v2/status")[0] == 401)
        assert "401" in bare.amtool("silence", "query", status=1)
        file = tmp_path / "http.yml"
        file.write_text(f"authorization: {{credentials: {token}}}\n", encoding="utf-8")
        assert bare.amtool(f"--http.config.file={file}", "silence", "query", "-q") == ""
        assert "403" in bare.amtool(f"--http.config.file={file}", "silence", "add", "X", "-c", "x", status=1)
        named = bare._replace(url=mesh.url.replace("//", f"//anybody:{token}@"))
        assert named.json("alert", "query") == []
