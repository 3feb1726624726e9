"""What a page of a module shows, as data: blocks of figures, tables, charts, texts, logs and buttons.

Whoever draws it knows these kinds and nothing of the module. All words stand in English and Chinese;
what is data stands as it is.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeAlias

from msgspec import Struct


class Words(Struct, frozen=True):
    """A text for people, in each language."""

    en: str
    zh: str


class Tone(StrEnum):
    """How good or bad something is; `plain` says nothing of it."""

    PLAIN = "plain"
    GOOD = "good"
    NOTICE = "notice"
    WARNING = "warning"
    BAD = "bad"


class Type(StrEnum):
    """What a value is, which decides how it is written and by what a column is sorted.

    As Python values: `text` is str or Words, `moment` an aware datetime, `duration` seconds, `percent` a
    share where 1 is all, `state` the name of one of the column's states, `link` a Link, `action` a
    Button; `number` and `bytes` are numbers.
    """

    TEXT = "text"
    NUMBER = "number"
    BYTES = "bytes"
    DURATION = "duration"
    MOMENT = "moment"
    PERCENT = "percent"
    STATE = "state"
    LINK = "link"
    ACTION = "action"


class State(Struct, frozen=True):
    """One of the states that a thing can be in."""

    words: Words
    tone: Tone = Tone.PLAIN


class Link(Struct, frozen=True):
    """A text that leads to a path of the console (`/incidents/7`, `/m/etcd/members`) or another address."""

    text: str
    to: str


class Button(Struct, frozen=True):
    """What starts an action of the module; `given` fills fields of its form in."""

    action: str
    given: Mapping[str, str] = {}


Value: TypeAlias = str | int | float | Words | datetime | Link | Button | None
"""What may stand in a cell or figure, as `Type` tells; None is shown as nothing known."""


class Figure(Struct, frozen=True, kw_only=True):
    """One number, large, with what it is called.

    `unit` follows a number. `trend` are the last values, the newest last, drawn as a small line. `about`
    says more when asked for; `to` is where the figure leads.
    """

    label: Words
    value: Any
    type: Type = Type.NUMBER
    unit: Words | None = None
    tone: Tone = Tone.PLAIN
    trend: Sequence[float] = ()
    about: Words | None = None
    to: str = ""
    states: Mapping[str, State] = {}


class Column(Struct, frozen=True, kw_only=True):
    """One column of a table; `states` are those that a column of states has."""

    name: str
    title: Words
    type: Type = Type.TEXT
    sortable: bool = True
    states: Mapping[str, State] = {}


class Figures(Struct, frozen=True, kw_only=True, tag_field="kind", tag="figures"):
    """A row of figures."""

    figures: Sequence[Figure]
    title: Words | None = None


class Table(Struct, frozen=True, kw_only=True, tag_field="kind", tag="table"):
    """Rows of cells, each as its column says.

    A table of which there is more says in `next` what the field `pager` of the page's query must be for
    the rows after these. `empty` is said when there are no rows.
    """

    columns: Sequence[Column]
    rows: Sequence[Sequence[Any]]
    title: Words | None = None
    empty: Words | None = None
    pager: str = ""
    next: str | None = None


class Shape(StrEnum):
    """How a chart is drawn."""

    LINE = "line"
    AREA = "area"
    BARS = "bars"


class Series(Struct, frozen=True, kw_only=True):
    """One line of a chart, or one colour of bars; None is a gap."""

    label: Words
    values: Sequence[float | None]
    tone: Tone = Tone.PLAIN


class Chart(Struct, frozen=True, kw_only=True, tag_field="kind", tag="chart"):
    """Values over `times`, or over `groups` by name; exactly one of the two is given.

    Each series has one value for each time or group. `type` is how values are written: a number, bytes,
    duration or percent, with `unit` behind a number.
    """

    series: Sequence[Series]
    times: Sequence[datetime] = ()
    groups: Sequence[str] = ()
    title: Words | None = None
    shape: Shape = Shape.LINE
    type: Type = Type.NUMBER
    unit: Words | None = None


class Prose(Struct, frozen=True, kw_only=True, tag_field="kind", tag="text"):
    """Paragraphs, with an empty line between them.

    Lines that begin with `- ` are a list; `**` makes bold, a backtick code, `[text](address)` a link.
    """

    text: Words
    title: Words | None = None
    tone: Tone = Tone.PLAIN


class Log(Struct, frozen=True, kw_only=True, tag_field="kind", tag="log"):
    """Lines as a program wrote them, the newest last."""

    lines: Sequence[str]
    title: Words | None = None


class Code(Struct, frozen=True, kw_only=True, tag_field="kind", tag="code"):
    """A text to be copied as it is, such as YAML or a command; `language` names what it is written in."""

    text: str
    language: str = ""
    title: Words | None = None


class Buttons(Struct, frozen=True, kw_only=True, tag_field="kind", tag="actions"):
    """Actions of the module in a row."""

    buttons: Sequence[Button]
    title: Words | None = None


Block: TypeAlias = Figures | Table | Chart | Prose | Log | Code | Buttons


class Sheet(Struct, frozen=True):
    """What a page shows at a moment, from top to bottom."""

    blocks: Sequence[Block]


def both(text: str) -> Words:
    """Return the words of what is called the same in each language, such as a name.

    >>> both("etcd")
    Words(en='etcd', zh='etcd')
    """
    return Words(text, text)
