"""What one sign-in is held together by: `state`, `nonce` and PKCE, all made from one secret of the browser.

So nothing has to be remembered here while somebody is at the provider, and nobody can make us remember much.
"""

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64encode


def fresh() -> str:
    """Return a new secret, which only the browser that begins a sign-in gets to know."""
    return secrets.token_urlsafe(32)


def state(secret: str) -> str:
    """Return what must come back with the code, so that no page of another site can bring one."""
    return _derived(secret, "state")


def nonce(secret: str) -> str:
    """Return what must stand in the ID token, so that none made for another sign-in will do."""
    return _derived(secret, "nonce")


def verifier(secret: str) -> str:
    """Return what the code must be fetched with, so that a stolen code is worth nothing."""
    return _derived(secret, "verifier")


def challenge(secret: str) -> str:
    """Return what the provider is told of the verifier at first: its SHA-256 (S256)."""
    return _text(hashlib.sha256(verifier(secret).encode()).digest())


def _derived(secret: str, label: str) -> str:
    return _text(hmac.digest(secret.encode("utf-8", "surrogatepass"), label.encode(), "sha256"))


def _text(digest: bytes) -> str:
    return urlsafe_b64encode(digest).rstrip(b"=").decode()
