"""Find the likely roots of open groups, by what alerts and by what was changed shortly before."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from msgspec.structs import replace

from alertmesh.core.changes import ChangeEvent
from alertmesh.core.group import Cause, GroupEvent, RootMarked
from alertmesh.core.records import Records
from alertmesh.correlate.changes import Changes
from alertmesh.correlate.live import Live
from alertmesh.correlate.root_view import Changed, View
from alertmesh.correlate.rootcause import Ranker
from alertmesh.correlate.settings import CorrelateSettings
from alertmesh.correlate.topology import Topology
from alertmesh.correlate.whyfacts import span

_MOST = 5


class Roots:
    """Rank what may be the root of a group, and say which of it was changed.

    `table` is the durable state: what was learned from the roots that people named.
    """

    def __init__(self, settings: CorrelateSettings, topology: Topology, changes: Changes) -> None:
        self._ranker = Ranker()
        self._settings = settings
        self._topology = topology
        self._changes = changes

    @property
    def table(self) -> Records[str, float]:
        """Return the durable state."""
        return self._ranker.adapter.table

    def adopt(self, settings: CorrelateSettings) -> None:
        """Go by other settings from here on."""
        self._settings = settings

    def of(self, live: Live) -> tuple[Cause, ...]:
        """Return the likeliest roots of an open group, best first."""
        began = live.standing.opened_at
        view, found = self._view(live)
        causes = self._ranker.causes(view, _MOST)
        told = {event.entity: _told(event, began) for event in found}
        return tuple(
            replace(cause, changed=told[cause.entity]) if cause.entity in told else cause for cause in causes
        )

    def learn(self, events: Sequence[GroupEvent], groups: Mapping[int, Live]) -> None:
        """Learn from the roots that people named just now; the same word again teaches nothing."""
        for event in events:
            if isinstance(event, RootMarked) and not event.again and event.group in groups:
                self._ranker.learn(self._view(groups[event.group])[0], event.entity, event.series)

    def _view(self, live: Live) -> tuple[View, Sequence[ChangeEvent]]:
        """Return what is known of a group, and what was changed in it shortly before."""
        view = self._ranker.view(live, self._topology, self._settings.place_labels)
        began, found = live.standing.opened_at, self._changed(view, live)
        changes = tuple(
            Changed(event.entity, max(0.0, (began - event.at).total_seconds())) for event in found
        )
        return (replace(view, changes=changes) if changes else view), found

    def _changed(self, view: View, live: Live) -> Sequence[ChangeEvent]:
        if not len(self._changes.table):
            return ()
        names = {name for one in view.told for name in (one.entity, *one.aliases, *one.peers, *one.places)}
        names.update(name for call in view.calls for name in call)
        standing = live.standing
        return [*self._changes.before(names, standing.cluster, standing.opened_at)]


def _told(event: ChangeEvent, began: datetime) -> str:
    """Return a change in one line: what it was, how long before, by whom."""
    before = f"{span(event.at, began)} before" if event.at < began else "as it began"
    by = f" by {event.actor}" if event.actor else ""
    said = f": {event.summary}" if event.summary else ""
    return f"{event.kind} {before}{by}{said}"
