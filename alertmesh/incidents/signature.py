"""Say in a few dozen features what an incident was about, so that a later one can be held against it.

What Kubernetes and counters made up is folded away: pods to their workload, numbers and ids to a
sign. No feature names the cluster, for the same trouble elsewhere is worth knowing.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from heapq import nsmallest
from typing import NamedTuple

from msgspec import Struct

from alertmesh.core.alert import Entity
from alertmesh.core.group import Cause
from alertmesh.core.incident import Member
from alertmesh.core.kubernetes import workload
from alertmesh.core.series import Series
from alertmesh.incidents.lifecycle import service

_LONGEST = 80
_TEXTS_A_KIND = 2
_SCOPE = frozenset({"cluster", "prometheus", "replica", "prometheus_replica", "alertgroup", "monitor"})
_TOLD_ELSEWHERE = frozenset({"alertname", "severity", "priority", "level", "service", "app", "workload"})
_PLACES = frozenset(
    {"instance", "pod", "pod_name", "node", "nodename", "host", "hostname", "ip", "container_id", "uid", "id"}
)
_NAMED_BY_PEOPLE = frozenset({"pod", "workload", "service", "namespace", "cluster"})
_UNTELLING = _SCOPE | _TOLD_ELSEWHERE | _PLACES
_NUMBER = re.compile(r"0x[0-9a-fA-F]+|\b(?=[0-9a-fA-F-]*\d)[0-9a-fA-F-]{8,}\b|\d+(?:[.,:]\d+)*")
_WORD = re.compile(r"[^\W\d_]+")
_CHINESE = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]+")
_SHORTEST_WORD = 3
_KEPT = 4096  # series of which the features are kept: an incident is looked at again as it grows


class Signature(Struct, frozen=True, gc=False):
    """The features of an incident, by facet; each tuple is in order of its text and has no repeats.

    `kinds` are names of alerts, `pairs` which of them are where, `roots` the likely root; there one
    host stands for another of the same sort. `places` are services, workloads and hosts, `words`
    what the summaries say, `labels` what else they hold, `levels` whether pods, nodes or services
    are hit.
    """

    kinds: tuple[str, ...] = ()
    pairs: tuple[str, ...] = ()
    roots: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()


class _Told(NamedTuple):
    """The features that one series gives, but for the words."""

    kind: str
    pairs: tuple[str, ...]
    places: frozenset[str]
    labels: tuple[str, ...]


class Limits(Struct, frozen=True):
    """Bound a signature: the first `members` of an incident are looked at, each facet is cut."""

    members: int = 256
    features: int = 32


def signature(members: Iterable[Member], causes: Sequence[Cause], limits: Limits) -> Signature:
    """Return the signature of an incident; the order in which members are given does not matter."""
    first = nsmallest(limits.members, members, key=lambda member: (member.joined_at, member.series.id))
    kinds, pairs, places = Counter[str](), Counter[str](), Counter[str]()
    words, labels, levels = Counter[str](), Counter[str](), Counter[str]()
    for member in first:
        series = member.series
        held = tuple(series.labels.items())
        told = _told(series.name or series.summary, series.entity, service(series), held)
        if kinds[told.kind] < _TEXTS_A_KIND:
            words.update(_words(series.summary, series.entity.name, held))
        kinds[told.kind] += 1
        levels[series.entity.kind] += 1
        places.update(told.places)
        pairs.update(told.pairs)
        labels.update(told.labels)
    most = limits.features
    return Signature(
        kinds=_most(kinds, most),
        pairs=_most(pairs, most),
        roots=_roots(causes, {member.series.id: member.series for member in first}),
        places=_most(places, most),
        words=_most(words, most),
        labels=_most(labels, most),
        levels=_most(levels, most),
    )


@lru_cache(maxsize=_KEPT)
def _told(name: str, entity: Entity, serving: str, labels: tuple[tuple[str, str], ...]) -> _Told:
    """Return the features of a series; its kind is its name without the thing and the numbers in it."""
    kind, stem, place = fold(_without(name, entity.name, "*")), _stem(entity), folded(entity)
    serving = _cut(serving)
    return _Told(
        kind=kind,
        pairs=tuple(_cut(f"{kind} on {where}") for where in {stem, serving} if where),
        places=frozenset(where for where in (place, serving) if where),
        labels=tuple(_telling(labels)),
    )


def folded(entity: Entity) -> str:
    """Return the thing that a series is about; of a pod its workload."""
    return _cut(workload(entity.name) if entity.kind == "pod" else entity.name)


def fold(text: str) -> str:
    """Return a text with every number and id replaced by a sign.

    >>> fold("Disk sda1 of 10.0.0.7 is 97.5% full, trace 0x7ffe01")
    'Disk sda# of # is #% full, trace #'
    """
    return _cut(_NUMBER.sub("#", text))


def tokens(text: str) -> list[str]:
    """Return the words of a text; Chinese, which has no spaces, as pairs of signs.

    >>> tokens("Cart: 磁盘空间不足 on /data"), tokens("load is 3")
    (['磁盘', '盘空', '空间', '间不', '不足', 'cart', 'data'], ['load'])
    """
    pairs = [
        run[place : place + 2] for run in _CHINESE.findall(text) for place in range(max(1, len(run) - 1))
    ]
    rest = _WORD.findall(_CHINESE.sub(" ", text).lower())
    return pairs + [_cut(word) for word in rest if len(word) >= _SHORTEST_WORD]


def root_of(members: Mapping[str, Member], causes: Sequence[Cause]) -> tuple[str, str]:
    """Return the likeliest root as people read it, and as a key that holds where it is.

    Without a candidate it is the thing that the first member is about.
    """
    cause = next(iter(causes), None)
    member = members.get(cause.series) if cause is not None else None
    if member is None and members:
        member = min(members.values(), key=lambda one: (one.joined_at, one.series.id))
    if member is None:
        return ("", "")
    entity = member.series.entity
    name = _root_name(cause, member.series) if cause is not None else folded(entity)
    return name, "/".join((entity.cluster, entity.namespace, name))


def _roots(causes: Sequence[Cause], members: Mapping[str, Series]) -> tuple[str, ...]:
    if not causes:
        return ()
    series = members.get(causes[0].series)
    if series is None or not _is_about(causes[0], series):
        return (fold(causes[0].entity),)
    return (_stem(series.entity),)


def _root_name(cause: Cause, series: Series) -> str:
    """Return a candidate's name; that of a pod without what Kubernetes made up."""
    return folded(series.entity) if _is_about(cause, series) else _cut(cause.entity)


