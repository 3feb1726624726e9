"""Read a channel's settings, and say every fault at once."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from alertmesh.core.errors import BadConfig

_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_WORDS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}


class Settings:
    """A channel's settings; faults are collected until `done`."""

    def __init__(self, name: str, given: Mapping[str, str]) -> None:
        self._name = name
        self._given = given
        self._asked: set[str] = set()
        self._problems: list[str] = []

    def text(self, field: str, default: str = "") -> str:
        """Return a setting as it is."""
        self._asked.add(field)
        return str(self._given.get(field, default)).strip()

    def number(self, field: str, default: int) -> int:
        """Return a setting that must be a whole number, not negative."""
        text = self.text(field, str(default))
        if text.isdecimal():
            return int(text)
        self.fault(field, "must be a whole number")
        return default

    def flag(self, field: str, default: bool) -> bool:
        """Return a setting that must be true or false."""
        text = self.text(field, str(default)).lower()
        if text in _WORDS:
            return _WORDS[text]
        self.fault(field, "must be true or false")
        return default

    def url(self, field: str) -> str:
        """Return a setting that must be an https address; plain http only on loopback."""
        text = self.text(field)
        try:
            parts = urlsplit(text)
            host, _ = parts.hostname, parts.port
        except ValueError:
            host = None
        if not host or parts.scheme not in {"https", "http"}:
            self.fault(field, "must be an https address")
        elif parts.scheme == "http" and host not in _LOOPBACK:
            self.fault(field, "must begin with https; plain http is for loopback only")
        return text

    def fault(self, field: str, text: str) -> None:
        """Note a fault; the value itself is never repeated, it may be a secret."""
        self._problems.append(f"channel {self._name}: {field}: {text}")

    def done(self) -> None:
        """Raise BadConfig with all faults, unknown settings among them."""
        unknown = sorted(set(self._given) - self._asked)
        problems = [
            *self._problems,
            *(f"channel {self._name}: {field}: no such setting" for field in unknown),
        ]
        if problems:
            raise BadConfig(problems)


def host_of(url: str) -> str:
    """Return the host that an address leads to."""
    return urlsplit(url).hostname or ""
