"""Ask a provider about itself, before anybody signs in by it."""

from collections.abc import Mapping

from alertmesh.config.oidc import OidcConfig, hosts
from alertmesh.core.clock import Clock
from alertmesh.notify.transport import AiohttpTransport
from alertmesh.oidc.provider import Provider


async def examine(config: OidcConfig, clock: Clock) -> Mapping[str, str]:
    """Return what a provider tells of itself, in words; SignInFailed says what keeps everybody out."""
    http = AiohttpTransport(hosts(config), config.tls())
    try:
        provider = Provider(config, http, clock)
        found, keys = await provider.discovered(), await provider.keys()
    finally:
        await http.close()
    return {
        "issuer": found.issuer,
        "people sign in at": found.authorization_endpoint,
        "people sign out at": found.end_session_endpoint
        or "nowhere: who signs out here stays signed in there",
        "more about them": found.userinfo_endpoint or "nowhere: the ID token has to tell it all",
        "keys": str(keys),
    }