def _is_about(cause: Cause, series: Series) -> bool:
    name = series.entity.name
    return cause.entity == name or cause.entity.endswith(f"/{name}")


def _stem(entity: Entity) -> str:
    """Return what stays of a thing when another of its sort takes its place: `node-#` of `node-7`."""
    name = folded(entity)
    return name if entity.kind in _NAMED_BY_PEOPLE else fold(name)


def _telling(labels: Iterable[tuple[str, str]]) -> list[str]:
    return [_cut(f"{name}={fold(value)}") for name, value in labels if name not in _UNTELLING and value]


@lru_cache(maxsize=_KEPT)
def _words(text: str, thing: str, labels: tuple[tuple[str, str], ...]) -> frozenset[str]:
    """Return the words of a summary, without names of things: those count as places."""
    names = {thing, *(value for _, value in labels)}
    for value in sorted(names, key=lambda value: (-len(value), value)):
        if len(value) >= _SHORTEST_WORD:
            text = _without(text, value, " ")
    return frozenset(tokens(fold(text)))


def _without(text: str, name: str, sign: str) -> str:
    """Return a text with a sign for each place where a name stands alone; Chinese may touch it."""
    start = text.find(name) if name else -1
    while start >= 0:
        end = start + len(name)
        if _is_latin(text[start - 1 : start]) or _is_latin(text[end : end + 1]):
            start = text.find(name, end)
        else:
            text = text[:start] + sign + text[end:]
            start = text.find(name, start + len(sign))
    return text


def _is_latin(letter: str) -> bool:
    return letter.isascii() and (letter.isalnum() or letter == "_")


def _most(counted: Counter[str], most: int) -> tuple[str, ...]:
    """Return the features that most members have, in order of their text."""
    best = nsmallest(most, counted.items(), key=lambda item: (-item[1], item[0]))
    return tuple(sorted(name for name, _ in best if name))


def _cut(text: str) -> str:
    return text[:_LONGEST]
