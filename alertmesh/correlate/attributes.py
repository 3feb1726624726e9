"""Read from a series' labels what it is about and where: the values that grouping goes by."""

import re
from collections.abc import Mapping
from enum import IntEnum

from msgspec import Struct

from alertmesh.core.catalogue import Catalogue
from alertmesh.core.hosts import HOST_LABELS, host_of
from alertmesh.core.kubernetes import workload
from alertmesh.core.series import Series
from alertmesh.core.topology import PEER_LABELS
from alertmesh.correlate.owners import OWNER_LABELS, REFERENCE_LABELS, owners
from alertmesh.correlate.settings import CorrelateSettings

_PORT = re.compile(r":\d{1,5}$")
_APP_LABELS = ("app", "app_kubernetes_io_name", "application", "service", "service_name")
_SCOPE_LABELS = ("cluster", "namespace", "instance", "pod", "pod_name", "container")
_TAKEN = frozenset(
    (*_SCOPE_LABELS, *HOST_LABELS, *_APP_LABELS, *OWNER_LABELS, *PEER_LABELS, "replicaset")
) | {label for pair in REFERENCE_LABELS for label in pair}


class Part(IntEnum):
    """How a series stands to a value: it is that thing, it calls it, or it lies there."""

    OWN = 0
    PEER = 1
    PLACE = 2


_POD_LABELS = ("pod", "pod_name")
_MEMO = 8192


class Attribute(Struct, frozen=True, array_like=True, gc=False):
    """One value that a series carries; `token` is its key in the index, scoped by the cluster."""

    part: Part
    key: str
    value: str
    token: str


class Profile(Struct, frozen=True, array_like=True, gc=False):
    """What grouping looks at, save for the pod's own name: so pods that differ in nothing else share it.

    `subject` is what the series is about in one word; `session` names the namespace (or, for a
    series that says nothing else, the cluster) whose recent group it may join by time alone.
    """

    cluster: str
    namespace: str
    node: str
    subject: str
    level: str
    session: str
    attributes: tuple[Attribute, ...]

    @property
    def scope(self) -> str:
        """Return within what its time says something: its cluster, else its namespace, else its host."""
        return self.cluster or (f"namespace {self.namespace}" if self.namespace else self.node)


def host(address: str) -> str:
    """Return the host of an instance label: without scheme, path and port.

    >>> host("node-7:9100"), host("http://shop.example:8080/health"), host("[::1]:9100")
    ('node-7', 'shop.example', '[::1]')
    """
    bare = address.split("://", 1)[-1].split("/", 1)[0] if "://" in address else address
    return _PORT.sub("", bare)


class Describer:
    """Read profiles, those of series that differ only in what does not count once for all."""

    def __init__(self, settings: CorrelateSettings) -> None:
        self._settings = settings
        self._catalogue = Catalogue(settings.services)
        counted = _TAKEN | set(settings.global_labels) | self._catalogue.labels
        self._left_out = (settings.generic_labels - counted) | (set(_POD_LABELS) - self._catalogue.labels)
        self._memo: dict[tuple[object, ...], Profile] = {}

    def profile(self, series: Series) -> Profile:
        """Return the profile of a series; the order of its labels makes no difference."""
        key = self._key(series)
        known = self._memo.get(key)
        if known is None:
            if len(self._memo) >= _MEMO:
                self._memo.clear()
            known = self._memo[key] = describe(series, self._settings, self._catalogue.of(series))
        return known

    def shared(self, profile: Profile) -> Profile:
        """Return the one profile that stands for all equal ones."""
        if len(self._memo) >= _MEMO:
            self._memo.clear()
        return self._memo.setdefault((profile,), profile)

    def _key(self, series: Series) -> tuple[object, ...]:
        entity, left_out, pod = series.entity, self._left_out, _pod(series.labels)
        owner = workload(pod) if pod else ""
        own = owner if entity.name == pod and owner not in self._settings.exporters else entity.name
        name = "" if own and entity.kind != "unknown" else series.name
        about = (owner, own, owner == pod, name, entity.kind, entity.cluster, entity.namespace)
        return (*about, *[pair for pair in series.labels.items() if pair[0] not in left_out])


