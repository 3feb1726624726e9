"""What a finding is called, and what to do about it, in the languages of the channels."""

from collections.abc import Mapping

from msgspec import Struct

from alertmesh.auditor.look import Check, Finding


class Sentence(Struct, frozen=True):
    """What is wrong, with places for the facts of a finding, and what to do."""

    what: str
    do: str


class Words(Struct, frozen=True):
    """Everything that the auditor says in one language."""

    title: str
    over_title: str
    over: str
    still: str
    incident: str
    more: str
    since: str
    do: str
    minimal: str
    minimal_over: str
    sentences: Mapping[Check, Sentence]


_EN = Words(
    title="The pager does not work as it should",
    over_title="The pager works again",
    over="Everything that was told is over; it lasted from {since}.",
    still="Still wrong, since {since}",
    incident="#{number} {what}",
    more="and {count} more",
    since="since {at}",
    do="Do: {do}",
    minimal="AlertMesh auditor: {count} findings, {checks}",
    minimal_over="AlertMesh auditor: all is well again",
    sentences={
        Check.STORE: Sentence(
            "the store cannot be read: {error}",
            "look whether the disk, the file and its directory are there and readable for the auditor.",
        ),
        Check.SERVER: Sentence(
            "the server does not take work: {trouble}",
            "look at the server's process and log; start it again. Nobody is paged while it is away.",
        ),
        Check.UNDECIDED: Sentence(
            "alerts came in that are not decided",
            "look at the server's log and load; restart it if it hangs.",
        ),
        Check.OVERDUE: Sentence(
            "{state}: its deadline {timer} passed and nothing happened",
            "look at the incident and page by hand; look why the engine stands still.",
        ),
        Check.STUCK: Sentence(
            "{state} without a deadline {timers}: nothing will ever move it on",
            "escalate or assign it by hand, and report this: it must not happen.",
        ),
        Check.UNHANDLED: Sentence(
            "{priority} fires and nothing is done about it",
            "call who is on duty, and report this: it must not happen.",
        ),
        Check.UNPAGED: Sentence(
            "{priority} is paged, but no message left ({people})",
            "call who is on duty yourself; look at the channels and at the server's log.",
        ),
        Check.UNDELIVERED: Sentence(
            "{priority} could not be told to anybody ({people})",
            "call who is on duty yourself; mend the channels or the roster.",
        ),
        Check.CLAIMED: Sentence(
            "a message to {person} by {channel} began and never ended",
            "look at the server's log; restart it if it hangs.",
        ),
        Check.WAITING: Sentence(
            "a page to {person} waits for {channel}: {error}",
            "look at the channel and the server's log; call {person} yourself.",
        ),
        Check.LATE_PAGE: Sentence(
            "{person} was paged by {channel} although it was {state}",
            "tell {person} that there is nothing to do, and report this: it must not happen.",
        ),
        Check.ENDLESS: Sentence(
            "its deadline {timer} lies at {end}, later than the policy allows",
            "ask {owner} whether it is in work; ack it anew.",
        ),
        Check.NAMELESS: Sentence(
            "is kept from paging, and no rule says why", "page by hand, and report this: it must not happen."
        ),
        Check.CHANNEL: Sentence(
            "channel {channel} takes no messages: {error}",
            "mend it; the finding ends with the next message that it takes, or six hours after the last try.",
        ),
        Check.CLOCK: Sentence(
            "the server's clock is {seconds} s ahead of the auditor's",
            "set the clocks of both machines by the same source.",
        ),
        Check.DISK: Sentence(
            "{free} of room are left for the store, {wanted} are wanted",
            "make room: when the disk is full, no alert is taken any more.",
        ),
    },
)
_ZH = Words(
    title="告警通知系统工作异常",
    over_title="告警通知系统已恢复",
    over="之前的问题均已消除,始于 {since}。",
    still="问题仍在,始于 {since}",
    incident="#{number} {what}",
    more="另有 {count} 条",
    since="自 {at}",
    do="处理:{do}",
    minimal="AlertMesh 审计:{count} 个问题,{checks}",
    minimal_over="AlertMesh 审计:已恢复正常",
    sentences={
        Check.STORE: Sentence("存储无法读取:{error}", "检查磁盘、文件和目录是否存在,审计进程是否可读。"),
        Check.SERVER: Sentence(
            "服务器不接收工作:{trouble}", "检查服务进程和日志并重新启动;停止期间不会通知任何人。"
        ),
        Check.UNDECIDED: Sentence("有已收到但未处理的告警", "检查服务器日志和负载;若卡死请重启。"),
        Check.OVERDUE: Sentence(
            "{state}:期限 {timer} 已过而无动作", "查看该事件并人工通知;检查引擎为何停滞。"
        ),
        Check.STUCK: Sentence("{state} 没有期限 {timers}:不会再推进", "人工升级或指派,并报告此缺陷。"),
        Check.UNHANDLED: Sentence("{priority} 正在告警而无人处理流程", "直接致电值班人员,并报告此缺陷。"),
        Check.UNPAGED: Sentence(
            "{priority} 应已通知,但没有任何消息发出({people})",
            "请直接致电值班人员;检查通道和服务器日志。",
        ),
        Check.UNDELIVERED: Sentence(
            "{priority} 无法通知到任何人({people})", "请直接致电值班人员;修复通道或排班。"
        ),
        Check.CLAIMED: Sentence("经 {channel} 发给 {person} 的消息没有结果", "检查服务器日志;若卡死请重启。"),
        Check.WAITING: Sentence(
            "给 {person} 的通知在等待 {channel}:{error}", "检查通道和服务器日志;请直接致电 {person}。"
        ),
        Check.LATE_PAGE: Sentence(
            "事件已是 {state},{person} 仍经 {channel} 收到通知", "告知 {person} 无需处理,并报告此缺陷。"
        ),
        Check.ENDLESS: Sentence(
            "期限 {timer} 为 {end},超过策略允许", "向 {owner} 确认是否在处理;重新确认该事件。"
        ),
        Check.NAMELESS: Sentence("被抑制通知,但没有规则说明原因", "人工通知,并报告此缺陷。"),
        Check.CHANNEL: Sentence(
            "通道 {channel} 无法发送:{error}", "修复通道;下一条消息成功后或最后一次尝试六小时后结束。"
        ),
        Check.CLOCK: Sentence("服务器时钟比审计进程快 {seconds} 秒", "两台机器使用同一时间源校时。"),
        Check.DISK: Sentence(
            "存储剩余空间 {free},至少需要 {wanted}", "清理空间:磁盘写满后不再接收任何告警。"
        ),
    },
)


def words(language: str) -> Words:
    """Return the words of a language; English when there are none of it."""
    return _ZH if language == "zh" else _EN


def said(finding: Finding, language: str = "en") -> tuple[str, str]:
    """Return what is wrong, and what to do about it."""
    sentence = words(language).sentences[finding.check]
    facts = _Facts(finding.facts)
    return sentence.what.format_map(facts), sentence.do.format_map(facts)


class _Facts(dict[str, str]):
    """Facts, of which one that is not known or empty reads as a dash."""

    def __init__(self, facts: Mapping[str, str]) -> None:
        super().__init__({name: " ".join(value.split()) for name, value in facts.items() if value})

    def __missing__(self, name: str) -> str:
        return "-"
