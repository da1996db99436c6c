"""An SFTP server: its key is confirmed by a person once and pinned; nothing there is changed."""

import base64
import hashlib
import io
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatch

import paramiko

from vertrauenskonto.core.errors import Text
from vertrauenskonto.fetch.folder import Found
from vertrauenskonto.fetch.reaching import SECONDS_MAX, NotReached, connected
from vertrauenskonto.notify.webhooks import Network

_BLOCK_BYTES = 1 << 18
FILES_MAX = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """Where to sign in and how; `secret` is a password, or a private key in PEM.

    `host_key` is the fingerprint that a person confirmed, "" if nobody has yet.
    """

    host: str
    port: int
    user: str
    secret: str
    host_key: str


class UnknownKey(NotReached):
    """The server shows a key that nobody confirmed; `fingerprint` is what it shows."""

    def __init__(self, host: str, fingerprint: str, *, pinned: str) -> None:
        self.fingerprint = fingerprint
        self.is_other = bool(pinned)
        if pinned:
            text = Text(
                de=f"{host} zeigt einen anderen Schlüssel als den bestätigten: {fingerprint}. Es "
                "wurde nichts gesendet. Fragen Sie den Betreiber, bevor Sie ihn bestätigen.",
                en=f"{host} shows another key than the one confirmed: {fingerprint}. Nothing was "
                "sent. Ask whoever runs it before you confirm.",
            )
        else:
            text = Text(
                de=f"{host} zeigt den Schlüssel {fingerprint}. Vergleichen Sie ihn mit dem, den der "
                "Betreiber nennt, und bestätigen Sie ihn; vorher wird kein Kennwort gesendet.",
                en=f"{host} shows the key {fingerprint}. Compare it with the one its operator "
                "names, and confirm it; no password is sent before.",
            )
        super().__init__(text)


class Session:
    """An open session; files are listed and read, nothing else."""

    def __init__(self, client: paramiko.SFTPClient) -> None:
        self._client = client

    def files(self, folder: str, pattern: str) -> list[Found]:
        """Return the regular files in a folder, oldest first.

        Raises:
            NotReached: there is no such folder, or we may not read it.
        """
        try:
            listed = self._client.listdir_attr(folder or ".")
        except OSError as error:
            raise NotReached(
                Text(
                    de=f"Der Ordner „{folder or '.'}“ lässt sich dort nicht lesen; bitte prüfen "
                    "Sie den Pfad und die Rechte.",
                    en=f"The folder '{folder or '.'}' cannot be read there; check the path and the "
                    "rights.",
                )
            ) from error
        found = [
            Found(name=a.filename, size=a.st_size or 0, changed=a.st_mtime or 0)
            for a in listed
            if stat.S_ISREG(a.st_mode or 0)
            and fnmatch(a.filename.casefold(), (pattern or "*").casefold())
        ]
        return sorted(found, key=lambda f: (f.changed, f.name))[:FILES_MAX]

    def blocks(self, folder: str, name: str) -> Iterator[bytes]:
        """Yield the contents of a file.

        Raises:
            NotReached: it is gone, or may not be read.
        """
        try:
            file = self._client.open(f"{folder}/{name}" if folder else name, "rb")
        except OSError as error:
            raise NotReached(
                Text(
                    de="Eine Datei lässt sich dort nicht öffnen; bitte prüfen Sie die Rechte.",
                    en="A file there cannot be opened; check the rights.",
                )
            ) from error
        with file:
            while block := file.read(_BLOCK_BYTES):
                yield block


@contextmanager
def session(server: Server, networks: Sequence[Network]) -> Iterator[Session]:
    """Yield a session.

    Raises:
        NotReached: it cannot be reached or lets us not in; UnknownKey: its key is not confirmed.
    """
    plain = connected(server.host, server.port, networks)
    transport = None
    try:
        transport = paramiko.Transport(plain)
        transport.banner_timeout = transport.auth_timeout = SECONDS_MAX
        transport.start_client(timeout=SECONDS_MAX)
        shown = fingerprint(transport.get_remote_server_key())
        if shown != server.host_key:
            raise UnknownKey(server.host, shown, pinned=server.host_key)
        _sign_in(transport, server)
        client = paramiko.SFTPClient.from_transport(transport)
        if client is None:
            raise NotReached(_NO_SFTP)
        channel = client.get_channel()
        if channel is not None:
            channel.settimeout(4 * SECONDS_MAX)
        yield Session(client)
    except (paramiko.SSHException, EOFError, TimeoutError) as error:
        raise NotReached(
            Text(
                de=f"{server.host} bricht das Gespräch ab ({type(error).__name__}); läuft dort ein "
                "SFTP-Server?",
                en=f"{server.host} ends the conversation ({type(error).__name__}); is an SFTP "
                "server running there?",
            )
        ) from error
    finally:
        if transport is not None:
            transport.close()
        plain.close()


def fingerprint(key: paramiko.PKey) -> str:
    """Return a server's key as operators and ssh-keygen write it: `SHA256:…`."""
    digest = base64.b64encode(hashlib.sha256(key.asbytes()).digest()).decode().rstrip("=")
    return f"{key.get_name()} SHA256:{digest}"


def _sign_in(transport: paramiko.Transport, server: Server) -> None:
    try:
        if "PRIVATE KEY" in server.secret:
            transport.auth_publickey(server.user, private_key(server.secret))
        else:
            transport.auth_password(server.user, server.secret)
    except paramiko.AuthenticationException as error:
        raise NotReached(
            Text(
                de=f"{server.host} lässt „{server.user}“ nicht hinein; bitte prüfen Sie Benutzer "
                "und Kennwort oder Schlüssel.",
                en=f"{server.host} does not let '{server.user}' in; check user and password or key.",
            )
        ) from error


def private_key(pem: str) -> paramiko.PKey:
    """Return a private key that is not enciphered itself.

    Raises:
        NotReached: it is none we can read.
    """
    for kind in (paramiko.Ed25519Key, paramiko.ECDSAKey, paramiko.RSAKey):
        try:
            return kind.from_private_key(io.StringIO(pem))
        except (paramiko.SSHException, ValueError, IndexError):
            continue
    raise NotReached(
        Text(
            de="Der private Schlüssel lässt sich nicht lesen; nötig ist ein Schlüssel ohne "
            "Kennwort im OpenSSH- oder PEM-Format.",
            en="The private key cannot be read; it takes a key without a password, in OpenSSH or "
            "PEM format.",
        )
    )


_NO_SFTP = Text(de="Der Server bietet kein SFTP an.", en="The server offers no SFTP.")
