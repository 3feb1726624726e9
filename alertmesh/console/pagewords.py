"""The texts of the page that a person on a phone answers with, one value per language."""

from msgspec import Struct


class PageWords(Struct, frozen=True, kw_only=True):
    """Every text of the page in one language; braces are filled in."""

    language: str
    title: str
    ack: str
    ack_all: str
    escalate: str
    unack: str
    who: str
    where: str
    since: str
    impact: str
    impact_told: str
    services: str
    root: str
    root_told: str
    why: str
    changed: str
    state: str
    owner: str
    team: str
    due: dict[str, str]
    due_at: str
    due_in: str
    late: str
    sent: str
    paged: str
    by: str
    tiers: dict[str, str]
    gone: str
    wait: str
    pick: str
    console: str
    runbook: str
    other: str
    asof: str
    fresh: str
    stale: str
    sending: str
    states: dict[str, str]
    sends: dict[str, str]


LANGUAGES = ("en", "zh")
"""The languages that an address can ask for."""

ENGLISH = PageWords(
    language="en",
    title="{count} incidents",
    ack="I have it",
    ack_all="I have all {count}",
    escalate="Pass it on to R&D",
    unack="I can't",
    who="Who are you?",
    where="where",
    since="since",
    impact="impact",
    impact_told="{alerts} alerts in {series} series, {firing} firing",
    services="{told}; {count} services",
    root="likely root",
    root_told="{entity} ({percent}%)",
    why="because",
    changed="last change",
    state="now",
    owner="{state} ({owner})",
    team="R&D team",
    due={
        "hold": "The page goes out",
        "step": "The next person is paged",
        "tier": "R&D is paged",
        "loop": "All are paged again",
        "triage": "R&D is paged",
        "lease": "The ack runs out",
        "snooze": "The quiet ends",
        "clear": "It counts as resolved",
        "loud": "It is repeated loudly",
        "handover": "The hand-over is due",
    },
    due_at="{what} at {at}",
    due_in="{what} in {left}",
    late="a moment",
    sent="Who was paged",
    paged="{person} ({tier})",
    by="{channel}: {state}",
    tiers={"ops": "tier 1", "rnd": "tier 2"},
    gone="This code is not known, or a day has passed. Sign in to the console to see the incident.",
    wait="Too many codes that are not known came from your network. Try again in {seconds} s.",
    pick="Say who you are",
    console="Open in the console",
    runbook="Runbook",
    other="中文",
    asof="As of {at}",
    fresh="This page keeps itself up to date.",
    stale="AlertMesh cannot be reached; this is as of {at}.",
    sending="Sending …",
    states={
        "held": "not paged yet",
        "t1_paging": "operations are paged",
        "t1_acked": "operations have it",
        "t2_paging": "R&D is paged",
        "t2_acked": "R&D has it",
        "snoozed": "snoozed",
        "cleared": "clear, watched",
        "exhausted": "nobody answers",
        "suppressed": "suppressed",
        "merged": "merged",
        "resolved": "resolved",
        "closed": "closed",
    },
    sends={
        "queued": "waits",
        "claimed": "on its way",
        "unknown": "on its way",
        "sent": "sent",
        "delivered": "delivered",
        "read": "read",
        "failed": "failed",
        "withdrawn": "not needed",
    },
)

CHINESE = PageWords(
    language="zh",
    title="{count} 个事件",
    ack="我来处理",
    ack_all="{count} 个都由我处理",
    escalate="转研发",
    unack="我处理不了",
    who="您是哪位？",
    where="位置",
    since="开始",
    impact="影响",
    impact_told="{alerts} 条告警，{series} 个序列，{firing} 个触发中",
    services="{told}；{count} 个服务",
    root="可能根因",
    root_told="{entity}（{percent}%）",
    why="依据",
    changed="最近变更",
    state="现状",
    owner="{state}（{owner}）",
    team="研发团队",
    due={
        "hold": "发出通知",
        "step": "通知下一位",
        "tier": "呼叫研发",
        "loop": "再次通知所有人",
        "triage": "呼叫研发",
        "lease": "认领到期",
        "snooze": "延后到期",
        "clear": "视为已解决",
        "loud": "再次强提醒",
        "handover": "交接到期",
    },
    due_at="{what}：{at}",
    due_in="{left} 后{what}",
    late="片刻",
    sent="已通知",
    paged="{person}（{tier}）",
    by="{channel}：{state}",
    tiers={"ops": "一线", "rnd": "研发"},
    gone="短码不存在，或已超过一天。请登录控制台查看。",
    wait="您所在的网络输错短码次数过多，请 {seconds} 秒后再试。",
    pick="请先选择您是哪位",
    console="在控制台中打开",
    runbook="预案",
    other="English",
    asof="截至 {at}",
    fresh="本页自动更新。",
    stale="无法连接 AlertMesh，内容截至 {at}。",
    sending="正在发送……",
    states={
        "held": "尚未通知",
        "t1_paging": "正在呼叫一线",
        "t1_acked": "一线已认领",
        "t2_paging": "正在呼叫研发",
        "t2_acked": "研发已认领",
        "snoozed": "已延后",
        "cleared": "已恢复，观察中",
        "exhausted": "无人应答",
        "suppressed": "已屏蔽",
        "merged": "已合并",
        "resolved": "已解决",
        "closed": "已关闭",
    },
    sends={
        "queued": "等待",
        "claimed": "发送中",
        "unknown": "发送中",
        "sent": "已发出",
        "delivered": "已送达",
        "read": "已读",
        "failed": "失败",
        "withdrawn": "已取消",
    },
)


def page_words(language: str) -> PageWords:
    """Return the texts of a language; English for one that is not known."""
    return CHINESE if language.startswith("zh") else ENGLISH
