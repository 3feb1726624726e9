"""The registry of rules and refusals, one for every pair of state and event."""

from collections.abc import Callable, Iterable
from datetime import datetime

from msgspec import Struct

from alertmesh.core.response import Response, State
from alertmesh.escalate.events import EventKind, MachineEvent, Move

LIVE = frozenset(State) - {State.MERGED, State.RESOLVED, State.CLOSED}
PAGING = frozenset({State.T1_PAGING, State.T2_PAGING})
ACKED = frozenset({State.T1_ACKED, State.T2_ACKED})
HANDED = ACKED | {State.SNOOZED, State.T2_PAGING}
"""Where somebody has it who can hand it over."""
OVER = frozenset({State.RESOLVED, State.CLOSED})


class Refusal(Struct, frozen=True):
    """A named no: nothing changes, and `why` says what would be possible."""

    id: str
    why: str


Handler = Callable[[Response, MachineEvent, datetime], Move | Refusal]


class Rule(Struct, frozen=True):
    """One branch of the machine: its id, what it does in one sentence, and the function."""

    id: str
    does: str
    run: Handler


class Table:
    """Collect what each pair of state and event leads to; a pair is taken once only."""

    def __init__(self) -> None:
        self.pairs: dict[tuple[State, EventKind], Rule | Refusal] = {}
        self.refusals: list[Refusal] = []

    @classmethod
    def joined(cls, *parts: "Table") -> "Table":
        """Return one table with everything that `parts` have."""
        whole = cls()
        for part in parts:
            whole.refusals.extend(part.refusals)
            for (state, kind), entry in part.pairs.items():
                whole._fill(kind, [state], entry)
        return whole

    def rule(
        self, id: str, kind: EventKind, states: Iterable[State], does: str
    ) -> Callable[[Handler], Handler]:
        """Register the decorated function as what happens on `kind` in `states`."""

        def register(handler: Handler) -> Handler:
            self._fill(kind, states, Rule(id, does, handler))
            return handler

        return register

    def refuse(self, id: str, kind: EventKind, states: Iterable[State], why: str) -> None:
        """Register that `kind` changes nothing in `states`."""
        self._fill(kind, states, Refusal(id, why))

    def refusal(self, id: str, why: str) -> Refusal:
        """Return a refusal that a rule may give for what its event asks."""
        made = Refusal(id, why)
        self.refusals.append(made)
        return made

    def _fill(self, kind: EventKind, states: Iterable[State], entry: Rule | Refusal) -> None:
        for state in states:
            if (state, kind) in self.pairs:
                raise ValueError(f"{entry.id}: {state} x {kind} is taken by {self.pairs[state, kind].id}")
            self.pairs[state, kind] = entry
