"""The form of `rules/runbooks`: what to do about a kind of trouble, step by step."""

from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, GetJsonSchemaHandler, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from alertmesh.config.values import Matchers, Model, Name, Url
from alertmesh.core.runbook import Runbook, RunbookStep
from alertmesh.core.sheet import Words

_Text = Annotated[str, Field(min_length=1, max_length=500)]
_Word = Annotated[str, Field(min_length=1, max_length=256)]


class WordsEntry(Model):
    """A text in English and in Chinese; one text alone stands for both."""

    en: _Text
    zh: Annotated[str, Field(max_length=500)] = ""

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        whole = handler.resolve_ref_schema(handler(schema))
        return {"anyOf": [{"type": "string"}, whole]}

    def words(self) -> Words:
        """Return the text as readers get it."""
        return Words(self.en, self.zh or self.en)


def _both(given: Any) -> Any:
    return {"en": given} if isinstance(given, str) else given


Text = Annotated[WordsEntry, BeforeValidator(_both)]


class StepEntry(Model):
    """One thing to do, and what may be typed for it."""

    text: Text
    command: Annotated[str, Field(max_length=2_000)] = ""

    def step(self) -> RunbookStep:
        """Return the step as readers get it."""
        return RunbookStep(text=self.text.words(), command=self.command)


class RunbookEntry(Model):
    """One runbook: which alerts it is for, and what is to be done."""

    name: Name
    title: Text
    match: Matchers = ""
    alerts: tuple[_Word, ...] = ()
    services: tuple[_Word, ...] = ()
    link: Url = ""
    steps: Annotated[tuple[StepEntry, ...], Field(min_length=1, max_length=50)]

    @model_validator(mode="after")
    def _for_something(self) -> Self:
        if not self.match.strip(" {}") and not self.alerts and not self.services:
            raise ValueError("should say what it is for: `match`, `alerts` or `services`")
        return self

    def runbook(self) -> Runbook:
        """Return the runbook as readers get it."""
        return Runbook(
            name=self.name,
            title=self.title.words(),
            match=self.match.strip(" {}"),
            alerts=self.alerts,
            services=self.services,
            link=self.link,
            steps=tuple(entry.step() for entry in self.steps),
        )


class RunbooksFile(Model):
    """A file of `rules/runbooks`."""

    runbooks: tuple[RunbookEntry, ...] = ()
