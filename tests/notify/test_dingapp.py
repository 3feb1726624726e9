"""An enterprise robot, against an organisation that behaves as DingTalk."""

import msgspec
import pytest
from msgspec.structs import replace

from alertmesh.core.errors import BadConfig
from alertmesh.core.page import AttemptState, ReceiptState
from alertmesh.core.ports import Personal
from alertmesh.core.response import State
from alertmesh.notify.dingapp import NOTIFIER, PERSON
from tests.notify.dingoffice import APP, GROUP, LI, ZHANG, Office, acked, asking, news
from tests.notify.fakes import T0, attempt

SENT, BUSY, DEAD = ReceiptState.SENT, ReceiptState.BUSY, ReceiptState.DEAD
REFUSED, UNKNOWN = ReceiptState.REFUSED, ReceiptState.UNKNOWN


async def test_an_incident_is_one_card_that_mentions_whoever_is_paged():
    office = Office()
    receipt = await office.tell(asking())
    assert (receipt.state, receipt.provider_id, office.card.mentions) == (SENT, office.card.id, ("staff1",))
    assert (office.card.values["open"], office.card.values["text"]) == ("true", "Where: node-7")


async def test_a_repeat_of_the_same_message_shows_and_rings_nothing_more():
    office = Office()
    office.cloud.fail_next("timeout_after_accept")
    assert (await office.tell(asking())).state is UNKNOWN
    assert (await office.tell(asking())).state is SENT
    assert (len(office.cloud.cards), office.cloud.messages) == (1, [])


async def test_news_rewrites_the_card_and_rings_nobody():
    office = Office()
    await office.tell(asking())
    assert (await office.tell(news("k2"))).state is SENT
    assert (office.card.values["title"], office.cloud.messages) == ("[P1] #42 disk: news", [])


async def test_the_end_takes_the_buttons_away():
    office = Office()
    await office.tell(asking())
    await office.tell(news("k2", kind="closing"))
    assert (office.card.values["open"], office.card.values["status"]) == ("false", "Resolved")


async def test_a_later_page_rewrites_the_card_and_sends_a_line_that_rings():
    office = Office()
    await office.tell(asking())
    await office.tell(replace(asking("k2"), recipients=(LI,)))
    assert [message.place for message in office.cloud.messages] == [GROUP]


async def test_a_later_page_after_a_restart_finds_the_card_and_rings():
    office = Office()
    await office.tell(asking())
    office.group = NOTIFIER.build("app", {**office.settings, "conversation": GROUP})
    assert (await office.tell(asking("k2"))).state is SENT
    assert (len(office.cloud.cards), len(office.cloud.messages)) == (1, 1)


async def test_a_card_that_got_into_no_chat_is_made_good_by_the_line():
    office = Office()
    office.cloud.fail_next("undelivered")
    assert (await office.tell(asking())).state is BUSY
    assert (await office.tell(asking())).state is SENT
    assert len(office.cloud.messages) == 1


async def test_news_of_an_incident_without_a_card_makes_one():
    office = Office()
    assert (await office.tell(news("k2"))).state is SENT
    assert office.card.values["open"] == "false"


async def test_another_incident_of_the_same_number_is_another_card():
    office = Office()
    await office.tell(asking())
    await office.tell(asking("k2", opened="2026-12-01 10:00"))
    assert len(office.cloud.cards) == 2


async def test_many_incidents_are_a_message_of_their_own():
    office = Office()
    assert (await office.tell(asking(count="3"))).state is SENT
    assert (len(office.cloud.messages), office.cloud.cards) == (1, {})


async def test_without_a_template_a_page_has_buttons_that_lead_to_it():
    office = Office(card_template="")
    await office.tell(asking())
    assert [message.form for message in office.cloud.messages] == ["sampleActionCard3"]
    assert (office.group.idempotent, Office().group.idempotent) == (False, True)


async def test_what_a_moderator_refuses_is_shown_in_its_minimal_form():
    office = Office()
    office.cloud.fail_next("unsafe")
    receipt = await office.tell(asking())
    assert (receipt.state, "contentUnsafe" in receipt.error) == (SENT, True)
    assert office.card.values["text"] == "P1 #42 open the console"


