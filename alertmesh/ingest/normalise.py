"""Turn a sighting into an alert: complete labels, how bad, about what, until when."""

from datetime import datetime, timedelta

from msgspec import Struct

from alertmesh.core.alert import Alert, Sighting
from alertmesh.core.errors import BadPayload
from alertmesh.core.labels import fingerprint
from alertmesh.core.ports import Door
from alertmesh.ingest.aliases import Aliases, AliasSettings
from alertmesh.ingest.fields import NO_LABELS, is_fingerprint
from alertmesh.ingest.priority import PriorityRules, PriorityTable
from alertmesh.ingest.subject import subject

CUT = "… (cut)"
"""What stands at the end of an annotation that was too long."""


class Limits(Struct, frozen=True):
    """How large one alert may be, in entries and characters.

    Labels beyond a limit refuse the alert, since cutting them would change which alert it is.
    Annotations are cut: of too many, the first by name are kept. A longer link is dropped.
    `shared_texts` bounds the pool that lets equal texts share memory.
    """

    labels: int = 64
    name_chars: int = 256
    value_chars: int = 4096
    annotations: int = 64
    annotation_chars: int = 4096
    link_chars: int = 8192
    future_s: float = 300.0
    shared_texts: int = 100_000


_NO_ALIASES = AliasSettings()


class Normaliser:
    """Describe sightings; equal label texts of different alerts share their memory.

    `rules.unknown_words` counts severity words that the priority table does not know.
    """

    def __init__(
        self, priorities: PriorityTable, limits: Limits, aliases: AliasSettings = _NO_ALIASES
    ) -> None:
        self.rules = PriorityRules(priorities)
        self._aliases = Aliases(aliases)
        self._limits = limits
        self._future = timedelta(seconds=limits.future_s)
        self._texts: dict[str, str] = {}

    @property
    def shared_texts(self) -> int:
        """Return how many texts the pool holds now."""
        return len(self._texts)

    def describe(self, door: Door, sighting: Sighting, received: datetime) -> Alert:
        """Return the alert that `sighting` at `door` stands for.

        Raises BadPayload naming the field when there is no label or one is beyond the limits.
        """
        labels = self._labels(door, sighting)
        severity, priority = self.rules.judge(labels)
        expires_at = sighting.ends_at
        if expires_at is None and sighting.firing:
            expires_at = received + door.lease
        return Alert(
            fingerprint=_fingerprint(door, sighting, labels),
            source=door.source,
            labels=labels,
            annotations=self._annotations(sighting.annotations),
            starts_at=self._start(sighting.starts_at, received),
            received_at=received,
            priority=priority,
            entity=self._aliases.named(subject(labels)),
            severity=self._shared(severity),
            expires_at=expires_at,
            generator_url=self._link(sighting.generator_url),
        )

    def _labels(self, door: Door, sighting: Sighting) -> dict[str, str]:
        given = sighting.labels
        missing = {name: value for name, value in door.labels.items() if value and not given.get(name)}
        if len(given) + len(missing) > self._limits.labels:
            raise BadPayload(f"more than {self._limits.labels} labels", "labels")
        shared = self._shared
        labels = {shared(name): shared(value) for name, value in given.items() if value}
        labels.update(missing)
        if not labels:
            raise BadPayload(NO_LABELS, "labels")
        for name, value in labels.items():
            if len(name) > self._limits.name_chars:
                raise BadPayload(f"name longer than {self._limits.name_chars}", f"labels.{name[:64]}")
            if len(value) > self._limits.value_chars:
                raise BadPayload(f"value longer than {self._limits.value_chars}", f"labels.{name[:64]}")
        return labels

    def _annotations(self, given: dict[str, str]) -> dict[str, str]:
        limits = self._limits
        names = [name for name in given if given[name] and len(name) <= limits.name_chars]
        if len(names) > limits.annotations:
            names = sorted(names)[: limits.annotations]
        return {self._shared(name): self._shared(self._cut(given[name])) for name in names}

    def _cut(self, text: str) -> str:
        limit = self._limits.annotation_chars
        return text if len(text) <= limit else text[: limit - len(CUT)] + CUT

    def _start(self, starts_at: datetime | None, received: datetime) -> datetime:
        if starts_at is None or starts_at - received > self._future:
            return received
        return starts_at

    def _link(self, url: str) -> str:
        # A link is shown to people to be followed; anything but the web's own schemes is not one.
        if len(url) > self._limits.link_chars or not url.startswith(("http://", "https://")):
            return ""
        return self._shared(url)

    def _shared(self, text: str) -> str:
        known = self._texts.get(text)
        if known is not None:
            return known
        if len(self._texts) >= self._limits.shared_texts:
            self._texts.clear()
        self._texts[text] = text
        return text


def _fingerprint(door: Door, sighting: Sighting, labels: dict[str, str]) -> str:
    """Return the sender's own fingerprint of an alert where that holds, else the one of its labels.

    Names that others of its kind may use as well hold together with the name of the sender.
    """
    identity = sighting.identity
    if not isinstance(identity, str) or not is_fingerprint(identity):
        return fingerprint(labels)
    if not sighting.keyed and labels != sighting.labels:
        return fingerprint(labels)
    if sighting.local and door.name != door.source:
        return fingerprint({"sender": door.name, "identity": identity})
    return identity
