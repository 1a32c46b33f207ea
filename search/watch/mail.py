"""News by mail, through an SMTP server."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import formatdate
from urllib.parse import urlsplit

from index.errors import InputError
from index.harmless import harmless

from ..show import digest
from ..types import News
from .channels import Undelivered, delivery_id

TIMEOUT = 30.0
"""Seconds that a server may take for one step."""


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail to some addresses, `to`, from `sender`, through a `server`: smtp://host:port, or smtps:// for TLS at once.

    With smtp://, TLS begins where the server offers it; a password is never sent without. Raises InputError for a
    server or address that is none.
    """

    to: tuple[str, ...]
    sender: str
    server: str = "smtp://localhost"
    user: str = ""
    password: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        try:
            parts = urlsplit(self.server)
            fine = parts.scheme in ("smtp", "smtps") and bool(parts.hostname) and (parts.port or 1) > 0
        except ValueError:
            fine = False
        if not fine:
            raise InputError(f"{self.server!r} is no mail server. Write it as smtp://host:port, or smtps://host:port")
        for address in (*self.to, self.sender):
            if "@" not in address or address != harmless(address) or any(c in address for c in " ,;<>"):
                raise InputError(f"{harmless(address)!r} is no mail address. Write it as name@example.org")

    @property
    def target(self) -> str:
        """The addresses."""
        return f"mail {' '.join(sorted(self.to))}"

    @property
    def label(self) -> str:
        """The addresses."""
        return ", ".join(self.to)

    def send(self, told: Sequence[News]) -> None:
        """Send one mail with some hits. Raises Undelivered."""
        message = EmailMessage()
        names = ", ".join(dict.fromkeys(harmless(one.search) for one in told))
        message["Subject"] = f"{len(told)} new: {names}"[:200]
        message["From"] = self.sender
        message["To"] = ", ".join(self.to)
        message["Date"] = formatdate()
        message["Message-ID"] = f"<{delivery_id(told)}@khabar.invalid>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(digest(told))
        try:
            self._send(message)
        except (smtplib.SMTPException, OSError) as error:
            raise Undelivered(f"{self.server} did not take it ({error or type(error).__name__})") from None

    def _send(self, message: EmailMessage) -> None:
        parts = urlsplit(self.server)
        host, secure = parts.hostname or "", parts.scheme == "smtps"
        context = ssl.create_default_context()
        with (
            smtplib.SMTP_SSL(host, parts.port or 465, timeout=TIMEOUT, context=context)
            if secure
            else smtplib.SMTP(host, parts.port or 25, timeout=TIMEOUT)
        ) as server:
            server.ehlo_or_helo_if_needed()
            if not secure and server.has_extn("starttls"):
                server.starttls(context=context)
                secure = True
            if self.password:
                if not secure:
                    raise smtplib.SMTPNotSupportedError("it offers no TLS, without which no password is sent")
                server.login(self.user or self.sender, self.password)
            server.send_message(message)
