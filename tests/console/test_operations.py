from datetime import UTC, datetime

from alertmesh.core.errors import BadConfig
from alertmesh.core.ports import Health, Storm
from tests.console.fakes import Caller, FakeService


async def test_is_ready_when_work_can_be_taken(api: Caller) -> None:
    answer = await api.get("/-/ready")
    assert (answer.status, await answer.json()) == (200, {"ready": True, "reasons": []})


async def test_says_why_it_is_not_ready(service: FakeService, api: Caller) -> None:
    service.state = Health(ready=False, reasons=("the disk is full",))
    answer = await api.get("/-/ready")
    assert (answer.status, (await answer.json())["reasons"]) == (503, ["the disk is full"])


async def test_is_healthy_even_when_not_ready(service: FakeService, api: Caller) -> None:
    service.state = Health(ready=False)
    assert (await api.get("/-/healthy")).status == 200


async def test_status_tells_version_and_queue(service: FakeService, api: Caller) -> None:
    service.state = Health(ready=True, queue=7, version="1.2")
    status = await (await api.get("/api/v1/status")).json()
    assert (status["version"], status["queue"], status["authentication"]) == ("1.2", 7, False)


async def test_status_tells_storms(service: FakeService, api: Caller) -> None:
    since = datetime(2026, 3, 1, tzinfo=UTC)
    storm = Storm(source="zabbix", since=since, per_minute=240, usual_per_minute=3)
    service.state = Health(ready=True, storms=(storm,))
    [told] = (await (await api.get("/api/v1/status")).json())["storms"]
    assert (told["source"], told["per_minute"]) == ("zabbix", 240)


async def test_metrics_are_in_prometheus_text_format(api: Caller) -> None:
    answer = await api.get("/metrics")
    assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert "alertmesh_build_info" in await answer.text()


async def test_reload_is_done_and_audited(service: FakeService, api: Caller) -> None:
    assert (await api.post("/-/reload")).status == 200
    assert (service.done, service.audited[0].action) == (["reload"], "reload")


async def test_a_bad_configuration_is_listed(service: FakeService, api: Caller) -> None:
    service.bad_config = BadConfig(["a.yaml:1:2 no such key"])
    answer = await api.post("/-/reload")
    assert (answer.status, (await answer.json())["problems"]) == (422, ["a.yaml:1:2 no such key"])


async def test_nothing_is_found_nowhere(api: Caller) -> None:
    answer = await api.get("/nowhere")
    assert (answer.status, answer.content_type) == (404, "application/problem+json")


async def test_a_wrong_method_is_told_the_right_one(api: Caller) -> None:
    answer = await api.get("/-/reload")
    assert (answer.status, answer.headers["Allow"]) == (405, "POST")
