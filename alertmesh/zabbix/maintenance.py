"""Keep problems that Zabbix suppresses from paging: one silence for each kind of them on a host.

A silence is set before the problem is taken, lasts as long as Zabbix says, and is ended when the
maintenance is. It carries the server's name as its maker, so it is found again after a restart.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

from alertmesh.core.entries import SilenceExpired, SilenceSet
from alertmesh.core.labels import fingerprint
from alertmesh.core.ports import AuditEntry, Batch
from alertmesh.core.silence import Condition, Silence, SilenceState, written
from alertmesh.zabbix.mesh import Mesh
from alertmesh.zabbix.problems import Problems

GRACE = timedelta(minutes=2)
"""How much longer a silence lasts: Zabbix ends a suppression up to a minute late, and we ask later still."""

ENDLESS = timedelta(days=1)
"""How long a suppression without an end is believed before it is looked at again."""

_BY = ("zabbix_server", "host", "alertname")
Labels = Mapping[str, str]
Kind = tuple[Condition, ...]


class Maintenance:
    """The silences of one server."""

    def __init__(self, server: str, problems: Problems, mesh: Mesh) -> None:
        self.maker = f"zabbix:{server}"
        self._problems = problems
        self._mesh = mesh
        self._ends: dict[str, int] = {}

    async def begin(self, hidden: Mapping[str, Labels]) -> None:
        """Silence these problems, given by event id, that are suppressed now."""
        if not hidden:
            return
        wanted = await self._wanted(hidden)
        ours = self._ours()
        now = self._mesh.clock.now()
        for kind, until in sorted(wanted.items(), key=lambda one: str(one[0])):
            known = ours.get(kind)
            if known is not None and abs(known.ends_at - until) < GRACE:
                continue
            if known is not None and until - now > ENDLESS / 2 and known.ends_at - now > ENDLESS / 2:
                continue
            silence = self._silence(kind, until, known, now)
            await self._audit("silence", silence.id, f"{written(kind)} until {until:%Y-%m-%d %H:%M} UTC")
            await self._mesh.silence(SilenceSet(silence=silence, at=now))

    async def settle(self, hidden: Mapping[str, Labels], shown: Iterable[Labels]) -> None:
        """Silence what is suppressed, and nothing else; a kind of which one is not suppressed is shown."""
        plain = {kind_of(labels) for labels in shown} if hidden else set()
        kept = {id: labels for id, labels in hidden.items() if kind_of(labels) not in plain}
        self._ends = {id: end for id, end in self._ends.items() if id in kept}
        await self.begin(kept)
        wanted = {kind_of(labels) for labels in kept.values()}
        now = self._mesh.clock.now()
        for kind, silence in self._ours().items():
            if kind not in wanted:
                await self._audit("expire", silence.id, "")
                await self._mesh.silence(SilenceExpired(id=silence.id, actor=self.maker, at=now))

    async def _audit(self, action: str, id: str, detail: str) -> None:
        """Write down what is done, before it is done, as for a person."""
        now, target = self._mesh.clock.now(), f"silence/{id}"
        entry = AuditEntry(at=now, actor=self.maker, action=action, target=target, detail=detail)
        await self._mesh.store.write(Batch(audit=[entry]))

    async def _wanted(self, hidden: Mapping[str, Labels]) -> dict[Kind, datetime]:
        now = self._mesh.clock.now()
        unknown = [id for id in hidden if self._ends.get(id, 0) <= now.timestamp()]
        self._ends.update(await self._problems.suppressed_until(unknown))
        wanted: dict[Kind, datetime] = {}
        for id, labels in hidden.items():
            end = self._ends.get(id, 0)
            until = datetime.fromtimestamp(end, UTC) + GRACE if end > now.timestamp() else now + ENDLESS
            kind = kind_of(labels)
            wanted[kind] = max(until, wanted.get(kind, until))
        return wanted

    def _ours(self) -> dict[Kind, Silence]:
        now = self._mesh.clock.now()
        mine = (silence for silence, _ in self._mesh.silences() if silence.created_by == self.maker)
        return {one.matchers: one for one in mine if one.state(now) is not SilenceState.EXPIRED}

    def _silence(self, kind: Kind, until: datetime, known: Silence | None, now: datetime) -> Silence:
        base = fingerprint({one.name: one.value for one in kind})
        return Silence(
            id=known.id if known else f"zabbix-{base}-{int(now.timestamp())}",
            matchers=kind,
            starts_at=known.starts_at if known else now,
            ends_at=until,
            created_by=self.maker,
            comment="in maintenance or suppressed in Zabbix",
            updated_at=now,
        )


def kind_of(labels: Labels) -> Kind:
    """Return the conditions that problems of one kind on one host meet."""
    return tuple(Condition(name, "=", labels.get(name, "")) for name in _BY)
