"""Why series are one incident: the reasons of joins, merges, splits and suggestions, by what they rest on."""

from functools import lru_cache

from alertmesh.chinese.forms import Called, Catalogue, Forms, Place, is_chinese, one_of

_LINKS = one_of(
    {
        "calls": "调用",
        "runs on": "运行于",
        "carries": "承载",
        "owns": "拥有",
        "is owned by": "属于",
        "is linked to": "关联到",
    }
)
_SCOPES = Catalogue([("namespace {}", "命名空间 {} "), ("cluster {}", "集群 {} ")]).place()
_CHANGES = Catalogue(
    [
        ("{} by {}: {**}", "{}，{}：{}"),
        ("{}: {**}", "{}：{}"),
        ("{} of {**} by {}", "{1} 的 {0}，{2}"),
        ("{} of {**}", "{1} 的 {0}"),
    ]
).place()
_MEASURES = one_of(
    {
        "across": "两侧平均相关度",
        "best": "最相关成员的相关度",
        "within": "一侧内部的相关度",
        "gap": "两侧时间间隔",
        "nearest": "最近的开始间隔",
        "likeness": "共同点",
        "near": "拓扑相邻",
        "usual": "日常出现程度",
        "habits": "日常出现程度之差",
        "held": "归在一起的比例",
        "few": "较小一侧的规模",
        "series": "序列总数",
    }
)
_TIME = (
    (
        "The group took its last alert {span} before and was quiet for {span}",
        "本事件上一条告警在 {}前，此后已安静 {}",
    ),
    ("The group took its last alert {span} before and still fires", "本事件上一条告警在 {}前，仍在触发"),
    ("The group took its last alert {span} before", "本事件上一条告警在 {}前"),
)
_HABIT = (
    (
        "This alert comes by itself, about {} times in the last half day, as do the alerts of the group",
        "此告警常自行出现，近半天约 {} 次，本事件的告警也是如此",
    ),
    ("This alert comes by itself, about {} times in the last half day", "此告警常自行出现，近半天约 {} 次"),
    ("This alert was not seen in the last half day", "近半天未出现过此告警"),
)
_RELATION = (
    ("It is not known yet what {**} comes with", "尚不清楚 {} 常与哪些告警一起出现"),
    (
        "{**} came with a kind of the group {} times, {} times what chance gives",
        "{} 曾与本事件的某类告警一起出现 {} 次，是随机情况的 {} 倍",
    ),
)
_PERSON = (
    ("{person} said that they are one", "{} 认定为同一故障"),
    ("{person} put it here", "由 {} 归到此处"),
)
_SHARED: dict[str, Forms] = {  # by feature, what is shared with the group
    "same_thing": [("Both are about {} {**}", "都与 {} {} 有关")],
    "depends_on": [("It calls {**}, which the group is about", "它调用本事件中的 {}")],
    "depended_on": [("Alerts of the group call {**}", "本事件中的对象调用 {}")],
    "shared_callee": [("It and the group both call {**}", "与本事件同样调用 {}")],
    "runs_there": [("It is on {} {**}, which the group is about", "它位于本事件的 {} {}")],
    "carries": [("Alerts of the group are on {} {**}", "本事件的告警位于 {} {}")],
    "shared_place": [("{} of the group share {} {**}", "本事件 {} 的成员同在 {} {}")],
    "neighbour": [
        ("{**} is called by {**}, which the group is about", "{1} 调用 {0}，前者在本事件中"),
        ("{**} {link} {**}, which the group is about", "{} {}本事件中的 {}"),
        (
            "{**} alerted together in {} of {} cases with {**}, which the group is about",
            "{0} 与本事件中的 {3} 在 {2} 次中有 {1} 次一起告警",
        ),
    ],
    "same_words": [("Both speak of {**}", "告警文本都提到 {}")],
    "same_change": [
        ("Both were touched by the same change {span} before, {change}", "{}前受同一变更影响：{}")
    ],
    "same_namespace": [("Same namespace {**}", "同一命名空间 {}")],
    "same_kind": [("The group already holds {**}", "本事件已有 {}")],
}
_LIKENESS = (
    *[form for forms in _SHARED.values() for form in forms],
    ("Both are about {**}", "都与 {} 有关"),
    ("{**} is one step from the group", "{} 与本事件相距一步"),
    ("{**} is two steps from the group", "{} 与本事件相距两步"),
    ("They share no thing and no place", "没有共同的对象或位置"),
)
_MERGED = (
    "Looked at together, {} series here and {} there are {} likely one trouble,"
    " pair by pair; the nearest began {span} apart"
)
_BATCH = (
    (
        f"{_MERGED}, {{}} of the pairs stand next to each other",
        "整体来看，此处 {} 个序列与另一处 {} 个有 {} 的可能是同一故障，最近的开始时间相隔 {}，"
        "{} 的成对对象相邻",
    ),
    (
        _MERGED,
        "整体来看，此处 {} 个序列与另一处 {} 个有 {} 的可能是同一故障，最近的开始时间相隔 {}",
    ),
    (
        "Looked at together, {} series and the other {} are only {} likely one trouble,"
        " pair by pair; they began {span} apart",
        "整体来看，{} 个序列与其余 {} 个只有 {} 的可能是同一故障，开始时间相隔 {}",
    ),
)
_BY_FEATURE: dict[str, Forms] = {
    **_SHARED,
    "session": [("The group of {scope} had a new alert {} s before", "{}中的本事件 {} 秒前刚有新告警")],
    "inhibited": [("{series} hides it by rule {**}", "{} 按规则 {} 抑制了它")],
    "explained": [("{series} explains it by rule {**}", "{} 按规则 {} 是其起因")],
    "person": _PERSON,
    "rest": [("{} weaker pieces of evidence", "{} 条较弱的依据")],
    "first": [("Nothing open is close enough; it begins a group", "没有足够接近的事件，单独成为新事件")],
    "link": [("{**} speaks for both groups", "{} 与两边都有关")],
    "batch": _BATCH,
    "time": (*_TIME, ("the time between them", "相隔的时间")),
    "likeness": (*_LIKENESS, ("what they share or do not", "共同点")),
    "habit": (*_HABIT, ("how often these alerts come by themselves", "这些告警日常出现的频率")),
    "relation": (*_RELATION, ("how often such alerts came together before", "此类告警以往一起出现的次数")),
    "shape": [
        ("The group holds {} series of {} things", "本事件有 {} 个序列，涉及 {} 个对象"),
        ("how large the group is", "事件的规模"),
    ],
    "prior": [("Before anything is known of the two", "在了解两者之前")],
    "measure": [("{measure} {}", "{} {}")],
}
_NONE = ("no reason was kept", "未保留原因")
_PLACES = {"link": _LINKS, "scope": _SCOPES, "change": _CHANGES, "measure": _MEASURES}
_CATALOGUES = {name: Catalogue(forms, **_PLACES) for name, forms in _BY_FEATURE.items()}
_ANY = [form for name, forms in _BY_FEATURE.items() if name != "measure" for form in forms]
_ALL = Catalogue([_NONE, *_ANY], **_PLACES)


def join_in(language: str, feature: str, text: str) -> str:
    """Return one reason in a language; `feature` is what it rests on.

    >>> join_in("zh", "same_kind", "The group already holds HighCPU")
    '本事件已有 HighCPU'
    """
    return _by_feature(feature, text) if is_chinese(language) else text


@lru_cache(maxsize=4096)
def _by_feature(feature: str, text: str) -> str:
    catalogue = _CATALOGUES.get("measure" if feature.startswith("batch_") else feature, _ALL)
    return catalogue.told(text) or text


def told(text: str, called: Called = str) -> str:
    """Return a reason in Chinese that does not say what it rests on, or as it came."""
    return _ALL.told(text, called) or text


JOIN = Place(r".+", told)
