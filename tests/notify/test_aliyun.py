"""Calls of Alibaba Cloud: the vendor's own signature, what answers mean, and a strict stand-in."""

from datetime import timedelta
from types import SimpleNamespace
from urllib.parse import parse_qsl, urlsplit

import msgspec
import pytest
from alibabacloud_openapi_util.client import Client as Vendor
from hypothesis import given
from hypothesis import strategies as st

from alertmesh.core.clock import ManualClock
from alertmesh.core.page import ReceiptState
from alertmesh.core.ports import HttpAnswer
from alertmesh.demo.telecom import Telecom, sign
from alertmesh.notify.aliyun import ALGORITHM, Account, Client, canonical_query, judge
from tests.notify.fakes import T0

ACCOUNT = Account("id-1", "s3cret")
ENDPOINT = "https://dysmsapi.aliyuncs.com"
SENT, BUSY, DEAD = ReceiptState.SENT, ReceiptState.BUSY, ReceiptState.DEAD
REFUSED, UNKNOWN = ReceiptState.REFUSED, ReceiptState.UNKNOWN
TEXT = st.text(st.characters(codec="utf-8"), max_size=30)
QUERIES = st.dictionaries(st.text("abcXYZ09._", min_size=1), TEXT, max_size=5)


class Wire:
    """Keep the request, and say that all is well."""

    def __init__(self) -> None:
        self.url = ""
        self.headers: dict[str, str] = {}

    async def __call__(self, method, url, *, headers, body, timeout_s) -> HttpAnswer:
        """Answer a call."""
        self.url, self.headers = url, dict(headers)
        return HttpAnswer(200, {}, b'{"Code":"OK"}')


async def called(query, now=T0) -> Wire:
    wire = Wire()
    await Client(ACCOUNT, ENDPOINT).call(wire, "SendSms", query, now)
    return wire


def vendors(wire: Wire, query) -> str:
    """Return the vendor's own signature of a request."""
    headers = {name: value for name, value in wire.headers.items() if name != "Authorization"}
    request = SimpleNamespace(pathname="/", query=query, headers=headers, method="POST")
    digest = headers["x-acs-content-sha256"]
    return Vendor.get_authorization(request, ALGORITHM, digest, ACCOUNT.key_id, ACCOUNT.secret)


@given(QUERIES)
async def test_the_signature_is_the_vendors(query):
    wire = await called(query)
    assert wire.headers["Authorization"] == vendors(wire, query)


@given(QUERIES)
async def test_the_address_says_what_was_signed(query):
    wire = await called(query)
    assert dict(parse_qsl(urlsplit(wire.url).query, keep_blank_values=True)) == query


@given(QUERIES)
async def test_the_stand_in_wants_the_vendors_signature(query):
    wire = await called(query)
    lower = {name.lower(): value for name, value in wire.headers.items()}
    names = wire.headers["Authorization"].split("SignedHeaders=")[1].split(",")[0].split(";")
    wanted = sign(ACCOUNT.secret, f"POST\n/\n{canonical_query(query)}", names, lower)
    assert vendors(wire, query).endswith(f"Signature={wanted}")


async def test_the_secret_is_nowhere_in_a_request():
    wire = await called({"a": "b"})
    assert "s3cret" not in f"{wire.url} {wire.headers}"


async def test_no_two_calls_are_alike():
    first, second = await called({}), await called({})
    assert first.headers["x-acs-signature-nonce"] != second.headers["x-acs-signature-nonce"]


@pytest.mark.parametrize(
    ("code", "state", "hint"),
    [
        ("OK", SENT, ""),
        ("OKAY", REFUSED, "OKAY"),
        ("isv.BUSINESS_LIMIT_CONTROL", REFUSED, "this number gets no more"),
        ("isv.MOBILE_NUMBER_ILLEGAL", REFUSED, "MOBILE"),
        ("isv.SOMETHING_NEW", REFUSED, "SOMETHING_NEW"),
        ("isp.SYSTEM_ERROR", BUSY, "SYSTEM_ERROR"),
        ("isp.GATEWAY_TIMEOUT", BUSY, "GATEWAY_TIMEOUT"),
        ("ServiceUnavailable", BUSY, "ServiceUnavailable"),
        ("InternalError", UNKNOWN, "InternalError"),
        ("isv.AMOUNT_NOT_ENOUGH", DEAD, "RECHARGE"),
        ("isv.OUT_OF_SERVICE", DEAD, "RECHARGE"),
        ("isp.RAM_PERMISSION_DENY", DEAD, "right"),
        ("Forbidden.RAM", DEAD, "right"),
        ("SignatureDoesNotMatch", DEAD, "access_key_secret"),
        ("InvalidAccessKeyId.Inactive", DEAD, "access_key_id"),
        ("InvalidTimeStamp.Expired", DEAD, "clock"),
        ("isv.ACCOUNT_ABNORMAL", DEAD, "access_key_id"),
        ("isv.SMS_SIGNATURE_ILLEGAL", DEAD, "sign_name"),
        ("isv.SMS_TEMPLATE_ILLEGAL", DEAD, "template"),
        ("isv.TEMPLATE_MISSING_PARAMETERS", DEAD, "params"),
        ("isv.DAY_LIMIT_CONTROL", DEAD, "limit"),
    ],
)
def test_a_code_means(code, state, hint):
    receipt = judge(HttpAnswer(200, {}, msgspec.json.encode({"Code": code, "Message": "m"}))).receipt
    assert (receipt.state, hint in receipt.error) == (state, True)


def test_throttling_stops_the_whole_channel_for_a_while():
    receipt = judge(HttpAnswer(400, {}, b'{"Code":"Throttling.User","Message":"m"}')).receipt
    assert (receipt.state, receipt.throttled, receipt.retry_after_s > 0) == (BUSY, True, True)


@pytest.mark.parametrize(
    ("status", "body", "state"),
    [
        (200, b"<html>", UNKNOWN),
        (502, b"bad gateway", UNKNOWN),
        (404, b"", DEAD),
        (429, b"", BUSY),
        (200, b"{}", UNKNOWN),
    ],
)
def test_an_answer_that_is_not_the_clouds(status, body, state):
    assert judge(HttpAnswer(status, {}, body)).receipt.state is state


@pytest.mark.parametrize(
    ("account", "late", "code"),
    [
        (ACCOUNT, timedelta(minutes=14), "InvalidAction.NotFound"),
        (ACCOUNT, timedelta(minutes=16), "InvalidTimeStamp.Expired"),
        (ACCOUNT, timedelta(minutes=-16), "InvalidTimeStamp.Expired"),
        (Account("id-1", "guess"), timedelta(), "SignatureDoesNotMatch"),
        (Account("id-2", "s3cret"), timedelta(), "InvalidAccessKeyId.NotFound"),
    ],
)
async def test_the_stand_in_lets_nobody_in(account, late, code):
    telecom = Telecom(ManualClock(T0), {"id-1": "s3cret"})
    await Client(account, ENDPOINT).call(telecom, "Nothing", {}, T0 + late)
    assert telecom.refused == {code: 1}


async def test_the_stand_in_takes_no_request_twice():
    telecom, wire = Telecom(ManualClock(T0), {"id-1": "s3cret"}), await called({"PhoneNumbers": "1"})
    for _ in range(2):
        await telecom("POST", wire.url, headers=wire.headers, body=b"", timeout_s=1)
    assert telecom.refused["SignatureNonceUsed"] == 1
