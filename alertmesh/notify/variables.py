"""Values for the variables of templates that a provider approved: short, and without addresses."""

import re
from collections.abc import Mapping

from alertmesh.core.page import Message
from alertmesh.notify.settings import Settings

FIELDS = ("priority", "incident", "count", "title", "code", "kind", "opened")
DEFAULT = "priority,incident,title,code"
_FREE = frozenset({"title"})  # what monitors write, and what a provider may take offence at
_GENERIC = {"zh": "系统告警", "en": "system alert"}
_EMPTY = "-"
_CUT = "…"
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,24}")
_WORD = re.compile(r"\S+")
_ADDRESS = re.compile(r"://|@|[^\W_]\.[^\W\d_]|\d\.\d+\.\d|[0-9A-Fa-f]*:[0-9A-Fa-f]*:|^www\.", re.IGNORECASE)
_BARRED = re.compile(r"[【】\x00-\x1f\x7f\u2028\u2029]|[^\u0000-\uffff]")
_UNSPOKEN = re.compile(r"[@=:\"'${}^*¥#_|<>\[\]()+~`\\/]+")


class Variables:
    """Which variable of a template takes which field of a message, and how long values may be."""

    def __init__(self, names: Mapping[str, str], length: int, language: str) -> None:
        self._names = dict(names)
        self._length = length
        self._generic = _GENERIC.get(language, _GENERIC["en"])[:length]

    def fill(self, message: Message) -> dict[str, str]:
        """Return the value of each variable."""
        return {name: self._value(message, field) for name, field in self._names.items()}

    def fill_plainly(self, message: Message) -> dict[str, str]:
        """Return the values with nothing in them that a monitor wrote."""
        plain = self.fill(message)
        return plain | {name: self._generic for name, field in self._names.items() if field in _FREE}

    def _value(self, message: Message, field: str) -> str:
        text = message.fields.get(field, "")
        if field not in _FREE:
            return cut(tidy(text), self._length) or _EMPTY
        return cut(without_addresses(text or message.title), self._length) or self._generic


def read(given: Settings, language: str, length: int, default: str = DEFAULT) -> Variables:
    """Read the settings `params` and `length`; `params` is a list of `variable=field`, or a name for both."""
    names: dict[str, str] = {}
    for part in given.text("params", default).split(","):
        name, _, field = (text.strip() for text in part.partition("="))
        if not _NAME.fullmatch(name):
            given.fault("params", "must be a list such as p=priority,id=incident,title")
        elif (field or name) not in FIELDS:
            given.fault("params", f"{field or name} is not one of {', '.join(FIELDS)}")
        elif name in names:
            given.fault("params", f"{name} stands there twice")
        else:
            names[name] = field or name
    bound = given.number("length", length)
    if not 5 <= bound <= 200:
        given.fault("length", "must be 5 to 200 characters")
    return Variables(names, bound, language)


def without_addresses(text: str) -> str:
    """Return a text without the words that are or hold an address of the web, a domain, an IP or a mailbox.

    >>> without_addresses("HighLoad 10.1.2.3:9100 at 97.5% see http://x.io/d")
    'HighLoad at 97.5% see'
    """
    words = (found.group() for found in _WORD.finditer(tidy(text)))
    return " ".join(word for word in words if not _ADDRESS.search(word))


def tidy(text: str) -> str:
    """Return a text on one line, without the characters that templates refuse."""
    return " ".join(_BARRED.sub(" ", text).split())


def spoken(text: str) -> str:
    """Return a text without the signs that a voice stumbles over.

    >>> spoken("[P1] Disk_Full {node-7} (+118)")
    'P1 Disk Full node-7 118'
    """
    return " ".join(_UNSPOKEN.sub(" ", text).split())


def cut(text: str, length: int) -> str:
    """Return at most `length` characters of a text.

    >>> cut("NodeDiskFull node-7", 15), cut("short", 15)
    ('NodeDiskFull n…', 'short')
    """
    return text if len(text) <= length else text[: length - len(_CUT)].rstrip() + _CUT
