"""Tell in the reader's language what the stages word in English."""

from typing import NamedTuple

from msgspec.structs import replace

from alertmesh.chinese.causes import cause_in, change_in
from alertmesh.chinese.duty import fault_in, warning_in
from alertmesh.chinese.faults import problem_in
from alertmesh.chinese.forms import Called
from alertmesh.chinese.joins import join_in
from alertmesh.chinese.lines import line_in
from alertmesh.chinese.noise import proposal_in
from alertmesh.chinese.past import shared_in
from alertmesh.chinese.reasons import reason_in
from alertmesh.chinese.why import why_in
from alertmesh.core.group import Reason
from alertmesh.core.incident import Similar


class Wording(NamedTuple):
    """A language, and what people are called in it; what has no form there is told as it came."""

    language: str = "en"
    called: Called = str

    def line(self, kind: str, text: str) -> str:
        """Return the text of a line of a timeline."""
        return line_in(self.language, kind, text, self.called)

    def reason(self, text: str) -> str:
        """Return why somebody is paged, or a team is."""
        return reason_in(self.language, text, self.called)

    def joins(self, reasons: tuple[Reason, ...]) -> tuple[Reason, ...]:
        """Return why a series is in its incident."""
        if self.language == "en":
            return reasons
        return tuple(replace(one, text=self.join(one.feature, one.text)) for one in reasons)

    def join(self, feature: str, text: str) -> str:
        """Return one such reason; `feature` is what it rests on."""
        return join_in(self.language, feature, text)

    def cause(self, text: str) -> str:
        """Return why something is likely to be the root."""
        return cause_in(self.language, text)

    def change(self, text: str) -> str:
        """Return what was changed."""
        return change_in(self.language, text)

    def similar(self, found: tuple[Similar, ...]) -> tuple[Similar, ...]:
        """Return past incidents with what they share with one."""
        if self.language == "en":
            return found
        return tuple(replace(one, shared=self.shared(one.shared)) for one in found)

    def shared(self, text: str) -> str:
        """Return what a past incident shares with one."""
        return shared_in(self.language, text)

    def why(self, text: str) -> str:
        """Return why two incidents are not one, or what would have kept a series out of one."""
        return why_in(self.language, text, self.called)

    def fault(self, text: str) -> str:
        """Return what is wrong with a roster."""
        return fault_in(self.language, text, self.called)

    def warnings(self, texts: list[str]) -> list[str]:
        """Return what to think of before an override or a silence holds."""
        return [warning_in(self.language, text, self.called) for text in texts]

    def problem(self, message: str) -> str:
        """Return what is wrong with rules."""
        return problem_in(self.language, message)

    def proposal(self, text: str) -> str:
        """Return why something is noise, and what to do about it."""
        return proposal_in(self.language, text)


ENGLISH = Wording()
