"""Why a series is in an incident, what would have kept it out, and why two incidents are not one."""

from alertmesh.chinese.forms import Called, Catalogue, Place, is_chinese
from alertmesh.chinese.joins import JOIN

_CALLED = (
    ("incident {}", "#{}"),
    ("Incident {}", "#{}"),
    ("group {}, which has no incident", "组 {}（尚无事件）"),
    ("Group {}, which has no incident", "组 {}（尚无事件）"),
)
_PERCENT = (("over {} %", "{}% 以上"), ("under {} %", "{}% 以下"), ("{} %", "{}%"))
_BARRED = (
    (
        "all of it was over for more than twice as long as alerts there usually last",
        "其全部恢复已久，超过那里告警通常持续时间的两倍",
    ),
    (
        "nothing but time spoke for it, in a cluster that several systems share",
        "该集群由多个系统共用，而依据只有时间接近",
    ),
)
_NOBODY = (
    (
        "they share nothing and were never active in the same scope at the same time",
        "两者没有共同点，也从未同时在同一范围内活动",
    ),
    ("what they share came too late, or from another scope", "共同点出现得太晚，或来自其他范围"),
    ("when a series of one came, other groups were nearer", "一方的序列出现时，有其他事件更接近"),
)
_PEOPLE = (
    ("{person} said that {**} does not belong with {**} ({**})", "{0} 认定 {1} 与 {2} 无关（{3}）"),
    ("People said that series of the two do not belong together", "有人认定两者的序列无关"),
)
_APART = (
    *_PEOPLE,
    ("Nobody weighed the two: {nobody}", "未比较过两者：{}"),
    (
        "When {**} came, it was {share} likely to belong to {group}, and it takes {share};"
        " {join} spoke most against it",
        "{0} 出现时属于 {2} 的可能性为 {1}，需达到 {3}；主要的反面依据：{4}",
    ),
    (
        "When {**} came, it was {share} likely to belong to {group}, and it takes {share}",
        "{0} 出现时属于 {2} 的可能性为 {1}，需达到 {3}",
    ),
    (
        "When {**} came, it was {share} likely to belong to {group}, and likelier to belong elsewhere",
        "{0} 出现时属于 {2} 的可能性为 {1}，但更可能属于别处",
    ),
    (
        "When {**} came, it was {share} likely to belong to {group}, but {barred}",
        "{0} 出现时属于 {2} 的可能性为 {1}，但{3}",
    ),
    ("They share no thing, no place and no call", "没有共同的对象、位置或调用"),
    ("Both have to do with {**} and {} more", "都与 {} 等有关，另有 {} 个"),
    ("Both have to do with {**}", "都与 {} 有关"),
    ("They are of different clusters, {**} and {**}", "分属不同集群：{} 与 {}"),
    ("{group} had been clear for {span} when {group} began", "{2} 开始时，{0} 已恢复 {1}"),
    (
        "{group} began {span} after {group}, which was not over then",
        "{0} 在 {2} 开始 {1}后开始，当时 {2} 尚未结束",
    ),
)
_KEPT_OUT = (
    ("People put it here: only another word of theirs takes it out", "由人归到此处，只有人可以移出"),
    (
        "Without the inhibition rule that names its cause it would have been weighed as others are",
        "若没有指明起因的抑制规则，会与其他告警一样比较",
    ),
    ("It began a group of its own, which became one with this later", "起初单独成为事件，后来与本事件合并"),
    ("It began the group: no open group was worth weighing", "由它开启本事件：当时没有值得比较的事件"),
    (
        "It began the group: {group} was {share} likely, and it takes {share}",
        "由它开启本事件：属于 {} 的可能性为 {}，需达到 {}",
    ),
    (
        "It began the group: {group} was {share} likely, but {barred}",
        "由它开启本事件：属于 {} 的可能性为 {}，但{}",
    ),
    ("Nothing that was weighed would have kept it out by being absent", "去掉任何一条依据都不会改变结果"),
    ("No single piece of evidence decides it. {without}", "没有单独起决定作用的依据。{}"),
    ("{without}", "{}"),
    ("Had {join} been as for {group}, it would have been {share}", "若{0}与 {1} 的情况相同，可能性为 {2}"),
)
_WITHOUT = (
    ("Without {quoted} it would have been {share}, and it takes {share}", "若没有{}，可能性为 {}，需达到 {}"),
)


def why_in(language: str, text: str, called: Called = str) -> str:
    """Return in a language why two incidents are not one, or what would have kept a series out of one.

    >>> why_in("zh", "When CPUHigh came, it was 31 % likely to belong to incident 7, and it takes 50 %")
    'CPUHigh 出现时属于 #7 的可能性为 31%，需达到 50%'
    """
    return (_ALL.told(text, called) or text) if is_chinese(language) else text


def _quoted(text: str, called: Called) -> str:
    return "和".join(f"“{JOIN.tell(part, called)}”" for part in text.strip("“”").split("” and “"))


_GROUP = Catalogue(_CALLED).place(r".+?")
_SHARE = Catalogue(_PERCENT).place(r"(?:over |under )?\d+ %")
_PLACES = {
    "group": _GROUP,
    "share": _SHARE,
    "join": JOIN,
    "barred": Catalogue(_BARRED).place(),
    "nobody": Catalogue(_NOBODY).place(),
    "quoted": Place(r"“.+”", _quoted),
}
_ALL = Catalogue(
    [*_APART, *_KEPT_OUT], **_PLACES, without=Catalogue(_WITHOUT, **_PLACES).place(r"Without .+ it takes .+")
)
