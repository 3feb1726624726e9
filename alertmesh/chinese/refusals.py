"""Why nothing changed when somebody asked or a deadline came, as the machine of escalation words it."""

from alertmesh.chinese.forms import Called, Catalogue, Place, one_of

STATE = one_of(
    {
        "held": "观察中",
        "t1_paging": "正在呼叫一线",
        "t1_acked": "一线已认领",
        "t2_paging": "正在呼叫研发",
        "t2_acked": "研发已认领",
        "snoozed": "已延后",
        "cleared": "恢复确认中",
        "exhausted": "无人应答",
        "suppressed": "已抑制",
        "merged": "已合并",
        "resolved": "已解决",
        "closed": "已关闭",
    }
)
EVENT = one_of(
    {
        "opened": "新事件",
        "hold_due": "观察到期",
        "step_due": "下一步到期",
        "tier_due": "呼叫研发到期",
        "loop_due": "下一轮到期",
        "triage_due": "分诊到期",
        "lease_due": "认领到期",
        "reminder_due": "提醒到期",
        "snooze_due": "延后到期",
        "clear_due": "恢复确认到期",
        "reopen_due": "重新打开期限到期",
        "loud_due": "再次呼叫到期",
        "window_due": "抑制到期",
        "handover_due": "交接到期",
        "ack": "认领",
        "unack": "放弃",
        "escalate": "升级",
        "resolve": "解决",
        "snooze": "延后",
        "assign": "指派",
        "return": "退回",
        "note": "备注",
        "close": "关闭",
        "priority": "调整优先级",
        "step": "勾选步骤",
        "cleared": "恢复",
        "refired": "再次触发",
        "grew": "扩大",
        "worse": "加重",
        "eased": "缓解",
        "released": "不再等待",
        "flapping": "抖动",
        "merged": "合并",
        "absorbed": "并入",
        "split": "拆分",
        "suppress": "抑制",
        "unsuppress": "解除抑制",
        "nobody": "无人可呼",
        "shift_ended": "班次结束",
    }
)
_WHY = (
    ("it is open already", "事件已经开启"),
    ("what stays behind goes on as it was", "留下的部分照旧"),
    ("it was clear already", "此前已恢复"),
    ("it never counted as cleared", "并未判定为恢复"),
    ("it is over; nobody is told", "事件已结束，不再通知"),
    ("nothing is held any more", "已没有在等待的呼叫"),
    ("nobody is being paged", "当前没有呼叫"),
    ("it was merged already", "已经合并"),
    ("it goes on in another incident itself", "它自身已并入其他事件"),
    ("it goes on in the incident it was merged into", "已并入其他事件，请在那里处理"),
    ("a suppression needs an end", "抑制必须有结束时间"),
    ("a person has it; nobody is being paged", "已有人认领，当前没有呼叫"),
    ("it is not suppressed", "并未被抑制"),
    (
        "there is no further step in this round; the next round comes by its deadline",
        "本轮没有下一步，到时开始下一轮",
    ),
    ("no step is being paged", "当前没有正在呼叫的步骤"),
    ("there is nobody further in this round; escalate or assign it", "本轮没有其他人，请升级或指派"),
    ("nobody has it and nobody is being asked; ack or note it", "无人认领也未在呼叫，请认领或写备注"),
    ("the policy has no tier 2 for this priority; assign it to a person", "此优先级不呼叫研发，请指派给个人"),
    ("it does not fire; note or resolve it instead", "已不再触发，请写备注或标记解决"),
    ("it is over already; note or close it", "已经结束，请写备注或关闭"),
    (
        "that is longer than the policy allows or not a positive time; from 1 to {} minutes are possible",
        "时长须为 1 至 {} 分钟",
    ),
    ("that is longer than the policy allows or not a positive time", "时长超出策略允许的范围"),
    ("only who has it can snooze it; ack it first", "只有处理人可以延后，请先认领"),
    ("say in the text what tier 1 should do", "请说明一线需要做什么"),
    ("tier 1 has it already; assign or unack it", "已在一线，请指派或放弃"),
    ("tier 2 does not have it; assign or escalate it", "不在研发处，请指派或升级"),
    ("a P1 or P2 is closed with its root cause in the text", "关闭 P1、P2 须填写根因"),
    ("it is not resolved; resolve it first", "尚未解决，请先标记解决"),
    ("it is closed already", "已经关闭"),
    ("it is that bad already", "已是此优先级"),
    (
        "a person said how bad it is, and it is no worse than it was then",
        "优先级由人设定，且情况未比当时更严重",
    ),
    ("it is over", "事件已结束"),
    ("it has that priority already", "已是此优先级"),
    ("it is over or goes on elsewhere; write a note", "已结束或已并入其他事件，请写备注"),
    ("nobody of that tier has it", "该层级无人认领"),
    ("nobody has it, or it is over", "无人认领，或事件已结束"),
    ("the policy has no tier 2 to pass it on to", "策略中没有可转的研发"),
    ("this deadline does not run in this state", "此状态下没有该时限"),
    (
        "{event} was meant for epoch {}; it is {state}, epoch {}",
        "{0}针对的是第 {1} 版，现为{2}，第 {3} 版",
    ),
)
_REFUSALS = Catalogue(_WHY, event=EVENT, state=STATE)


def told(why: str, called: Called = str) -> str:
    """Return in Chinese why nothing changed, or as it came."""
    return _REFUSALS.told(why, called) or why


REFUSAL = Place(r".+", told)
