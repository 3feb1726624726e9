"""How the SMS and voice services of Alibaba Cloud behave, without a network: signature, limits, faults.

Can be used as `core.ports.Http` directly. `demo.aliyun` puts it behind a port.
"""

import hmac
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

import msgspec
from msgspec import Struct

from alertmesh.core.clock import Clock
from alertmesh.core.ports import HttpAnswer
from alertmesh.demo.faults import Faulty, lose, page

FAULTS = (
    "timeout_after_accept",
    "drop_before_accept",
    "slow",
    "html",
    "throttling",
    "busy",
    "internal",
    "no_money",
)
SMS_A_DAY = 50  # of one sign and template to one number
VARIABLE_LENGTH = 35
CHINA = timezone(timedelta(hours=8))
DELIVERED, HEARD = "DELIVERED", "200000"
_CALLS = ((1, timedelta(minutes=1)), (5, timedelta(hours=1)), (20, timedelta(hours=24)))
_DAY = timedelta(hours=24)
_SKEW = timedelta(minutes=15)
_SIGNED = tuple(
    f"x-acs-{name}" for name in ("action", "content-sha256", "date", "signature-nonce", "version")
)
_MOBILE = re.compile(r"1[0-9]{10}")
_ADDRESS = re.compile(r"://|www\.|\d+\.\d+\.\d+|[a-z0-9]\.(com|cn|net|org|io)\b", re.IGNORECASE)
_REFUSALS = {
    "throttling": ("Throttling.User", "Request was denied due to user flow control.", 400),
    "busy": ("isp.SYSTEM_ERROR", "系统错误", 200),
    "internal": ("InternalError", "The request processing has failed.", 500),
    "no_money": ("isv.AMOUNT_NOT_ENOUGH", "账户余额不足", 200),
}


class Texted(Struct, frozen=True, kw_only=True):
    """A message on its way to a number."""

    at: datetime
    number: str
    sign: str
    template: str
    values: dict[str, str]
    out_id: str
    biz_id: str


class Called(Struct, frozen=True, kw_only=True):
    """A call to a number."""

    at: datetime
    number: str
    template: str
    values: dict[str, str]
    plays: int
    out_id: str
    call_id: str


class _Refusal(Exception):
    def __init__(self, code: str, text: str = "", status: int = 200) -> None:
        super().__init__(text or code)
        self.code = code
        self.text = text or code
        self.status = status


