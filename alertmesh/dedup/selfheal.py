"""Let the first page wait for what is likely to clear alone, and page when it does not.

What is likely is learned from how alerts of the kind ended before. Until enough is known, the
table of what Kubernetes does by itself speaks. A hold ends when the alert has outlived what it was
given, gets worse, or is one of too many; it never lasts longer than the bound of the priority.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from math import ceil, sqrt
from typing import Any

from alertmesh.core.alert import Priority
from alertmesh.core.records import Records
from alertmesh.core.series import Change, ChangeKind, Mark, Note, Series
from alertmesh.dedup.episodes import Episode, Episodes
from alertmesh.dedup.healtable import HealTable
from alertmesh.dedup.massclear import ClearRuns, Life
from alertmesh.dedup.rule import Verdict
from alertmesh.dedup.selfhealsettings import HealEntry, SelfhealSettings
from alertmesh.dedup.settings import DedupSettings
from alertmesh.dedup.survival import Ages, Outlook, Survival
from alertmesh.dedup.wording import clock, exact

_LEARNED, _TABLE = "HEAL-1", "HEAL-2"
_SIGMAS = 3


class SelfhealRule:
    """Mark series that are likely to heal, and say how long the first page waits and why."""

    name = "selfheal"

    def __init__(self, settings: DedupSettings, known: Records[str, Series]) -> None:
        own = settings.selfheal
        self._known = known
        self._episodes = Episodes()
        self._survival = Survival(own)
        self._runs = ClearRuns(own)
        self._missed = 0
        self.tables: tuple[Records[Any, Any], ...] = (
            self._survival.kinds,
            self._episodes.table,
            self._runs.table,
        )
        self._take(own)

    @property
    def dropped(self) -> int:
        """Return how many kinds, ends and episodes found no room."""
        return self._survival.dropped + self._runs.dropped + self._missed

    def adopt(self, settings: DedupSettings) -> None:
        """Go by other settings from here on; what was learned stays, and so do holds."""
        self._survival.adopt(settings.selfheal)
        self._runs.adopt(settings.selfheal)
        self._take(settings.selfheal)

    def restored(self) -> None:
        """Rebuild what follows from the tables."""
        self._episodes.restored()
        open_now = [one for one in self._known.values() if one.firing]
        for series in sorted(open_now, key=lambda one: (one.first_seen_at, one.id)):
            self._take_up(series)

    def heed(self, series: Series) -> None:
        """Leave a heartbeat out of account, but not what is none any more."""
        episode = self._episodes.get(series.id)
        if Mark.EXPECTED not in series.marks:
            self._take_up(series)
        elif episode is not None and not episode.held:
            self._episodes.close(series.id)

    def observe(self, change: Change) -> Verdict | None:
        """Judge what begins, learn from what ends, and stop waiting for what gets worse."""
        self._learn(change.at)
        match change.kind:
            case ChangeKind.OPENED:
                return self._opened(change)
            case ChangeKind.CLEARED:
                return self._cleared(change)
            case ChangeKind.GREW:
                self._episodes.keep(change.series.id)
            case ChangeKind.WORSE:
                self._episodes.keep(change.series.id)
                return self._worse(change)
            case ChangeKind.SHRANK | ChangeKind.EASED if change.expired:
                self._doubt(change.series.id)
        return None

    def jump(self, by: timedelta) -> None:
        """Go along with a jump of the clock: a hold lasts as long as it would have."""
        self._episodes.jump(by)

    def deadline(self) -> datetime | None:
        """Return when the next hold ends."""
        return self._episodes.next()

    def tick(self, now: datetime) -> Sequence[Verdict]:
        """Stop waiting for what outlived its hold, and for what is one of too many."""
        found = (self._hold_over(name) for name in self._episodes.due(now))
        return [verdict for verdict in found if verdict is not None]

    def _take(self, settings: SelfhealSettings) -> None:
        self._settings = settings
        self._table = HealTable(settings.table)

    def _take_up(self, series: Series) -> None:
        """Follow a series that fires already, without a wait."""
        if not self._settings.enabled or Mark.EXPECTED in series.marks:
            return
        if self._episodes.get(series.id) is None and len(self._episodes) < self._settings.max_open:
            self._episodes.open(series, _kind(series), min(series.opened_at, series.first_seen_at))

    def _learn(self, now: datetime) -> None:
        """Take in the ends of which it is certain by now that they came one by one."""
        for run in self._runs.finished(now):
            learn = self._survival.healed if run.healed else self._survival.lost
            for life in run.lives:
                learn(life.kind, life.cluster, life.seconds, run.at)

    def _opened(self, change: Change) -> Verdict | None:
        series, at = change.series, change.at
        if not self._settings.enabled or Mark.EXPECTED in series.marks:
            return None
        if len(self._episodes) >= self._settings.max_open:
            self._missed += 1
            return None
        started, kind = min(series.opened_at, at), _kind(series)
        hold = self._hold(series, kind, started, at)
        episode = self._episodes.open(series, kind, started)
        if hold is None:
            return None
        episode.hold_until, note = hold
        episode.by, episode.due = note.rule, episode.hold_until
        crowd = self._crowd(episode, at)
        episode.held, episode.crowded = crowd is None, crowd is not None
        self._episodes.put(series.id, episode)
        if crowd is not None:
            return Verdict(series=series.id, notes=(crowd,))
        return Verdict(series=series.id, add=(Mark.HEALING,), hold_until=episode.hold_until, notes=(note,))

    def _hold(
        self, series: Series, kind: str, started: datetime, at: datetime
    ) -> tuple[datetime, Note] | None:
        """Return until when to wait for a series, and why; None for not at all."""
        bound = self._bound(series.priority)
        if started + bound <= at:
            return None
        entry = self._table.find(series.labels)
        if entry is not None and entry.heals == "harms":
            return None
        place = series.entity.cluster
        ages = Ages(
            lived_s=(at - started).total_seconds(),
            bound_s=bound.total_seconds(),
            open_kind=self._episodes.open_since(kind),
            open_here=self._episodes.open_since(kind, place) if place else (),
        )
        outlook = self._survival.outlook(kind, place, ages, at)
        if outlook is not None:
            until = min(started + timedelta(seconds=ceil(outlook.until_s)), started + bound)
            likely = self._is_likely(outlook, entry)
            return (until, _learned(outlook, until)) if likely and until > at else None
        if entry is None or entry.heals != "yes" or started + entry.needs <= at:
            return None
        until = started + min(entry.needs, bound)
        return until, _by_table(entry, until)

    def _is_likely(self, outlook: Outlook, entry: HealEntry | None) -> bool:
        """Tell whether enough clear alone; it takes more when Kubernetes is not known to do anything."""
        settings = self._settings
        if entry is None or entry.heals == "yes":
            return outlook.sure >= settings.threshold
        return outlook.trusted >= settings.overrule and outlook.sure >= settings.overrule_share

    def _bound(self, priority: Priority) -> timedelta:
        return self._settings.bounds.get(priority.name, timedelta())

    def _crowd(self, episode: Episode, at: datetime) -> Note | None:
        """Stop waiting for any of a kind when too many are waited for; return why, if that is so."""
        waiting = self._episodes.waiting(episode.place)
        wait_s = ((episode.hold_until or at) - at).total_seconds()
        usual = self._survival.usual(episode.kind, episode.cluster, wait_s, at)
        most = self._settings.crowd + ceil(usual + _SIGMAS * sqrt(usual))
        if waiting < most:
            return None
        for name in self._episodes.held(episode.place):
            other = self._episodes.table[name]
            other.crowded, other.due = True, at
            self._episodes.put(name, other)
        return _crowded(waiting + 1)

    def _hold_over(self, name: str) -> Verdict | None:
        """Look at an episode whose time has come."""
        episode = self._episodes.table[name]
        was_held, until = episode.held, episode.hold_until
        crowded = was_held and episode.crowded
        # One of a crowd stays in it until its hold would have ended.
        episode.held, episode.due = False, until if crowded else None
        self._episodes.put(name, episode)
        if not was_held:
            return None
        note = _crowded(self._episodes.waiting(episode.place)) if crowded else _outlived(episode)
        return Verdict(series=name, remove=(Mark.HEALING,), notes=(note,))

    def _worse(self, change: Change) -> Verdict | None:
        series = change.series
        episode = self._episodes.get(series.id)
        if episode is None or not episode.held:
            return None
        episode.held, episode.due, episode.hold_until = False, None, change.at
        self._episodes.put(series.id, episode)
        note = Note("HEAL-6", f"it got worse, now P{series.priority:d}: paging does not wait any more")
        return Verdict(series=series.id, remove=(Mark.HEALING,), notes=(note,))

    def _doubt(self, name: str) -> None:
        episode = self._episodes.get(name)
        if episode is not None and not episode.broken:
            episode.broken = True
            self._episodes.put(name, episode)

    def _cleared(self, change: Change) -> Verdict | None:
        name, at = change.series.id, change.at
        episode = self._episodes.get(name)
        if episode is None:
            return None
        fired = self._episodes.of_source(episode.source)
        self._episodes.close(name)
        ended = min(change.ended_at or at, at)
        broken = episode.broken or self._is_broken(change, at - ended)
        life = self._life(episode, ended if broken else at)
        proves = not broken and not self._may_be_handmade(episode, at)
        if episode.crowded:
            # A crowd is one trouble, however many fire; of one that fires alone it tells nothing.
            proves = False
        elif not proves:
            self._survival.lost(life.kind, life.cluster, life.seconds, at)
        if not change.expired:
            self._runs.take(episode.source, fired, life if proves else None, at)
        if not episode.held:
            return None
        return Verdict(series=name, remove=(Mark.HEALING,), notes=(_ended(change, life),))

    def _is_broken(self, change: Change, unknown_for: timedelta) -> bool:
        """Tell whether an end proves nothing: nobody told it, or late, or it will soon fire again."""
        flaps = Mark.FLAPPING in change.series.marks
        return change.expired or flaps or unknown_for > self._settings.late

    def _life(self, episode: Episode, ended: datetime) -> Life:
        """Return how long an episode is known to have lived without anybody's doing."""
        ended = min(ended, self._handmade_from(episode) or ended)
        return Life(episode.kind, episode.cluster, max(0.0, (ended - episode.started).total_seconds()))

    def _may_be_handmade(self, episode: Episode, ended: datetime) -> bool:
        """Tell whether people had time to end it."""
        earliest = self._handmade_from(episode)
        return earliest is not None and ended > earliest

    def _handmade_from(self, episode: Episode) -> datetime | None:
        if episode.held:
            return None
        paged = episode.started if episode.crowded else episode.hold_until or episode.started
        return paged + self._settings.hands_after


