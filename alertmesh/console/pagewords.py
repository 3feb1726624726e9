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
    alerts: str
    alerts_told: str
    root: str
    root_told: str
    changed: str
    state: str
    owner: str
    team: str
    step: str
    tier: str
    late: str
    paged: str
    gone: str
    pick: str
    states: dict[str, str]
    sends: dict[str, str]


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
    alerts="alerts",
    alerts_told="{alerts} in {series} series, {firing} firing",
    root="likely root",
    root_told="{entity} ({percent}%)",
    changed="last change",
    state="now",
    owner="{state} ({owner})",
    team="R&D team",
    step="The next step comes in {left}",
    tier="R&D is paged in {left}",
    late="a moment",
    paged="{person} ({tier}) by {channel}: {state}",
    gone="This code is not known, or a day has passed. Sign in to the console to see the incident.",
    pick="Say who you are",
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
    title="{count} 个故障",
    ack="我来处理",
    ack_all="{count} 个都由我处理",
    escalate="转研发",
    unack="我处理不了",
    who="您是哪位？",
    where="位置",
    since="开始",
    alerts="告警",
    alerts_told="{alerts} 条，{series} 个序列，{firing} 个触发中",
    root="可能根因",
    root_told="{entity}（{percent}%）",
    changed="最近变更",
    state="现状",
    owner="{state}（{owner}）",
    team="研发团队",
    step="{left} 后进入下一步",
    tier="{left} 后通知研发",
    late="片刻",
    paged="{person}（{tier}），{channel}：{state}",
    gone="短码不存在，或已超过一天。请登录控制台查看。",
    pick="请先选择您是哪位",
    states={
        "held": "尚未通知",
        "t1_paging": "正在通知值班",
        "t1_acked": "值班已接手",
        "t2_paging": "正在通知研发",
        "t2_acked": "研发已接手",
        "snoozed": "静音中",
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
