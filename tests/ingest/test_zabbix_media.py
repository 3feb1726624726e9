"""The script of the media type, run by Zabbix' own engine against a receiver."""

import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml

from alertmesh.ingest.zabbix import read_event
from tests.ingest.samples import ROOT
from tests.real.local import LocalServer, Posted, free_port

pytestmark = pytest.mark.zabbix
MEDIA = ROOT / "rules" / "zabbix" / "media_alertmesh.yaml"
CUT_AT = 65_535  # characters that Zabbix keeps of all parameters together
NAMED = os.environ.get("ALERTMESH_ZABBIX_VALUES", "")
RECORDED = sorted(Path(NAMED).glob("*.txt")) if NAMED else []


class Taker(LocalServer):
    """Answer every post with one status and remember it."""

    def __init__(self, status=202):
        super().__init__()
        self.status = status
        self.posted = []

    def answer(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> tuple[int, bytes]:
        self.posted.append(Posted(path, headers, json.loads(body)))
        return self.status, b'{"accepted":1}'


def media():
    [found] = yaml.safe_load(MEDIA.read_text(encoding="utf-8"))["zabbix_export"]["media_types"]
    return found


def values(url, **given):
    """Return the parameters as Zabbix would fill them in, in the order of the file."""
    known = {"alertmesh_url": url, "alertmesh_token": "secret", "event_id": "17", "event_value": "1"}
    names = [one["name"] for one in media()["parameters"]]
    filled = {one["name"]: one["value"] for one in media()["parameters"]} | known | given
    return {name: filled[name] for name in names}


@pytest.fixture(scope="module")
def script(tmp_path_factory):
    file = tmp_path_factory.mktemp("media") / "script.js"
    file.write_text(media()["script"], encoding="utf-8")
    return file


@pytest.fixture
def run(script, tmp_path):
    """Return what runs the script on a text, and gives its exit status and what it said."""

    def runner(text, seconds=10):
        given = tmp_path / "value.json"
        given.write_text(text, encoding="utf-8")
        done = subprocess.run(
            ["zabbix_js", "-s", script, "-i", given, "-t", str(seconds)],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        return done.returncode, done.stdout + done.stderr

    return runner


@pytest.fixture
def taker():
    with Taker() as running:
        yield running


def test_an_event_is_posted_with_the_token_in_the_header_alone(run, taker):
    status, said = run(json.dumps(values(taker.url, z_event_name="Disk is full")))
    [posted] = taker.posted
    assert (status, said.strip()) == (0, "OK")
    assert posted.path == "/api/v1/ingest/zabbix"
    assert posted.headers["Authorization"] == "Bearer secret"
    assert "secret" not in json.dumps(posted.body)
    assert read_event(posted.body).name == "Disk is full"
    assert posted.body["cut"] is False


@pytest.mark.parametrize("base", ["/", "/from/shanghai", "/from/shanghai/", "/from/a/api/v1/ingest/zabbix"])
def test_the_address_may_name_the_sender(run, taker, base):
    run(json.dumps(values(taker.url + base)))
    assert taker.posted[0].path.replace("//", "/").endswith("/api/v1/ingest/zabbix")
    assert ("/from/" in taker.posted[0].path) == ("/from/" in base)


def test_without_a_token_none_is_sent(run, taker):
    run(json.dumps(values(taker.url, alertmesh_token="{$ALERTMESH.TOKEN}")))
    assert "Authorization" not in taker.posted[0].headers


def test_without_an_address_zabbix_is_told_which_macro_to_set(run):
    status, said = run(json.dumps(values("{$ALERTMESH.URL}")))
    assert status != 0
    assert "{$ALERTMESH.URL} is not set" in said


@pytest.mark.parametrize("answer", [401, 403, 404, 429, 500, 503])
def test_what_may_pass_later_is_an_error_so_that_zabbix_tries_again(run, answer):
    with Taker(answer) as taker:
        status, said = run(json.dumps(values(taker.url)))
    assert status != 0
    assert f"HTTP {answer}" in said


@pytest.mark.parametrize("answer", [400, 413, 415, 422])
def test_what_can_never_pass_is_no_error(run, answer):
    with Taker(answer) as taker:
        status, said = run(json.dumps(values(taker.url)))
    assert status == 0
    assert f"refused: HTTP {answer}" in said


def test_nobody_there_is_an_error(run):
    status, said = run(json.dumps(values(f"http://127.0.0.1:{free_port()}")))
    assert status != 0
    assert "AlertMesh" in said


AWKWARD = {
    "long names": {"z_event_name": "x" * 2048, "z_z_event_tags_json": "y" * 70_000},
    "quotes": {"z_z_event_tags_json": '","' * 30_000},
    "backslashes": {"z_z_event_tags_json": "\\" * 70_000},
    "newlines": {"z_event_update_message": "\r\n" * 40_000},
    "tags": {"z_z_event_tags_json": json.dumps([{"tag": f"t{n}", "value": "v" * 200} for n in range(300)])},
    "Chinese": {"z_z_event_tags_json": "磁盘" * 40_000},
    "100 kB": {"z_z_alert_message": "{" * 100_000},
}


@pytest.mark.parametrize("given", AWKWARD.values(), ids=AWKWARD)
def test_of_a_cut_message_all_that_stands_before_the_cut_arrives(run, taker, given):
    whole = json.dumps(values(taker.url, **given), ensure_ascii=False, separators=(",", ":"))
    status, said = run(whole[:CUT_AT])
    assert (status, said.strip()) == (0, "OK")
    [posted] = taker.posted
    event = read_event(posted.body)
    assert (event.event_id, event.firing, event.cut) == ("17", True, True)
    assert event.name == ("x" * 2048 if given is AWKWARD["long names"] else "")


@pytest.mark.parametrize("left", [60_000, 10_000, 1_500])
def test_wherever_it_is_cut_what_identifies_the_event_is_there(run, taker, left):
    tags = json.dumps([{"tag": 'a"b', "value": "c\\d"}] * 3000)
    whole = json.dumps(values(taker.url, z_z_event_tags_json=tags), separators=(",", ":"))
    run(whole[:left])
    assert read_event(taker.posted[0].body).event_id == "17"


def test_what_is_no_parameters_at_all_is_an_error(run):
    status, said = run("hello")
    assert status != 0
    assert "cannot be read" in said


def test_what_may_be_long_comes_last_and_the_alphabet_keeps_it_there():
    names = [one["name"] for one in media()["parameters"]]
    assert names == sorted(names)
    unbounded = {"ITEM.VALUE", "ITEM.LASTVALUE", "EVENT.OPDATA", "EVENT.ACK.HISTORY", "ESC.HISTORY"}
    assert not any(word in one["value"] for one in media()["parameters"] for word in unbounded)


def test_the_script_says_nothing_that_old_engines_do_not_know():
    assert not any(word in media()["script"] for word in ("let ", "const ", "=>", "`"))


@pytest.mark.skipif(not RECORDED, reason="ALERTMESH_ZABBIX_VALUES names no directory of recorded values")
def test_recorded_values_arrive_as_they_were_sent(run, taker):
    for number, path in enumerate(RECORDED):
        sent = json.loads(path.read_text(encoding="utf-8"))
        ours = {f"alertmesh_{name}": sent.pop(name) for name in ("token", "url")}
        status, said = run(json.dumps(ours | {"alertmesh_url": taker.url} | sent))
        assert (path.name, status, said.strip()) == (path.name, 0, "OK")
        assert taker.posted[number].body["params"] == sent