class Telecom(Faulty):
    """Take messages and calls for the access keys in `accounts` (id to secret).

    `texts` and `calls` are those that were taken; `refused` counts the answers that were errors, by
    code. `outcomes` says by number how messages and calls end; all others arrive.
    """

    def __init__(self, clock: Clock, accounts: Mapping[str, str]) -> None:
        super().__init__(FAULTS, page(502, b"<html>bad gateway</html>"))
        self.texts: list[Texted] = []
        self.calls: list[Called] = []
        self.refused: Counter[str] = Counter()
        self.outcomes: dict[str, str] = {}
        self.reported: set[str] = set()
        self._clock = clock
        self._accounts = dict(accounts)
        self._nonces: set[str] = set()

    def respond(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes, fault: str
    ) -> HttpAnswer:
        """Answer a request that is signed; refusals are answered as each service does."""
        lower = {name.lower(): value for name, value in headers.items()}
        try:
            query = self._checked(method, url, lower, body)
            if fault in _REFUSALS:
                raise _Refusal(*_REFUSALS[fault])
            said = self._act(lower["x-acs-action"], query)
        except _Refusal as refusal:
            self.refused[refusal.code] += 1
            return _answer(refusal.status, {"Code": refusal.code, "Message": refusal.text})
        lose(fault)
        return _answer(200, {"Code": "OK", "Message": "OK", **said})

    def text_reports(self, texts: Iterable[Texted]) -> bytes:
        """Return what is posted about messages, and hold them for reported."""
        told = list(texts)
        self.reported.update(text.biz_id for text in told)
        return msgspec.json.encode([self._text_report(text) for text in told])

    def call_reports(self, calls: Iterable[Called], key: str = "") -> bytes:
        """Return what is posted about calls that ended; `key` is what was pressed."""
        told = list(calls)
        self.reported.update(call.call_id for call in told)
        return msgspec.json.encode([self._call_report(call, key) for call in told])

    def _checked(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> dict[str, str]:
        query = dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))
        if missing := [name for name in ("host", *_SIGNED) if name not in headers]:
            raise _Refusal("IncompleteSignature", f"missing {missing[0]}", 400)
        found = re.fullmatch(
            r"ACS3-HMAC-SHA256 Credential=([^,]+),SignedHeaders=([^,]+),Signature=([0-9a-f]{64})",
            headers.get("authorization", ""),
        )
        if found is None or not {"host", *_SIGNED} <= set(found.group(2).split(";")):
            raise _Refusal("IncompleteSignature", "not every header is signed", 400)
        account, names, signature = found.groups()
        if account not in self._accounts:
            raise _Refusal("InvalidAccessKeyId.NotFound", "Specified access key is not found.", 404)
        if headers["x-acs-content-sha256"] != sha256(body).hexdigest():
            raise _Refusal("SignatureDoesNotMatch", "the body is another one", 400)
        wanted = sign(self._accounts[account], f"{method}\n/\n{_canonical(query)}", names.split(";"), headers)
        if not hmac.compare_digest(signature, wanted):
            raise _Refusal("SignatureDoesNotMatch", "Specified signature is not matched.", 400)
        self._check_time(headers)
        return query

    def _check_time(self, headers: Mapping[str, str]) -> None:
        try:
            at = datetime.strptime(headers["x-acs-date"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
        except ValueError as error:
            raise _Refusal("InvalidTimeStamp.Format", "", 400) from error
        if abs(at - self._clock.now()) > _SKEW:
            raise _Refusal("InvalidTimeStamp.Expired", "Specified time stamp is expired.", 400)
        nonce = headers["x-acs-signature-nonce"]
        if nonce in self._nonces:
            raise _Refusal("SignatureNonceUsed", "Specified signature nonce was used already.", 400)
        self._nonces.add(nonce)

    def _act(self, action: str, query: Mapping[str, str]) -> dict[str, Any]:
        if action == "SendSms":
            return self._send(query)
        if action == "SingleCallByTts":
            return self._call(query)
        if action == "QuerySendDetails":
            return self._details(query)
        if action == "QueryCallDetailByCallId":
            return self._call_detail(query)
        raise _Refusal("InvalidAction.NotFound", f"no such action: {action}", 404)

    def _send(self, query: Mapping[str, str]) -> dict[str, Any]:
        number, sign_name = query.get("PhoneNumbers", ""), query.get("SignName", "")
        template = query.get("TemplateCode", "")
        if not _MOBILE.fullmatch(number):
            raise _Refusal("isv.MOBILE_NUMBER_ILLEGAL", "非法手机号")
        if not template.startswith("SMS_"):
            raise _Refusal("isv.SMS_TEMPLATE_ILLEGAL", "短信模板不合法")
        if not sign_name:
            raise _Refusal("isv.SMS_SIGNATURE_ILLEGAL", "短信签名不合法")
        values = _values(query.get("TemplateParam", "{}"))
        now = self._clock.now()
        same = (sign_name, template, number)
        since = now - _DAY
        day = [
            text for text in self.texts if (text.sign, text.template, text.number) == same and text.at > since
        ]
        if len(day) >= SMS_A_DAY:
            raise _Refusal("isv.BUSINESS_LIMIT_CONTROL", f"触发天级流控Permits:{SMS_A_DAY}")
        text = Texted(
            at=now,
            number=number,
            sign=sign_name,
            template=template,
            values=values,
            out_id=query.get("OutId", ""),
            biz_id=f"{900_000 + len(self.texts)}^0",
        )
        self.texts.append(text)
        return {"BizId": text.biz_id}

    def _call(self, query: Mapping[str, str]) -> dict[str, Any]:
        number, plays = query.get("CalledNumber", ""), query.get("PlayTimes", "3")
        out_id = query.get("OutId", "")
        if not _MOBILE.fullmatch(number):
            raise _Refusal("isv.CALLED_NUMBER_ILLEGAL", "被叫号码不合法")
        if not query.get("TtsCode", "").startswith("TTS_"):
            raise _Refusal("isv.TTS_TEMPLATE_ILLEGAL", "文本转语音模板不合法")
        if plays not in ("1", "2", "3") or len(out_id.encode()) > 15:
            raise _Refusal("isv.INVALID_PARAMETERS", "参数异常")
        values = _values(query.get("TtsParam", "{}"))
        now = self._clock.now()
        for most, window in _CALLS:
            if sum(one.number == number and one.at > now - window for one in self.calls) >= most:
                raise _Refusal("isv.BUSINESS_LIMIT_CONTROL", f"触发流控Permits:{most}")
        call = Called(
            at=now,
            number=number,
            template=query["TtsCode"],
            values=values,
            plays=int(plays),
            out_id=out_id,
            call_id=f"{100_000 + len(self.calls)}^200",
        )
        self.calls.append(call)
        return {"CallId": call.call_id}

    def _details(self, query: Mapping[str, str]) -> dict[str, Any]:
        size, page = _number(query.get("PageSize", "0")), _number(query.get("CurrentPage", "1"))
        if not 1 <= size <= 50 or page < 1:
            raise _Refusal("isv.INVALID_PARAMETERS", "参数异常")
        found = [
            text
            for text in self.texts
            if text.number == query.get("PhoneNumber")
            and text.at.astimezone(CHINA).strftime("%Y%m%d") == query.get("SendDate")
            and text.biz_id == query.get("BizId", text.biz_id)
        ]
        shown = [self._detail(text) for text in found[(page - 1) * size : page * size]]
        return {"TotalCount": len(found), "SmsSendDetailDTOs": {"SmsSendDetailDTO": shown}}

    def _detail(self, text: Texted) -> dict[str, Any]:
        outcome = self.outcomes.get(text.number, DELIVERED)
        status = 1 if text.biz_id not in self.reported else 3 if outcome == DELIVERED else 2
        return {
            "PhoneNum": text.number,
            "OutId": text.out_id,
            "SendStatus": status,
            "SendDate": _local(text.at),
            **({"ErrCode": outcome, "ReceiveDate": _local(self._clock.now())} if status > 1 else {}),
        }

    def _call_detail(self, query: Mapping[str, str]) -> dict[str, Any]:
        call = next((call for call in self.calls if call.call_id == query.get("CallId")), None)
        if call is None or call.call_id not in self.reported:
            return {"Data": ""}
        report = self._call_report(call, "")
        data = {"callee": call.number, "state": report["status_code"], "duration": int(report["duration"])}
        return {"Data": msgspec.json.encode(data | {"endDate": report["end_time"]}).decode()}

    def _text_report(self, text: Texted) -> dict[str, Any]:
        outcome = self.outcomes.get(text.number, DELIVERED)
        return {
            "phone_number": text.number,
            "send_time": _local(text.at),
            "report_time": _local(self._clock.now()),
            "success": outcome == DELIVERED,
            "err_code": outcome,
            "err_msg": "用户接收成功" if outcome == DELIVERED else "失败",
            "sms_size": "1",
            "biz_id": text.biz_id,
            "out_id": text.out_id,
        }

    def _call_report(self, call: Called, key: str) -> dict[str, Any]:
        outcome = self.outcomes.get(call.number, HEARD)
        return {
            "call_id": call.call_id,
            "callee": call.number,
            "end_time": _local(self._clock.now()),
            "duration": "10" if outcome in (HEARD, "200001") else "0",
            "status_code": outcome,
            "status_msg": "用户听完语音" if outcome == HEARD else "失败",
            "out_id": call.out_id,
            "dtmf": key,
        }


def reply(number: str, text: str, at: datetime, sequence: str) -> bytes:
    """Return what is posted when somebody answers a message (SmsUp)."""
    said = {"phone_number": number, "content": text, "send_time": _local(at), "dest_code": "1234"}
    return msgspec.json.encode([said | {"sequence_id": sequence}])


def sign(secret: str, start: str, names: list[str], headers: Mapping[str, str]) -> str:
    """Return the signature of a request that begins with `start`, over the headers in `names`."""
    signed = "".join(f"{name}:{headers[name].strip()}\n" for name in names)
    whole = "\n".join((start, signed, ";".join(names), headers["x-acs-content-sha256"]))
    text = "ACS3-HMAC-SHA256\n" + sha256(whole.encode()).hexdigest()
    return hmac.new(secret.encode(), text.encode(), sha256).hexdigest()


def _canonical(query: Mapping[str, str]) -> str:
    pairs = sorted((quote(name, safe="~"), quote(value, safe="~")) for name, value in query.items())
    return "&".join(f"{name}={value}" for name, value in pairs)


def _values(text: str) -> dict[str, str]:
    try:
        values = msgspec.json.decode(text, type=dict[str, str])
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise _Refusal("isv.INVALID_JSON_PARAM", "JSON参数不合法，只接受字符串值") from error
    for value in values.values():
        if not value:
            raise _Refusal("isv.TEMPLATE_MISSING_PARAMETERS", "模板缺少变量")
        if len(value) > VARIABLE_LENGTH:
            raise _Refusal("isv.PARAM_LENGTH_LIMIT", "参数超出长度限制")
        if _ADDRESS.search(value):
            raise _Refusal("isv.PARAM_NOT_SUPPORT_URL", "不支持URL")
    return values


def _number(text: str) -> int:
    return int(text) if text.isdecimal() else 0


def _local(at: datetime) -> str:
    return at.astimezone(CHINA).strftime("%Y-%m-%d %H:%M:%S")


def _answer(status: int, said: Mapping[str, Any]) -> HttpAnswer:
    body = msgspec.json.encode({"RequestId": "5C0F4A43-0000-0000-0000-000000000000", **said})
    return HttpAnswer(status, {"Content-Type": "application/json"}, body)
