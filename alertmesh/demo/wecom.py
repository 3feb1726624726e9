"""A stand-in for the robots of a WeCom group: `python -m alertmesh.demo.wecom --port 9496`.

`POST /cgi-bin/webhook/send?key=demo` behaves as the real one: keys, kinds and lengths of messages, 20 in any
minute. What else it answers is said in `hookbots`.
"""

import re
from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec

from alertmesh.core.clock import Clock
from alertmesh.core.ports import HttpAnswer
from alertmesh.demo.hookbots import Bots, Refusal, Shown, run

KEY = "demo"
PATH = "/cgi-bin/webhook/send"
PER_MINUTE = 20
_LIMITS = {"text": 2048, "markdown": 4096}
_MINUTE = timedelta(seconds=60)
_MENTION = re.compile(r"<@([^<>\s]+)>")


class WeComGroup(Bots):
    """Take messages for the robots of some keys; a key of `disabled` was switched off."""

    def __init__(self, clock: Clock, keys: Collection[str] = (KEY,), disabled: Collection[str] = ()) -> None:
        super().__init__(clock)
        self._keys = frozenset(keys)
        self._disabled = frozenset(disabled)

    def take(self, url: str, headers: Mapping[str, str], body: bytes, fault: str) -> Shown:
        """Return the message of a request; raises Refusal where WeCom would."""
        parts = urlsplit(url)
        key = parse_qs(parts.query).get("key", [""])[0]
        if parts.path != PATH or key not in self._keys:
            raise Refusal(93000, "invalid webhook url")
        if key in self._disabled:
            raise Refusal(93004, "robot is disabled")
        if fault == "rush" or not self.count(key, PER_MINUTE, _MINUTE):
            raise Refusal(45009, "api freq out of limit")
        if fault == "busy":
            raise Refusal(-1, "system busy")
        return self._read(key, body)

    def said(self, code: int, text: str) -> HttpAnswer:
        """Return an answer as WeCom forms it: errors are HTTP 200."""
        hint = (
            ", hint: [1795406400], more info at https://open.work.weixin.qq.com/devtool/query" if code else ""
        )
        body = msgspec.json.encode({"errcode": code, "errmsg": text + hint})
        return HttpAnswer(200, {"Content-Type": "application/json; charset=UTF-8"}, body)

    def _read(self, key: str, body: bytes) -> Shown:
        try:
            payload = msgspec.json.decode(body, type=dict[str, Any])
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise Refusal(40008, "invalid message type. Warning: wrong json format.") from error
        kind = payload.get("msgtype")
        if not isinstance(kind, str) or kind not in _LIMITS:
            raise Refusal(40008, "invalid message type")
        part = payload.get(kind)
        content = part.get("content") if isinstance(part, dict) else None
        if not content or not isinstance(content, str):
            raise Refusal(44004, "empty content")
        if len(content.encode()) > _LIMITS[kind]:
            raise Refusal(40058, f"{kind}.content exceed max length {_LIMITS[kind]}")
        mentioned = _MENTION.findall(content)
        if kind == "text" and isinstance(part, dict):
            mentioned += [*part.get("mentioned_list", ()), *part.get("mentioned_mobile_list", ())]
        return Shown(at=self._clock.now(), robot=key, kind=kind, text=content, mentioned=tuple(mentioned))


def main(arguments: list[str] | None = None) -> None:
    """Run a stand-in until it is told to end; the robot's address is the first line it prints."""
    run(WeComGroup, f"{PATH}?key={KEY}", "A stand-in for the robot of a WeCom group.", arguments)


if __name__ == "__main__":
    main()
