"""The texts of messages, one value per language; braces are filled in by `render`."""

from msgspec import Struct


class Words(Struct, frozen=True, kw_only=True):
    """Every text that a message can hold, in one language."""

    where: str
    since: str
    alerts: str
    more_services: str
    root: str
    paged: str
    also_paged: str
    next_step: str
    next_tier: str
    runbook: str
    reason: str
    link: str
    console: str
    minimal: str
    minimal_many: str
    many_title: str
    many_line: str
    cleared: str
    open_line: str
    closing_title: str
    lasted: str
    handled_by: str
    update_title: str
    maybe_before: str
    unknown: str
    tiers: dict[str, str]
    place: dict[str, str]
    units: tuple[str, str, str]


ENGLISH = Words(
    where="Where: {where}",
    since="Since: {since} UTC ({age})",
    alerts="Alerts: {alerts} in {series} series, {firing} firing",
    more_services="{services} and {more} more",
    root="Likely root: {entity} ({percent}%): {reason}",
    paged="Paged: {people} ({tier}, step {step})",
    also_paged="Paged before: {people}",
    next_step="Next step at {at} UTC",
    next_tier="Developers are paged at {at} UTC",
    runbook="Runbook: {url}",
    reason="This page: {reason}",
    link="Open: {url}",
    console="Open the console for the rest.",
    minimal="P{priority} #{id} open the console",
    minimal_many="P{priority} {count} incidents, open the console",
    many_title="[P{priority}] {count} incidents",
    many_line="P{priority} #{id} {title}, {age}{state}",
    cleared=", cleared",
    open_line="All: {url}",
    closing_title="[Resolved] #{id} {title}",
    lasted="Lasted: {age}, from {since} to {until} UTC",
    handled_by="Handled by: {people}",
    update_title="[P{priority}] #{id} {title}: update",
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
    paged="已呼叫：{people}（{tier}，第 {step} 步）",
    also_paged="此前已呼叫：{people}",
    next_step="下一步：{at} UTC",
    next_tier="{at} UTC 呼叫研发",
    runbook="预案：{url}",
    reason="本次呼叫：{reason}",
    link="打开：{url}",
    console="其余内容请看控制台。",
    minimal="P{priority} #{id} 请打开控制台",
    minimal_many="P{priority} {count} 个事件，请打开控制台",
    many_title="[P{priority}] {count} 个事件",
    many_line="P{priority} #{id} {title}，已 {age}{state}",
    cleared="，已恢复",
    open_line="全部：{url}",
    closing_title="[已解决] #{id} {title}",
    lasted="持续：{age}，{since} 至 {until} UTC",
    handled_by="处理人：{people}",
    update_title="[P{priority}] #{id} {title}：更新",
    maybe_before="（可能已发送过）",
    unknown="暂无详情。",
    tiers={"ops": "一线", "rnd": "研发"},
    place={"cluster": "集群", "namespace": "命名空间", "service": "服务", "host": "主机"},
    units=("{} 分钟", "{} 小时 {} 分钟", "{} 天 {} 小时"),
)


def words(language: str) -> Words:
    """Return the texts of a language (`zh`, `zh-CN`, ...); English for any other."""
    return CHINESE if language.lower().startswith("zh") else ENGLISH
