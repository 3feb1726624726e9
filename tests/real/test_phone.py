"""The real process and phones: a page goes out, its report comes back, and a reply takes the incident."""

import asyncio
import json
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self

import pytest

from alertmesh.core.clock import SystemClock
from alertmesh.demo.aliyun import KEY_ID, KEY_SECRET, AliyunStandIn
from alertmesh.demo.telecom import reply
from tests.notify.phones import NUMBER, SECRET
from tests.real.alertmesh import AlertMesh, configure
from tests.real.kannel import PASSWORD, USER, Kannel
from tests.real.local import wait_until


class Cloud:
    """Alibaba Cloud's stand-in in a thread of its own; `door` is where it posts what became of messages."""

    def __init__(self, door: str) -> None:
        self.standin = AliyunStandIn(SystemClock(), report_url=door, report_s=0.3, hang_s=10)
        self.telecom = self.standin.telecom
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)

    def __enter__(self) -> Self:
        self._thread.start()
        self.url = self._run(self.standin.start())
        return self

    def __exit__(self, *_: object) -> None:
        self._run(self.standin.stop())
        self._run(_settle())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def push(self, body: bytes) -> None:
        """Post something to the door."""
        self._run(self.standin.push(body))

    def _run(self, doing):
        return asyncio.run_coroutine_threadsafe(doing, self._loop).result(20)


async def _settle() -> None:
    """End what still hangs, an answer that is kept back among it."""
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


class Site:
    """A configuration in which wang, on duty, is reached by phone alone."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.file = configure(home, "http://127.0.0.1:9")
        self._config = json.loads(self.file.read_text())
        self.url = f"http://{self._config['listen']}"
        self.door = f"{self.url}/api/v1/callbacks/text"
        self._config["external_url"] = self.url

    def reach(self, *ways: dict, **channels: dict) -> None:
        """Have wang reached in these ways, by these channels."""
        for name, (kind, settings) in channels.items():
            kept = {key: self._kept(f"{name}-{key}", value) for key, value in settings.items()}
            self._config["channels"].append({"name": name, "kind": kind, "settings": kept})
        wang = {"name": "wang", "mobile": f"+86 {NUMBER}", "language": "zh", "reach": {"P1": list(ways)}}
        self._config["users"][0] = wang
        self.file.write_text(json.dumps(self._config))

    def _kept(self, name: str, value: str) -> str:
        (self.home / name).write_text(value)
        return f"file:{self.home / name}"


@pytest.fixture
def site(tmp_path):
    """Return a configuration of its own."""
    return Site(tmp_path)


def fire(mesh: AlertMesh) -> None:
    """Have a P1 begin, with an address in its name."""
    ends = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    labels = {"alertname": "DiskFull", "severity": "critical", "instance": "10.0.0.7:9100", "cluster": "prod"}
    body = json.dumps([{"labels": labels, "annotations": {"summary": "disk"}, "endsAt": ends}])
    assert mesh.post("/api/v2/alerts", body.encode()) == 200


def sends(mesh: AlertMesh) -> list[tuple[str, str]]:
    """Return channel and state of each try to reach somebody."""
    pages = [mesh.get(f"/api/v1/incidents/{one['id']}/pages")["pages"] for one in mesh.incidents()]
    return sorted((page["channel"], page["state"]) for some in pages for page in some)


def responses(mesh: AlertMesh) -> list[tuple[str, str]]:
    """Return state and owner of each incident."""
    return [(one["state"], one["owner"]) for one in mesh.incidents()]


@pytest.mark.kannel
def test_a_page_by_kannel_is_delivered_and_a_reply_takes_it(site):
    escapes = f"secret={SECRET}&from=%p&to=%P&text=%a&id=%I"
    with Kannel(site.home, f"{site.door}?{escapes}") as kannel:
        who = {"user": USER, "password": PASSWORD, "callback_url": site.door, "callback_secret": SECRET}
        text = ("sms-gateway", {"preset": "kannel", "url": kannel.url, **who})
        site.reach({"after": "0s", "channels": ["text"]}, text=text)
        with AlertMesh(site.file) as mesh:
            kannel.attach()
            fire(mesh)
            [arrived] = wait_until("the page", 20, kannel.arrived)
            assert (arrived.number, f"{site.url}/p/" in arrived.text) == (NUMBER, True)
            wait_until("its report", 10, lambda: sends(mesh) == [("text", "delivered")])
            kannel.attach(f"+86{NUMBER}", "1")
            wait_until("the ack", 10, lambda: responses(mesh) == [("t1_acked", "wang")])
            wait_until("what came of it", 10, lambda: len(kannel.arrived()) == 2)
            told = kannel.arrived()[1].text
            assert ("#1" in told, bool(set(told) & set("已确认接手"))) == (True, True)
            assert not [word for word in (PASSWORD, SECRET) if word in mesh.log()]


def test_a_page_by_alibaba_cloud_whose_answer_is_lost_is_sent_once(site):
    with Cloud(f"{site.door}?secret={SECRET}") as cloud:
        cloud.standin.fail_next("timeout_after_accept")
        site.reach({"after": "0s", "channels": ["text"]}, text=sms(cloud))
        with AlertMesh(site.file) as mesh:
            fire(mesh)
            wait_until("its report", 20, lambda: sends(mesh) == [("text", "delivered")])
            code = cloud.telecom.texts[0].values["code"]
            cloud.push(reply(NUMBER, f"确认 {code}", datetime.now(UTC), "1"))
            wait_until("the ack", 10, lambda: responses(mesh) == [("t1_acked", "wang")])
            assert [text.values["priority"] for text in cloud.telecom.texts] == ["P1"]
            assert "10.0.0.7" not in cloud.telecom.texts[0].values["title"]


def test_a_number_that_gets_no_text_is_called_at_once(site):
    with Cloud(f"{site.door}?secret={SECRET}") as cloud:
        cloud.telecom.outcomes[NUMBER] = "MK:0012"
        ways = ({"after": "0s", "channels": ["text"]}, {"after": "10m", "channels": ["call"]})
        site.reach(*ways, text=sms(cloud), call=voice(cloud))
        with AlertMesh(site.file) as mesh:
            fire(mesh)
            wait_until("the call", 20, lambda: cloud.telecom.calls)
            assert ("text", "failed") in sends(mesh)
            assert cloud.telecom.calls[0].values["priority"] == "P1"


def sms(cloud: Cloud) -> tuple:
    return ("aliyun-sms", {**account(cloud), "sign_name": "值班", "template": "SMS_1"})


def voice(cloud: Cloud) -> tuple:
    return ("aliyun-voice", {**account(cloud), "template": "TTS_1"})


def account(cloud: Cloud) -> dict[str, str]:
    return {
        "access_key_id": KEY_ID,
        "access_key_secret": KEY_SECRET,
        "endpoint": cloud.url,
        "callback_secret": SECRET,
    }
