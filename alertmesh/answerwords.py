"""What people are told when they write back, one value per language."""

from msgspec import Struct


class AnswerWords(Struct, frozen=True, kw_only=True):
    """Every answer to a reply, in one language; braces are filled in."""

    done: dict[str, str]
    many: str
    refused: str
    unknown: str
    which: str
    expired: str
    stranger: str
    help: str
    duty: str
    nobody: str
    no_rosters: str
    open: str
    none_open: str


ENGLISH = AnswerWords(
    done={
        "ack": "#{id}: you have it",
        "unack": "#{id}: passed on, you are off it",
        "escalate": "#{id}: the developers are paged",
        "resolve": "#{id}: resolved",
        "snooze": "#{id}: quiet for {minutes} min",
        "note": "#{id}: noted",
    },
    many="{done} of {all} done",
    refused="#{id}: {why}",
    unknown="#{id} was never there",
    which="Nothing was sent to you lately; name the incident, for example: ack 42",
    expired="That code is not known, or a day has passed; name the incident, for example: ack 42",
    stranger="I do not know you: have your number put into `users`",
    help="ack 42 · escalate 42 · unack 42 · snooze 42 30 · resolve 42 · note 42 text · who · list;"
    " 1, 2, 3 answer the last page: take it, pass it on, cannot",
    duty="{roster}: {primary}, then {secondary}",
    nobody="nobody",
    no_rosters="There are no rosters",
    open="[P{priority}] #{id} {title}: {state}{owner}",
    none_open="Nothing is open",
)

CHINESE = AnswerWords(
    done={
        "ack": "#{id}：已由您处理",
        "unack": "#{id}：已转给下一位",
        "escalate": "#{id}：已通知研发",
        "resolve": "#{id}：已解决",
        "snooze": "#{id}：延后 {minutes} 分钟",
        "note": "#{id}：已记录",
    },
    many="共 {all} 个，完成 {done} 个",
    refused="#{id}：{why}",
    unknown="没有 #{id} 这个事件",
    which="最近没有给您发过通知，请写明编号，例如：确认 42",
    expired="短码不存在或已超过一天，请写明编号，例如：确认 42",
    stranger="不认识您的号码，请管理员加到 users 里",
    help="确认 42 · 升级 42 · 取消确认 42 · 延后 42 30 · 解决 42 · 备注 42 内容 · 谁值班 · 列表；"
    "回复 1、2、3 对应最近一条：认领、转研发、处理不了",
    duty="{roster}：{primary}，其次 {secondary}",
    nobody="无人",
    no_rosters="没有值班表",
    open="[P{priority}] #{id} {title}:{state}{owner}",
    none_open="没有未处理的事件",
)


def answer_words(language: str) -> AnswerWords:
    """Return the answers of a language; English for one that is not known."""
    return CHINESE if language == "zh" else ENGLISH
