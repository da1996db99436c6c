"""Reaching other machines: only at addresses that were checked, with errors that say what to do."""

import socket
from collections.abc import Sequence

from vertrauenskonto.core.errors import Text, TrustError
from vertrauenskonto.notify.webhooks import Network, NotAllowedError, checked_address

SECONDS_MAX = 15.0


class NotReached(TrustError):
    """A source cannot be reached, lets us not in, or does not hold what it should."""


def checked(host: str, port: int, networks: Sequence[Network]) -> str:
    """Return the address to connect to for a host, as numbers.

    Raises:
        NotReached: the name is unknown, or stands for an address that is not allowed.
    """
    try:
        return str(checked_address(host, port, networks))
    except NotAllowedError:
        raise NotReached(
            Text(
                de=f"{host} liegt nicht im öffentlichen Netz; dorthin wird nicht verbunden. Ist es "
                "ein eigener Rechner, nennt die Administration sein Netz in "
                "VERTRAUENSKONTO_SOURCE_NETWORKS.",
                en=f"{host} is not in the public network; no connection is made. If it is a machine "
                "of yours, the administration names its network in "
                "VERTRAUENSKONTO_SOURCE_NETWORKS.",
            )
        ) from None
    except (OSError, UnicodeError):
        raise NotReached(
            Text(
                de=f"Den Rechner „{host}“ findet niemand; bitte prüfen Sie den Namen.",
                en=f"Nobody knows the machine '{host}'; check the name.",
            )
        ) from None


def connected(host: str, port: int, networks: Sequence[Network]) -> socket.socket:
    """Return a socket that is connected to a checked address.

    Raises:
        NotReached: it cannot be.
    """
    address = checked(host, port, networks)
    try:
        return socket.create_connection((address, port), timeout=SECONDS_MAX)
    except OSError as error:
        raise unanswered(host, port, error) from error


def unanswered(host: str, port: int, error: Exception) -> NotReached:
    """Return the error for a machine that does not answer; it names no contents."""
    if isinstance(error, TimeoutError):
        why = Text("keine Antwort in der Zeit", "no answer in time")
    elif isinstance(error, ConnectionRefusedError):
        why = Text("dort lauscht niemand", "nobody listens there")
    else:
        why = Text(f"Verbindung gestört ({type(error).__name__})", f"{type(error).__name__}")
    return NotReached(
        Text(
            de=f"{host}, Port {port}: {why.de}. Bitte prüfen Sie Namen, Port und Firewall.",
            en=f"{host}, port {port}: {why.en}. Check name, port and firewall.",
        )
    )
