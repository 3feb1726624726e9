"""Read the matchers of routes and inhibition rules, in their old and their new forms."""

from collections.abc import Sequence

from alertmesh.core.errors import BadConfig, BadPayload
from alertmesh.core.matchers import Matcher, parse_matchers
from alertmesh.importing.reading import Part

_OPPOSITE = {"=": "!=", "!=": "=", "=~": "!~", "!~": "=~"}

Conditions = tuple[Matcher, ...]


def conditions(part: Part, prefix: str = "") -> Conditions:
    """Return the conditions under `PREFIXmatch`, `PREFIXmatch_re` and `PREFIXmatchers`, all of them to hold.

    Raises BadConfig for what cannot be read.
    """
    found: list[Matcher] = []
    for key, op in ((f"{prefix}match", "="), (f"{prefix}match_re", "=~")):
        below = part.get(key)
        for name, value in below.pairs() if below is not None else ():
            found.append(_matcher(value, name, op))
    for item in part.each(f"{prefix}matchers"):
        try:
            found.extend(parse_matchers(item.word()))
        except BadPayload as error:
            raise BadConfig([f"{item.place} {error}"]) from error
    return tuple(found)


def written(matchers: Sequence[Matcher]) -> str:
    """Return conditions as our rule files have them, each once."""
    return ", ".join(dict.fromkeys(map(_text, matchers)))


def opposites(matchers: Conditions) -> list[Conditions]:
    """Return alternatives, one of which holds whenever not all of `matchers` do."""
    return [(Matcher(one.name, _OPPOSITE[one.op], one.value),) for one in matchers]


def _matcher(part: Part, name: str, op: str) -> Matcher:
    try:
        return Matcher(name, op, part.word())
    except BadPayload as error:
        raise BadConfig([f"{part.place} {error}"]) from error


def _text(matcher: Matcher) -> str:
    plain = str(matcher)
    if all(char not in matcher.name for char in ' "=!~,{}'):
        return plain
    quoted = matcher.name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{quoted}"{plain[len(matcher.name) :]}'
