"""Follow what people say of groups: series that they move, roots that they name, what they part."""

from collections.abc import Callable
from datetime import datetime

from msgspec.structs import replace

from alertmesh.core.group import GroupsParted, RootMarked, SeriesMoved, Suggested
from alertmesh.core.incident import Member
from alertmesh.incidents import timeline
from alertmesh.incidents.book import Book, Causes, member_key
from alertmesh.incidents.lifecycle import Case, Effect
from alertmesh.incidents.watch import Watched, WatchList

Open = Callable[[Watched, datetime, Causes], None]


class PeoplesWord:
    """Bring incidents and watched groups in line with people's word; `open` opens what is worth it."""

    def __init__(self, book: Book, watch: WatchList, open: Open) -> None:
        self._book = book
        self._watch = watch
        self._open = open

    def take(self, event: SeriesMoved | GroupsParted | RootMarked | Suggested, causes: Causes) -> None:
        """Take what a person said of a group, or is asked about it."""
        if isinstance(event, SeriesMoved):
            self._moved(event, causes)
        elif isinstance(event, Suggested):
            self._suggested(event)
        elif isinstance(event, GroupsParted):
            self._parted(event)
        else:
            self._marked(event, causes)

    def _moved(self, event: SeriesMoved, causes: Causes) -> None:
        source, at = self._book.of_group(event.group), event.at
        was_firing = source.firing if source is not None else 0
        joins = dict(zip(event.series, event.joins, strict=True))
        gone = [replace(one, join=joins[one.series.id]) for one in self._given_up(source, event, causes)]
        target = self._arrived(gone, event, causes)
        if source is not None and gone:
            line = timeline.moved_out(source.id, target.id if target else None, at, named(gone), event.actor)
            self._book.say(line)
        if target is not None and gone:
            line = timeline.moved_in(target.id, source.id if source else None, at, named(gone), event.actor)
            self._book.say(line)
        if source is not None and was_firing and not source.firing:
            self._book.tell(source, Effect.CLEARED, None if source.members else gone[0].series, at)

    def _given_up(self, source: Case | None, event: SeriesMoved, causes: Causes) -> list[Member]:
        if source is None:
            return self._unwatched(event)
        gone = source.release(event.series, event.at)
        for member in gone:
            self._book.members.drop(member_key(source.id, member.series.id))
        self._book.explain(source, causes)
        self._book.touch(source)
        return gone

    def _unwatched(self, event: SeriesMoved) -> list[Member]:
        held = self._watch.table.get(event.group)
        if held is None:
            return []
        gone = [held.members.pop(series) for series in event.series if series in held.members]
        if held.members:
            self._watch.put(held, event.at)
        else:
            self._watch.pop(event.group)
        return gone

    def _arrived(self, gone: list[Member], event: SeriesMoved, causes: Causes) -> Case | None:
        at, target = event.at, self._book.of_group(event.into)
        if target is None:
            for member in gone:
                self._watch.take(event.into, replace(member, incident=0), at)
            held = self._watch.table.get(event.into)
            if held is not None:
                self._open(held, at, causes)
            return self._book.of_group(event.into)
        effect = 0
        for member in gone:
            effect |= self._book.take(target, replace(member, incident=target.id), at)
        self._book.explain(target, causes)
        self._book.tell(target, effect, None, at)
        return target

    def _parted(self, event: GroupsParted) -> None:
        one, other = self._book.of_group(event.group), self._book.of_group(event.other)
        for here, there in ((one, other), (other, one)):
            if here is not None:
                number = there.id if there is not None else None
                self._book.say(timeline.unrelated(here.id, number, event.at, event.actor))

    def _suggested(self, event: Suggested) -> None:
        case = self._book.of_group(event.group)
        if case is None:
            return
        others = (group for group in event.suggestion.told.groups if group != event.group)
        number = next((self._book.by_group.get(group) for group in others), None)
        if event.actor:
            self._book.say(timeline.dismissed(case.id, number, event.suggestion, event.at, event.actor))
        else:
            self._book.say(timeline.suggested(case.id, number, event.suggestion, event.at))

    def _marked(self, event: RootMarked, causes: Causes) -> None:
        case = self._book.of_group(event.group)
        if case is None:
            return
        self._book.explain(case, causes)
        case.changed_at = event.at
        self._book.touch(case)
        self._book.say(timeline.root_marked(case.id, event.entity, event.at, event.actor))


def named(members: list[Member]) -> str:
    """Return a few series in words: the first by name, and how many more."""
    first = min(members, key=lambda member: (member.joined_at, member.series.id)).series
    more = f" and {len(members) - 1} more" if len(members) > 1 else ""
    return f"{timeline.named(first)}{more}"
