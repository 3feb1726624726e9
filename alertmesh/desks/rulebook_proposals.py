"""What the digest proposes, as rule files: what would be written where, and what people said to it."""

import difflib
from collections.abc import Mapping
from datetime import datetime, timedelta

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from alertmesh.core.clock import Clock
from alertmesh.core.digest import Proposal, Remedy
from alertmesh.core.errors import BadCommand
from alertmesh.core.ports import AuditEntry, Batch, Store
from alertmesh.core.records import Row
from alertmesh.core.texts import digest_of
from alertmesh.desks.rulebook import Change, Reload, Rulebook
from alertmesh.desks.rulebook_check import Verdict
from alertmesh.desks.rulebook_history import Brief, How

LONGEST = timedelta(days=90)
"""How long a proposal can be dismissed."""

_TABLE = "proposal_answer"
_FOLDERS = {Remedy.MAINTENANCE: "maintenance"}
_NAMED = "  - name: "


class Answer(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What somebody said to a proposal: not for a while, or yes.

    `path` and `version` are the rule file that it became.
    """

    actor: str
    at: datetime
    until: datetime | None = None
    path: str = ""
    version: int = 0


class Preview(Struct, frozen=True, kw_only=True):
    """What applying a proposal would do: the file, its text before and after, and whether it can be taken.

    `digest` is that of the text before, empty for a new file. `copies` are the shipped files that come along,
    because the first own file of a section puts them out of force. `why_not` says why it cannot be
    written, empty when it can.
    """

    path: str
    before: str
    after: str
    diff: str
    digest: str
    copies: tuple[str, ...]
    verdict: Verdict
    why_not: str


class Proposals:
    """Answer what the digest proposes."""

    def __init__(self, rulebook: Rulebook, store: Store, clock: Clock) -> None:
        self._rulebook = rulebook
        self._store = store
        self._clock = clock

    def answers(self) -> Mapping[str, Answer]:
        """Return what was said to proposals and still holds, by their ids."""
        now = self._clock.now()
        found = {str(key): _as_of(_decode(body), now) for key, body in self._store.rows(_TABLE)}
        return {key: one for key, one in found.items() if one.path or one.until}

    async def preview(self, proposal: Proposal) -> Preview:
        """Return what applying a proposal would write; BadCommand for one that is no rule."""
        path, text = await self._written(proposal)
        before, digest = await self._before(path)
        draft = {path: text}
        whole = self._rulebook.whole(draft)
        return Preview(
            path=path,
            before=before,
            after=text,
            diff=diff(before, text, path),
            digest=digest,
            copies=tuple(sorted(name for name in whole if name != path)),
            verdict=await self._rulebook.check(draft),
            why_not=self._rulebook.why_not(path),
        )

    async def apply(self, proposal: Proposal, actor: str, reload: Reload) -> tuple[str, Brief]:
        """Write a proposal and load it; return the file and its version. Raises what `Rulebook.save` does."""
        path, text = await self._written(proposal)
        _, digest = await self._before(path)
        note = f"proposal for {proposal.name}"[:200]
        change = Change(draft={path: text}, how=How.PROPOSAL, actor=actor, note=note)
        version = await self._rulebook.save(change, digest, reload)
        answer = Answer(actor=actor, at=self._clock.now(), path=path, version=version.number)
        await self._store.write(Batch(rows=[_row(id_of(proposal), answer)]))
        return path, version

    async def dismiss(self, proposal: Proposal, length: timedelta, actor: str) -> Answer:
        """Show a proposal no more for a while; BadCommand when that is too long."""
        if not timedelta() < length <= LONGEST:
            raise BadCommand(f"days: must be from 1 to {LONGEST.days}")
        now, name = self._clock.now(), id_of(proposal)
        answer = Answer(actor=actor, at=now, until=now + length)
        before = self.answers().get(name)
        if before is not None and before.path:
            answer = replace(before, until=now + length)
        audit = AuditEntry(
            at=now, actor=actor, action="dismiss", target=f"proposal/{name}", detail=f"{length.days} days"
        )
        await self._store.write(Batch(rows=[_row(name, answer), *self._stale()], audit=[audit]))
        return answer

    async def recall(self, proposal: Proposal, actor: str) -> None:
        """Show a dismissed proposal again, and forget that it was applied."""
        now, name = self._clock.now(), id_of(proposal)
        audit = AuditEntry(at=now, actor=actor, action="recall", target=f"proposal/{name}")
        await self._store.write(Batch(rows=[Row(_TABLE, name, None)], audit=[audit]))

    def _stale(self) -> list[Row]:
        kept = self.answers()
        return [Row(_TABLE, key, None) for key, _ in self._store.rows(_TABLE) if str(key) not in kept]

    async def _written(self, proposal: Proposal) -> tuple[str, str]:
        """Return the file that a proposal is to be, and its text."""
        folder = _FOLDERS.get(proposal.remedy)
        if folder is None or not proposal.snippet:
            raise BadCommand(f"series: there is no rule to write for it: {proposal.why}")
        name = _name(proposal.snippet)
        held = {one.file.path for one in await self._rulebook.files() if one.file.own}
        path, text = f"{folder}/{name}.yaml", proposal.snippet
        answer = self.answers().get(id_of(proposal))
        if path in held and (answer is None or answer.path != path):
            longer = f"{name}-{proposal.series[:8]}"
            path, text = f"{folder}/{longer}.yaml", text.replace(_NAMED + name, _NAMED + longer, 1)
        return path, f"# {' '.join(proposal.why.split())}\n{text}"

    async def _before(self, path: str) -> tuple[str, str]:
        try:
            shown, text = await self._rulebook.file(path)
        except KeyError:
            return "", ""
        return text, shown.file.digest


def id_of(proposal: Proposal) -> str:
    """Return what a proposal is called: its series, with more where a series may have several."""
    if not proposal.snippet:
        return proposal.series
    return f"{proposal.series}-{digest_of(_name(proposal.snippet))[:8]}"


def diff(before: str, after: str, path: str) -> str:
    """Return two texts as a unified diff.

    >>> print(diff("a: 1\\n", "a: 2\\n", "x.yaml"), end="")
    --- x.yaml
    +++ x.yaml
    @@ -1 +1 @@
    -a: 1
    +a: 2
    """
    lines = difflib.unified_diff(
        before.splitlines(keepends=True), after.splitlines(keepends=True), path, path
    )
    return "".join(line if line.endswith("\n") else line + "\n" for line in lines)


def _as_of(answer: Answer, now: datetime) -> Answer:
    return replace(answer, until=None) if answer.until is not None and answer.until <= now else answer


def _name(snippet: str) -> str:
    named = next((line for line in snippet.splitlines() if line.startswith(_NAMED)), "")
    if not named:
        raise BadCommand("series: what is proposed has no name")
    return named.removeprefix(_NAMED).strip()


def _row(name: str, answer: Answer) -> Row:
    return Row(_TABLE, name, _encode(answer))


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Answer).decode
