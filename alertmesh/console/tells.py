"""Say beside each handler what it takes and answers, so that the description of the API cannot lag behind.

    @tells(IncidentPage, query=("state", "priority", "filter", "before", "limit"))
    async def index(self, request, actor): ...

The first sentence of its docstring is the summary. The body is JSON of `takes`; `status` is that of success.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from msgspec import Struct

H = TypeVar("H", bound=Callable[..., Any])

JSON = "application/json"

Object = dict[str, Any]
"""A body that others laid down: its fields are told in their documents."""

Objects = list[dict[str, Any]]
"""A list of such."""


class Told(Struct, frozen=True, kw_only=True):
    """What a handler said of itself; `answers` is a type, or None where `media` says it all."""

    answers: Any
    status: int
    takes: Any
    query: tuple[str, ...]
    media: str
    may: tuple[int, ...]


def tells(
    answers: Any,
    *,
    status: int = 200,
    takes: Any = None,
    query: tuple[str, ...] = (),
    media: str = JSON,
    may: tuple[int, ...] = (),
) -> Callable[[H], H]:
    """Describe a handler.

    `query` names parameters of `openapi.PARAMETERS`, `media` the content type, and `may` other statuses
    besides the refusals that any handler has.
    """
    told = Told(answers=answers, status=status, takes=takes, query=query, media=media, may=may)

    def mark(handler: H) -> H:
        handler.told = told  # type: ignore[attr-defined]
        return handler

    return mark


def told_by(handler: Any) -> Told | None:
    """Return what a handler said of itself."""
    found = getattr(handler, "told", None)
    return found if isinstance(found, Told) else None
