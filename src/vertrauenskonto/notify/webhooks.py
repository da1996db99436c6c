"""Webhooks: one signed message out, one outcome back (Standard Webhooks, HTTPS, no redirects).

The name of a host is looked up once, every address found is checked, and the connection goes to a
checked address: a name that changes its mind between check and connection gains nothing. Only
addresses of the public internet are allowed, unless the installation names its own networks.
"""

import http.client
import ipaddress
import socket
import ssl
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from threading import Event, Timer
from urllib.parse import SplitResult, urlsplit

from standardwebhooks import Webhook

from vertrauenskonto.core.errors import Text

SECONDS_MAX = 15.0
URL_LENGTH_MAX = 500
_PORTS = {"https": 443, "http": 80}

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """A message on its way: where to, under which id, the exact bytes, and who signs it."""

    url: str
    key: str
    body: bytes
    secrets: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one attempt: the answer's status, or None and a word why there was none.

    Words: `address` (not allowed), `name` (host unknown), `tls`, `timeout`, `connection`, `url`.
    """

    status: int | None
    error: str = ""

    @property
    def is_delivered(self) -> bool:
        """Whether the other side took the message."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def is_gone(self) -> bool:
        """Whether the other side asked for no more messages (410)."""
        return self.status == 410


class NotAllowedError(Exception):
    """A host stands for an address that messages may not go to."""


def networks(text: str) -> tuple[Network, ...]:
    """Return the networks of a comma-separated list such as `10.0.0.0/8, 127.0.0.1`.

    Raises:
        ValueError: a part is no network.
    """
    return tuple(ipaddress.ip_network(part.strip()) for part in text.split(",") if part.strip())


def url_problem(url: str) -> Text | None:
    """Return why messages cannot go to an address at all, or None."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host, parts = None, SplitResult("", "", "", "", "")
    if len(url) > URL_LENGTH_MAX or not url.isascii() or not url.isprintable() or " " in url:
        host = None
    if not host or parts.scheme not in _PORTS:
        return Text(
            de=f"„{url[:80]}“ ist keine Adresse; schreiben Sie sie wie https://crm.example/haken.",
            en=f"'{url[:80]}' is not an address; write it like https://crm.example/hook.",
        )
    if parts.username is not None or parts.fragment:
        return Text(
            de="Die Adresse enthält einen Benutzernamen oder ein „#“; beides wird nicht gesendet.",
            en="The address holds a user name or a '#'; neither would be sent.",
        )
    if parts.scheme == "http" and not _is_loopback(host):
        return Text(
            de="Nachrichten gehen nur verschlüsselt hinaus; die Adresse muss mit https:// beginnen.",
            en="Messages leave encrypted only; the address must begin with https://.",
        )
    return None


def address_problem(url: str, allowed: Sequence[Network]) -> Text | None:
    """Return why messages to an address that is written as numbers would never leave, or None.

    What a name stands for is looked at on sending: it may change.
    """
    try:
        address = ipaddress.ip_address(urlsplit(url).hostname or "")
    except ValueError:
        return None
    if is_allowed(address, allowed):
        return None
    return Text(
        de=f"{address} liegt nicht im öffentlichen Netz; dorthin geht nichts. Ist es ein eigener "
        "Rechner, nennen Sie sein Netz in VERTRAUENSKONTO_WEBHOOK_NETWORKS.",
        en=f"{address} is not in the public network; nothing goes there. If it is a machine of "
        "yours, name its network in VERTRAUENSKONTO_WEBHOOK_NETWORKS.",
    )


def send(
    parcel: Parcel,
    *,
    at: datetime,
    allowed: Sequence[Network] = (),
    seconds_max: float = SECONDS_MAX,
    tls: ssl.SSLContext | None = None,
) -> Outcome:
    """Send a message once and return what became of it; never raises for the network's sake.

    Args:
        parcel: what goes where.
        at: the instant (UTC) under which it is signed.
        allowed: networks that are not public but may be reached.
        seconds_max: for everything together, the name's lookup excepted.
        tls: whom to trust; None for the system's authorities.
    """
    if url_problem(parcel.url) is not None:
        return Outcome(status=None, error="url")
    parts = urlsplit(parcel.url)
    host, port = parts.hostname or "", parts.port or _PORTS[parts.scheme]
    try:
        address = checked_address(host, port, allowed)
    except NotAllowedError:
        return Outcome(status=None, error="address")
    except (OSError, UnicodeError):
        return Outcome(status=None, error="name")
    cut = Event()
    try:
        with closing(_connected(parts.scheme, host, address, port, seconds_max, tls)) as connected:
            # A time limit per read is not enough: an answer could come drop by drop.
            limit = Timer(seconds_max, _cut, args=[connected, cut])
            limit.daemon = True
            limit.start()
            try:
                if isinstance(connected, ssl.SSLSocket):
                    connected.do_handshake()
                status = _exchange(connected, parts, parcel, at)
            finally:
                limit.cancel()
        # What was read of an answer that was cut says nothing.
        return Outcome(status=None, error="timeout") if cut.is_set() else Outcome(status=status)
    except (OSError, http.client.HTTPException) as error:
        return Outcome(status=None, error="timeout" if cut.is_set() else _word(error))


def _connected(
    scheme: str,
    host: str,
    address: Address,
    port: int,
    seconds_max: float,
    tls: ssl.SSLContext | None,
) -> socket.socket:
    """Return a connected socket, over TLS one that has not shaken hands yet."""
    plain = socket.create_connection((str(address), port), timeout=seconds_max)
    if scheme != "https":
        return plain
    try:
        # It takes the plain socket's place, which is empty from then on: only this one can be cut.
        return (tls or ssl.create_default_context()).wrap_socket(
            plain, server_hostname=host, do_handshake_on_connect=False
        )
    except BaseException:
        plain.close()
        raise


def _word(error: Exception) -> str:
    if isinstance(error, ssl.SSLError):
        return "tls"
    return "timeout" if isinstance(error, TimeoutError) else "connection"


def checked_address(host: str, port: int, allowed: Sequence[Network]) -> Address:
    """Return the address a host's name stands for, if we may connect to it.

    Raises:
        NotAllowedError: an address it stands for is neither public nor in an allowed network.
        OSError, UnicodeError: the name stands for nothing.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]
    # All of them, not the one we use: a host that also stands for an inner address is suspect.
    if not all(is_allowed(address, allowed) for address in addresses):
        raise NotAllowedError
    return addresses[0]


