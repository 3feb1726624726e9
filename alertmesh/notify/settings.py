"""Read a channel's settings, and say every fault at once."""

import re
from collections.abc import Mapping
from datetime import timedelta
from urllib.parse import urlsplit

from alertmesh.core.errors import BadConfig
from alertmesh.core.ports import Quota

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_QUOTA = re.compile(r"([1-9][0-9]{0,5})/([1-9][0-9]{0,5})([smhd])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
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

    def required(self, field: str, what: str) -> str:
        """Return a setting that may not be missing; `what` tells what it is."""
        text = self.text(field)
        if not text:
            self.fault(field, f"is required: {what}")
        return text

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

    def url(self, field: str, default: str = "") -> str:
        """Return a setting that must be an https address; plain http only on loopback."""
        text = self.text(field, default)
        try:
            parts = urlsplit(text)
            host, _ = parts.hostname, parts.port
        except ValueError:
            host = None
        if not host or parts.scheme not in {"https", "http"}:
            self.fault(field, "must be an https address")
        elif parts.scheme == "http" and host not in LOOPBACK:
            self.fault(field, "must begin with https; plain http is for loopback only")
        return text

    def pattern(self, field: str, default: str = "") -> re.Pattern[str] | None:
        """Return a setting that must be a regular expression; None when it is empty."""
        text = self.text(field, default)
        try:
            return re.compile(text) if text else None
        except (re.error, OverflowError, RecursionError) as error:
            self.fault(field, f"is not a regular expression: {error}")
            return None

    def quotas(self, field: str, default: str) -> tuple[Quota, ...]:
        """Return a setting such as `1/1m,5/1h,20/24h`: so many messages in any so long a time."""
        quotas = []
        text = self.text(field, default)
        for part in [] if text in ("", "none") else text.split(","):
            found = _QUOTA.fullmatch(part.strip())
            if found is None:
                self.fault(field, "must be a list such as 1/1m,5/1h,20/24h, or none")
            else:
                number, span, unit = found.groups()
                quotas.append(Quota(int(number), timedelta(**{_UNITS[unit]: int(span)})))
        return tuple(quotas)

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
