"""Which silences and maintenance windows there are, and which of them hold."""

import heapq
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from msgspec import Struct, field
from msgspec.structs import replace

from alertmesh.core.errors import BadCommand, StaleCommand
from alertmesh.core.matchers import Matcher, parse_matchers
from alertmesh.core.records import Records
from alertmesh.core.silence import Silence, SilenceState, Window
from alertmesh.escalate.windows import occurrence

_LONGEST_COMMENT = 120


class SilenceSettings(Struct, frozen=True, kw_only=True):
    """How many silences may be kept, and how long those that are over are shown."""

    max_silences: int = 10_000
    keep_expired: timedelta = timedelta(hours=120)


class Cover(Struct, frozen=True, gc=False):
    """A silence or window that holds now: what it is called, what it accepts, until when."""

    id: str
    text: str
    matchers: tuple[Matcher, ...]
    until: datetime


class Kept(Struct, frozen=True):
    """A silence and how far its time has been followed; the durable state of it."""

    silence: Silence
    state: SilenceState


class Standing(Struct, frozen=True, omit_defaults=True):
    """A window as configured: until when it holds (None: not now), and when that changes next."""

    window: Window
    until: datetime | None = None
    due: datetime | None = None


class Turn(Struct):
    """What began to hold or holds longer or shorter than before, and the ids of what is over.

    An id in both is over in its old form and holds in another.
    """

    started: list[Cover] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)

    def has_started(self, id: str) -> bool:
        """Tell whether a cover is among those that hold."""
        return any(cover.id == id for cover in self.started)