async def test_values_of_a_card_are_never_too_long():
    office = Office()
    text = "\n".join(f"磁盘已满 {number} " * 12 for number in range(200))
    assert (await office.tell(replace(asking(), title="磁盘" * 900, text=text))).state is SENT
    assert office.card.values["more"].endswith("…")


# How it stands


async def test_a_card_shows_who_has_it():
    office = Office()
    await office.tell(asking())
    await office.show(asking(), acked())
    assert office.card.values["status"] == "acked by Zhang San 04:02 UTC"


async def test_a_card_is_not_rewritten_with_what_it_shows():
    office = Office()
    await office.tell(asking())
    for _ in range(3):
        await office.show(asking(), acked())
    assert office.cloud.calls["/v1.0/card/instances"] == 1


async def test_a_new_page_after_an_ack_is_open_again_and_can_be_acked_again():
    office = Office()
    await office.tell(asking())
    await office.show(asking(), acked())
    await office.tell(asking("k2"))
    reopened = office.card.values["status"]
    await office.show(asking("k2"), acked())
    assert (reopened, office.card.values["status"]) == ("Nobody has it yet", "acked by Zhang San 04:02 UTC")


@pytest.mark.parametrize(
    ("state", "status", "is_open", "is_active"),
    [
        (State.T1_PAGING, "Nobody has it yet", "true", "true"),
        (State.T2_PAGING, "R&D is paged, 04:02 UTC", "true", "true"),
        (State.EXHAUSTED, "Nobody has it yet", "true", "true"),
        (State.T2_ACKED, "acked by Zhang San 04:02 UTC", "false", "true"),
        (State.SNOOZED, "snoozed by Zhang San 04:02 UTC", "false", "true"),
        (State.CLEARED, "cleared 04:02 UTC, watched for a while", "false", "true"),
        (State.SUPPRESSED, "quiet since 04:02 UTC", "false", "true"),
        (State.RESOLVED, "resolved 04:02 UTC", "false", "false"),
    ],
)
async def test_a_state_reads(state, status, is_open, is_active):
    office = Office()
    await office.tell(asking())
    await office.show(asking(), acked(state=state))
    told = office.card.values
    assert (told["status"], told["open"], told["active"]) == (status, is_open, is_active)


# DING


@pytest.mark.parametrize(("wanted", "kind"), [("app", 1), ("sms", 2), ("phone", 3)])
async def test_a_p1_page_is_also_a_ding(wanted, kind):
    office = Office(ding=wanted)
    assert (await office.tell(asking())).state is SENT
    assert [(ding.kind, ding.people) for ding in office.cloud.dings] == [(kind, ("staff1",))]


@pytest.mark.parametrize("message", [asking(priority="P2"), news("k2")], ids=["p2", "news"])
async def test_nothing_else_is_a_ding(message):
    office = Office(ding="phone")
    await office.tell(message)
    assert office.cloud.dings == []


async def test_a_ding_that_cannot_be_paid_fails_the_page_that_is_in_the_chat():
    office = Office(ding="phone")
    office.cloud.fail_next("no_ding_quota")
    receipt = await office.tell(asking())
    assert (receipt.state, len(office.cloud.cards), "no DING" in receipt.error) == (REFUSED, 1, True)


async def test_a_ding_whose_answer_was_lost_is_tried_again_without_showing_anything_again():
    office = Office(ding="phone", card_template="")
    await office.tell(asking("k0", priority="P2"))  # so that there is a token
    shown = len(office.cloud.messages)
    cloud = office.cloud

    async def losing(method, url, **rest):
        answer = await cloud(method, url, **rest)
        if url.endswith("/ding/send") and len(cloud.dings) == 1:
            raise TimeoutError
        return answer

    first = await office.group.send(asking(), T0, losing)
    second = await office.tell(asking())
    assert (first.state, second.state, len(cloud.messages) - shown) == (UNKNOWN, SENT, 1)


# One person


