"""Write a comparison of two runs as plain text."""

from collections.abc import Iterator
from datetime import datetime

from alertmesh.core.comparison import Comparison, Difference, RunFigures

_TITLE_CHARS = 44
_ROW = "{:<26} {:>10} {:>10} {:>10}"
_LINE = "{:<10} {:<3} {:<16} {:<44} {:>16} {:>16}  {}"


def report(found: Comparison) -> str:
    """Return the counts side by side, and then a line for each incident that differs."""
    return "\n".join(_lines(found))


def _lines(found: Comparison) -> Iterator[str]:
    yield f"{_moment(found.begin)} to {_moment(found.end)} UTC, {found.alerts} firings; nobody answers"
    yield "then: the rules in force, now: the rules given"
    if found.forgotten:
        yield f"{found.forgotten} alerts that fired at the beginning are known no more and left out"
    yield ""
    yield _ROW.format("", "then", "now", "change")
    rows = _figures(found.then), _figures(found.now)
    for name in dict.fromkeys([*rows[0], *rows[1]]):
        then, now = rows[0].get(name, 0), rows[1].get(name, 0)
        yield _ROW.format(name, then, now, f"{now - then:+d}" if now != then else "")
    yield ""
    if not found.differences:
        yield "every incident is the same and is paged at the same time"
        return
    yield _LINE.format("differs", "", "opened", "incident", "page then", "page now", "").rstrip()
    for item in found.differences:
        yield _difference(item)


def _figures(counts: RunFigures) -> dict[str, int]:
    """Return the figures by the name they have on paper."""
    return {
        "series": counts.series,
        "changes": counts.changes,
        "changes held": counts.held,
        **{f"series {mark}": count for mark, count in counts.marked.items()},
        "incidents": counts.incidents,
        **{f"  {priority}": count for priority, count in counts.priorities.items()},
        "incidents paged": counts.paged,
        "pages": counts.pages,
        **{f"  to {person}": count for person, count in counts.people.items()},
        "groups on the watch list": counts.watched,
        "series suppressed": counts.suppressed,
    }


def _difference(item: Difference) -> str:
    numbers = " -> ".join(f"#{number}" for number in (item.then, item.now) if number is not None)
    title = item.title if len(item.title) <= _TITLE_CHARS else item.title[: _TITLE_CHARS - 1] + "…"
    then = _page(item.then, item.then_page)
    now = _page(item.now, item.now_page)
    end = ", ".join(part for part in (numbers, item.note) if part)
    return _LINE.format(item.kind, item.priority, _moment(item.opened_at), title, then, now, end)


def _page(number: int | None, page: datetime | None) -> str:
    if number is None:
        return "-"
    return "never" if page is None else f"{page:%m-%d %H:%M:%S}"


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M}"