class SilenceBook:
    """Keep silences and windows and follow their times; a change costs O(log n)."""

    def __init__(self, settings: SilenceSettings) -> None:
        self._settings = settings
        self._silences = Records[str, Kept]("silence", Kept)
        self._standings = Records[str, Standing]("maintenance", Standing)
        self.tables = (self._silences, self._standings)
        self._wanted: Sequence[Window] | None = None
        self._placed_at: datetime | None = None
        self._due: dict[str, datetime] = {}
        self._heap: list[tuple[datetime, str]] = []

    def silence(self, id: str) -> Silence | None:
        """Return a silence that is kept, whatever its state."""
        kept = self._silences.get(id)
        return None if kept is None else kept.silence

    def silences(self) -> Iterable[Silence]:
        """Return every silence that is kept."""
        return (kept.silence for kept in self._silences.values())

    def windows(self) -> Iterable[Window]:
        """Return every window that was taken up."""
        return (standing.window for standing in self._standings.values())

    def active(self) -> list[Cover]:
        """Return everything that holds, as far as time was followed."""
        covers = [
            _of_silence(kept.silence) for kept in self._silences.values() if kept.state is SilenceState.ACTIVE
        ]
        return covers + [
            _of_window(standing.window, standing.until)
            for standing in self._standings.values()
            if standing.until is not None
        ]

    def adopt(self, windows: Sequence[Window]) -> None:
        """Go by these windows from the next `place` on."""
        self._wanted = tuple(windows)

    def place(self, now: datetime) -> Turn | None:
        """Take up the windows adopted last, if any; those that stayed the same go on undisturbed."""
        self._placed_at = now
        if self._wanted is None:
            return None
        turn = Turn()
        wanted = {window.name: window for window in self._wanted}
        self._wanted = None
        for name in sorted(self._standings):
            standing = self._standings[name]
            if standing.window != wanted.get(name):
                self._standings.drop(name)
                self._due.pop(window_id(name), None)
                if standing.until is not None:
                    turn.ended.append(window_id(name))
        for name, window in wanted.items():
            if name not in self._standings:
                self._stand(window, now, turn)
        return turn

    def set(self, silence: Silence, replaces: str, at: datetime) -> Turn:
        """Take a new silence or a new form of one.

        Raises BadCommand when there is no room or no time left, and StaleCommand for a form of one that
        ended or covers something else by now: the person decided before that.
        """
        if silence.ends_at <= at:
            raise BadCommand("ends_at: the silence would be over already")
        former = self._silences.get(silence.id)
        if former is None:
            self._make_room()
        else:
            _refuse_stale(former, silence)
        turn = Turn()
        before = self._silences.get(replaces)
        if replaces != silence.id and before is not None and before.state is not SilenceState.EXPIRED:
            self._end(before.silence, at, turn)
        state = silence.state(at)
        if former is not None and former.state is SilenceState.ACTIVE and state is not SilenceState.ACTIVE:
            turn.ended.append(silence.id)
        self._put(silence, state)
        if state is SilenceState.ACTIVE:
            turn.started.append(_of_silence(silence))
        return turn

    def expire(self, id: str, at: datetime) -> Turn:
        """End a silence; BadCommand when there is none or it is over."""
        kept = self._silences.get(id)
        if kept is None:
            raise BadCommand(f"there is no silence {id}")
        if kept.state is SilenceState.EXPIRED:
            raise BadCommand(_over(kept.silence))
        turn = Turn()
        self._end(kept.silence, at, turn)
        return turn

    def deadline(self) -> datetime | None:
        """Return when the next silence or window begins, ends or is forgotten; at once after a reload."""
        if self._wanted is not None and self._placed_at is not None:
            return self._placed_at
        while self._heap and self._due.get(self._heap[0][1]) != self._heap[0][0]:
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def turn(self) -> Turn:
        """Do everything that is due at `deadline`, and nothing that is due later."""
        turn = Turn()
        moment = self.deadline()
        while moment is not None and self.deadline() == moment:
            _, id = heapq.heappop(self._heap)
            del self._due[id]
            kept = self._silences.get(id)
            if kept is not None:
                self._follow(kept, turn)
            else:
                standing = self._standings[id.partition("/")[2]]
                self._stand(standing.window, moment, turn)
                if standing.until is not None and not turn.has_started(id):
                    turn.ended.append(id)
        return turn

    def restored(self) -> None:
        """Take up the times again after the tables were restored."""
        self._due = {}
        self._heap = []
        for kept in self._silences.values():
            self._wake(kept.silence.id, self._next(kept.silence, kept.state))
        for name in self._standings:
            self._wake(window_id(name), self._standings[name].due)

    def _follow(self, kept: Kept, turn: Turn) -> None:
        silence = kept.silence
        if kept.state is SilenceState.PENDING:
            self._put(silence, SilenceState.ACTIVE)
            turn.started.append(_of_silence(silence))
        elif kept.state is SilenceState.ACTIVE:
            self._put(silence, SilenceState.EXPIRED)
            turn.ended.append(silence.id)
        else:
            self._silences.drop(silence.id)

    def _end(self, silence: Silence, at: datetime, turn: Turn) -> None:
        ended = replace(silence, starts_at=min(silence.starts_at, at), ends_at=at, updated_at=at)
        self._put(ended, SilenceState.EXPIRED)
        turn.ended.append(silence.id)

    def _put(self, silence: Silence, state: SilenceState) -> None:
        self._silences.put(silence.id, Kept(silence, state))
        self._wake(silence.id, self._next(silence, state))

    def _next(self, silence: Silence, state: SilenceState) -> datetime:
        if state is SilenceState.PENDING:
            return silence.starts_at
        return (
            silence.ends_at if state is SilenceState.ACTIVE else silence.ends_at + self._settings.keep_expired
        )

    def _stand(self, window: Window, now: datetime, turn: Turn) -> None:
        """Note whether a window holds at `now` and when that changes."""
        found = occurrence(window, now)
        if found is None:
            standing = Standing(window)
        elif found.start <= now:
            standing = Standing(window, found.end, found.end)
            turn.started.append(_of_window(window, found.end))
        else:
            standing = Standing(window, None, found.start)
        self._standings.put(window.name, standing)
        self._wake(window_id(window.name), standing.due)

    def _wake(self, id: str, due: datetime | None) -> None:
        self._due.pop(id, None)
        if due is not None:
            self._due[id] = due
            heapq.heappush(self._heap, (due, id))

    def _make_room(self) -> None:
        """Forget the silence that has been over the longest once there are too many."""
        if len(self._silences) < self._settings.max_silences:
            return
        over = [one for one in self._silences.values() if one.state is SilenceState.EXPIRED]
        if not over:
            raise BadCommand(f"there are {len(self._silences)} silences; end one first")
        oldest = min(over, key=lambda kept: (kept.silence.ends_at, kept.silence.id)).silence.id
        self._silences.drop(oldest)
        self._due.pop(oldest, None)


def _refuse_stale(former: Kept, silence: Silence) -> None:
    if former.state is SilenceState.EXPIRED:
        raise StaleCommand(_over(former.silence))
    if former.silence.matchers != silence.matchers:
        raise StaleCommand(f"silence {silence.id} covers something else by now")


def _over(silence: Silence) -> str:
    return f"silence {silence.id} is over since {silence.ends_at:%Y-%m-%d %H:%M} UTC"


def window_id(name: str) -> str:
    """Return what a window is called among the covers."""
    return f"maintenance/{name}"


def _of_silence(silence: Silence) -> Cover:
    matchers = tuple(condition.matcher() for condition in silence.matchers)
    return Cover(silence.id, _named(f"silence {silence.id}", silence.comment), matchers, silence.ends_at)


def _of_window(window: Window, until: datetime) -> Cover:
    matchers = parse_matchers(window.matchers, Matcher.kept)
    return Cover(
        window_id(window.name), _named(f"maintenance {window.name}", window.comment), matchers, until
    )


def _named(name: str, comment: str) -> str:
    words = " ".join(comment.split())
    return f"{name} ({words[:_LONGEST_COMMENT]})" if words else name