async def test_a_person_is_written_to():
    office = Office(card_template="")
    assert (await office.chat(asking())).state is SENT
    assert [message.place for message in office.cloud.messages] == ["staff1"]
    assert isinstance(office.person, Personal)
    assert not isinstance(office.group, Personal)


async def test_each_person_has_a_card_of_their_own():
    office = Office()
    await office.chat(asking())
    await office.chat(replace(asking("k2"), recipients=(LI,)))
    assert sorted(card.place for card in office.cloud.cards.values()) == ["staff1", "staff2"]


@pytest.mark.parametrize(
    ("fault", "staff", "error"),
    [("flow_controlled", "staff1", "too much"), ("", "nobody", "no such staff id")],
    ids=["flow", "invalid"],
)
async def test_whoever_is_not_reached_fails(fault, staff, error):
    office = Office(card_template="")
    if fault:
        office.cloud.fail_next(fault)
    receipt = await office.chat(replace(asking(), recipients=(replace(ZHANG, contacts={"dingtalk": staff}),)))
    assert (receipt.state, staff in receipt.error, error in receipt.error) == (REFUSED, True, True)


async def test_whoever_has_no_staff_id_is_told_of():
    receipt = await Office().chat(replace(asking(), recipients=(replace(ZHANG, contacts={}),)))
    assert (receipt.state, "add the staff id" in receipt.error) == (REFUSED, True)


# Receipts


def sent(message, provider_id):
    return replace(attempt(), key=message.key, message=msgspec.json.encode(message), provider_id=provider_id)


@pytest.mark.parametrize("template", ["incident.schema", ""], ids=["card", "message"])
async def test_a_group_has_read_when_everybody_who_was_paged_has(template):
    office = Office(card_template=template)
    both = replace(asking(), recipients=(ZHANG, LI))
    key = (await office.tell(both)).provider_id
    office.cloud.read[key] = {"staff1"}
    some = await office.group.ask([sent(both, key)], T0, office.cloud)
    office.cloud.read[key].add("staff2")
    every = await office.group.ask([sent(both, key)], T0, office.cloud)
    assert (some, [report.state for report in every]) == ([], [AttemptState.READ])


async def test_a_person_has_read():
    office = Office()
    key = (await office.chat(asking())).provider_id
    office.cloud.read[key] = {"staff1"}
    reports = await office.person.ask([sent(asking(), key)], T0, office.cloud)
    assert [(report.key, report.state) for report in reports] == [("k1", AttemptState.READ)]


async def test_a_probe_sends_nothing():
    office = Office()
    assert (await office.group.probe(T0, office.cloud)).state is SENT
    assert set(office.cloud.calls) == {"/v1.0/oauth2/accessToken"}


@pytest.mark.parametrize(
    ("fault", "state"),
    [
        ("drop_before_accept", UNKNOWN),
        ("html", BUSY),
        ("banned", BUSY),
        ("busy", BUSY),
        ("stale_token", SENT),
    ],
)
async def test_a_fault_is_told_apart(fault, state):
    office = Office()
    office.cloud.fail_next(fault)
    assert (await office.tell(asking())).state is state


@pytest.mark.parametrize(
    ("kind", "settings", "field"),
    [
        (NOTIFIER, {}, "app_key"),
        (NOTIFIER, APP, "conversation"),
        (PERSON, {**APP, "ding": "loud"}, "ding"),
        (PERSON, {**APP, "card_route": "r", "card_secret": "s"}, "card_template"),
        (PERSON, {**APP, "card_route": "r", "card_template": "t"}, "card_secret"),
        (PERSON, {**APP, "endpoint": "http://api.dingtalk.com"}, "endpoint"),
        (PERSON, {**APP, "stream": "maybe"}, "stream"),
        (PERSON, {**APP, "conversation": "cid1"}, "conversation"),
    ],
)
def test_a_bad_setting_is_named(kind, settings, field):
    with pytest.raises(BadConfig, match=f"channel ding: {field}: "):
        kind.build("ding", settings)


def test_the_gateway_may_send_us_to_hosts_of_its_domain():
    assert PERSON.build("ding", APP).hosts == ("api.dingtalk.com", ".dingtalk.com")
