"""Say which series are of one kind, because each run of a job may have another pod."""

import re

import xxhash

from alertmesh.core.kubernetes import workload
from alertmesh.core.series import Series

_RUN_NUMBER = re.compile(r"[-_.]\d+$")
_MADE_UP = ("pod", "workload")


def kind_of(series: Series) -> str:
    """Return the key that series of one alert about one workload or host have in common."""
    entity = series.entity
    kind = "workload" if entity.kind in _MADE_UP else entity.kind
    parts = (series.name, kind, entity.cluster, entity.namespace, lasting_name(series))
    return xxhash.xxh3_64_hexdigest("\0".join(parts).encode())


def lasting_name(series: Series) -> str:
    """Return the name of what a series is about, without the parts that differ from run to run."""
    entity = series.entity
    if entity.kind not in _MADE_UP:
        return entity.name
    name = workload(entity.name) if entity.kind == "pod" else entity.name
    return _RUN_NUMBER.sub("", name) or name


def matchers_of(series: Series) -> str:
    """Return matchers that accept the series of this kind, as Alertmanager writes them."""
    entity, lasting = series.entity, lasting_name(series)
    wanted = [("alertname", "=", series.name), *_scope(series)]
    for label, value in sorted(series.labels.items()):
        if label != "alertname" and value == entity.name:
            changes = lasting != entity.name
            wanted.append((label, "=~" if changes else "=", f"{re.escape(lasting)}-.+" if changes else value))
            break
    return ", ".join(f"{label}{op}{_quoted(value)}" for label, op, value in wanted)


def _scope(series: Series) -> list[tuple[str, str, str]]:
    values = {"cluster": series.entity.cluster, "namespace": series.entity.namespace}
    return [
        (label, "=", value) for label, value in values.items() if value and series.labels.get(label) == value
    ]


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
