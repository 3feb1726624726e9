"""Messages of an enterprise robot: which form, cut to what DingTalk takes."""

from collections.abc import Sequence

from msgspec import Struct

from alertmesh.core.page import Message
from alertmesh.notify.buttons import buttons
from alertmesh.notify.dingcard import encoded
from alertmesh.notify.dingwords import ding_words
from alertmesh.notify.fitting import fitted, parted

PARAM_LIMIT = 15_000  # bytes of msgParam


class Form(Struct, frozen=True):
    """A message as the API takes it: the key of its form, and its parts as JSON in a text."""

    key: str
    param: str


def page(message: Message) -> Form:
    """Return a message with its buttons if it asks for something, as marked-up text otherwise."""
    found = buttons(message)
    if found:
        parts: dict[str, str] = {}
        for number, (label, address) in enumerate(found, start=1):
            parts |= {f"actionTitle{number}": label, f"actionURL{number}": address}
        return _fitting("sampleActionCard3", message, parts)
    return _fitting("sampleMarkdown", message, {})


def again(message: Message) -> Form:
    """Return the short message that rings when a card, which rings nobody, was rewritten."""
    words = ding_words(message.language)
    link = [f"[{words.open}]({message.url})"] if message.url else []
    return _form("sampleMarkdown", message.title, [words.again, *link], {})


def minimal(message: Message) -> Form:
    """Return the plain form, in which nothing stands that a monitor wrote."""
    return Form("sampleText", encoded({"content": message.minimal}))


def _fitting(key: str, message: Message, parts: dict[str, str]) -> Form:
    """Return a form that is not too long; links stay whole."""
    lines, links = parted(message)
    tail = [f"[{tamed(label)}]({address})" for label, address in links]

    def made(shown: Sequence[str]) -> Form:
        return _form(key, message.title, [*map(tamed, shown), *tail], parts)

    def fits(shown: Sequence[str]) -> bool:
        return len(made(shown).param.encode()) <= PARAM_LIMIT

    return made(fitted(lines, fits))


def tamed(line: str) -> str:
    """Break up links, images and headings that a monitor's text may hold."""
    return line.replace("](", "] (").lstrip("#> ")


def _form(key: str, title: str, lines: list[str], parts: dict[str, str]) -> Form:
    text = "\n\n".join([f"#### {tamed(title)}", *lines])
    return Form(key, encoded({"title": title, "text": text, **parts}))
