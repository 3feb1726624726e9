"""A stand-in for the custom robots of a Feishu group: `python -m alertmesh.demo.feishu --port 9497`.

`POST /open-apis/bot/v2/hook/demo` behaves as the real one: signature and time, keyword, 20 KB, 100 messages
in any minute and 5 in any second. What else it answers is said in `hookbots`.
"""

import base64
import hmac
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

import msgspec

from alertmesh.core.clock import Clock
from alertmesh.core.ports import HttpAnswer
from alertmesh.demo.hookbots import Bots, Refusal, Shown, run

TOKEN, SECRET = "demo", "demo-secret"
PATH = "/open-apis/bot/v2/hook/"
PER_MINUTE, PER_SECOND = 100, 5
_BODY_LIMIT = 20 * 1024
_SKEW_S = 3600
_TAGS = {"text": "text", "a": "text", "at": "user_id"}  # which field says something


class FeishuGroup(Bots):
    """Take messages for robots (token to secret, empty for unsigned); with `keyword`, none without it."""

    def __init__(self, clock: Clock, robots: Mapping[str, str] | None = None, keyword: str = "") -> None:
        super().__init__(clock)
        self._robots = dict({TOKEN: SECRET} if robots is None else robots)
        self._keyword = keyword

    def take(self, url: str, headers: Mapping[str, str], body: bytes, fault: str) -> Shown:
        """Return the message of a request; raises Refusal where Feishu would."""
        path = urlsplit(url).path
        token = path.removeprefix(PATH)
        if not path.startswith(PATH) or token not in self._robots:
            raise Refusal(19001, "param invalid: incoming webhook access token invalid")
        in_pace = self.count(token, PER_SECOND, timedelta(seconds=1))
        if fault == "rush" or not in_pace or not self.count(token, PER_MINUTE, timedelta(seconds=60)):
            raise Refusal(11232, "frequency limited")
        if fault == "busy":
            raise Refusal(9499, "too many request")
        if len(body) > _BODY_LIMIT:
            raise Refusal(9499, "Bad Request: body too large")
        try:
            payload = msgspec.json.decode(body, type=dict[str, Any])
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise Refusal(9499, "Bad Request") from error
        _check_sign(self._robots[token], payload, self._clock.now())
        return self._read(token, payload)

    def said(self, code: int, text: str) -> HttpAnswer:
        """Return an answer as Feishu forms it, with the fields of the older form at success."""
        old = {} if code else {"StatusCode": 0, "StatusMessage": "success"}
        said = {"code": code, "msg": "success" if code == 0 else text, "data": {}, **old}
        status = 400 if code == 9499 else 200
        return HttpAnswer(status, {"Content-Type": "application/json"}, msgspec.json.encode(said))

    def _read(self, token: str, payload: Mapping[str, Any]) -> Shown:
        kind = payload.get("msg_type")
        if kind not in ("text", "post"):
            raise Refusal(19002, "param invalid: msg_type")
        try:
            texts, mentioned = _post(payload) if kind == "post" else ([str(payload["content"]["text"])], [])
        except (KeyError, TypeError, AttributeError) as error:
            raise Refusal(9499, "Bad Request: fail to parse content") from error
        if self._keyword and not any(self._keyword in text for text in texts):
            raise Refusal(19024, "Key Words Not Found")
        shown = "\n".join(texts)
        return Shown(
            at=self._clock.now(), robot=token, kind=str(kind), text=shown, mentioned=tuple(mentioned)
        )


def _post(payload: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    """Return what a rich text says, line by line, and whom it mentions."""
    [post] = payload["content"]["post"].values()
    texts, mentioned = [str(post["title"])], list[str]()
    for row in post["content"]:
        texts.append("".join(_words(row)))
        mentioned += [str(item["user_id"]) for item in row if item["tag"] == "at"]
    return texts, mentioned


def _words(row: list[dict[str, Any]]) -> Iterator[str]:
    for item in row:
        said = item[_TAGS[item["tag"]]]
        if item["tag"] == "a" and "://" not in item["href"]:
            raise KeyError("href")
        yield f"@{said}" if item["tag"] == "at" else str(said)


def _check_sign(secret: str, payload: Mapping[str, Any], now: datetime) -> None:
    if not secret:
        return
    stamp, given = str(payload.get("timestamp", "")), str(payload.get("sign", ""))
    is_timely = stamp.isdecimal() and abs(int(stamp) - now.timestamp()) <= _SKEW_S
    key = stamp.encode() + b"\n" + secret.encode()
    wanted = base64.b64encode(hmac.digest(key, b"", sha256))
    if not is_timely or not hmac.compare_digest(given.encode(), wanted):
        raise Refusal(19021, "sign match fail or timestamp is not within one hour from current time")


def main(arguments: list[str] | None = None) -> None:
    """Run a stand-in until it is told to end; the robot's address is the first line it prints."""
    run(FeishuGroup, f"{PATH}{TOKEN}", "A stand-in for the robot of a Feishu group.", arguments)


if __name__ == "__main__":
    main()
