"""Turn receivers into channels and people: a receiver becomes a person who is reached by its channels."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

from msgspec import Struct, field

from alertmesh.importing.naming import Names
from alertmesh.importing.reading import Part, Report

STAND_IN = "console"
_ROBOT = "oapi.dingtalk.com"
_BRIDGE = "/dingtalk/"
_KNOWN = ("url", "url_file", "send_resolved", "http_config", "max_alerts")
_BODY = "the address gets AlertMesh's own message as JSON instead of Alertmanager's body; see docs/notify.md"
_TO_BRIDGE = (
    "this is a bridge to DingTalk, which reads Alertmanager's body alone: "
    "write a channel of kind dingtalk with the robot's own address instead"
)


class Channels(Struct):
    """The channels of all receivers, and the secret files that they refer to."""

    entries: list[dict[str, Any]] = field(default_factory=list)
    secrets: dict[str, str] = field(default_factory=dict)
    users: list[dict[str, Any]] = field(default_factory=list)
    people: dict[str, str] = field(default_factory=dict)  # receiver: the person it became

    def stand_in(self) -> str:
        """Return the channel of those who have no other, which prints."""
        if all(entry["name"] != STAND_IN for entry in self.entries):
            self.entries.append({"name": STAND_IN, "kind": "stdout"})
        return STAND_IN


class Receivers:
    """Read receivers one after the other."""

    def __init__(self, report: Report) -> None:
        self.channels = Channels()
        self._report = report
        self._names, self._people = Names(), Names()
        self._names.fresh(STAND_IN)

    def read(self, part: Part) -> None:
        """Take a receiver: its webhooks become channels, of all else it is said that it is left."""
        receiver = part.text("name")
        channels: list[str] = []
        for kind, below in part.pairs():
            if kind == "name":
                continue
            for item in below.items():
                made = self._webhook(item, receiver) if kind == "webhook_configs" else None
                if made is not None:
                    channels.append(made)
                elif kind != "webhook_configs":
                    what = kind.removesuffix("_configs")
                    self._report.left(item, f"receiver {receiver!r}: there is no channel of the kind {what}")
        if not channels:
            silent = all(name == "name" for name, _ in part.pairs())
            text = (
                f"receiver {receiver!r} reaches nobody here: its pages are printed by the channel {STAND_IN}"
            )
            (self._report.note if silent else self._report.left)(part, text)
        self.put(receiver, channels)

    def put(self, receiver: str, channels: list[str]) -> str:
        """Make a person of a receiver; return the name."""
        name = self.channels.people[receiver] = self._people.fresh(receiver)
        user = {"name": name, "display": receiver, "channels": channels or [self.channels.stand_in()]}
        self.channels.users.append(user)
        return name

    def _webhook(self, part: Part, receiver: str) -> str | None:
        for key, other in part.others(_KNOWN):
            self._report.left(other, f"{key} has no counterpart")
        if part.get("max_alerts") is not None:
            self._report.note(part, "max_alerts is not needed: a message is about an incident")
        url = part.text("url")
        if not url:
            self._report.left(part, f"receiver {receiver!r}: an address in a file has to be entered by hand")
            return None
        name = self._names.fresh(receiver)
        settings = self._robot(part, name, url) or self._hook(part, name, url)
        kind = "dingtalk" if "webhook" in settings else "webhook"
        self.channels.entries.append({"name": name, "kind": kind, "settings": settings})
        return name

    def _robot(self, part: Part, name: str, url: str) -> dict[str, Any]:
        """Return the settings of a DingTalk robot, none for another address."""
        parts = urlsplit(url)
        if parts.hostname != _ROBOT or "access_token" not in parse_qs(parts.query):
            return {}
        self._report.note(part, "a DingTalk robot: give its signing secret as `secret` if it has one")
        return {"webhook": self._secret(f"{name}.url", url)}

    def _hook(self, part: Part, name: str, url: str) -> dict[str, Any]:
        self._report.left(part, _TO_BRIDGE if _BRIDGE in urlsplit(url).path else _BODY)
        settings = {"url": self._secret(f"{name}.url", url)}
        config = part.get("http_config")
        for key, below in config.pairs() if config is not None else ():
            token = below.text("credentials") if key == "authorization" else below.value
            if key in ("authorization", "bearer_token") and isinstance(token, str) and token:
                settings["token"] = self._secret(f"{name}.token", token)
            elif key not in ("follow_redirects", "enable_http2"):
                self._report.left(below, f"http_config: {key} has no counterpart")
        return settings

    def _secret(self, file: str, text: str) -> str:
        """Put a text into a file of its own, since many an address is a secret."""
        self.channels.secrets[file] = text
        return f"file:{file}"
