"""A mailbox over IMAP with TLS: mails are read and left as they are, unread ones stay unread."""

import imaplib
import socket
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from imap_tools import BaseMailBox, MailBoxFolderStatusOptions, MailMessage
from imap_tools.errors import ImapToolsError, MailboxFolderSelectError, MailboxLoginError

from vertrauenskonto.core.errors import Text
from vertrauenskonto.fetch.reaching import SECONDS_MAX, NotReached, checked, unanswered
from vertrauenskonto.notify.webhooks import Network

MAILS_AT_ONCE = 200
# Of larger ones only who, when and about what.
MAIL_BYTES_MAX = 20 * 1024**2


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """Where to sign in and which folder to read."""

    host: str
    port: int
    user: str
    secret: str
    folder: str


class _Client(imaplib.IMAP4_SSL):
    """Connects to an address that was checked, and demands the certificate of the name."""

    def __init__(self, host: str, port: int, address: str, tls: ssl.SSLContext) -> None:
        self._address = address
        self._tls = tls
        super().__init__(host, port, ssl_context=tls, timeout=SECONDS_MAX)

    def _create_socket(self, timeout: float | None) -> ssl.SSLSocket:
        plain = socket.create_connection((self._address, self.port), timeout=timeout)
        try:
            protected: ssl.SSLSocket = self._tls.wrap_socket(plain, server_hostname=self.host)
            return protected
        except BaseException:
            plain.close()
            raise


class _MailBox(BaseMailBox):
    def __init__(self, client: imaplib.IMAP4) -> None:
        self._ready = client
        super().__init__()

    def _get_mailbox_client(self) -> imaplib.IMAP4:
        return self._ready


class Session:
    """An open folder of a mailbox."""

    def __init__(self, box: _MailBox, folder: str) -> None:
        self._box = box
        status = box.folder.status(folder, [MailBoxFolderStatusOptions.UIDVALIDITY])
        # Where it changes, all numbers of mails are new.
        self._era = str(status["UIDVALIDITY"])

    def count_after(self, cursor: str) -> int:
        """Return how many mails came after those read before."""
        return len(self._numbers(cursor))

    def mails(self, cursor: str) -> Iterator[tuple[str, MailMessage]]:
        """Yield mails after those read before, the oldest first, each with the cursor after it."""
        for number in self._numbers(cursor)[:MAILS_AT_ONCE]:
            uid = str(number)
            for head in self._box.fetch(uid_list=[uid], mark_seen=False, headers_only=True):
                is_small = head.size_rfc822 <= MAIL_BYTES_MAX
                whole = self._box.fetch(uid_list=[uid], mark_seen=False) if is_small else iter(())
                yield f"{self._era}:{uid}", next(iter(whole), head)

    def _numbers(self, cursor: str) -> list[int]:
        era, _, last = cursor.partition(":")
        after = int(last) if era == self._era and last.isdigit() else 0
        found = sorted(map(int, self._box.uids(f"UID {after + 1}:*")))
        # A server answers `n:*` with the last mail even if its number is below n.
        return [number for number in found if number > after]


@contextmanager
def session(
    box: Box, networks: Sequence[Network], *, tls: ssl.SSLContext | None = None
) -> Iterator[Session]:
    """Yield an open folder, read only.

    Args:
        box: where to sign in.
        networks: own networks that may be reached.
        tls: whom to trust; None for the system's authorities.

    Raises:
        NotReached: it cannot be reached, lets us not in, or has no such folder.
    """
    try:
        address = checked(box.host, box.port, networks)
        context = tls or ssl.create_default_context()
        opened = _MailBox(_Client(box.host, box.port, address, context))
    except ssl.SSLError as error:
        raise NotReached(
            Text(
                de=f"{box.host} weist sich nicht so aus, dass man ihm trauen kann "
                f"({error.reason or 'TLS'}); es wurde kein Kennwort gesendet.",
                en=f"{box.host} does not prove who it is ({error.reason or 'TLS'}); no password "
                "was sent.",
            )
        ) from error
    except (OSError, imaplib.IMAP4.error) as error:
        raise unanswered(box.host, box.port, error) from error
    try:
        opened.login(box.user, box.secret, initial_folder=None)
        opened.folder.set(box.folder, readonly=True)
        yield Session(opened, box.folder)
    except MailboxLoginError:
        # "from None": the library quotes what the server answered, and servers quote the command.
        raise NotReached(
            Text(
                de=f"{box.host} lässt „{box.user}“ nicht hinein; bitte prüfen Sie Benutzer und "
                "Kennwort (oft ist ein eigenes App-Kennwort nötig).",
                en=f"{box.host} does not let '{box.user}' in; check user and password (often it "
                "takes an app password).",
            )
        ) from None
    except MailboxFolderSelectError:
        raise NotReached(
            Text(
                de=f"Den Ordner „{box.folder}“ gibt es in diesem Postfach nicht.",
                en=f"This mailbox has no folder '{box.folder}'.",
            )
        ) from None
    except (OSError, imaplib.IMAP4.error, ImapToolsError) as error:
        raise unanswered(box.host, box.port, error) from None
    finally:
        _closed(opened)


def _closed(box: _MailBox) -> None:
    try:
        box.logout()
    except (OSError, imaplib.IMAP4.error, ImapToolsError):
        return
