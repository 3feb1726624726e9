"""The buttons of a page: take it, pass it on to the developers, cannot."""

from alertmesh.core.page import Message
from alertmesh.notify.replies import Verb

VERBS = (Verb.ACK, Verb.ESCALATE, Verb.UNACK)
_LABELS = {
    "en": ("I have it", "Pass it on to R&D", "I can't"),
    "zh": ("我来处理", "转研发", "我处理不了"),
}


def labels(language: str) -> tuple[str, ...]:
    """Return what stands on the buttons of VERBS in a language; English for one that is not known."""
    return _LABELS["zh" if language.lower().startswith("zh") else "en"]


def buttons(message: Message) -> tuple[tuple[str, str], ...]:
    """Return label and address of each button of a page; a message that asks for nothing has none.

    All of them lead to the page: an address that acted by being opened would be carried out by
    whatever looks ahead at links.
    """
    if not message.url or not message.fields.get("code"):
        return ()
    return tuple((label, message.url) for label in labels(message.language))
