"""The messages that are kept as text; `python -m tests.notify.golden` writes them anew for review."""

from datetime import timedelta
from pathlib import Path

from alertmesh.core.alert import Priority
from alertmesh.core.group import Cause, Join, Reason
from alertmesh.core.incident import Condition, Recurrence, Similar
from alertmesh.core.page import Message, PageKind
from alertmesh.core.response import State, Timer
from alertmesh.notify.facts import Briefing, Style
from alertmesh.notify.render import message
from tests.notify.fakes import LI, T0, ZHANG, incident, page, response

FOLDER = Path(__file__).parent.parent / "golden" / "messages"
SEEN = Similar(
    incident=31,
    score=0.82,
    title="NodeDiskFull node-3 (+40)",
    closed_at=T0 - timedelta(days=9),
    root="node-3",
    resolved_by="wang",
    note="cleaned old images, moved the log volume",
    shared="the same alerts: NodeDiskFull",
    telling=True,
)
AGAIN = Recurrence("node-7", 4, 30)
TOGETHER = Join(
    0.934,
    (
        Reason("time", "The group took its last alert 14 s before and still fires", 2.1),
        Reason(
            "relation", "CPUHigh came with a kind of the group 14 times, 6.2 times what chance gives", 1.2
        ),
    ),
)
UNSEEN = Cause(
    "cart", "s1", 0.31, "service cart tells of CPUHigh", 0.44, "deploy 4 min before by li: cart v1.4.2"
)
CASES = {
    "page": [Briefing(pages=(page(reason="opened"),), incident=incident(), response=response())],
    "page_seen": [
        Briefing(
            pages=(page(reason="opened"),),
            incident=incident(similar=(SEEN,), recurrence=AGAIN),
            response=response(),
        )
    ],
    "page_why": [
        Briefing(
            pages=(page(reason="opened"),),
            incident=incident(together=TOGETHER, causes=(UNSEEN,)),
            response=response(),
        )
    ],
    "page_team": [
        Briefing(
            pages=(page(tier="rnd", person="li", reason="wang escalated: the disk of the database"),),
            incident=incident(causes=()),
            response=response(
                tier="rnd",
                deadlines={Timer.STEP: T0 + timedelta(minutes=3)},
                rnd_roster="dba",
                rnd_why="dba: owner of cart, the likely root (0.82)",
                paged=("zhang", "wang", "li"),
            ),
        )
    ],
    "handover": [
        Briefing(
            pages=(page(person="li", reason="hand-over from zhang"),),
            incident=incident(),
            response=response(state=State.T1_ACKED, owner="zhang"),
        )
    ],
    "handovers": [
        Briefing(
            pages=(page(number, person="li", reason="hand-over from zhang"),),
            incident=incident(number, title=f"trouble {number}"),
            response=response(number, state=State.T1_ACKED, owner="zhang"),
        )
        for number in (7, 8)
    ],
    "test": [Briefing(pages=(page(0, kind=PageKind.TEST, priority=Priority.P4),))],
    "page_bare": [Briefing(pages=(page(),))],
    "update": [
        Briefing(
            pages=(page(kind=PageKind.UPDATE, reason="li has it now"),),
            incident=incident(),
            response=response(state=State.T2_ACKED),
        )
    ],
    "closing": [
        Briefing(
            pages=(page(kind=PageKind.CLOSING, reason="resolved by li"),),
            incident=incident(condition=Condition.CLEARED, cleared_at=T0 + timedelta(hours=2), firing=0),
            response=response(state=State.RESOLVED, owner="li", ops_owner="zhang"),
        )
    ],
    "bundle": [
        Briefing(pages=(page(1),), incident=incident(1, title="EtcdNoLeader prod"), response=response(1)),
        Briefing(
            pages=(page(2, priority=Priority.P2),),
            incident=incident(2, title="PodCrashLooping shop/cart", alerts=1, condition=Condition.CLEARED),
            response=response(2),
        ),
        Briefing(pages=(page(3, priority=Priority.P3, person="li"),), incident=incident(3, alerts=4)),
    ],
}
LANGUAGES = ("en", "zh")


def style_in(language: str) -> Style:
    """Return how the cases are said in a language."""
    return Style(
        key="k1",
        now=T0,
        people=(ZHANG, LI),
        language=language,
        external_url="https://mesh.example.org",
        channel="ding",
        kind="dingtalk",
    )


def rendered(name: str, language: str) -> Message:
    """Return one of the cases in a language."""
    return message(CASES[name], style_in(language))


def as_text(said: Message) -> str:
    """Return a message as it is kept in a file."""
    return f"{said.title}\n{said.text}\n---\n{said.minimal}\n{' '.join(said.mobiles)}\n{said.url}\n"


def path(name: str, language: str) -> Path:
    """Return the file of a case."""
    return FOLDER / f"{name}.{language}.txt"


if __name__ == "__main__":
    for each in CASES:
        for spoken in LANGUAGES:
            path(each, spoken).write_text(as_text(rendered(each, spoken)), encoding="utf-8")
