"""Hold the OpenID provider that the configuration names at the moment, and the way out to it."""

from alertmesh.config.oidc import OidcConfig, hosts
from alertmesh.core.clock import Clock
from alertmesh.notify.transport import AiohttpTransport
from alertmesh.oidc import Failure, Provider, SignInFailed
from alertmesh.wiring import Wiring


class OidcDesk:
    """Know the provider; a reload that changes its settings makes another one of it."""

    def __init__(self, wiring: Wiring, clock: Clock) -> None:
        self._wiring = wiring
        self._clock = clock
        self._provider: Provider | None = None
        self._http: AiohttpTransport | None = None

    @property
    def config(self) -> OidcConfig | None:
        """Return the settings in force; None where people sign in by password alone."""
        return self._wiring.config.oidc

    @property
    def home(self) -> str:
        """Return the address of the console as people and the provider know it."""
        return self._wiring.config.external_url

    async def provider(self, config: OidcConfig) -> Provider:
        """Return the provider of these settings; SignInFailed when `ca_file` is of no use any more."""
        if self._provider is None or self._provider.config != config:
            await self.stop()
            try:
                self._http = AiohttpTransport(hosts(config), config.tls())
            except OSError as error:
                raise SignInFailed(Failure.BROKEN, f"ca_file: {error}") from error
            self._provider = Provider(config, self._http, self._clock)
        return self._provider

    async def stop(self) -> None:
        """Let go of all connections."""
        http, self._http, self._provider = self._http, None, None
        if http is not None:
            await http.close()
