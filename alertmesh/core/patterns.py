"""Hold values against the regular expressions that people write, in a time that grows with the value only.

The expressions are those of RE2, as in Prometheus and Alertmanager: whoever may read may send one, so
none may take for ever, as Python's own can.
"""

import re
from functools import cache

import re2

from alertmesh.core.errors import BadPayload

_MAX_MEM = 512 * 1024  # bytes; whoever may read may send 32 of them, and a larger one takes longer to compile
_PLAIN = re.compile(r"(?:[^\\.+*?()\[\]{}^$]|\\[!-/:-@\[-^`{-~])*")
_SIGN = re.compile(r"\\(.)|\|", re.DOTALL)
_LONGEST = 200  # characters of an expression that a fault repeats
_FOREIGN = ("invalid perl operator", "invalid escape sequence")


class Pattern:
    """A regular expression that a value has to fit as a whole; raises BadPayload for one that is none.

    Alternatives without any operator are looked up rather than tried: most expressions are such lists,
    some of hundreds of hosts.

    >>> Pattern("warning|critical").fits("critical"), Pattern("crit.*").fits("a critical one")
    (True, False)
    """

    __slots__ = ("_expression", "_values")

    def __init__(self, text: str) -> None:
        plain = _PLAIN.fullmatch(text) is not None
        self._values = frozenset(_alternatives(text)) if plain else frozenset()
        self._expression = None if plain else _compiled(text)

    def fits(self, value: str) -> bool:
        """Tell whether the whole value fits; what is no Unicode in it counts as question marks."""
        if self._expression is None:
            return value in self._values
        return self._expression.fullmatch(value.encode(errors="replace")) is not None


def _alternatives(text: str) -> list[str]:
    r"""Return the values that plain alternatives accept.

    >>> _alternatives(r"a\.b|c")
    ['a.b', 'c']
    """
    values = [""]
    start = 0
    for sign in _SIGN.finditer(text):
        values[-1] += text[start : sign.start()] + (sign[1] or "")
        if sign[1] is None:
            values.append("")
        start = sign.end()
    values[-1] += text[start:]
    return values


def _compiled(text: str) -> "re2._Regexp":
    try:
        return re2.compile(text.encode(), _options())
    except UnicodeEncodeError as error:
        raise BadPayload(f"bad regular expression {_cut(text)!r}: invalid UTF-8") from error
    except re2.error as error:
        why = _cut(error.args[0].decode(errors="replace"))
        if why.startswith(_FOREIGN):
            why += ", which RE2 does not have"
        raise BadPayload(f"bad regular expression {_cut(text)!r}: {why}") from error


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


@cache
def _options() -> re2.Options:
    options = re2.Options()
    options.max_mem = _MAX_MEM
    options.log_errors = False  # they would go to stderr, past our log
    options.never_capture = True
    return options
