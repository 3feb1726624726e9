"""Say in Chinese why something is likely to be the root, and what was changed there.

The correlator words it in English: a thing with what it tells of, then what speaks for it, with commas
between. What has no form here is told as it came.
"""

import re

_PARTS = (
    ("{} tells of {} and {} more", "{} 报出 {} 及另外 {} 种告警"),
    ("{} tells of {}", "{} 报出 {}"),
    ("{} does not alert itself but is called by what does", "{} 自身未告警，但被告警对象调用"),
    ("{} does not alert itself but carries what does", "{} 自身未告警，但承载着告警对象"),
    ("{} does not alert but is called by what does", "{} 未告警，但被告警对象调用"),
    ("{} said so", "由 {} 指定"),
    ("stands behind {} of what the others tell", "可解释其余告警的 {}"),
    ("{} of the blame ends at it", "{} 的归因指向它"),
    ("{} of the alerts about calls are about calls to it", "{} 的调用类告警指向它"),
    ("nothing that it calls explains it", "其下游都不能解释它"),
    ("{} things that alert lie on it", "其上有 {} 个告警对象"),
    ("it was changed shortly before", "不久前有过变更"),
)
_KNOWN = tuple(
    (re.compile("(.+?)".join(re.escape(part) for part in english.split("{}"))), chinese)
    for english, chinese in _PARTS
)
_CHANGE = re.compile(
    r"(?P<kind>.+?) (?:(?P<count>[\d.]+) (?P<unit>s|min|h|days) before|as it began)"
    r"(?: by (?P<who>[^\s:]+))?(?:: (?P<what>.+))?"
)
_UNITS = {"s": "秒", "min": "分钟", "h": "小时", "days": "天"}


def cause_in(language: str, reason: str) -> str:
    """Return why something is likely to be the root, in a language.

    >>> cause_in("zh", "service cart tells of CPUHigh, nothing that it calls explains it")
    'service cart 报出 CPUHigh，其下游都不能解释它'
    """
    if not language.lower().startswith("zh"):
        return reason
    told = [_part(part) for part in reason.split(", ")]
    return "，".join(filter(None, told)) if all(told) else reason


def change_in(language: str, told: str) -> str:
    """Return what was changed, in a language.

    >>> change_in("zh", "deploy 4 min before by li: cart v1.4.2")
    'deploy，告警前 4 分钟，li：cart v1.4.2'
    """
    found = _CHANGE.fullmatch(told) if language.lower().startswith("zh") else None
    if found is None:
        return told
    when = "与告警同时"
    if found["count"]:
        when = f"告警前 {found['count']} {_UNITS[found['unit']]}"
    by = f"，{found['who']}" if found["who"] else ""
    what = f"：{found['what']}" if found["what"] else ""
    return f"{found['kind']}，{when}{by}{what}"


def _part(part: str) -> str | None:
    for pattern, chinese in _KNOWN:
        found = pattern.fullmatch(part)
        if found:
            return chinese.format(*found.groups())
    return None
