"""Name everything that can go wrong.

AlertMeshError
├── BadPayload        a sender's body or one alert in it; names the field
├── BadConfig         a configuration or rule file; file:line:col message, all at once
├── BadCommand        a person's action that cannot be done; says why
│   └── StaleCommand  the incident moved on since the button was drawn
├── ChannelRefused    a channel will never take this message
├── ChannelBusy       a channel may take it later
├── MonitorUnavailable  a monitor's own API did not answer; try again later
├── MonitorRefused    a monitor's own API said no; says what and what to do
│   └── MonitorDenied  it does not let us in: user, password or token are wrong
├── PluginFailed     what somebody plugged in raised, or took too long; says what it said
├── StoreUnavailable  the disk or server did not take a write; nothing of it is kept
└── Overloaded        more work is queued than the limit allows; try again later
"""


class AlertMeshError(Exception):
    """Base of every error that AlertMesh raises on purpose."""


class BadPayload(AlertMeshError):
    """A sender's input that cannot be taken; `field` is the path of the offending part."""

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.field = field

    @property
    def placed(self) -> str:
        """Return the message with the field before it, if one is named."""
        return f"{self.field}: {self}" if self.field else str(self)


class BadConfig(AlertMeshError):
    """Configuration that cannot be used; `problems` lists every fault as `file:line:col message`."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class BadCommand(AlertMeshError):
    """An action that the incident's present state does not allow."""


class StaleCommand(BadCommand):
    """An action drawn for an earlier epoch of the incident."""


class ChannelRefused(AlertMeshError):
    """A channel refused a message for good; trying the same again is useless."""


class ChannelBusy(AlertMeshError):
    """A channel did not take a message now; `retry_after_s` says when to try again."""

    def __init__(self, message: str, retry_after_s: float) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class MonitorUnavailable(AlertMeshError):
    """A monitor could not be asked; it may be in `retry_after_s` seconds, 0 when nobody knows."""

    def __init__(self, message: str, retry_after_s: float = 0.0) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class MonitorRefused(AlertMeshError):
    """A monitor answered no, and will until something is changed; `code` is its own number."""

    def __init__(self, message: str, code: int = 0) -> None:
        super().__init__(message)
        self.code = code


class MonitorDenied(MonitorRefused):
    """A monitor does not know us, or not any more."""


class PluginFailed(AlertMeshError):
    """Something plugged in did not do what it was asked, by a fault of its own."""


class StoreUnavailable(AlertMeshError):
    """The store did not make a write durable; the caller must not answer 2xx."""


class Overloaded(AlertMeshError):
    """Too much work is waiting; `retry_after_s` says when to try again."""

    def __init__(self, message: str, retry_after_s: float = 1.0) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s
