"""Find the service of the catalogue that a series belongs to."""

from collections.abc import Mapping, Sequence

from alertmesh.core.matchers import Matcher, matches_all, parse_matchers
from alertmesh.core.series import Series
from alertmesh.core.topology import Service

_MEMO = 8_192
_Ranked = tuple[int, Service, tuple[Matcher, ...]]


class Catalogue:
    """Answer which service a series belongs to: the first whose matchers, cluster and namespace accept it.

    Services that ask for one value of a label are found by that value, so that their number does
    not matter. A service without matchers has edges only.

    >>> shop = Service(name="shop", match='app=~"cart|checkout"', namespace="prod")
    >>> Catalogue([shop]).service({"app": "cart"}, "east", "prod")
    'shop'
    """

    def __init__(self, services: Sequence[Service]) -> None:
        self._by_value: dict[str, dict[str, list[_Ranked]]] = {}
        self._others: list[_Ranked] = []
        names: set[str] = set()
        for rank, service in enumerate(services):
            matchers = parse_matchers(service.match)
            names |= {matcher.name for matcher in matchers}
            exact = next((one for one in matchers if one.op == "=" and one.value), None)
            if exact is not None:
                values = self._by_value.setdefault(exact.name, {})
                values.setdefault(exact.value, []).append((rank, service, matchers))
            elif matchers:
                self._others.append((rank, service, matchers))
        self.labels = frozenset(names)
        self._asked = sorted(names)
        self._memo: dict[tuple[str, ...], str] = {}

    def of(self, series: Series) -> str:
        """Return the name of the service that a series belongs to; empty when no service wants it."""
        labels, entity = series.labels, series.entity
        cluster = labels.get("cluster") or entity.cluster
        namespace = labels.get("namespace") or entity.namespace
        key = (cluster, namespace, *(labels.get(name, "") for name in self._asked))
        known = self._memo.get(key)
        if known is None:
            if len(self._memo) >= _MEMO:
                self._memo.clear()
            known = self._memo[key] = self.service(labels, cluster, namespace)
        return known

    def service(self, labels: Mapping[str, str], cluster: str, namespace: str) -> str:
        """Return the name of the service; empty when no service wants the series."""
        if not self.labels:
            return ""
        possible = list(self._others)
        for name, values in self._by_value.items():
            possible += values.get(labels.get(name, ""), ())
        fitting = (
            (rank, service.name)
            for rank, service, matchers in possible
            if service.cluster in ("", cluster)
            and service.namespace in ("", namespace)
            and matches_all(matchers, labels)
        )
        return min(fitting, default=(0, ""))[1]
