"""Read off claims who somebody is here: the name of the account, and the role."""

from collections.abc import Mapping
from typing import Any

from alertmesh.config.oidc import NOBODY, OidcConfig
from alertmesh.oidc.failures import Failure, SignInFailed

Claims = Mapping[str, Any]


def lookup(claims: Claims, name: str) -> Any:
    """Return a claim by its name, or one within others by names with dots between; None when it is not there.

    >>> lookup({"realm_access": {"roles": ["ops"]}}, "realm_access.roles")
    ['ops']
    """
    if name in claims:
        return claims[name]
    inside: Any = claims
    for part in name.split("."):
        inside = inside.get(part) if isinstance(inside, Mapping) else None
    return inside


def lacking(claims: Claims, config: OidcConfig) -> bool:
    """Tell whether a claim is missing that decides who somebody is."""
    wanted = (config.account_claim, *(rule.claim for rule in config.roles))
    return any(lookup(claims, name) is None for name in wanted)


def account_name(claims: Claims, config: OidcConfig) -> str:
    """Return the name of the account; SignInFailed when no claim tells it, or one nobody has verified."""
    name = lookup(claims, config.account_claim)
    if not isinstance(name, str) or not name:
        raise SignInFailed(Failure.NO_NAME, f"the provider tells no claim {config.account_claim!r}")
    if config.account_claim == "email" and claims.get("email_verified") not in (True, "true"):
        raise SignInFailed(Failure.NO_NAME, "the provider has not verified the e-mail address")
    local, at, domain = name.rpartition("@")
    return local if at and config.strip_domain and domain.lower() == config.strip_domain.lower() else name


def role(claims: Claims, config: OidcConfig) -> str:
    """Return the role that the first fitting rule gives, else the default one; empty for none."""
    for rule in config.roles:
        held = lookup(claims, rule.claim)
        if held == rule.contains or (isinstance(held, list) and rule.contains in held):
            return rule.role
    return "" if config.default_role == NOBODY else config.default_role
