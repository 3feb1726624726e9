"""What the rules against noise say of a series, and what they propose to do about it."""

from alertmesh.chinese.forms import Catalogue, Forms, is_chinese, one_of

_DAYS = one_of(
    {
        "Monday": "周一",
        "Tuesday": "周二",
        "Wednesday": "周三",
        "Thursday": "周四",
        "Friday": "周五",
        "Saturday": "周六",
        "Sunday": "周日",
    }
)
_WHEN = (
    ("every {day} about {} {}", "每{} {} {} 左右"),
    ("every day about {} {}", "每天 {} {} 左右"),
    ("every hour about minute {}", "每小时第 {} 分钟左右"),
    ("every {} h, as about {} {}", "每 {} 小时（如 {} {} 左右）"),
    ("every {span}", "每 {}"),
)
_HABIT = (
    ("began {} times in {} days and clears within {span}", "{1} 天内触发 {0} 次，每次 {2}内恢复"),
    ("fired {} of the last {} days", "近 {1} 天有 {0} 的时间在触发"),
    ("fires for {span} without a pause", "已连续触发 {}"),
)
_HEAL: Forms = (
    (
        "{} of {} such alerts cleared alone within {span}; the first page waits until {**}",
        "此类告警 {1} 次中有 {0} 次在 {2}内自行恢复，首次呼叫等到 {3}",
    ),
    (
        "{**}: usually done within {span} ({**}); the first page waits until {**}",
        "{}：通常 {}内完成（{}），首次呼叫等到 {}",
    ),
    (
        "still fires after {span}: it outlived what Kubernetes needs, so paging does not wait any more",
        "{}后仍在触发，已超过 Kubernetes 所需时间，不再等待",
    ),
    (
        "still fires after {span}: it outlived almost all that cleared alone,"
        " so paging does not wait any more",
        "{}后仍在触发，已超过绝大多数自行恢复的告警，不再等待",
    ),
    (
        "{} such alerts fire at once: that is more than one healing, so no page waits",
        "同时有 {} 条此类告警，不像是单次自愈，呼叫不再等待",
    ),
    ("it got worse, now {}: paging does not wait any more", "情况加重，现为 {}，不再等待"),
    (
        "it was not reported any more; whether it cleared is not known",
        "不再上报，不确定是否已恢复",
    ),
    ("cleared alone after {span}, nobody was paged for it", "{}后自行恢复，未呼叫任何人"),
)
_FLAP: Forms = (
    (
        "flapping: changed {} times in {span}; it counts as firing until it has not changed for {span};"
        " the first page waits until {**}",
        "抖动：{1}内变化 {0} 次，稳定 {2}之前都视为触发，首次呼叫等到 {3}",
    ),
    (
        "flapping: changed {} times in {span}; it counts as firing until it has not changed for {span}",
        "抖动：{1}内变化 {0} 次，稳定 {2}之前都视为触发",
    ),
    (
        "stopped flapping: clear since {**}, for {span}; it flapped for {span} with {} changes",
        "不再抖动：{} 起已恢复 {}，此前抖动 {}，变化 {} 次",
    ),
    (
        "now stays firing: since {**}, for {span}, where {span} was usual;"
        " it flapped for {span} with {} changes before",
        "现为持续触发：{} 起已 {}，通常为 {}，此前抖动 {}，变化 {} 次",
    ),
    (
        "stopped flapping: it changes seldom now; {} changes since it began",
        "不再抖动：现在很少变化，自开始以来变化 {} 次",
    ),
    ("flapping is not looked for any more", "已停用抖动检测"),
)
_ROUTINE: Forms = (
    (
        "routine: comes {when} for {span}, seen {} of {} times; not paged until {**}",
        "例行：{0}出现，持续 {1}，{3} 次中出现 {2} 次，{4} 之前不呼叫",
    ),
    (
        "not routine any more: still fires after {span}, usually over within {span}",
        "不再视为例行：{}后仍在触发，通常 {}内结束",
    ),
    ("not routine any more: it is {}, usually {}", "不再视为例行：现为 {}，通常为 {}"),
    (
        "not routine any more: {} fire at once, usually {} at most",
        "不再视为例行：同时触发 {} 条，通常最多 {} 条",
    ),
    ("not at a usual time: comes {when}", "不在例行时间：通常{}出现"),
    (
        "comes {when} for {span}, but a {} does not wait so long",
        "{}出现，持续 {}，但 {} 不能等这么久",
    ),
    ("routine is not looked for any more", "已停用例行检测"),
)
_CHRONIC: Forms = (
    (
        "set aside as noise: {habit}; it pages again when it gets worse or was clear for {span}",
        "视为长期噪声：{}；加重或恢复满 {}后再次呼叫",
    ),
    ("set aside as noise: {habit}", "视为长期噪声：{}"),
    ("not set aside any more: the rules say never", "不再视为噪声：规则规定不得忽略"),
    ("not set aside any more: noise is not looked for", "不再视为噪声：已停用长期噪声检测"),
    ("not set aside any more: it is {} now and was {}", "不再视为噪声：现为 {}，此前为 {}"),
    (
        "not set aside any more: {} alerts fire at once, and {} did at most",
        "不再视为噪声：同时触发 {} 条，此前最多 {} 条",
    ),
    ("not set aside any more: {habit}, but now fires for {span}", "不再视为噪声：{}，但现已持续触发 {}"),
    ("not noise any more: clear for {span}", "不再是噪声：已恢复 {}"),
)
_STORM: Forms = (
    (
        "opened in a storm of {**}: {} alerts in a minute, usually {}",
        "在 {} 的告警风暴中开启：每分钟 {} 条，通常 {} 条",
    ),
    ("opened in a storm: {} alerts in a minute, usually {}", "在告警风暴中开启：每分钟 {} 条，通常 {} 条"),
)
_BEATS: Forms = (
    (
        "No {**} of {**} since {} UTC; one is expected every {span}.",
        "自 {2} UTC 起没有 {1} 的 {0}，应每 {3}一次。",
    ),
    ("No {**} since {} UTC; one is expected every {span}.", "自 {1} UTC 起没有 {0}，应每 {2}一次。"),
    ("The heartbeat is back, or is not expected any more.", "心跳已恢复，或不再需要。"),
    (
        "Nothing was heard of {**} since {} UTC, which otherwise comes every {span};"
        " {} of its alerts fired then.",
        "自 {1} UTC 起没有 {0} 的消息，平时每 {2}一次，当时有 {3} 条告警在触发。",
    ),
    ("The source was heard again, or is not configured any more.", "来源已恢复上报，或已从配置中移除。"),
    ("The source was heard again.", "来源已恢复上报。"),
    ("It is a heartbeat now: only its silence is an alarm.", "现为心跳告警：只有中断时才报警。"),
    ("It is no heartbeat any more, and counts like any other alert.", "不再是心跳告警，按普通告警处理。"),
    (
        "Source lost: {**} of its monitor stopped at {**}; this end does not mean that it healed.",
        "来源失联：监控系统的 {} 于 {} 停止，此恢复不代表已修复。",
    ),
    (
        "Source lost: {**} fell silent; this end does not mean that it healed.",
        "来源失联：{} 不再上报，此恢复不代表已修复。",
    ),
)
_ADVICE = (
    ("a rule that waits with `for: {}m` would stay quiet", "规则加上 `for: {}m` 即可不再打扰"),
    (
        "an alert of priority {} that is always on tells nobody anything",
        "始终触发的 {} 告警没有意义，可以去掉",
    ),
    (
        "mend what it tells of, or move its threshold to where somebody would act",
        "请修复其所报问题，或把阈值调到需要处理的程度",
    ),
)
_PROPOSALS: Forms = (
    (
        "comes {when} for {span}, seen {} of {} times; a maintenance window would say that it is planned",
        "{0}出现，持续 {1}，{3} 次中出现 {2} 次；可设置维护窗口说明其为计划内",
    ),
    ("{habit}: {advice}", "{}：{}"),
)
_PLACES = {"when": Catalogue(_WHEN, day=_DAYS).place(), "habit": Catalogue(_HABIT).place(r"[^:;]+?")}
NOTES = Catalogue([*_HEAL, *_FLAP, *_ROUTINE, *_CHRONIC, *_STORM, *_BEATS], **_PLACES)
_PROPOSED = Catalogue(_PROPOSALS, advice=Catalogue(_ADVICE).place(), **_PLACES)


def proposal_in(language: str, why: str) -> str:
    """Return what is proposed to be done about noise, and why, in a language.

    >>> proposal_in("zh", "fired 98% of the last 7 days: a rule that waits with `for: 4m` would stay quiet")
    '近 7 天有 98% 的时间在触发：规则加上 `for: 4m` 即可不再打扰'
    """
    return (_PROPOSED.told(why) or why) if is_chinese(language) else why
