"""How Kannel's sendsms is told of a message and tells of it: a preset for a gateway.

Name and password travel in headers, so that no log of addresses holds them. `0: Accepted` and
`3: Queued` both mean that Kannel has the message, and nothing more. It then reports by a number:
1 delivered, 2 failed, 4 buffered, 8 taken by the network, 16 refused by it, in any order.
"""

from collections.abc import Mapping

from alertmesh.core.page import AttemptState
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
HEARING = Hearing(
    key="key",
    status="status",
    error="answer",
    states={"1": AttemptState.DELIVERED, "2": AttemptState.FAILED, "16": AttemptState.FAILED},
    sender="from",
    text="text",
    reply_id="id",
)
