"""The texts of a hand-over, one value per language."""

from msgspec import Struct


class HandoverWords(Struct, frozen=True, kw_only=True):
    """Every text of a hand-over in one language; braces are filled in."""

    head: str
    numbers: str
    and_: str
    nobody: str
    title: str
    response: str
    open: str
    none_open: str
    resolved: str
    follow_ups: str
    notes: str
    silences: str
    maintenance: str
    covers: str
    has_it: str
    asked: str
    due: str
    flapping: str
    event: str
    begins: str
    ends: str
    said: str
    quiet: str
    cover: str
    nobody_yet: str
    primary: str
    figures: str
    unknown: str
    minutes: str
    before: str


ENGLISH = HandoverWords(
    head="{roster}: the shift of {who}, {start} to {end} {zone}. Next: {after}.",
    numbers="Opened {opened}, acked {acked}, resolved {resolved}, escalated {escalated}, still open {open}.",
    and_=" and ",
    nobody="nobody",
    title="{title}:",
    response="Response to what was opened",
    open="Still open",
    none_open="Still open: nothing.",
    resolved="Resolved",
    follow_ups="To follow up: the cause is not told",
    notes="Notes",
    silences="Silences that end in the next shift",
    maintenance="Maintenance in the next shift",
    covers="Standing in for others in the next shift",
    has_it="{name}: {state}, {owner} has it",
    asked=", {who} is asked to take it over",
    due=", {timer} at {at}",
    flapping="; flapping: {names}",
    event="{name} ({at})",
    begins="from {at} ",
    ends="until {at}",
    said=" ({comment})",
    quiet="{name} {begins}{ends}: {matchers}{said}",
    cover="{who} for {whom}, {start} to {end} ({state})",
    nobody_yet="nobody yet",
    primary="the primary",
    figures="{key}: {count} incidents, {unacked} nobody took; to the ack {ack}, to the end {end}",
    unknown="unknown",
    minutes="{n} min",
    before="Handed over last by {outgoing} to {incoming}:",
)

CHINESE = HandoverWords(
    head="{roster}：{who} 的班次，{start} 至 {end} {zone}。下一班：{after}。",
    numbers="新增 {opened}，已认领 {acked}，已解决 {resolved}，已转研发 {escalated}，仍未解决 {open}。",
    and_="、",
    nobody="无人",
    title="{title}：",
    response="对新增事件的响应",
    open="仍未解决",
    none_open="仍未解决：无。",
    resolved="已解决",
    follow_ups="待跟进：未写明原因",
    notes="备注",
    silences="下一班期间结束的静默",
    maintenance="下一班期间的维护",
    covers="下一班期间的代班",
    has_it="{name}：{state}，负责人 {owner}",
    asked="，等待 {who} 接手",
    due="，{at} {timer}",
    flapping="；反复抖动：{names}",
    event="{name}（{at}）",
    begins="从 {at} ",
    ends="至 {at}",
    said="（{comment}）",
    quiet="{name} {begins}{ends}：{matchers}{said}",
    cover="{who} 代 {whom}，{start} 至 {end}（{state}）",
    nobody_yet="尚无人",
    primary="主值",
    figures="{key}：{count} 个事件，{unacked} 个无人认领；认领用时 {ack}，解决用时 {end}",
    unknown="未知",
    minutes="{n} 分钟",
    before="上次由 {outgoing} 交给 {incoming}：",
)


def handover_words(language: str) -> HandoverWords:
    """Return the texts of a language; English for one that is not known."""
    return CHINESE if language == "zh" else ENGLISH
