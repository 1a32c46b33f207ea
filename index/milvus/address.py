"""Where an index on a Milvus cluster is: milvus://HOST:PORT/NAME, and with which token it is opened."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote, urlsplit

from ..errors import InputError

SCHEME = "milvus://"
TOKEN = "KHABAR_MILVUS_TOKEN"  # the name of an environment variable, no token
PORT = 19530

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,199}")
_TOKEN = re.compile(r"(?<=://).*@", re.DOTALL)  # a token may have /, ? and @ in it
_EXAMPLE = "Write it as milvus://HOST:PORT/NAME, such as milvus://127.0.0.1:19530/news."


@dataclass(frozen=True, slots=True)
class Address:
    """The parts of an address. `str` gives it as it may be shown: without the token, which is in no message."""

    host: str
    port: int
    name: str
    database: str = ""
    tls: bool = False
    token: str = field(default="", repr=False)

    @classmethod
    def parse(cls, written: str) -> Address:
        """The address that is written as milvus://[TOKEN@]HOST[:PORT]/NAME[?database=D&tls=yes].

        A token in the environment variable KHABAR_MILVUS_TOKEN need not be written, and so stands in no history of
        commands. Raises InputError for anything else, without repeating a token.
        """
        shown = without_token(written)
        parts = urlsplit(shown)
        options = dict(parse_qsl(parts.query, keep_blank_values=True))
        name = parts.path.strip("/")
        try:
            host, port = parts.hostname, parts.port or PORT
        except ValueError:
            raise InputError(f"{shown} has no port from 1 to 65535. {_EXAMPLE}") from None
        if not host:
            raise InputError(f"{shown} names no host. {_EXAMPLE}")
        if not _NAME.fullmatch(name):
            raise InputError(
                f"{shown} names no index: letters, digits and _ follow the host, no digit first. {_EXAMPLE}"
            )
        for option, value in options.items():
            if option not in ("database", "tls") or (option == "tls" and value not in ("yes", "no")):
                raise InputError(f"{shown} has {option}={value}; what may follow ? is database=NAME and tls=yes.")
        token = _token(written) or os.environ.get(TOKEN, "")
        return cls(host, port, name, options.get("database", ""), options.get("tls") == "yes", token)

    @property
    def uri(self) -> str:
        """What the client connects to."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'https' if self.tls else 'http'}://{host}:{self.port}"

    def __str__(self) -> str:
        given = [*([f"database={self.database}"] if self.database else []), *(["tls=yes"] if self.tls else [])]
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{SCHEME}{host}:{self.port}/{self.name}{'?' if given else ''}{'&'.join(given)}"


def without_token(written: str) -> str:
    """An address as it may be shown; what has no token is returned as it is."""
    return _TOKEN.sub("", written)


def withheld(written: str) -> str:
    """An address without its token, which moves to the environment of this process: `Address.parse` finds it there."""
    if not written.startswith(SCHEME):
        return written
    if token := _token(written):
        os.environ[TOKEN] = token
    return without_token(written)


def _token(written: str) -> str:
    found = _TOKEN.search(written)
    return unquote(found[0][:-1]) if found else ""
