"""Rank the things a group is about by how likely they are its root."""

from collections.abc import Collection, Sequence

from msgspec import Struct

from alertmesh.core.group import Cause
from alertmesh.correlate.attributes import Part
from alertmesh.correlate.live import Live, LiveGroups, Subject
from alertmesh.correlate.topology import Topology

_LEVELS = {"node": 1.0, "host": 1.0, "pod": 0.5, "workload": 0.4, "service": 0.4, "cluster": 0.2}
_CONSIDERED = 64
_PLACE_COVERAGE, _PLACE_SUBJECTS = 0.6, 3
_LEVEL, _COVERAGE, _CALLEE, _VOLUME, _FIRST = 0.2, 0.3, 0.3, 0.15, 0.05


class _Weighed(Struct, gc=False):
    """One candidate with what speaks for it."""

    name: str
    subject: Subject
    coverage: float
    called: int
    rank: int
    score: float


class _Where(Struct, gc=False):
    """The group that is looked at, and what knows of it."""

    live: Live
    groups: LiveGroups
    topology: Topology


def rank(
    live: Live, groups: LiveGroups, topology: Topology, places: Collection[str] = (), limit: int = 5
) -> tuple[Cause, ...]:
    """Return the likeliest roots, best first.

    A node weighs more than a pod, and that more than a service; being called by others that
    alert, and covering many of the group's alerts, weigh most. Being earliest is weak evidence:
    what breaks first is often told last. Of `places`, labels such as `rack`, a value that most
    of the group shares is a candidate too, though no alert is about it.
    """
    subjects = sorted(live.subjects.items(), key=lambda item: (-item[1].count, item[1].first_at, item[0]))
    considered = subjects[:_CONSIDERED]
    first = sorted(considered, key=lambda item: (item[1].first_at, item[0]))
    order = {name: place for place, (name, _) in enumerate(first)}
    where = _Where(live, groups, topology)
    weighed = [_weigh(name, subject, order[name], where) for name, subject in considered]
    weighed += _shared_places(live, groups, considered, places)
    weighed.sort(key=lambda item: (-item.score, item.rank, item.name))
    return tuple(
        Cause(item.name, item.subject.series, round(item.score, 4), _sentence(item, len(live.members)))
        for item in weighed[:limit]
    )


def _weigh(name: str, subject: Subject, place: int, where: _Where) -> _Weighed:
    live, groups, topology = where.live, where.groups, where.topology
    cluster = live.standing.cluster
    members = max(1, len(live.members))
    touched, called = subject.count, 0
    for key in ("app", "node"):
        presence = groups.presence(f"{cluster}|{key}|{name}", live.id)
        if presence is not None:
            touched = max(touched, presence.total)
            called += presence.peer
    for attribute in live.members[subject.series].profile.attributes:
        presence = groups.presence(attribute.token, live.id) if attribute.part is Part.OWN else None
        if presence is not None:
            touched = max(touched, presence.total)
    callers = sum(caller in live.subjects for caller in topology.callers(cluster, name))
    coverage = min(1.0, touched / members)
    score = (
        _LEVEL * _LEVELS.get(subject.level, 0.1)
        + _COVERAGE * coverage
        + _CALLEE * min(1.0, (called + callers) / 3)
        + _VOLUME * subject.count / members
        + _FIRST / (1 + place)
    )
    return _Weighed(name, subject, coverage, called + callers, place, score)


def _shared_places(
    live: Live, groups: LiveGroups, considered: Sequence[tuple[str, Subject]], places: Collection[str]
) -> list[_Weighed]:
    found: dict[str, _Weighed] = {}
    members = max(1, len(live.members))
    for _, subject in considered:
        for attribute in live.members[subject.series].profile.attributes:
            if attribute.part is not Part.PLACE or attribute.key not in places or attribute.value in found:
                continue
            presence = groups.presence(attribute.token, live.id)
            if presence is None or presence.own or len(presence.subjects or ()) < _PLACE_SUBJECTS:
                continue
            coverage = min(1.0, presence.place / members)
            if coverage >= _PLACE_COVERAGE and attribute.value not in live.subjects:
                place = Subject(attribute.key, subject.series, subject.first_at)
                score = _LEVEL + _COVERAGE * coverage
                found[attribute.value] = _Weighed(attribute.value, place, coverage, 0, len(considered), score)
    return list(found.values())


def _sentence(item: _Weighed, members: int) -> str:
    said = [f"{item.subject.level} {item.name} touches {round(item.coverage * members)} of {members} series"]
    if item.called:
        said.append(f"{item.called} that alert call it")
    if item.rank == 0:
        said.append("its first alert came first")
    return ", ".join(said)
