"""A real mail server on loopback that keeps what it gets, and refuses what it is told to refuse."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.real.local import free_port

USER, PASSWORD = "mesh", "hush-password"


class Mailbox:
    """Keep mails; `answers` are given instead of taking, by the step: MAIL, RCPT, DATA."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.recipients: list[list[str]] = []
        self.answers: dict[str, str] = {}

    async def handle_MAIL(  # noqa: N802  # the library's name
        self, server: SMTP, session: Session, envelope: Envelope, sender: str, options: list[str]
    ) -> str:
        envelope.mail_from = sender
        return self.answers.get("MAIL", "250 OK")

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, recipient: str, options: list[str]
    ) -> str:
        await self._slow("RCPT")
        envelope.rcpt_tos.append(recipient)
        return self.answers.get("RCPT", "250 OK")

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        await self._slow("DATA")
        answer = self.answers.get("DATA", "250 2.0.0 OK: queued as 4F3A")
        if answer == "lost":
            self._keep(envelope)
            server.transport.abort()
            return "250 OK"
        if answer.startswith("2"):
            self._keep(envelope)
        return answer

    def check(
        self, server: SMTP, session: Session, envelope: Envelope, method: str, given: Any
    ) -> AuthResult:
        """Let in whoever has the password."""
        return AuthResult(success=given == LoginPassword(USER.encode(), PASSWORD.encode()), handled=False)

    async def _slow(self, step: str) -> None:
        if self.answers.get(step) == "never":
            await asyncio.Event().wait()

    def _keep(self, envelope: Envelope) -> None:
        parsed = message_from_bytes(envelope.content or b"", policy=default)
        assert isinstance(parsed, EmailMessage)
        self.mails.append(parsed)
        self.recipients.append(envelope.rcpt_tos)


class Threaded(Controller):
    """A server in a thread of its own, for tests that begin a loop for each send."""

    def __init__(self) -> None:
        self.mailbox = Mailbox()
        super().__init__(
            self.mailbox,
            hostname="127.0.0.1",
            port=free_port(),
            authenticator=self.mailbox.check,
            auth_require_tls=False,
        )


@asynccontextmanager
async def served(mailbox: Mailbox, certificate: ssl.SSLContext | None, implicit: bool) -> AsyncIterator[int]:
    """Serve a mailbox on a port of this loop: with a certificate by STARTTLS, or by TLS at once."""
    loop = asyncio.get_running_loop()
    sessions: list[SMTP] = []

    def session() -> SMTP:
        sessions.append(
            SMTP(
                mailbox,
                hostname="mail.example",
                tls_context=None if implicit else certificate,
                authenticator=mailbox.check,
                auth_require_tls=certificate is not None and not implicit,
                loop=loop,
            )
        )
        return sessions[-1]

    server = await loop.create_server(session, "127.0.0.1", 0, ssl=certificate if implicit else None)
    yield int(server.sockets[0].getsockname()[1])
    server.close()
    for each in sessions:
        if each.transport is not None:
            each.transport.abort()
    await server.wait_closed()