def _kind(series: Series) -> str:
    return f"{series.name}\x1f{series.entity.kind}"


def _learned(outlook: Outlook, until: datetime) -> Note:
    cleared, known = round(outlook.healed), round(outlook.known)
    text = (
        f"{cleared} of {known} such alerts cleared alone within {exact(outlook.until_s)}; "
        f"the first page waits until {clock(until)}"
    )
    return Note(_LEARNED, text)


def _by_table(entry: HealEntry, until: datetime) -> Note:
    needs = exact(entry.needs.total_seconds())
    text = (
        f"{entry.does}: usually done within {needs} ({entry.name}); the first page waits until {clock(until)}"
    )
    return Note(_TABLE, text)


def _outlived(episode: Episode) -> Note:
    lived = exact(((episode.hold_until or episode.started) - episode.started).total_seconds())
    than = "what Kubernetes needs" if episode.by == _TABLE else "almost all that cleared alone"
    return Note("HEAL-3", f"still fires after {lived}: it outlived {than}, so paging does not wait any more")


def _crowded(count: int) -> Note:
    return Note(
        "HEAL-5", f"{count} such alerts fire at once: that is more than one healing, so no page waits"
    )


def _ended(change: Change, life: Life) -> Note:
    if change.expired:
        return Note("HEAL-7", "it was not reported any more; whether it cleared is not known")
    return Note("HEAL-4", f"cleared alone after {exact(life.seconds)}, nobody was paged for it")
