"""Sign-in by an OpenID provider: where people are sent, and what is believed of what comes back."""

from alertmesh.oidc.examine import examine
from alertmesh.oidc.failures import Failure, SignInFailed
from alertmesh.oidc.provider import Identity, Provider

__all__ = ["Failure", "Identity", "Provider", "SignInFailed", "examine"]
