"""Say in one line what is wrong with a value, and what would be right."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any, Generic, TypeVar, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from alertmesh.config.document import Document, Loc

M = TypeVar("M", bound=BaseModel)


class Checked(Generic[M]):
    """A document as a model: what of it could be read, its problems, and the keys that are `broken`."""

    def __init__(self, model: type[M], document: Document) -> None:
        self.document = document
        self.problems = list(document.problems)
        self.broken = frozenset(model.model_fields) if self.problems else frozenset()
        self.content = self._content(model, document)

    def _content(self, model: type[M], document: Document) -> M:
        data = document.data
        try:
            return model.model_validate(data)
        except ValidationError as error:
            details = error.errors(include_url=False, include_input=False)
        self.problems += _faults(model, document, details)
        self.broken |= frozenset(str(detail["loc"][0]) for detail in details if detail["loc"])
        if not self.broken or not isinstance(data, dict):
            self.broken = frozenset(model.model_fields)
            return model()
        return model.model_validate({key: value for key, value in data.items() if key not in self.broken})


def read_whole(model: type[M], document: Document) -> tuple[M | None, list[str]]:
    """Return a document as a model that makes sense only as a whole, or None and its problems."""
    if document.problems:
        return None, list(document.problems)
    try:
        return model.model_validate(document.data), []
    except ValidationError as error:
        return None, _faults(model, document, error.errors(include_url=False, include_input=False))


def unknown(kind: str, name: str, known: Iterable[str]) -> str:
    """Say that there is no `kind` called `name`, and which one may have been meant."""
    return f"there is no {kind} {name!r}; {_hint(name, list(known))}"


def _faults(model: type[BaseModel], document: Document, details: Iterable[ErrorDetails]) -> list[str]:
    return [f"{_place(document, detail)} {_text(model, detail)}" for detail in details]


def _place(document: Document, detail: ErrorDetails) -> str:
    if detail["type"] == "extra_forbidden":
        return document.at_key(detail["loc"])
    return document.at(detail["loc"])


def _text(model: type[BaseModel], detail: ErrorDetails) -> str:
    loc = detail["loc"]
    path = ".".join(str(part) for part in loc)
    if detail["type"] == "extra_forbidden":
        return f"{path}: unknown key; {_hint(str(loc[-1]), _keys(model, loc[:-1]))}"
    if detail["type"] == "missing":
        return f"{path}: is missing"
    if detail["type"] == "model_type":
        return f"{path}: should be keys with values" if path else "should be keys with values"
    message = detail["msg"].removeprefix("Value error, ").replace("Input should be", "should be")
    return f"{path}: {message}" if path else message


def _hint(name: str, known: list[str]) -> str:
    near = get_close_matches(name, known, n=1)
    if near:
        return f"did you mean {near[0]!r}?"
    return f"known: {', '.join(sorted(known))}" if known else "none is known"


def _keys(model: type[BaseModel], loc: Loc) -> list[str]:
    """Return the keys that may stand at `loc`."""
    at: type[BaseModel] | None = model
    for part in loc:
        if at is not None and part in at.model_fields:
            at = _model_in(at.model_fields[str(part)].annotation)
    return list(at.model_fields) if at is not None else []


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """Return the model that an annotation holds, in a list, a mapping or an alternative."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    found = (_model_in(inner) for inner in get_args(annotation))
    return next((model for model in found if model is not None), None)
