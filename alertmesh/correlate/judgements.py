"""Write down what people said of groups and series, for the machine to learn from and to be looked up."""

from collections.abc import Sequence

from alertmesh.core.entries import Command, Feedback
from alertmesh.core.judgement import Judgement, Party
from alertmesh.core.records import Records
from alertmesh.correlate.memory import Memory

_PARTIES = 64

Word = Command | Feedback


class Judgements:
    """Hold the record, newest last; `dropped` counts what was let go of beyond `most`."""

    def __init__(self, most: int, memory: Memory) -> None:
        self.table = Records[int, Judgement]("correlate_judgement", Judgement)
        self.dropped = 0
        self.most = most
        self._memory = memory

    def note(
        self,
        word: Word,
        left: Sequence[str],
        right: Sequence[str],
        behind: Sequence[str] = (),
        entity: str = "",
    ) -> int:
        """Write down a judgement as of before it is carried out; return its number."""
        names = dict(zip((word.a, word.b), word.names, strict=True)) if isinstance(word, Feedback) else {}
        past = isinstance(word, Feedback) and word.past
        number = self._memory.next("judgement")
        judgement = Judgement(
            at=word.at,
            actor=word.actor,
            action=word.action,
            left=self._parties(left, names),
            right=self._parties(right, names),
            behind=self._parties(behind, names),
            groups=(0, 0) if past else (self._group(left), self._group(right)),
            entity=entity,
        )
        self.table.put(number, judgement)
        for old in sorted(self.table)[: max(0, len(self.table) - self.most)]:
            self.table.drop(old)
            self.dropped += 1
        return number

    def _parties(self, series: Sequence[str], names: dict[str, str]) -> tuple[Party, ...]:
        return tuple(self._party(one, names.get(one, "")) for one in series[:_PARTIES])

    def _party(self, series: str, name: str) -> Party:
        belonging = self._memory.members.get(series)
        if belonging is None:
            return Party(series, name)
        return Party(series, belonging.name, belonging.profile.subject)

    def _group(self, series: Sequence[str]) -> int:
        home = self._memory.home(series[0]) if series else None
        return home.id if home is not None else 0
