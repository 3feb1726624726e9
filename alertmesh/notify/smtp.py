"""Hand mails to one mail server: a connection for each, and what its answers mean."""

import asyncio
import base64
import ssl
from collections.abc import Awaitable, Callable
from contextlib import suppress

import aiosmtplib
from aiosmtplib import SMTP
from msgspec import Struct

from alertmesh.core.page import Receipt, ReceiptState
from alertmesh.notify.exchange import shown
from alertmesh.notify.letter import Letter

STARTTLS, TLS, NONE = "starttls", "tls", "none"
PORTS = {STARTTLS: 587, TLS: 465, NONE: 25}
_GOODBYE_S = 1.0
_TOO_LARGE = 552
_LOG_IN_FIRST = 530

Step = Callable[[SMTP], Awaitable[aiosmtplib.SMTPResponse]]


class Server(Struct, frozen=True, kw_only=True):
    """A mail server and how it is reached; `greeting` is what we call ourselves. Never shown.

    `timeout_s` bounds everything from connecting to the last answer.
    """

    host: str
    port: int
    security: str
    context: ssl.SSLContext
    user: str = ""
    password: str = ""
    greeting: str = "localhost"
    timeout_s: float = 4.0

    def __repr__(self) -> str:
        return "Server(...)"

    async def deliver(self, sender: str, letter: Letter) -> Receipt:
        """Hand over one mail once."""

        async def envelope(client: SMTP) -> aiosmtplib.SMTPResponse:
            await client.mail(sender)
            return await client.rcpt(letter.recipient)

        async def content(client: SMTP) -> aiosmtplib.SMTPResponse:
            return await client.data(letter.body)

        return await self._talk(envelope, content)

    async def knock(self) -> Receipt:
        """Return SENT when the server greets us, knows us and answers, without a mail."""

        async def ask(client: SMTP) -> aiosmtplib.SMTPResponse:
            return await client.noop()

        return await self._talk(ask)

    async def _talk(self, first: Step, last: Step | None = None) -> Receipt:
        """Connect, log in, and take steps; what goes wrong in the last one may have arrived nevertheless."""
        client, may_have_left = self._client(), False
        try:
            async with asyncio.timeout(self.timeout_s):
                await client.connect()
                said = await first(client)
                if last is not None:
                    may_have_left = True
                    said = await last(client)
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            return self._receipt(error, may_have_left)
        else:
            await _leave(client)
            return Receipt(state=ReceiptState.SENT, provider_id=self._shown(said.message))
        finally:
            client.close()

    def _client(self) -> SMTP:
        return SMTP(
            hostname=self.host,
            port=self.port,
            use_tls=self.security == TLS,
            start_tls=self.security == STARTTLS,
            tls_context=self.context,
            username=self.user or None,
            password=self.password or None,
            local_hostname=self.greeting,
            timeout=self.timeout_s,
        )

    def _receipt(self, error: Exception, may_have_left: bool) -> Receipt:
        state, words = judge(error, may_have_left)
        return Receipt(state=state, error=self._shown(words))

    def _shown(self, text: str) -> str:
        """Return a text of the server in one line, without our password, however it was written."""
        written = (self.password, f"\0{self.user}\0{self.password}")
        coded = (base64.b64encode(one.encode()).decode() for one in written)
        return shown(text, (self.password, *coded) if self.password else ())


def judge(error: Exception, may_have_left: bool) -> tuple[ReceiptState, str]:
    """Say what an error means for a mail, and how it is told.

    4xx asks us to come again. 5xx is about this person or this mail, unless it answers our log-in or our
    sender: then no mail will pass. `may_have_left` says that the mail itself was being sent.
    """
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return _by_code(error, may_have_left), f"SMTP {error.code}: {error.message}"
    cause = error.__cause__ if isinstance(error, aiosmtplib.SMTPConnectError) else error
    if isinstance(cause, ssl.SSLCertVerificationError):
        return ReceiptState.DEAD, f"certificate not trusted: {cause.verify_message}"
    if isinstance(cause, ssl.SSLError) and cause.reason == "WRONG_VERSION_NUMBER":
        return ReceiptState.DEAD, "no TLS on this port: check port and security"
    if may_have_left and isinstance(error, OSError):
        return ReceiptState.UNKNOWN, "no answer to the mail"
    if isinstance(error, TimeoutError):
        return ReceiptState.BUSY, "no answer in time"
    if isinstance(error, OSError):
        return ReceiptState.BUSY, "could not connect, or connection lost"
    return ReceiptState.DEAD, str(error)


def _by_code(error: aiosmtplib.SMTPResponseException, may_have_left: bool) -> ReceiptState:
    if 400 <= error.code < 500:
        return ReceiptState.BUSY
    if not 500 <= error.code < 600:
        return ReceiptState.UNKNOWN if may_have_left else ReceiptState.BUSY
    about_this_mail = isinstance(error, aiosmtplib.SMTPDataError | aiosmtplib.SMTPRecipientRefused)
    if error.code == _TOO_LARGE or (about_this_mail and error.code != _LOG_IN_FIRST):
        return ReceiptState.REFUSED
    return ReceiptState.DEAD


async def _leave(client: SMTP) -> None:
    """Say goodbye; the mail is taken, so nothing that goes wrong here matters."""
    with suppress(aiosmtplib.SMTPException, OSError):
        await client.quit(timeout=_GOODBYE_S)
