"""Keep who took an open incident, who ended it, and what they wrote: what a later one can learn from."""

from msgspec import Struct
from msgspec.structs import replace

from alertmesh.core.entries import Action, Command
from alertmesh.core.records import Records

_LONGEST = 300


class Handling(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """What people did about one incident; `said` and `cause` are what they ended and closed it with."""

    taken_by: str = ""
    ended_by: str = ""
    said: str = ""
    cause: str = ""
    noted: str = ""

    @property
    def person(self) -> str:
        """Return who ended it by hand, or else who had it when it cleared."""
        return self.ended_by or self.taken_by

    @property
    def note(self) -> str:
        """Return what was done, in people's words: how it ended and why, or else the last note."""
        ending = "; ".join(dict.fromkeys(text for text in (self.said, self.cause) if text))
        return _cut(ending or self.noted)


class Handlings:
    """Hold what people did to open incidents, one row each; nothing for those that nobody touched."""

    def __init__(self) -> None:
        self.table = Records[int, Handling]("handling", Handling)

    def heed(self, command: Command) -> None:
        """Remember what a person did, as far as it tells how the incident was handled."""
        known = self.table.get(command.incident) or Handling()
        text = _cut(command.args.get("text", "").strip())
        told = _after(known, command, text)
        if told != known:
            self.table.put(command.incident, told)

    def of(self, incident: int) -> Handling:
        """Return what was done to an incident so far."""
        return self.table.get(incident) or Handling()

    def forget(self, incident: int) -> None:
        """Forget an incident that is over."""
        self.table.drop(incident)

    def hand_over(self, incident: int, heir: int) -> None:
        """Let the survivor of a merge have what it lacks."""
        given, has = self.of(incident), self.of(heir)
        fields = Handling.__struct_fields__
        both = Handling(**{name: getattr(has, name) or getattr(given, name) for name in fields})
        if both != has:
            self.table.put(heir, both)
        self.table.drop(incident)


def _after(known: Handling, command: Command, text: str) -> Handling:
    actor, ended = command.actor, bool(known.ended_by)
    match command.action:
        case Action.ACK if not ended:
            return replace(known, taken_by=actor, noted=text or known.noted)
        case Action.UNACK if known.taken_by == actor:
            return replace(known, taken_by="")
        case Action.RESOLVE:
            return replace(known, ended_by=actor, said=text)
        case Action.CLOSE:
            return replace(known, ended_by=known.ended_by or actor, cause=text)
        case Action.NOTE:
            return replace(known, noted=text or known.noted)
        case _:
            return known


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
