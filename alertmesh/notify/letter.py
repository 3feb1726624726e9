"""A message as a mail: plain text, simple HTML, and headers that make the mails of an incident one thread."""

import re
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from html import escape

from msgspec import Struct

from alertmesh.core.page import Message, Recipient
from alertmesh.notify.fitting import Link, cut, parted

TEXT_LIMIT = 64_000  # bytes; what is longer is no page any more
_SUBJECT = 300
_SEVEN_BIT = SMTP.clone(cte_type="7bit")  # every server takes it
_ID = re.compile(r"[^A-Za-z0-9.-]+")
_SPEC = re.compile(r"[^\s@<>()\[\],;:\\\"]+@[^\s@<>()\[\],;:\\\"]+")


class Letter(Struct, frozen=True):
    """A mail ready to be handed over, and who gets it."""

    recipient: str
    body: bytes


def address(text: str) -> Address:
    """Return the address in `name@host` or `Name <name@host>`; ValueError when there is none.

    >>> address("AlertMesh <alerts@bücher.example>").addr_spec
    'alerts@xn--bcher-kva.example'
    """
    before, bracket, rest = text.strip().rpartition("<")
    spec = rest.rstrip().removesuffix(">") if bracket else text.strip()
    if not _SPEC.fullmatch(spec) or not text.strip().isprintable():
        raise ValueError("is no mail address")
    local, _, domain = spec.partition("@")
    if not local.isascii():
        raise ValueError("has other letters than ASCII before the @")
    try:
        host = domain.encode("idna").decode()
    except UnicodeError as error:
        raise ValueError("is no mail address") from error
    return Address(_flat(before).strip(' "'), local, host)


def write(message: Message, person: Recipient, to: Address, sender: Address, now: datetime) -> Letter:
    """Return the mail that says a message to one person; the same key makes the same Message-ID."""
    lines, links = parted(message)
    mail = EmailMessage(policy=_SEVEN_BIT)
    mail["From"] = sender
    mail["To"] = Address(_flat(person.display), to.username, to.domain)
    mail["Subject"] = subject(message)
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = f"<{_token(message.key)}@{sender.domain}>"
    if thread := _thread(message, sender.domain):
        mail["In-Reply-To"] = mail["References"] = thread
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    if message.fields.get("priority") == "P1":
        mail["Importance"], mail["X-Priority"] = "high", "1"
    mail.set_content(cut(_plain(lines, links), TEXT_LIMIT) + "\n")
    mail.add_alternative(_html(message, lines, links), subtype="html")
    return Letter(to.addr_spec, mail.as_bytes())


def subject(message: Message) -> str:
    """Return the subject: the title, with the priority before it unless it is there.

    >>> subject(Message(key="k", title="disk full", text="", minimal="", fields={"priority": "P1"}))
    '[P1] disk full'
    """
    priority = message.fields.get("priority", "")
    mark = f"[{priority}] " if priority and priority not in message.title else ""
    return mark + cut(_flat(message.title), _SUBJECT)


def _thread(message: Message, domain: str) -> str:
    """Return what the mails of one incident refer to; a mail about several belongs to no thread."""
    incident = message.fields.get("incident", "")
    if not incident or message.fields.get("count", "1") != "1":
        return ""
    return f"<incident-{_token(incident)}@{domain}>"


def _token(text: str) -> str:
    return _ID.sub("-", text).strip(".-") or "-"


def _plain(lines: list[str], links: list[Link]) -> str:
    return "\n".join([*lines, "", *(f"{label}: {target}" for label, target in links)]).strip()


def _html(message: Message, lines: list[str], links: list[Link]) -> str:
    shown = cut("\n".join(lines), TEXT_LIMIT).split("\n")
    told = "<br>\n".join(escape(_flat(line)) for line in shown)
    anchors = [
        f'<a href="{escape(target)}">{escape(label)}</a>'
        for label, target in links
        if target.startswith(("https://", "http://"))
    ]
    return (
        f'<html lang="{escape(message.language)}"><body>\n<h3>{escape(subject(message))}</h3>\n'
        f"<p>{told}</p>\n<p>{' &middot; '.join(anchors)}</p>\n</body></html>\n"
    )


def _flat(text: str) -> str:
    """Return a text in one line, without what cannot be seen."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
