"""What is told of sources, and what becomes of a body that only tries the way."""

import msgspec
import orjson
import pytest
from msgspec.structs import replace

from alertmesh.core.alert import Priority
from alertmesh.core.errors import Overloaded
from alertmesh.core.oncall import PolicyRow, Step
from alertmesh.ingest.mapping import Mapping
from tests.console.fakes import NOW, FakeService, Server, a_response
from tests.ingest.samples import item, webhook
from tests.ingest.test_mapping import BASE, ONE, source

TEST = "/api/v1/sources/alertmanager/test"
MAPPED = source(msgspec.convert(BASE | {"body": "form"}, Mapping), orjson.dumps(ONE))


async def tried(service: FakeService, path: str = TEST, body: bytes = b"", status: int = 200):
    async with Server(service) as caller:
        answer = await caller.post(path, body)
        assert answer.status == status
        return await answer.json()


async def test_every_kind_of_sender_is_listed():
    async with Server(FakeService(sources={"own": MAPPED})) as caller:
        answer = await (await caller.get("/api/v1/sources")).json()
    assert answer["kinds"] == [
        {"name": "own", "mapped": True, "forms": True, "lease_s": 86_400.0, "sample": True}
    ]


async def test_unknown_severity_words_are_told():
    async with Server(FakeService()) as caller:
        answer = await (await caller.get("/api/v1/sources")).json()
    assert answer["unknown_words"] == [{"word": "catastrophic", "alerts": 12}]


async def test_a_body_is_read_and_nothing_of_it_taken():
    service = FakeService()
    body = webhook(item(labels={"alertname": "Disk", "instance": "web-01:9100", "severity": "page"}), 7)
    trial = await tried(service, body=body)
    assert (trial["accepted"], trial["changed"], trial["sample"], trial["sent"]) == (1, 1, False, "")
    assert trial["rejected"] == [{"index": 1, "error": "expected an object, got a number"}]
    [alert] = trial["alerts"]
    assert (alert["status"], alert["priority"], alert["entity"]) == ("firing", "P1", "host web-01")
    assert service.ingested == []


async def test_what_is_known_already_would_be_no_news():
    service = FakeService()
    first = await tried(service)
    service.firing.add(first["alerts"][0]["fingerprint"])
    again = await tried(service)
    assert (first["changed"], again["changed"], again["accepted"]) == (1, 0, 1)


async def test_what_cannot_be_described_is_refused_by_its_place():
    long = item(labels={"alertname": "x" * 5_000})
    trial = await tried(FakeService(), body=webhook(item(), long))
    assert (trial["accepted"], [one["index"] for one in trial["rejected"]]) == (1, [1])


@pytest.mark.parametrize(
    ("path", "body", "status", "field"),
    [
        ("/api/v1/sources/none/test", b"{}", 404, "source"),
        (TEST, b"{", 400, "body"),
        (TEST, b"{}", 400, "alerts"),
        ("/api/v1/sources/bare/test", b"", 422, "body"),
    ],
)
async def test_what_cannot_be_tried_is_said(path, body, status, field):
    service = FakeService()
    service.sources["bare"] = replace(service.sources["alertmanager"], name="bare", sample=b"")
    assert (await tried(service, path, body, status))["field"] == field


async def test_an_alert_of_our_own_is_sent_that_ends_by_itself():
    service = FakeService()
    trial = await tried(service, f"{TEST}?send=true")
    [(door, parsed)] = service.ingested
    [seen] = parsed.sightings
    assert (door.name, door.source, seen.labels["alertname"]) == (
        "alertmesh-test",
        "alertmanager",
        "AlertMeshTest",
    )
    assert (seen.ends_at - NOW).total_seconds() == 60
    assert trial["sent"] == seen.identity
    assert service.describe(door, seen, NOW).priority is Priority.P4


async def test_nothing_is_sent_where_it_would_page():
    service = FakeService()
    policy = a_response(1).policy
    row = PolicyRow(
        **dict.fromkeys(("hold", "triage", "ops_lease", "rnd_lease", "max_snooze"), policy.clear_hold),
        ops_steps=(Step(policy.clear_hold, ("primary",)),),
        rnd_steps=(),
        to_rnd_after=None,
        loops=1,
        loop_every=policy.clear_hold,
        loud_every=policy.clear_hold,
    )
    service.kept_policies = [replace(policy, rows={Priority.P4: row})]
    answer = await tried(service, f"{TEST}?send=true", status=409)
    assert "pages for P4" in answer["detail"]
    assert service.ingested == []


async def test_what_cannot_be_kept_is_to_be_tried_again():
    await tried(FakeService(failure=Overloaded("full")), f"{TEST}?send=true", status=503)


async def test_a_form_is_taken_by_a_source_that_reads_forms_alone():
    service = FakeService(sources={"own": MAPPED, "alertmanager": FakeService().sources["alertmanager"]})
    form = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
    async with Server(service) as caller:
        taken = await caller.send("POST", "/api/v1/ingest/own", b"state=down&what=Fan", form)
        refused = await caller.send("POST", "/api/v1/ingest/alertmanager", b"state=down", form)
    assert (taken.status, refused.status, len(service.ingested)) == (202, 415, 1)


async def test_a_body_that_cannot_be_read_is_counted_with_its_sender():
    service = FakeService()
    async with Server(service) as caller:
        await caller.post("/from/c1/api/v1/ingest/alertmanager", b"{")
    assert [(door.source, door.name) for door in service.unread] == [("alertmanager", "c1")]
