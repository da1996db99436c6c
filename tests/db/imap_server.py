"""A small IMAP server over TLS on the loopback interface: enough of RFC 3501 to read a folder."""

import datetime
import ipaddress
import re
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

USER, PASSWORD = "konto@firma.example", "a sentence only they know"


class Running:
    """The mails by their numbers, and what was said to it."""

    def __init__(self, folder: Path) -> None:
        self.mails: dict[int, bytes] = {}
        self.commands: list[str] = []
        self.authority = folder / "authority.pem"
        self._tls = _identity(folder, self.authority)
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.port = self.listening.getsockname()[1]

    def add(self, mail: bytes) -> None:
        self.mails[max(self.mails, default=0) + 1] = mail

    def trusting(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.authority))

    def serve(self) -> None:
        while True:
            try:
                plain, _ = self.listening.accept()
            except OSError:
                return
            threading.Thread(target=self._talk, args=[plain], daemon=True).start()

    def _talk(self, plain: socket.socket) -> None:
        try:
            with self._tls.wrap_socket(plain, server_side=True) as connection:
                stream = connection.makefile("rwb")
                self._say(stream, "* OK IMAP4rev1 ready")
                for line in stream:
                    if not self._answer(stream, line.decode().strip()):
                        return
        except (OSError, ssl.SSLError):
            return

    def _answer(self, stream, line: str) -> bool:
        tag, _, command = line.partition(" ")
        self.commands.append(command.split(" ")[0] if command.startswith("LOGIN") else command)
        word = command.upper()
        if word == "CAPABILITY":
            self._say(stream, "* CAPABILITY IMAP4rev1")
        elif word.startswith("LOGIN"):
            if command != f'LOGIN "{USER}" "{PASSWORD}"':
                self._say(stream, f"{tag} NO wrong: {command}")
                return True
        elif word.startswith("STATUS"):
            self._say(stream, '* STATUS "INBOX" (UIDVALIDITY 77)')
        elif word.startswith(("SELECT", "EXAMINE")):
            if "INBOX" not in word:
                self._say(stream, f"{tag} NO no such folder")
                return True
            self._say(stream, f"* {len(self.mails)} EXISTS")
        elif word.startswith("UID SEARCH"):
            first = int(re.search(r"UID (\d+):\*", word.partition("SEARCH")[2])[1])
            found = [n for n in self.mails if n >= first] or list(self.mails)[-1:]
            self._say(stream, "* SEARCH " + " ".join(map(str, found)))
        elif word.startswith("UID FETCH"):
            self._fetch(stream, int(word.split()[2]), is_head="[HEADER]" in word)
        elif word == "LOGOUT":
            self._say(stream, "* BYE")
            self._say(stream, f"{tag} OK done")
            return False
        self._say(stream, f"{tag} OK done")
        return True

    def _fetch(self, stream, number: int, *, is_head: bool) -> None:
        mail = self.mails[number]
        told = mail.partition(b"\r\n\r\n")[0] + b"\r\n\r\n" if is_head else mail
        part = "BODY[HEADER]" if is_head else "BODY[]"
        head = f"* 1 FETCH (UID {number} FLAGS () RFC822.SIZE {len(mail)} {part} {{{len(told)}}}"
        stream.write(head.encode() + b"\r\n" + told + b")\r\n")
        stream.flush()

    def _say(self, stream, text: str) -> None:
        stream.write(text.encode() + b"\r\n")
        stream.flush()


@contextmanager
def server(folder: Path) -> Iterator[Running]:
    found = Running(folder)
    threading.Thread(target=found.serve, daemon=True).start()
    yield found
    # Whoever waits for the next connection wakes up.
    found.listening.shutdown(socket.SHUT_RDWR)
    found.listening.close()


def _identity(folder: Path, authority: Path) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    authority.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    own = folder / "key.pem"
    own.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority, own)
    return context
