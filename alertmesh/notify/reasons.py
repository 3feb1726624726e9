"""Say in Chinese why somebody is paged or told; the stages word it in English.

Each form is what a rule of escalation writes: `{}` stands for a name or number, `{*}` for a thing with spaces
in its name, and `{**}` for what a person wrote. Those stay as they are, and so does a reason that has no
form here.
"""

import re
from collections.abc import Iterable
from functools import cache

_TIER_2 = "tier 2 is paged: {*}"
_WHY = (
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
    ("triage took too long", "研判超时"),
    ("the owner went silent", "处理人长时间没有动静"),
    ("the snooze is over", "静音到期"),
    ("still firing after the suppression", "屏蔽结束后仍在触发"),
    ("resolved by hand but still firing", "已手工解决，但仍在触发"),
    ("fires again", "再次触发"),
    ("fires again, and is worse", "再次触发，且更严重"),
    ("it got worse", "情况加重"),
    ("another P1 is its likely root now", "可能根因变为另一个 P1"),
    ("a new service joined", "又有新的服务受影响"),
    ("now {}", "现为 {}"),
    ("its alerts make it {} as well", "其告警也达到 {}"),
    ("{} raised it to {}", "{} 将其提升为 {}"),
    ("{} says it is {}, not {}: {**}", "{} 认定为 {}，而不是 {}：{}"),
    ("{} says it is {}, not {}", "{} 认定为 {}，而不是 {}"),
    ("{} cannot", "{} 处理不了"),
    ("{} gave it up", "{} 不再处理"),
    ("{} escalated: {**}", "{} 升级：{}"),
    ("{} escalated", "{} 升级"),
    ("{} assigned it to {}: {**}", "{} 指派给 {}：{}"),
    ("{} assigned it to {}", "{} 指派给 {}"),
    ("{} returned it: {**}", "{} 退回：{}"),
    ("{} has it now", "现由 {} 处理"),
    ("{} keeps it", "{} 继续处理"),
    ("nobody on duty did not take it over from {}", "无人值班，未能从 {} 接班"),
    ("{} did not take it over from {}", "{} 未从 {} 接班"),
    ("hand-over from {}", "{} 交班给您"),
    ("#{} was merged in", "已并入 #{}"),
    (
        "still yours? Without a sign of life it is paged again in {} min",
        "还在处理吗？若无动静，{} 分钟后重新呼叫",
    ),
    ("resolved by {}: {**}", "由 {} 解决：{}"),
    ("resolved by {}", "由 {} 解决"),
    ("cleared", "已恢复"),
    ("cleared before anybody was paged", "呼叫之前已恢复"),
    ("cleared while suppressed", "屏蔽期间已恢复"),
)
_TEAM = (  # why it is this team of tier 2, and who else hears of it; stands after a reason of its own
    ("{} is hit, 1 series fires", "{} 受影响，1 个序列在触发"),
    ("{} is hit, {} series fire", "{} 受影响，{} 个序列在触发"),
    ("{*} may be the root ({})", "{} 可能是根因（{}）"),
    (_TIER_2, "已呼叫研发：{}"),
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
HANDOVERS = (
    "hand-over from {}",
    "{} did not take it over from {}",
    "nobody on duty did not take it over from {}",
)
_BETWEEN = "; "
_PLACE = re.compile(r"(\{\**\})")
_PLACES = {"{}": r"([^\s;]+)", "{*}": r"([^;]+?)", "{**}": r"(.+)"}


def reason_in(language: str, reason: str) -> str:
    """Return a reason in a language; English is what it is told in.

    >>> reason_in("zh", "hand-over from wang"), reason_in("en", "no answer")
    ('wang 交班给您', 'no answer')
    """
    if not reason or not language.lower().startswith("zh"):
        return reason
    before, _, last = reason.rpartition(_BETWEEN)
    said = _said(last, _TEAM)
    if before and said is not None:
        return f"{reason_in(language, before)}；{said}"
    return _known(reason)


def is_handover(reason: str) -> bool:
    """Tell whether a page is about who takes over at the end of a shift.

    >>> is_handover("hand-over from wang"), is_handover("no answer")
    (True, False)
    """
    first = reason.partition(_BETWEEN)[0]
    return any(_pattern(form).fullmatch(first) for form in HANDOVERS)


def _said(reason: str, forms: Iterable[tuple[str, str]]) -> str | None:
    for english, chinese in forms:
        found = _pattern(english).fullmatch(reason)
        if found:
            known = found.groups() if english != _TIER_2 else map(_known, found.groups())
            return chinese.format(*known)
    return None


def _known(part: str) -> str:
    return _said(part, (*_WHY, *_TEAM)) or part


@cache
def _pattern(form: str) -> re.Pattern[str]:
    """Return what finds a form."""
    return re.compile("".join(_PLACES.get(part) or re.escape(part) for part in _PLACE.split(form)))