def is_allowed(address: Address, allowed: Sequence[Network], *, with_public: bool = True) -> bool:
    """Tell whether messages may go to an address: to one's own networks, and to public ones."""
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    if any(address.version == net.version and address in net for net in allowed):
        return True
    if isinstance(address, ipaddress.IPv6Address) and any(address in net for net in _TUNNELS):
        return False
    return with_public and address.is_global and not address.is_multicast


# IPv6 addresses that carry an IPv4 address inside, which might be an inner one.
_TUNNELS = tuple(
    ipaddress.IPv6Network(text)
    for text in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32")
)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _exchange(connected: socket.socket, parts: SplitResult, parcel: Parcel, at: datetime) -> int:
    stamp = str(int(at.timestamp()))
    signatures = " ".join(
        Webhook(secret).sign(parcel.key, at, parcel.body.decode()) for secret in parcel.secrets
    )
    host = parts.hostname or ""
    connection = http.client.HTTPConnection(host, parts.port or _PORTS[parts.scheme])
    connection.sock = connected
    target = parts._replace(scheme="", netloc="").geturl() or "/"
    if not target.startswith("/"):
        target = "/" + target
    connection.request(
        "POST",
        target,
        body=parcel.body,
        headers={
            "Host": parts.netloc,
            "Content-Type": "application/json",
            "User-Agent": "vertrauenskonto",
            "Connection": "close",
            "webhook-id": parcel.key,
            "webhook-timestamp": stamp,
            "webhook-signature": signatures,
        },
    )
    # Only the status counts; what else the other side says is not read.
    return connection.getresponse().status


def _cut(connected: socket.socket, cut: Event) -> None:
    cut.set()
    try:
        # Past the TLS around it, which somebody is reading from.
        socket.socket.shutdown(connected, socket.SHUT_RDWR)
    except OSError:
        return
