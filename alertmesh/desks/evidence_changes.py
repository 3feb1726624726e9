"""Find what was changed about the things of an incident around the time at which it began."""

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime, timedelta

from msgspec import Struct
from msgspec.structs import asdict

from alertmesh.core.changes import ChangeEvent
from alertmesh.core.incident import Incident, Member
from alertmesh.core.series import Series
from alertmesh.correlate.attributes import Part, Profile


class ChangeView(Struct, frozen=True, kw_only=True):
    """How the API shows a change that was made."""

    id: str
    at: datetime
    entity: str
    level: str
    kind: str
    summary: str
    cluster: str
    namespace: str
    url: str
    actor: str


class Touched(ChangeView, frozen=True, kw_only=True):
    """A change and what it has to do with an incident.

    `lag_s` is from the change to the first alert, negative for a change after it. `thing` is what it touched
    of the incident, and `root` how likely that is the root, null when it is no candidate.
    """

    lag_s: float
    thing: str
    root: float | None


class Surroundings(Struct, frozen=True, kw_only=True):
    """What changes are looked for around: `names` lead to the thing that they mean, `roots` to its score."""

    began: datetime
    names: Mapping[str, str]
    roots: Mapping[str, float]
    clusters: Collection[str]


def surroundings(
    incident: Incident, members: Iterable[Member], profile: Callable[[Series], Profile]
) -> Surroundings:
    """Return what is to be looked for around an incident: what alerts, what that lies on or calls."""
    names: dict[str, str] = {}
    clusters = set()
    for member in members:
        about = profile(member.series)
        clusters.add(about.cluster)
        names[about.subject] = about.subject
        for item in about.attributes:
            if item.part is Part.OWN or item.key in ("app", "node"):
                names.setdefault(item.value, about.subject if item.part is Part.OWN else item.value)
    for name in (*incident.services, *(cause.entity for cause in incident.causes)):
        names.setdefault(name, name)
    roots = {cause.entity: cause.score for cause in incident.causes}
    return Surroundings(began=incident.opened_at, names=names, roots=roots, clusters=clusters)


def touching(
    events: Iterable[ChangeEvent], around: Surroundings, before: timedelta, until: datetime
) -> list[Touched]:
    """Return the changes that touched an incident, the nearest to its beginning first."""
    found = [
        _touched(event, around)
        for event in events
        if event.entity in around.names
        and around.began - before <= event.at <= until
        and (not event.cluster or event.cluster in around.clusters or "" in around.clusters)
    ]
    found.sort(key=lambda one: (abs(one.lag_s), one.id))
    return found


def show_change(event: ChangeEvent) -> ChangeView:
    """Return how the API shows a change."""
    return ChangeView(**asdict(event))


def _touched(event: ChangeEvent, around: Surroundings) -> Touched:
    thing = around.names[event.entity]
    return Touched(
        **asdict(event),
        lag_s=(around.began - event.at).total_seconds(),
        thing=thing,
        root=around.roots.get(thing, around.roots.get(event.entity)),
    )
