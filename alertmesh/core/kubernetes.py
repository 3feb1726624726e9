"""Read the names that Kubernetes makes up."""

import re
from functools import lru_cache

_HASH = "[bcdfghjklmnpqrstvwxz2456789]"
_POD = re.compile(
    rf"(?P<name>.+?)-(?:{_HASH}{{5,10}}-{_HASH}{{5}}|\d{{8,12}}-{_HASH}{{5}}|{_HASH}{{5}}|\d{{1,4}})"
)
_CONTROLLER = re.compile(rf"(?P<name>.+?)-(?:{_HASH}{{8,10}}|\d{{8,12}})")


@lru_cache(maxsize=1024)
def workload(pod: str) -> str:
    """Return the workload of a pod: its name without the parts that Kubernetes made up.

    >>> [workload(pod) for pod in ("web-5d4f8c7b9d-x2x7k", "db-0", "agent-7xkzp", "worker")]
    ['web', 'db', 'agent', 'worker']
    """
    found = _POD.fullmatch(pod)
    return found["name"] if found else pod


@lru_cache(maxsize=1024)
def controller(name: str) -> str:
    """Return what made a replica set or a run of a job: its name without the part that was made up.

    >>> [controller(name) for name in ("web-5d4f8c7b9d", "backup-28391820", "db", "web-canary")]
    ['web', 'backup', 'db', 'web-canary']
    """
    found = _CONTROLLER.fullmatch(name)
    return found["name"] if found else name
