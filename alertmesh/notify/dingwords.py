"""What cards and short messages in DingTalk say, one value per language."""

from msgspec import Struct

from alertmesh.core.response import State


class DingWords(Struct, frozen=True, kw_only=True):
    """The texts of one language; braces are filled in."""

    paging: str
    developers: str
    acked: str
    snoozed: str
    over: str
    over_at: str
    quiet: str
    states: dict[State, str]
    again: str
    open: str


ENGLISH = DingWords(
    paging="Nobody has it yet",
    developers="R&D is paged, {at}",
    acked="acked by {owner} {at}",
    snoozed="snoozed by {owner} {at}",
    over="Resolved",
    over_at="resolved {at}",
    quiet="quiet since {at}",
    states={State.CLEARED: "cleared {at}, watched for a while", State.HELD: "waiting, {at}"},
    again="Somebody is asked to take it: see the card above.",
    open="Open",
)

CHINESE = DingWords(
    paging="尚无人认领",
    developers="{at} 已呼叫研发",
    acked="{owner} 于 {at} 认领",
    snoozed="{owner} 于 {at} 延后",
    over="已解决",
    over_at="{at} 已解决",
    quiet="{at} 起静默",
    states={State.CLEARED: "{at} 告警已恢复，观察中", State.HELD: "{at} 等待中"},
    again="需要有人认领，请看上面的卡片。",
    open="打开",
)


def ding_words(language: str) -> DingWords:
    """Return the texts of a language; English for one that is not known."""
    return CHINESE if language.lower().startswith("zh") else ENGLISH
