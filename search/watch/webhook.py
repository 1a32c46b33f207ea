"""News as a signed POST to an address."""

from __future__ import annotations

import hmac
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from index.errors import InputError

from ..fetch import Client, Unreachable, retry_after
from ..show import news_json
from ..types import News
from .channels import Undelivered, delivery_id


@dataclass(frozen=True, slots=True)
class Webhook:
    """An address that is sent JSON: {"hits": [...]}, each as `khabar news --json` prints it.

    With a `secret`, the header Khabar-Signature is "sha256=" and the HMAC-SHA256, hexadecimal, of the header
    Khabar-Timestamp, a full stop and the body. Khabar-Delivery names the delivery: one that is repeated has the same.
    Addresses in private networks are refused unless `private`. Raises InputError for what is no http(s) address.
    """

    url: str
    secret: str = field(default="", repr=False)
    private: bool = False

    def __post_init__(self) -> None:
        try:
            parts = urlsplit(self.url)
            fine = parts.scheme in ("http", "https") and bool(parts.hostname)
        except ValueError:
            fine = False
        if not fine:
            raise InputError(f"{self.url!r} is no address to post to. Write one that begins with https://")

    @property
    def target(self) -> str:
        """The address."""
        return f"post {self.url}"

    @property
    def label(self) -> str:
        """The server: the rest of an address is often a secret."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.hostname}"

    def send(self, told: Sequence[News]) -> None:
        """Post some hits. Raises Undelivered."""
        body = json.dumps({"hits": [news_json(one) for one in told]}, ensure_ascii=False).encode("utf-8", "replace")
        now = str(int(time.time()))
        headers = {
            "content-type": "application/json",
            "khabar-delivery": delivery_id(told),
            "khabar-timestamp": now,
        }
        if self.secret:
            signed = hmac.new(self.secret.encode(), f"{now}.".encode() + body, "sha256").hexdigest()
            headers["khabar-signature"] = f"sha256={signed}"
        try:
            with Client(private=self.private) as client:
                reply = client.post(self.url, body, headers)
        except Unreachable as error:
            raise Undelivered(str(error)) from None
        if not 200 <= reply.status < 300:
            raise Undelivered(f"answered {reply.status}", retry_after(reply.headers) or 0.0)
