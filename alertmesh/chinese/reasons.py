"""Why somebody is paged or told, as escalation words it."""

from alertmesh.chinese.forms import Called, Catalogue, Place, is_chinese

HANDOVERS = (
    ("hand-over from {person}", "{} 交班给您"),
    ("nobody on duty did not take it over from {person}", "无人值班，未能从 {} 接班"),
    ("{person} did not take it over from {person}", "{} 未从 {} 接班"),
)
_WHY = (
    *HANDOVERS,
    ("opened", "新事件"),
    ("split off", "从其他事件拆分出来"),
    ("it does not clear alone", "未能自行恢复"),
    ("no answer", "上一步无人应答"),
    ("still no answer", "仍无人应答"),
    ("nobody answers", "一直无人应答"),
    ("operations did not answer", "一线未应答"),
    ("no step of tier 1 counts at this hour", "此时段一线没有值班步骤"),
    ("the step before reached nobody", "上一步未能联系到任何人"),
    ("nobody is on duty", "无人值班"),
    ("triage took too long", "分诊超时"),
    ("the owner went silent", "处理人长时间没有动静"),
    ("the snooze is over", "延后到期"),
    ("still firing after the suppression", "抑制结束后仍在触发"),
    ("resolved by hand but still firing", "已手工解决，但仍在触发"),
    ("fires again", "再次触发"),
    ("fires again, and is worse", "再次触发，且更严重"),
    ("it got worse", "情况加重"),
    ("another P1 is its likely root now", "可能根因变为另一个 P1"),
    ("a new service joined", "又有新的服务受影响"),
    ("now {}", "现为 {}"),
    ("its alerts make it {} as well", "其告警也达到 {}"),
    ("{person} raised it to {}", "{} 将其提升为 {}"),
    ("{person} says it is {}, not {}: {**}", "{} 认定为 {}，而不是 {}：{}"),
    ("{person} says it is {}, not {}", "{} 认定为 {}，而不是 {}"),
    ("{person} cannot", "{} 处理不了"),
    ("{person} gave it up", "{} 不再处理"),
    ("{person} escalated: {**}", "{} 升级：{}"),
    ("{person} escalated", "{} 升级"),
    ("{person} assigned it to {}: {**}", "{} 指派给 {}：{}"),
    ("{person} assigned it to {person}", "{} 指派给 {}"),
    ("{person} returned it: {**}", "{} 退回：{}"),
    ("{person} has it now", "现由 {} 处理"),
    ("{person} keeps it", "{} 继续处理"),
    ("#{} was merged in", "已并入 #{}"),
    (
        "still yours? Without a sign of life it is paged again in {} min",
        "还在处理吗？若无动静，{} 分钟后重新呼叫",
    ),
    ("resolved by {person}: {**}", "由 {} 解决：{}"),
    ("resolved by {person}", "由 {} 解决"),
    ("cleared", "已恢复"),
    ("cleared before anybody was paged", "呼叫之前已恢复"),
    ("cleared while suppressed", "抑制期间已恢复"),
)
_TEAM = (  # why it is this team of tier 2, and who else hears of it; stands after a reason of its own
    ("{} is hit, 1 series fires", "{} 受影响，1 个序列在触发"),
    ("{} is hit, {} series fire", "{} 受影响，{} 个序列在触发"),
    ("{*} may be the root ({})", "{} 可能是根因（{}）"),
    ("tier 2 is paged: {known}", "已呼叫研发：{}"),
    ("{}: nobody of {} can be reached", "{}：{} 无人可联系"),
    ("{}: owner of {}, which needs {*}, the likely root ({})", "{}：负责 {}，它依赖可能根因 {}（{}）"),
    ("{}: owner of {}, the likely root ({})", "{}：负责可能根因 {}（{}）"),
    ("{}: owner of {}, which needs {*}", "{}：负责 {}，它依赖 {}"),
    ("{}: owner of {}", "{}：负责 {}"),
    ("{}: it belongs to no service of the catalogue", "{}：不属于目录中的任何服务"),
    ("{}: nothing tells what the root is", "{}：看不出根因是什么"),
    ("{}: nobody is known to own {*}, the likely root ({})", "{}：可能根因 {} 没有登记负责团队（{}）"),
    ("{}: no roster is known for {}, the likely root ({})", "{}：可能根因 {} 没有登记值班表（{}）"),
    ("{}: no roster is known for {}", "{}：{} 没有登记值班表"),
    ("{}: the only team that is hit", "{}：唯一受影响的团队"),
    ("{}: {*} of {} is too unsure a root ({})", "{}：{}（{}）作为根因把握不足（{}）"),
    ("{*} of {} is too unsure a root ({})", "{}（{}）作为根因把握不足（{}）"),
)
_BETWEEN = "; "


def reason_in(language: str, reason: str, called: Called = str) -> str:
    """Return a reason in a language; English is what it is told in.

    >>> reason_in("zh", "hand-over from wang"), reason_in("en", "no answer")
    ('wang 交班给您', 'no answer')
    """
    return told(reason, called) if is_chinese(language) else reason


def told(reason: str, called: Called = str) -> str:
    """Return a reason in Chinese, or as it came."""
    before, _, last = reason.rpartition(_BETWEEN)
    team = _TEAMS.told(last, called) if before else None
    if team is not None:
        return f"{told(before, called)}；{team}"
    return _REASONS.told(reason, called) or _TEAMS.told(reason, called) or reason


def is_handover(reason: str) -> bool:
    """Tell whether a page is about who takes over at the end of a shift.

    >>> is_handover("hand-over from wang"), is_handover("no answer")
    (True, False)
    """
    return _HANDOVERS.told(reason.partition(_BETWEEN)[0]) is not None


REASON = Place(r".+", told)
_REASONS = Catalogue(_WHY)
_TEAMS = Catalogue(_TEAM, known=Place(r"[^;]+?", told))
_HANDOVERS = Catalogue(HANDOVERS)
