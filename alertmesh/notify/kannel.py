"""How Kannel's sendsms is told of a message and tells of it: a preset for a gateway.

Name and password travel in headers, so that no log of addresses holds them. `0: Accepted` and
`3: Queued` both mean that Kannel has the message, and nothing more. It then reports by a number:
1 delivered, 2 failed, 4 buffered, 8 taken by the network, 16 refused by it, in any order.
"""

from collections.abc import Mapping

from alertmesh.core.page import AttemptState
from alertmesh.core.ports import Answer
from alertmesh.notify.hearing import Hearing

SETTINGS: Mapping[str, str] = {
    "method": "POST",
    "content_type": "text/plain; charset=utf-8",
    "body": "{text}",
    "headers": "\n".join(
        (
            "X-Kannel-Username: {user}",
            "X-Kannel-Password: {password}",
            "X-Kannel-To: {number}",
            "X-Kannel-From: {sender}",
            "X-Kannel-Coding: {coding}",
            "X-Kannel-DLR-Mask: 31",
            "X-Kannel-DLR-URL: {callback}&status=%d&answer=%A",
        )
    ),
    "sent_status": "202",
    "sent_answer": "^[03]: ",
    "dead_status": "401,403",
    "refused_answer": "^Not routable",
}
_WIDE = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    "<message><submit><ud>{text}</ud><dcs><coding>2</coding></dcs></submit></message>"
)
_UNMARKED = str.maketrans("<>&", "＜＞＆")  # it reads the answer as it stands, without entities


def say(text: str) -> Answer:
    """Return the answer that Kannel sends on as a message; only this form keeps letters beyond ASCII."""
    if text.isascii():
        return 200, text.encode(), "text/plain; charset=utf-8"
    return 200, _WIDE.format(text=text.translate(_UNMARKED)).encode(), "text/xml; charset=utf-8"


HEARING = Hearing(
    key="key",
    status="status",
    error="answer",
    states={
        "1": AttemptState.DELIVERED,
        "2": AttemptState.FAILED,
        "4": AttemptState.SENT,
        "8": AttemptState.SENT,
        "16": AttemptState.FAILED,
    },
    sender="from",
    text="text",
    reply_id="id",
    say=say,
)
