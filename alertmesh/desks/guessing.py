"""Make guessing slow: whoever was wrong a few times waits, ever longer, before the next try counts."""

from collections import OrderedDict
from hashlib import sha256
from ipaddress import IPv6Address, ip_address

from msgspec import Struct

FORGET_S = 900.0
"""After how many seconds without a try nothing is held against anybody."""

_NETWORK_BITS = 64


class _Tries(Struct):
    count: int
    last_s: float


class Guesses:
    """Count tries by a key, and tell how long the next one has to wait.

    The first `free` tries wait for nothing; from then on the wait doubles, from a second up to
    `longest_s`. At most `most` keys are remembered, and the one tried longest ago is forgotten first.
    Of a key its hash is kept: who asks may have sent one of any length.

    >>> names = Guesses(free=2, longest_s=60, most=100)
    >>> [(names.wait_s("wang", 0.0), names.count("wang", 0.0))[0] for _ in range(4)]
    [0.0, 0.0, 1.0, 2.0]
    """

    def __init__(self, free: int, longest_s: float, most: int) -> None:
        self._free = free
        self._longest_s = longest_s
        self._most = most
        self._tries: OrderedDict[bytes, _Tries] = OrderedDict()

    def __len__(self) -> int:
        return len(self._tries)

    def wait_s(self, key: str, now_s: float) -> float:
        """Return how many seconds a try has to wait still, 0 when it may be made."""
        tries = self._tries.get(_hash(key))
        if tries is None or now_s - tries.last_s >= FORGET_S:
            return 0.0
        over = tries.count - self._free
        pause = min(self._longest_s, 2.0 ** min(over, 30)) if over >= 0 else 0.0
        return max(0.0, tries.last_s + pause - now_s)

    def count(self, key: str, now_s: float) -> None:
        """Hold a try against a key, before it is known how it ends: so many at once gain nothing."""
        kept = _hash(key)
        tries = self._tries.pop(kept, None)
        if tries is None or now_s - tries.last_s >= FORGET_S:
            tries = _Tries(0, now_s)
        self._tries[kept] = _Tries(tries.count + 1, now_s)
        while len(self._tries) > self._most:
            self._tries.popitem(last=False)

    def forgive(self, key: str) -> None:
        """Take back one try, which was right."""
        tries = self._tries.get(_hash(key))
        if tries is not None:
            tries.count = max(0, tries.count - 1)

    def forget(self, key: str) -> None:
        """Hold nothing against a key any more."""
        self._tries.pop(_hash(key), None)


def _hash(key: str) -> bytes:
    return sha256(key.encode("utf-8", "surrogatepass")).digest()


def neighbourhood(address: str) -> str:
    """Return what of an address one party cannot change at will: of IPv6 the network.

    >>> neighbourhood("192.0.2.7"), neighbourhood("2001:db8:1:2:3:4:5:6"), neighbourhood("?")
    ('192.0.2.7', '2001:db8:1:2::', '?')
    """
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if not isinstance(found, IPv6Address):
        return address
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(IPv6Address(int(found) >> _NETWORK_BITS << _NETWORK_BITS))
