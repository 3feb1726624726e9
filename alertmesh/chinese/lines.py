"""The lines of an incident's timeline, by their kind; what people wrote stays as it is."""

from alertmesh.chinese.forms import Called, Catalogue, Forms, is_chinese
from alertmesh.chinese.joins import JOIN
from alertmesh.chinese.noise import NOTES
from alertmesh.chinese.reasons import REASON
from alertmesh.chinese.refusals import EVENT, REFUSAL, STATE

_WHERE = (("what is only watched", "仅观察的部分"), ("incident {}", "事件 #{}"))
_WHAT = (("be one with {where}", "合并{}"), ("split off {} series", "拆分 {} 个序列"))
_COVER = (
    ("silence {} ({**})", "静默 {}（{}）"),
    ("silence {}", "静默 {}"),
    ("maintenance {**} ({**})", "维护窗口 {}（{}）"),
    ("maintenance {**}", "维护窗口 {}"),
)
_SOME = (("{series} and {} more", "{} 及另外 {} 个序列"), ("{series}", "{}"))
_OF_INCIDENTS: dict[str, Forms] = {
    "opened": [("opened at {} by {series}", "以 {} 开启：{}")],
    "joined": [
        ("{series} joined, score {}: {join}", "{} 加入，置信度 {}：{}"),
        ("{} series have joined by now; each keeps its own reason", "至今已有 {} 个序列加入，各有其归并原因"),
    ],
    "cleared": [
        ("every alert has cleared, the last was {series}", "全部告警已恢复，最后一条是 {}"),
        ("nothing fires any more but known noise: {series}", "除已知噪声（{}）外均已恢复"),
        ("all clear; watched before it counts as resolved", "全部恢复，观察后视为解决"),
        (
            "all clear while suppressed; watched before it counts as resolved",
            "抑制期间全部恢复，观察后视为解决",
        ),
        ("all clear", "全部恢复"),
    ],
    "refired": [
        ("fires again: {series}", "再次触发：{}"),
        ("fires again, {} times so far", "再次触发，至今第 {} 次"),
        ("fires again, suppressed", "再次触发，仍被抑制"),
    ],
    "worse": [
        ("raised to {} by {series}", "因 {1} 升为 {0}"),
        ("now {}", "现为 {}"),
        ("its alerts make it {} as well", "其告警也达到 {}"),
    ],
    "grew": [("a new service joined", "又有新的服务受影响"), ("{series}", "{}")],
    "eased": [("{series}", "{}")],
    "merged": [
        ("incident {} was merged into this one: {join}", "事件 #{} 并入本事件：{}"),
        ("merged into incident {}: {join}", "并入事件 #{}：{}"),
        ("merged into #{}", "并入事件 #{}"),
    ],
    "split": [
        ("{} series were split off into incident {}: {join}", "{} 个序列拆分到事件 #{}：{}"),
        ("{} series were split off into incident {}", "{} 个序列拆分到事件 #{}"),
        ("split off from incident {} with {} series", "从事件 #{} 拆分出来，含 {} 个序列"),
    ],
    "moved": [("{some} went to {where}", "{} 移到{}"), ("{some} came from {where}", "{} 来自{}")],
    "root": [("the root is {**}", "根因是 {}")],
    "unrelated": [("not related to {where}", "不相关：{}")],
    "suggested": [("suggestion {}: {what}, {} sure: {join}", "建议 {}：{}，把握 {}：{}")],
    "dismissed": [("suggestion {} was dismissed: {what}", "已忽略建议 {}：{}")],
    "absorbed": [("#{} was merged in", "#{} 已并入")],
}
_OF_PEOPLE: dict[str, Forms] = {
    "ack": [
        ("{person} has it from #{}", "{} 认领（来自 #{}）"),
        ("{person} has it for tier 1; tier 2 is still paged: {**}", "{} 代表一线认领，仍在呼叫研发：{}"),
        ("{person} has it for tier 1; tier 2 is still paged", "{} 代表一线认领，仍在呼叫研发"),
        ("{person} has it for {tier}: {**}", "{} 代表{}认领：{}"),
        ("{person} has it for {tier}", "{} 代表{}认领"),
        ("{person} has it: {**}", "{} 认领：{}"),
        ("{person} has it", "{} 认领"),
        ("{person} follows for tier 1: {**}", "{} 代表一线跟进：{}"),
        ("{person} follows for tier 1", "{} 代表一线跟进"),
    ],
    "unack": [("{person} cannot take it", "{} 处理不了"), ("{person} gave it up", "{} 放弃处理")],
    "escalate": [("{reason}", "{}")],
    "assign": [("{reason}", "{}")],
    "return": [("{reason}", "{}")],
    "priority": [("{reason}", "{}")],
    "resolved": [("{reason}", "{}")],
    "snooze": [("{person} asked for {} min of quiet", "{} 要求延后 {} 分钟")],
    "handover": [
        ("the shift of {person} ended; {person} is asked to take it over", "{} 的班次结束，请 {} 接班"),
        ("{person} takes over from {person} if it fires again", "若再次触发，由 {} 从 {} 接班"),
        ("{person} took it over from {person}", "{} 已从 {} 接班"),
        ("{reason}", "{}"),
    ],
    "step": [
        ("step {} of {} is open again", "撤销预案 {1} 的第 {0} 步"),
        ("step {} of {}: {**}", "完成预案 {1} 的第 {0} 步"),
    ],
    "close": [("closed", "已关闭")],
    "noop": [
        ("ack by {person} came after the end: {state}", "{} 的认领来得太晚：{}"),
        ("{event} by {person}: {refusal}", "{0}（{1}）：{2}"),
        ("{event}: {refusal}", "{}：{}"),
    ],
}
_BY = (("{person} by {}: {**}", "{}，渠道 {}：{}"), ("{person} by {}", "{}，渠道 {}"))
_OF_PAGES: dict[str, Forms] = {
    "page": [
        ("{person} ({tier}, step {}, round {}) by {**}", "呼叫 {}（{}，第 {} 步，第 {} 轮），渠道 {}"),
        ("{person} ({tier}, step {}, round {}) by ", "呼叫 {}（{}，第 {} 步，第 {} 轮），没有渠道"),
    ],
    **dict.fromkeys(("sent", "delivered", "read", "failed"), _BY),
    "undelivered": [("no channel reached {person}", "没有渠道能联系到 {}")],
    "undeliverable": [
        ("the step reached nobody", "这一步未能联系到任何人"),
        ("no lead can be reached either", "也没有可以联系的负责人"),
    ],
    "coverage_gap": [
        ("nobody can be reached as {**} of {tier}", "{1}的 {0} 无人可联系"),
        ("nobody of {} can be reached", "{} 无人可联系"),
        ("no lead can be reached either", "也没有可以联系的负责人"),
    ],
    "paging": [
        ("{tier} is paged: {reason}", "开始呼叫{}：{}"),
        ("step {} of {tier}", "{1}第 {0} 步"),
        ("round {} of {tier}", "{1}第 {0} 轮"),
        ("tier 2 is not paged at this hour; it is at {**}", "此时段不呼叫研发，将于 {} 呼叫"),
        ("the steps left of {tier} do not count at this hour", "此时段{}其余步骤不值班"),
        (
            "no step of {tier} counts at this hour; {} is paged all the same",
            "此时段{}没有值班步骤，{} 仍然呼叫",
        ),
        (
            "no step of {tier} counts at this hour; it is paged at {**}",
            "此时段{}没有值班步骤，将于 {} 呼叫",
        ),
    ],
    "held": [("first page held until {**}", "首次呼叫推迟到 {}"), ("{} is not paged", "{} 不呼叫")],
    "flapping": [
        ("nobody else is paged while it only flaps", "仅有抖动，暂不呼叫其他人"),
        ("{series}", "{}"),
    ],
    "routed": [("{reason}", "{}")],
    "exhausted": [
        ("nobody answered; everybody is paged from now on", "无人应答，从现在起呼叫所有人"),
        ("still no answer", "仍无人应答"),
    ],
    "reminded": [("{person}", "已提醒 {}")],
    "suppressed": [("by {cover} until {**}", "由{}抑制，至 {}")],
    "unsuppressed": [
        ("the suppression ended: {cover}", "抑制结束：{}"),
        ("the suppression ended", "抑制结束"),
    ],
    "reopened": [("fires again within the reopen window", "在重新打开期限内再次触发")],
    "archived": [("archived", "已归档，仅供查阅")],
}
_INCIDENT = Catalogue(_WHERE).place()
_PLACES = {
    "join": JOIN,
    "reason": REASON,
    "refusal": REFUSAL,
    "event": EVENT,
    "state": STATE,
    "where": _INCIDENT,
    "what": Catalogue(_WHAT, where=_INCIDENT).place(),
    "cover": Catalogue(_COVER).place(),
    "some": Catalogue(_SOME).place(),
}
_BY_KIND = {
    **{kind: Catalogue(forms, **_PLACES) for kind, forms in _OF_INCIDENTS.items()},
    **{kind: Catalogue(forms, **_PLACES) for kind, forms in _OF_PEOPLE.items()},
    **{kind: Catalogue(forms, **_PLACES) for kind, forms in _OF_PAGES.items()},
    "rule": NOTES,
}


def line_in(language: str, kind: str, text: str, called: Called = str) -> str:
    """Return the text of a line of a timeline in a language, its people as they are called.

    >>> line_in("zh", "unack", "wang gave it up", {"wang": "王伟"}.__getitem__)
    '王伟 放弃处理'
    """
    catalogue = _BY_KIND.get(kind) if is_chinese(language) else None
    return (catalogue and catalogue.told(text, called)) or text
