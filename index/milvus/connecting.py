"""Why no connection to an engine was made: the client says only that there is none."""

from __future__ import annotations

import os
import socket
import ssl
from dataclasses import replace

from .address import TOKEN, Address

ROOTS = "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH"
"""The variable by which the client learns whose certificates it trusts, in place of those that come with it."""

PATIENCE = 1.0
"""Seconds in which whatever listens takes a connection, and one that speaks TLS begins to."""


def unconnected(address: Address, said: str) -> str:
    """What a user is told where the client, which said so, could not connect."""
    where = address.uri
    try:
        _shake_hands(address, None)
    except OSError:
        return (
            f"No Milvus engine answers at {where} ({said}). Start it, or see that the address and the network "
            "are right; docs/cluster.md says how."
        )
    if address.tls:
        try:
            _shake_hands(address, ssl.create_default_context(cafile=os.environ.get(ROOTS) or None))
        except ssl.SSLCertVerificationError as error:
            why = error.verify_message.rstrip(".")
            return (
                f"The certificate of {where} is not trusted ({why}). Give the file of the authority that issued it "
                f"in {ROOTS}, and the host as it stands in the certificate."
            )
        except FileNotFoundError:
            return f"{os.environ[ROOTS]} is not there, which {ROOTS} names. Give the file of an authority there."
        except OSError:
            plain = replace(address, tls=False)
            return f"What listens at {where} does not speak TLS ({said}). If it need not, leave that out: {plain}"
    elif _speaks_tls(address):
        encrypted = replace(address, tls=True)
        return f"What listens at {where} speaks TLS ({said}). Write the address so: '{encrypted}'"
    return (
        f"What listens at {where} is no Milvus engine that lets Khabar in ({said}). See that {TOKEN} "
        "has its token, and that the address is right."
    )


def _speaks_tls(address: Address) -> bool:
    anyone = ssl.create_default_context()
    anyone.check_hostname, anyone.verify_mode = False, ssl.CERT_NONE  # nothing is sent to it
    try:
        _shake_hands(address, anyone)
    except OSError:
        return False
    return True


def _shake_hands(address: Address, context: ssl.SSLContext | None) -> None:
    """Connect, and agree on TLS where a context is given. Raises OSError, of which the errors of ssl are some."""
    with socket.create_connection((address.host, address.port), PATIENCE) as connection:
        if context:
            context.set_alpn_protocols(["h2"])
            context.wrap_socket(connection, server_hostname=address.host).close()
