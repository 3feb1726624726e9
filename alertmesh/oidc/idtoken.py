"""Believe an ID token, or say why not (OpenID Connect Core 1.0, section 3.1.3.7)."""

from collections.abc import Mapping, Sequence
from typing import Any

from joserfc import jwt
from joserfc.errors import BadSignatureError, JoseError
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey
from joserfc.jws import JWSRegistry, extract_compact

from alertmesh.oidc.failures import Failure, SignInFailed, UnknownKey

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""How a token may be signed: by a key pair. Never `none`, and never by a secret that we hold too (HS256)."""

LEEWAY_S = 60
"""How far the provider's clock may be from ours."""

_KINDS: Mapping[str, type[RSAKey] | type[ECKey] | type[OKPKey]] = {"RSA": RSAKey, "EC": ECKey, "OKP": OKPKey}
_MOST_BYTES = 64 * 1024

KeyDict = Mapping[str, Any]


class _Registry(JWSRegistry):
    max_header_length = 16 * 1024  # a certificate may stand there
    max_payload_length = _MOST_BYTES


def verified(
    token: str, keys: Sequence[KeyDict], *, issuer: str, client_id: str, nonce: str, now_s: int
) -> dict[str, Any]:
    """Return the claims of a token that `issuer` made for `client_id` and for this sign-in alone.

    `keys` are those of the provider (JWK), `now_s` is Unix time. Raises UnknownKey or SignInFailed.
    """
    try:
        header = extract_compact(token.encode(), registry=_registry()).headers()
        claims = _signed(token, header, keys)
        _registered(issuer, client_id, nonce, now_s).validate(claims)
    except (JoseError, ValueError) as error:
        raise SignInFailed(Failure.BROKEN, f"the ID token does not hold: {_told(error)}") from error
    _refuse_other_party(claims, client_id)
    return claims


def _signed(token: str, header: Mapping[str, Any], keys: Sequence[KeyDict]) -> dict[str, Any]:
    algorithm, kid = header.get("alg"), header.get("kid")
    if algorithm not in ALGORITHMS:
        raise SignInFailed(Failure.BROKEN, f"the ID token is signed by {algorithm!r}, which is not taken")
    fitting = [key for key in keys if _fits(key, algorithm, kid)]
    if not fitting:
        raise UnknownKey(Failure.BROKEN, f"the ID token is signed by a key {kid!r} that is not published")
    for key in fitting:
        try:
            return jwt.decode(token, _imported(key), registry=_registry()).claims
        except (BadSignatureError, KeyError, TypeError):  # a key that is none is like one that did not sign
            continue
    raise SignInFailed(Failure.BROKEN, "the signature of the ID token is wrong")


def _registry() -> JWSRegistry:
    return _Registry(algorithms=list(ALGORITHMS), strict_check_header=False)


def _fits(key: KeyDict, algorithm: str, kid: object) -> bool:
    """Tell whether a key may have signed: one of another name, kind or purpose has not."""
    kind = {"R": "RSA", "P": "RSA", "E": "OKP" if algorithm == "EdDSA" else "EC"}[algorithm[0]]
    return (
        key.get("kty") == kind
        and key.get("use", "sig") == "sig"
        and key.get("alg", algorithm) == algorithm
        and (kid is None or key.get("kid") == kid)
    )


def _imported(key: KeyDict) -> Key:
    return _KINDS[key["kty"]].import_key(dict(key))


def _registered(issuer: str, client_id: str, nonce: str, now_s: int) -> jwt.JWTClaimsRegistry:
    return jwt.JWTClaimsRegistry(
        now=now_s,
        leeway=LEEWAY_S,
        iss={"essential": True, "value": issuer},
        aud={"essential": True, "value": client_id},
        nonce={"essential": True, "value": nonce},
        sub={"essential": True},
        exp={"essential": True},
        iat={"essential": True},
    )


def _refuse_other_party(claims: Mapping[str, Any], client_id: str) -> None:
    """Refuse a token that was made for another client, though we are among those who may read it."""
    several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
    party = claims.get("azp")
    if party != client_id and (several or party is not None):
        raise SignInFailed(Failure.BROKEN, "the ID token was made for another client (azp)")


def _told(error: Exception) -> str:
    return error.description or error.error if isinstance(error, JoseError) else type(error).__name__
