"""Find the likely roots of open groups, by what alerts and by what was changed shortly before."""

from collections.abc import Sequence
from datetime import datetime

from msgspec.structs import replace

from alertmesh.core.changes import ChangeEvent
from alertmesh.core.group import Cause
from alertmesh.correlate.changes import Changes
from alertmesh.correlate.live import Live
from alertmesh.correlate.root_view import Changed, View
from alertmesh.correlate.rootcause import Ranker
from alertmesh.correlate.settings import CorrelateSettings
from alertmesh.correlate.topology import Topology
from alertmesh.correlate.whyfacts import span

_MOST = 5


class Roots:
    """Rank what may be the root of a group, and say which of it was changed; nothing is remembered."""

    def __init__(self, settings: CorrelateSettings, topology: Topology, changes: Changes) -> None:
        self._ranker = Ranker()
        self._settings = settings
        self._topology = topology
        self._changes = changes

    def adopt(self, settings: CorrelateSettings) -> None:
        """Go by other settings from here on."""
        self._settings = settings

    def of(self, live: Live) -> tuple[Cause, ...]:
        """Return the likeliest roots of an open group, best first."""
        view = self._ranker.view(live, self._topology, self._settings.place_labels)
        began = live.standing.opened_at
        found = self._changed(view, live)
        if found:
            changes = tuple(
                Changed(event.entity, max(0.0, (began - event.at).total_seconds())) for event in found
            )
            view = replace(view, changes=changes)
        causes = self._ranker.causes(view, _MOST)
        told = {event.entity: _told(event, began) for event in found}
        return tuple(
            replace(cause, changed=told[cause.entity]) if cause.entity in told else cause for cause in causes
        )

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
