"""What a provider tells of itself (OpenID Connect Discovery 1.0), and what of that may be used."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct

from alertmesh.config.oidc import OidcConfig, hosts, is_confidential
from alertmesh.oidc.failures import Failure, SignInFailed

PATH = "/.well-known/openid-configuration"
_ASKED = ("token_endpoint", "jwks_uri", "userinfo_endpoint")  # by us; the others are for the browser


class Discovery(Struct, frozen=True, kw_only=True):
    """The addresses of a provider, and what it can do; None where it has none."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str | None = None
    end_session_endpoint: str | None = None
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)
    code_challenge_methods_supported: tuple[str, ...] | None = None
    authorization_response_iss_parameter_supported: bool = False


_decode = msgspec.json.Decoder(Discovery).decode


def address(config: OidcConfig) -> str:
    """Return where the document of a provider is."""
    return config.issuer.rstrip("/") + PATH


def read(body: bytes, config: OidcConfig) -> Discovery:
    """Return a document that can be gone by; SignInFailed tells every fault of it."""
    try:
        found = _decode(body)
    except msgspec.MsgspecError as error:
        raise SignInFailed(Failure.BROKEN, f"{address(config)} is no discovery document: {error}") from error
    if faults := list(_faults(found, config)):
        raise SignInFailed(Failure.BROKEN, "; ".join(faults))
    return found


def _faults(found: Discovery, config: OidcConfig) -> Iterator[str]:
    if found.issuer != config.issuer:
        yield f"the provider calls itself {found.issuer!r}; write just that as issuer"
    if found.code_challenge_methods_supported and "S256" not in found.code_challenge_methods_supported:
        yield "the provider does not take PKCE with S256"
    for name in ("authorization_endpoint", "end_session_endpoint", *_ASKED):
        url = getattr(found, name)
        if url and not is_confidential(url):
            yield f"{name} {url!r} is not https"
    known = hosts(config)
    for name in _ASKED:
        host = urlsplit(getattr(found, name) or config.issuer).hostname
        if host not in known:
            yield f"{name} is at {host!r}; add it to hosts if it belongs to the provider"
