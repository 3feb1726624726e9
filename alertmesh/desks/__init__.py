"""What the console works at besides incidents and duty: each desk is one attribute."""

from alertmesh.core.clock import Clock
from alertmesh.core.errors import BadConfig
from alertmesh.core.ports import Store
from alertmesh.desks.evidence import Evidence
from alertmesh.desks.live import Live
from alertmesh.desks.modules import Modules
from alertmesh.desks.noise import Noise
from alertmesh.desks.oidc import OidcDesk
from alertmesh.desks.personal import Personal
from alertmesh.desks.rulebook import Rulebook
from alertmesh.desks.rulebook_proposals import Proposals
from alertmesh.desks.rulebook_trial import Trials
from alertmesh.desks.signin import SignIn
from alertmesh.history import History
from alertmesh.pipeline import Decisions
from alertmesh.wiring import Wiring


class Desks:
    """Make the desks, and tell them what was decided."""

    def __init__(self, store: Store, wiring: Wiring, history: History, clock: Clock) -> None:
        self._wiring = wiring
        self.config_faults: tuple[str, ...] = ()
        self.evidence = Evidence(wiring, history, clock)
        self.live = Live(history.incident)
        self.signin = SignIn(store, clock)
        self.oidc = OidcDesk(wiring, clock)
        self.personal = Personal(store, clock)
        self.modules = Modules(store, wiring, clock)
        self.noise = Noise(store, wiring, clock)
        self.rulebook = Rulebook(store, wiring, clock)
        self.trials = Trials(self.rulebook, wiring.config.store, clock)
        self.proposals = Proposals(self.rulebook, store, clock)

    async def start(self) -> None:
        """Begin to work; the store is open and the pipeline restored."""
        await self.modules.start()
        await self.signin.start()
        await self.noise.start()
        await self.rulebook.start()

    async def stop(self) -> None:
        """Let go of whoever waits."""
        self.live.close()
        await self.modules.stop()
        await self.signin.stop()
        await self.oidc.stop()
        await self.trials.stop()
        await self.rulebook.stop()
        await self.noise.stop()

    def decided(self, out: Decisions) -> None:
        """Take what was decided and is durable."""
        self.evidence.changed(out.changes)
        self.live.decided(out)
        self.noise.decided(out)

    def reloaded(self, error: Exception | None) -> None:
        """Note what came of the last reload: what is in force may not be what the files say."""
        self.config_faults = tuple(error.problems) if isinstance(error, BadConfig) else ()

    def firing(self) -> int:
        """Return how many alerts fire."""
        return self._wiring.pipeline.dedup.firing
