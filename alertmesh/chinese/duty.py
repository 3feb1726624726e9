"""What is wrong with a roster, and what to think of before an override or a silence holds."""

from alertmesh.chinese.forms import Called, Catalogue, is_chinese

_WHY = (
    ("no layer holds", "没有生效的班次层"),
    ("nobody has duty in layer {**}", "班次层 {} 无人值班"),
    ("nobody has duty", "无人值班"),
    ("{person} comes first in layer {**}", "{} 在班次层 {} 排第一"),
    ("{person} comes first", "{} 排第一"),
    ("it is the turn of {person} in layer {**}", "班次层 {1} 轮到 {0}"),
    ("it is the turn of {person}", "轮到 {}"),
    ("{person} stands in for whoever is primary, by override {}", "{} 顶替主值班（换班 {}）"),
    ("{person} stands in for {person}, by override {}", "{} 顶替 {}（换班 {}）"),
)
_REASON = (
    ("there is no such roster", "没有此值班表"),
    ("{why}, whom no channel reaches", "{}，但没有渠道能联系到"),
    ("{why}", "{}"),
)
_FAULTS = (
    ("nobody can be reached{when}: {reason}", "{}无人可联系：{}"),
    ("only the secondary can be reached{when}: {reason}", "{}只能联系到副值班：{}"),
    ("{person} is primary and secondary{when}", "{1}{0} 同时是主值班和副值班"),
    ("{person} has duty for more than {} days{when}", "{2}{0} 连续值班超过 {1} 天"),
    ("{person} rests for {} h only{when}", "{2}{0} 只休息 {1} 小时"),
    ("{person} has {} hours{when}; a fair share is {}", "{2}{0} 值班 {1} 小时，平均为 {3} 小时"),
    ("{person} has {} nights{when}; a fair share is {}", "{2}{0} 值夜班 {1} 个，平均为 {3} 个"),
    ("{person} has {} weekend days{when}; a fair share is {}", "{2}{0} 周末值班 {1} 天，平均为 {3} 天"),
    ("{person} is primary of {} too{when}", "{2}{0} 同时是 {1} 的主值班"),
)
_WARNINGS = (
    ("{person} has no duty in {} then", "{} 此时在 {} 没有值班"),
    ("{person} has duty in {} then as it is", "{} 此时在 {} 本来就值班"),
    ("it matches no alert that fires now", "没有匹配到正在触发的告警"),
    ("it matches everything, even an alert without any label", "会匹配所有告警，包括没有标签的告警"),
    ("it matches all {} alerts that fire now", "会匹配正在触发的全部 {} 条告警"),
    ("it ends more than {} days from now", "结束时间在 {} 天以后"),
)
_WHEN = Catalogue([(" from {**} to {**} ({})", "{} 至 {}（{}）")]).place(r" from .+? to .+? \([^)]+\)")
_REASONS = Catalogue(_REASON, why=Catalogue(_WHY).place())
_FOUND = Catalogue(_FAULTS, when=_WHEN, reason=_REASONS.place())
_THINK = Catalogue(_WARNINGS)
FAULT = _FOUND.place()


def fault_in(language: str, text: str, called: Called = str) -> str:
    """Return what is wrong with a roster, in a language.

    >>> fault_in("zh", "li is primary of db too from 2026-11-27 10:00 to 2026-11-28 10:00 (Asia/Shanghai)")
    '2026-11-27 10:00 至 2026-11-28 10:00（Asia/Shanghai）li 同时是 db 的主值班'
    """
    return (_FOUND.told(text, called) or text) if is_chinese(language) else text


def warning_in(language: str, text: str, called: Called = str) -> str:
    """Return what to think of before an override or a silence holds, in a language.

    >>> warning_in("zh", "it matches all 12 alerts that fire now")
    '会匹配正在触发的全部 12 条告警'
    """
    return (_THINK.told(text, called) or text) if is_chinese(language) else text
