"""Why something is likely to be the root, and what was changed there, as the correlator words it."""

from alertmesh.chinese.forms import Catalogue, is_chinese

_OPENINGS = Catalogue(
    [
        ("{**} tells of {**} and {} more", "{} 报出 {} 及另外 {} 种告警"),
        ("{**} tells of {**}", "{} 报出 {}"),
        ("{**} does not alert itself but is called by what does", "{} 自身未告警，但被告警对象调用"),
        ("{**} does not alert itself but carries what does", "{} 自身未告警，但承载着告警对象"),
        ("{**} does not alert but is called by what does", "{} 未告警，但被告警对象调用"),
        ("{**} said so", "由 {} 指定"),
    ]
)
_FACTS = Catalogue(
    [
        ("stands behind {} of what the others tell", "可解释其余告警的 {}"),
        ("{} of the blame ends at it", "{} 的归因指向它"),
        ("{} of the alerts about calls are about calls to it", "{} 的调用类告警指向它"),
        ("nothing that it calls explains it", "其下游都不能解释它"),
        ("{} things that alert lie on it", "其上有 {} 个告警对象"),
        ("it was changed shortly before", "不久前有过变更"),
    ]
)
_CHANGES = Catalogue(
    [
        ("{*} {span} before by {}: {**}", "{}，告警前 {}，{}：{}"),
        ("{*} {span} before by {}", "{}，告警前 {}，{}"),
        ("{*} {span} before: {**}", "{}，告警前 {}：{}"),
        ("{*} {span} before", "{}，告警前 {}"),
        ("{*} as it began by {}: {**}", "{}，与告警同时，{}：{}"),
        ("{*} as it began by {}", "{}，与告警同时，{}"),
        ("{*} as it began: {**}", "{}，与告警同时：{}"),
        ("{*} as it began", "{}，与告警同时"),
    ]
)
_BETWEEN = ", "


def cause_in(language: str, reason: str) -> str:
    """Return why something is likely to be the root, in a language.

    It is a thing with what it tells of, then what speaks for it.

    >>> cause_in("zh", "service cart tells of CPUHigh, nothing that it calls explains it")
    'service cart 报出 CPUHigh，其下游都不能解释它'
    """
    if not is_chinese(language):
        return reason
    rest = reason
    facts: list[str] = []
    while True:
        before, _, last = rest.rpartition(_BETWEEN)
        fact = _FACTS.told(last) if before else None
        if fact is None:
            opening = _OPENINGS.told(rest) or _FACTS.told(rest)
            return "，".join((opening, *reversed(facts))) if opening else reason
        rest = before
        facts.append(fact)


def change_in(language: str, told: str) -> str:
    """Return what was changed, in a language.

    >>> change_in("zh", "deploy 4 min before by li: cart v1.4.2")
    'deploy，告警前 4 分钟，li：cart v1.4.2'
    """
    return (_CHANGES.told(told) or told) if is_chinese(language) else told
