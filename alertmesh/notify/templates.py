"""The templates of messages: which one writes what, and what happens when it cannot.

A template is named by what its message is for and its language, `page.zh.txt.j2`, and one for a single kind
of channel by that too, `page.sms.zh.txt.j2`. Its first line is the title. One that fails is told and passed
over: the built-in text goes out instead, so that a page never depends on a template.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
import structlog
from jinja2 import Template
from msgspec.structs import replace

from alertmesh.core.errors import BadConfig
from alertmesh.core.page import Message
from alertmesh.core.texts import TextFile
from alertmesh.notify.facts import Facts, line
from alertmesh.notify.samples import samples
from alertmesh.notify.sandbox import FAILURES, Fault, Faulty, compiled, filled, tried

KINDS = ("page", "update", "closing", "bundle", "handover")
ENDING = ".txt.j2"
_NAME = re.compile(r"([a-z]+)(?:\.([a-z0-9_-]+))?\.([a-z]{2})")
_KNOWN = frozenset((*Facts.__struct_fields__, "reason"))
_LONGEST_LINE = 600
_MOST_LINES = 80

log = structlog.get_logger()


class Templates:
    """The templates in force, `failures` counting those that failed by name.

    `channels` are the kinds of channels there are. Raises BadConfig with every fault of every template as
    `file:line:col message`: each is filled in with samples to find them.
    """

    def __init__(self, files: Iterable[TextFile], channels: Iterable[str]) -> None:
        self.failures: Counter[str] = Counter()
        self._templates: dict[str, Template] = {}
        problems: list[str] = []
        known = {part for kind in channels for part in (kind, *kind.split("-"))}
        for file in files:
            try:
                self._templates[file.name.removesuffix(ENDING)] = _read(file, known)
            except Faulty as error:
                problems += [f"{file.path}:{one.line}:{one.column} {one.text}" for one in error.faults]
        if problems:
            raise BadConfig(problems)

    def dress(self, message: Message, facts: Facts, kind: str) -> Message:
        """Return a message as its template says it, for a kind of channel; as it is without any."""
        for name in _names(facts, kind):
            if name in self._templates:
                return self._dressed(message, facts, name)
        return message

    def chosen(self, facts: Facts, kind: str) -> str:
        """Return the name of the template that writes a message; empty when none does."""
        return next((name for name in _names(facts, kind) if name in self._templates), "")

    def _dressed(self, message: Message, facts: Facts, name: str) -> Message:
        try:
            title, text = _parts(filled(self._templates[name], values(facts)))
        except FAILURES as error:
            self.failures[name] += 1
            log.warning("template_failed", template=name, incident=facts.incident, error=str(error))
            return message
        return replace(message, title=title, text=text or message.text)


def values(facts: Facts) -> dict[str, Any]:
    """Return the facts as a template sees them."""
    plain: dict[str, Any] = msgspec.to_builtins(facts)
    return plain | {"reason": facts.reason, "incidents": [values(one) for one in facts.incidents]}


def _read(file: TextFile, channels: set[str]) -> Template:
    found = _NAME.fullmatch(file.name.removesuffix(ENDING))
    if found is None or found.group(1) not in KINDS:
        form = f"{{{','.join(KINDS)}}}[.CHANNEL].LANGUAGE{ENDING}"
        raise Faulty([_whole(f"is not named as a template is: {form}, for example page.sms.zh{ENDING}")])
    if found.group(2) is not None and found.group(2) not in channels:
        raise Faulty(
            [_whole(f"there is no kind of channel {found.group(2)!r}, only {', '.join(sorted(channels))}")]
        )
    template = compiled(file.text, file.path, _KNOWN)
    for facts in samples(found.group(1), found.group(3)):
        fault = tried(template, values(facts), file.text, file.path)
        if fault is None and not filled(template, values(facts)).strip():
            fault = _whole("comes to nothing, where a message needs a title")
        if fault is not None:
            raise Faulty([fault])
    return template


def _whole(text: str) -> Fault:
    return Fault(1, 1, text)


def _names(facts: Facts, kind: str) -> Iterator[str]:
    """Yield the names of the templates that may write a message, the most particular first."""
    spoken = facts.language.lower()
    languages = dict.fromkeys((spoken[:2], "zh" if spoken.startswith("zh") else "en"))
    channels = dict.fromkeys((kind, *kind.split("-"))) if kind else {}
    for language in languages:
        yield from (f"{facts.kind}.{channel}.{language}" for channel in channels)
        yield f"{facts.kind}.{language}"


def _parts(written: str) -> tuple[str, str]:
    """Return title and text; lines without anything in them are left out."""
    lines = [flat for one in written.splitlines() if (flat := line(one, _LONGEST_LINE))]
    if not lines:
        raise ValueError("comes to nothing")
    return lines[0], "\n".join(lines[1:_MOST_LINES])
