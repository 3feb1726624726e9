"""The texts of messages, one value per language; braces are filled in by `render`."""

from msgspec import Struct


class Words(Struct, frozen=True, kw_only=True):
    """Every text that a message can hold, in one language.

    `evidence` words what speaks for alerts being one incident, by feature; what it lacks is told as the
    correlator words it.
    """

    where: str
    since: str
    alerts: str
    more_services: str
    root: str
    unseen: str
    changed: str
    together: str
    evidence: dict[str, str]
    semicolon: str
    seen: str
    similar: str
    resolved_by: str
    noted: str
    again: str
    comma: str
    endings: tuple[str, ...]
    paged: str
    also_paged: str
    team: str
    next_step: str
    next_tier: str
    runbook: str
    reason: str
    link: str
    console: str
    minimal: str
    minimal_many: str
    many_title: str
    many_handovers: str
    many_line: str
    cleared: str
    open_line: str
    closing_title: str
    lasted: str
    handled_by: str
    update_title: str
    handover_title: str
    handover_ask: str
    test: str
    test_title: str
    test_text: str
    test_minimal: str
    maybe_before: str
    unknown: str
    tiers: dict[str, str]
    place: dict[str, str]
    units: tuple[str, str, str]

    def ordinal(self, number: int) -> str:
        """Return a number as one counts with it.

        >>> [ENGLISH.ordinal(number) for number in (2, 3, 4, 11, 21)], CHINESE.ordinal(3)
        (['2nd', '3rd', '4th', '11th', '21st'], '3')
        """
        teen = number % 100 // 10 == 1
        last = 0 if teen else number % 10
        return f"{number}{self.endings[last] if last < len(self.endings) else self.endings[0]}"


ENGLISH = Words(
    where="Where: {where}",
    since="Since: {since} UTC ({age})",
    alerts="Alerts: {alerts} in {series} series, {firing} firing",
    more_services="{services} and {more} more",
    root="Likely root: {entity} ({percent}%): {reason}",
    unseen="; likelier ({percent}%) the root is not among what alerts",
    changed="; changed: {what}",
    together="Together because: {reasons} ({percent}%)",
    evidence={},
    semicolon="; ",
    seen="Seen before: {told}",
    similar="#{id} ({percent}% alike)",
    resolved_by="handled by {person}",
    noted="“{note}”",
    again="{times} time in {days} days on {entity}",
    comma=", ",
    endings=("th", "st", "nd", "rd"),
    paged="Paged: {people} ({tier}, step {step})",
    also_paged="Paged before: {people}",
    team="Team of tier 2: {team}",
    next_step="Next step at {at} UTC",
    next_tier="Developers are paged at {at} UTC",
    runbook="Runbook: {url}",
    reason="This page: {reason}",
    link="Open: {url}",
    console="Open the console for the rest.",
    minimal="P{priority} #{id} open the console",
    minimal_many="P{priority} {count} incidents, open the console",
    many_title="[{priority}] {count} incidents",
    many_handovers="[{priority}] {count} incidents to take over",
    many_line="{priority} #{id} {title}, {age}{state}",
    cleared=", cleared",
    open_line="All: {url}",
    closing_title="[Resolved] #{id} {title}",
    lasted="Lasted: {age}, from {since} to {until} UTC",
    handled_by="Handled by: {people}",
    update_title="[{priority}] #{id} {title}: update",
    handover_title="[{priority}] #{id} {title}: {reason}",
    handover_ask="Whoever acks it has it.",
    test="Test, nothing to do",
    test_title="[Test] A message for {people}",
    test_text="Nothing is wrong: this only tries whether {channel} reaches you. There is nothing to do.",
    test_minimal="AlertMesh test, nothing to do",
    maybe_before="(maybe sent before) ",
    unknown="Details are not at hand.",
    tiers={"ops": "tier 1", "rnd": "tier 2"},
    place={"cluster": "cluster", "namespace": "namespace", "service": "service", "host": "host"},
    units=("{} min", "{} h {} min", "{} d {} h"),
)

CHINESE = Words(
    where="位置：{where}",
    since="开始：{since} UTC（已 {age}）",
    alerts="告警：{alerts} 条，合并为 {series} 个序列，{firing} 个仍在触发",
    more_services="{services} 等 {total} 个",
    root="可能根因：{entity}（{percent}%）：{reason}",
    unseen="；更可能（{percent}%）根因不在告警对象之中",
    changed="；最近变更：{what}",
    together="归并原因：{reasons}（{percent}%）",
    evidence={
        "time": "发生时间接近",
        "likeness": "涉及相同或相邻的对象",
        "habit": "并非日常自行出现的告警",
        "relation": "这些告警以往常一起出现",
        "same_thing": "同一对象",
        "depends_on": "调用本事件中的对象",
        "depended_on": "被本事件中的对象调用",
        "shared_callee": "依赖同一下游",
        "runs_there": "运行在本事件的节点或位置上",
        "carries": "承载本事件中的对象",
        "shared_place": "位于同一位置",
        "neighbour": "在拓扑中相邻",
        "same_words": "告警文本提到相同内容",
        "same_change": "受同一变更影响",
        "same_namespace": "同一命名空间",
        "same_kind": "同类告警",
        "session": "同一命名空间刚有新告警",
        "explained": "抑制规则指明了起因",
        "person": "人工归并",
    },
    semicolon="；",
    seen="历史相似：{told}",
    similar="#{id}（相似度 {percent}%）",
    resolved_by="由 {person} 处理",
    noted="“{note}”",
    again="{days} 天内第 {times} 次发生于 {entity}",
    comma="，",
    endings=("",),
    paged="已呼叫：{people}（{tier}，第 {step} 步）",
    also_paged="此前已呼叫：{people}",
    team="研发团队：{team}",
    next_step="下一步：{at} UTC",
    next_tier="{at} UTC 呼叫研发",
    runbook="预案：{url}",
    reason="本次呼叫：{reason}",
    link="打开：{url}",
    console="其余内容请看控制台。",
    minimal="P{priority} #{id} 请打开控制台",
    minimal_many="P{priority} {count} 个事件，请打开控制台",
    many_title="[{priority}] {count} 个事件",
    many_handovers="[{priority}] {count} 个事件待接班",
    many_line="{priority} #{id} {title}，已 {age}{state}",
    cleared="，已恢复",
    open_line="全部：{url}",
    closing_title="[已解决] #{id} {title}",
    lasted="持续：{age}，{since} 至 {until} UTC",
    handled_by="处理人：{people}",
    update_title="[{priority}] #{id} {title}：更新",
    handover_title="[{priority}] #{id} {title}：{reason}",
    handover_ask="确认者即为处理人。",
    test="测试，无需处理",
    test_title="[测试] 发给 {people} 的消息",
    test_text="一切正常：仅测试能否通过 {channel} 联系到您，无需处理。",
    test_minimal="AlertMesh 测试，无需处理",
    maybe_before="（可能已发送过）",
    unknown="暂无详情。",
    tiers={"ops": "一线", "rnd": "研发"},
    place={"cluster": "集群", "namespace": "命名空间", "service": "服务", "host": "主机"},
    units=("{} 分钟", "{} 小时 {} 分钟", "{} 天 {} 小时"),
)


def words(language: str) -> Words:
    """Return the texts of a language (`zh`, `zh-CN`, ...); English for any other."""
    return CHINESE if language.lower().startswith("zh") else ENGLISH
