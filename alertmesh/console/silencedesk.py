"""Make and end silences for people, whichever API they came by: audited first, counted, then ordered."""

from alertmesh.console.service import Service
from alertmesh.core.entries import SilenceExpired, SilenceSet
from alertmesh.core.errors import BadCommand
from alertmesh.core.ports import AuditEntry
from alertmesh.core.silence import Silence, written
from alertmesh.metrics import Metrics


class SilenceDesk:
    """The one way by which silences come and go."""

    def __init__(self, service: Service, metrics: Metrics) -> None:
        self._service = service
        self._metrics = metrics

    def find(self, id: str) -> Silence | None:
        """Return a silence that is kept, whatever its state."""
        return next((silence for silence, _ in self._service.silences() if silence.id == id), None)

    async def put(self, silence: Silence, before: str, actor: str) -> None:
        """Take a silence, in the place of the one called `before` if that is given; may raise BadCommand."""
        now = self._service.clock.now()
        detail = f"{written(silence.matchers)} until {silence.ends_at:%Y-%m-%d %H:%M} UTC: {silence.comment}"
        await self._audit(actor, "silence", silence.id, detail)
        replaces = "" if before == silence.id else before
        await self._order("silence", SilenceSet(silence=silence, at=now, replaces=replaces))

    async def expire(self, id: str, actor: str) -> None:
        """End a silence now; raises BadCommand for one that is over."""
        await self._audit(actor, "expire", id)
        await self._order("expire", SilenceExpired(id=id, actor=actor, at=self._service.clock.now()))

    async def _order(self, action: str, entry: SilenceSet | SilenceExpired) -> None:
        try:
            await self._service.silence(entry)
        except BadCommand:
            self._metrics.commanded(action, "refused")
            raise
        self._metrics.commanded(action, "done")

    async def _audit(self, actor: str, action: str, id: str, detail: str = "") -> None:
        # The audit line comes first: there must be no action without one.
        now = self._service.clock.now()
        await self._service.audit(
            AuditEntry(at=now, actor=actor, action=action, target=f"silence/{id}", detail=detail)
        )