def describe(series: Series, settings: CorrelateSettings, service: str = "") -> Profile:
    """Read the profile of a series; the order of its labels makes no difference.

    `service` is what the catalogue says it belongs to.
    """
    labels = series.labels
    cluster = labels.get("cluster") or series.entity.cluster
    namespace = labels.get("namespace") or series.entity.namespace
    about_host = series.entity.kind in ("node", "host")
    node = _given_name(series) if about_host else ""
    node = node or _node(labels, series.entity.kind)
    found = _Collector(cluster)
    if about_host:
        found.add(Part.OWN, "node", node or series.entity.name)
        found.add(Part.OWN, "app", service)
        level, subject = "node", node or series.entity.name
    else:
        level, subject = _owned(found, series, service, settings)
        found.add(Part.PLACE, "node", node)
    for label in PEER_LABELS:
        found.add(Part.PEER, "app", labels.get(label, ""))
    _places(found, labels, settings, subject)
    named = any(attribute.part is Part.OWN for attribute in found.items) or bool(_pod(labels))
    return Profile(
        cluster=cluster,
        namespace=namespace,
        node=node or (subject if about_host else ""),
        subject=subject or series.name,
        level=level,
        session=_session(cluster, "" if about_host else namespace, named),
        attributes=tuple(found.items[: settings.max_attributes]),
    )


def pod_token(series: Series, profile: Profile) -> str:
    """Return the index key of the pod that a series is about; nothing for one that is about no pod."""
    pod = _pod(series.labels)
    if not pod or series.entity.kind in ("node", "host"):
        return ""
    return f"{profile.cluster}|pod|{profile.namespace}/{pod}"


def pod_attribute(token: str, profile: Profile) -> Attribute:
    """Return the attribute that a key made by `pod_token` stands for."""
    return Attribute(Part.OWN, "pod", token[len(profile.cluster) + 5 :], token)


class _Collector:
    """Gathers attributes once each, in a fixed order."""

    def __init__(self, cluster: str) -> None:
        self.items: list[Attribute] = []
        self._cluster = cluster
        self._seen: set[str] = set()

    def add(self, part: Part, key: str, value: str, everywhere: bool = False) -> None:
        if not value:
            return
        token = f"{'' if everywhere else self._cluster}|{key}|{value}"
        if token not in self._seen:
            self._seen.add(token)
            self.items.append(Attribute(part, key, value, token))


def _pod(labels: Mapping[str, str]) -> str:
    return labels.get("pod") or labels.get("pod_name") or ""


def _node(labels: Mapping[str, str], kind: str) -> str:
    for label in HOST_LABELS:
        if labels.get(label):
            return host(labels[label])
    # The instance of a pod's or workload's alert is the exporter that told of it, not where it runs.
    return "" if kind in ("pod", "workload") else host(labels.get("instance", ""))


def _given_name(series: Series) -> str:
    """Return the name of a host that none of its labels holds: aliases gave it, and it counts."""
    name = series.entity.name
    held = (one for value in series.labels.values() for one in (value, host(value), host_of(value)))
    return "" if name in held else name


def _owned(found: _Collector, series: Series, service: str, settings: CorrelateSettings) -> tuple[str, str]:
    labels = series.labels
    pod = _pod(labels)
    names = [service] if service else []
    names += [workload(pod)] if pod else []
    names += owners(labels)
    names += [labels[label] for label in _APP_LABELS if labels.get(label)]
    if not names and series.entity.kind in ("workload", "service", "pod"):
        names.append(series.entity.name)
    apps = [name for name in names if name not in settings.exporters or name == series.entity.name]
    for app in apps:
        found.add(Part.OWN, "app", app)
    if apps:
        return ("pod" if pod else "service"), apps[0]
    instance = host(labels.get("instance", ""))
    if instance and not names:
        found.add(Part.OWN, "node", instance)
        return "node", instance
    return series.entity.kind, "" if series.entity.kind == "unknown" else series.entity.name


def _places(found: _Collector, labels: Mapping[str, str], settings: CorrelateSettings, subject: str) -> None:
    for label in sorted(labels):
        if label in _TAKEN:
            continue
        if label in settings.global_labels:
            found.add(Part.OWN, label, labels[label], everywhere=True)
        elif label not in settings.generic_labels and len(labels[label]) <= 128:
            # The alert of a switch that carries its own name as `switch` is about that very place.
            itself = label in settings.place_labels and f"{subject}.".startswith(f"{labels[label]}.")
            found.add(Part.OWN if itself else Part.PLACE, label, labels[label])


def _session(cluster: str, namespace: str, named: bool) -> str:
    if namespace:
        return f"{cluster}/{namespace}"
    return "" if named or not cluster else f"{cluster}/"
