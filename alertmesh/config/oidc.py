"""The form of sign-in by an OpenID provider, what is wrong with it, and what is likely to be regretted."""

import ssl
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr

from alertmesh.config.document import Document
from alertmesh.config.values import Model

SECTION = "oidc"
NOBODY: Literal["none"] = "none"
"""What `default_role` is when nobody comes in whom no rule gives a role."""

Role = Literal["viewer", "responder", "admin"]
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_HIDE = "write it as ${NAME} or file:PATH, so that it does not stand in this file"


def is_confidential(address: str) -> bool:
    """Tell whether nobody on the way reads what goes to an address: TLS, or this machine itself.

    >>> is_confidential("https://sso.example.com"), is_confidential("http://sso.example.com")
    (True, False)
    """
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return False
    return bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and host in _LOOPBACK))


def _issuer(text: str) -> str:
    parts = urlsplit(text) if is_confidential(text) else None
    if parts is None or parts.query or parts.fragment or parts.username:
        raise ValueError("should be the https address that the provider calls itself by, without a query")
    return text


class RoleEntry(Model):
    """Who has what in a claim has a role; `contains` is an item of the claim, or all of it."""

    claim: Annotated[str, Field(min_length=1)]
    contains: Annotated[str, Field(min_length=1)]
    role: Role


class OidcEntry(Model):
    """How people sign in by an OpenID provider."""

    issuer: Annotated[str, AfterValidator(_issuer)]
    client_id: Annotated[str, Field(min_length=1)]
    client_secret: str = ""
    title: Annotated[str, Field(min_length=1, max_length=40)] = "SSO"
    scopes: tuple[Annotated[str, Field(pattern=r"^[\x21\x23-\x5b\x5d-\x7e]+$")], ...] = ("openid", "profile")
    account_claim: Annotated[str, Field(min_length=1)] = "preferred_username"
    strip_domain: str = ""
    roles: tuple[RoleEntry, ...] = ()
    default_role: Role | Literal["none"] = NOBODY
    hosts: tuple[str, ...] = ()
    ca_file: str = ""

    def config(self) -> "OidcConfig":
        """Return it with its secret hidden."""
        given = self.model_dump(exclude={"roles"})
        rules = tuple(RoleRule(**rule.model_dump()) for rule in self.roles)
        return OidcConfig(**given | {"client_secret": SecretStr(self.client_secret), "roles": rules})


@dataclass(frozen=True, slots=True)
class RoleRule:
    """Give `role` to whom `claim` says `contains` of."""

    claim: str
    contains: str
    role: str


@dataclass(frozen=True, slots=True)
class OidcConfig:
    """How people sign in by an OpenID provider.

    `account_claim` names the account, without `@strip_domain` if it ends so. The first of `roles` that
    fits gives the role, else it is `default_role`, and with `none` nobody comes in. Besides the host of
    `issuer`, those in `hosts` may be asked. `title` is what the button calls the provider.
    """

    issuer: str
    client_id: str
    client_secret: SecretStr = field(default=SecretStr(""), repr=False)
    title: str = "SSO"
    scopes: tuple[str, ...] = ("openid", "profile")
    account_claim: str = "preferred_username"
    strip_domain: str = ""
    roles: tuple[RoleRule, ...] = ()
    default_role: str = NOBODY
    hosts: tuple[str, ...] = ()
    ca_file: str = ""

    def tls(self) -> ssl.SSLContext | None:
        """Return whom TLS trusts besides the machine's own; OSError for a `ca_file` that is of no use."""
        if not self.ca_file:
            return None
        context = ssl.create_default_context()
        context.load_verify_locations(self.ca_file)
        return context


def problems(entry: OidcEntry, document: Document, external_url: str) -> Iterator[str]:
    """Yield what keeps everybody out, and a secret that stands in the file."""
    if not external_url:
        yield f"{document.at((SECTION,))} external_url is needed: the provider sends people back there"
    if entry.client_secret and not document.is_reference((SECTION, "client_secret")):
        yield f"{document.at((SECTION, 'client_secret'))} client_secret: {_HIDE}"
    if "openid" not in entry.scopes:
        yield f"{document.at((SECTION, 'scopes'))} scopes: openid must be one of them"
    if not entry.roles and entry.default_role == NOBODY:
        place = document.at((SECTION,))
        yield f"{place} nobody could sign in: give roles by claim in roles, or default_role to everybody"
    try:
        entry.config().tls()
    except OSError as error:
        reason = "it holds no certificate" if isinstance(error, ssl.SSLError) else error.strerror
        yield f"{document.at((SECTION, 'ca_file'))} ca_file {entry.ca_file!r} is of no use: {reason}"


def warnings(entry: OidcEntry, document: Document, external_url: str) -> Iterator[str]:
    """Yield what works and should not be left so."""
    if external_url and not is_confidential(external_url):
        yield (
            f"{document.at(('external_url',))} external_url begins with http: sign-in by the provider "
            "goes in clear, and many providers send nobody back to such an address"
        )
    if entry.default_role == "admin":
        yield (
            f"{document.at((SECTION, 'default_role'))} default_role is admin: everybody whom the provider "
            "knows may do everything"
        )


def hosts(config: OidcConfig) -> frozenset[str]:
    """Return the hosts that may be asked about who signs in."""
    return frozenset({urlsplit(config.issuer).hostname or "", *config.hosts})
