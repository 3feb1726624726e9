"""Page a person by mail, over a connection of our own to one mail server.

The same message sent twice has the same Message-ID, which some mailboxes drop and others show twice.
"""

import re
import socket
import ssl
from collections.abc import Mapping
from datetime import datetime
from email.headerregistry import Address

from alertmesh.core.page import Message, Receipt, ReceiptState, Recipient
from alertmesh.core.ports import Channel, Http, Notifier, Quota
from alertmesh.notify.exchange import TIMEOUT_S
from alertmesh.notify.letter import address, write
from alertmesh.notify.phone import contact_of
from alertmesh.notify.settings import LOOPBACK, Settings
from alertmesh.notify.smtp import NONE, PORTS, STARTTLS, Server

CONTACT = "email"
_LONGEST_S = 60
_HOST = re.compile(r"[A-Za-z0-9._-]{1,253}|[0-9A-Fa-f:]{2,39}")


class Email:
    """One mail server and one sender; each mail goes to one person. The password never shows."""

    idempotent = False

    def __init__(self, name: str, server: Server, sender: Address) -> None:
        self.name = name
        self.per_minute = 0
        self.contact = CONTACT
        self.quotas: tuple[Quota, ...] = ()
        self.language = ""
        self.hosts = (server.host,)
        self._server = server
        self._sender = sender

    def __repr__(self) -> str:
        return f"Email({self.name!r})"

    async def send(self, message: Message, now: datetime, http: Http) -> Receipt:
        """Send a message once; `http` is not used, for mail goes its own way."""
        try:
            person, to = _addressee(message, self.contact)
        except LookupError as error:
            return Receipt(state=ReceiptState.REFUSED, error=str(error))
        letter = write(message, person, to, self._sender, now)
        return await self._server.deliver(self._sender.addr_spec, letter)

    async def probe(self, now: datetime, http: Http) -> Receipt:
        """Ask the server whether it knows us, without a mail."""
        return await self._server.knock()


def _addressee(message: Message, kind: str) -> tuple[Recipient, Address]:
    """Return whom a mail is for; LookupError, with what to do, when it is not one person with an address."""
    if len(message.recipients) != 1:
        raise LookupError(f"a mail is for one person, and not for {len(message.recipients)}")
    person = message.recipients[0]
    given = contact_of(person, kind)
    if not given:
        raise LookupError(f"{person.name} has no {kind}: add it to the contacts of the user")
    try:
        return person, address(given)
    except ValueError as error:
        raise LookupError(f"{kind} of {person.name} {error}: correct it in the user") from error


def build(name: str, settings: Mapping[str, str]) -> Channel:
    """Make a channel of `host` and `from`; see docs/notify.md for the rest."""
    given = Settings(name, settings)
    server, sender = _server(given), _sender(given)
    contact, language = given.text("contact", CONTACT), given.text("language")
    quotas, per_minute = given.quotas("quotas", "none"), given.number("per_minute", 0)
    given.done()
    channel = Email(name, server, sender)
    channel.contact, channel.quotas = contact, quotas
    channel.per_minute, channel.language = per_minute, language
    return channel


def _server(given: Settings) -> Server:
    host = given.required("host", "the mail server")
    security = given.text("security", STARTTLS)
    if host and not _HOST.fullmatch(host):
        given.fault("host", "must be the name or the address of a mail server, without a port")
    if security not in PORTS:
        given.fault("security", f"must be one of {', '.join(PORTS)}")
    elif security == NONE and host not in LOOPBACK:
        given.fault("security", "none is for loopback only: passwords and pages would be read on the way")
    port, timeout_s = given.number("port", PORTS.get(security, 0)), given.number("timeout_s", int(TIMEOUT_S))
    if not 1 <= port <= 65_535:
        given.fault("port", "must be 1 to 65535")
    if not 1 <= timeout_s <= _LONGEST_S:
        given.fault("timeout_s", f"must be 1 to {_LONGEST_S}")
    user, password = given.text("user"), given.text("password")
    if bool(user) != bool(password):
        given.fault("password" if user else "user", "user and password go together")
    greeting = given.text("greeting", socket.gethostname())
    if not _HOST.fullmatch(greeting):
        given.fault("greeting", "must be the name of this machine")
    return Server(
        host=host,
        port=port,
        security=security,
        context=_context(given, security),
        user=user,
        password=password,
        greeting=greeting,
        timeout_s=float(timeout_s),
    )


def _context(given: Settings, security: str) -> ssl.SSLContext:
    """Return what trusts the system's certificates, or only those of the setting `ca`."""
    trusted = given.text("ca")
    try:
        if trusted or security != NONE:
            return ssl.create_default_context(cadata=trusted or None)
    except (ssl.SSLError, ValueError):
        given.fault("ca", "must hold certificates in PEM, such as file:ca.pem")
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def _sender(given: Settings) -> Address:
    text = given.required("from", "the sender, such as AlertMesh <alerts@example.com>")
    try:
        return address(text)
    except ValueError as error:
        if text:
            given.fault("from", str(error))
        return Address()


NOTIFIER = Notifier("email", build)
