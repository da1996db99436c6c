"""What a source's row means for those who fetch: its connection, and what a trial finds there."""

from pathlib import Path
from typing import Literal, get_args

from django.conf import settings

from vertrauenskonto.core.errors import Text
from vertrauenskonto.db import models
from vertrauenskonto.db.secrets import deciphered
from vertrauenskonto.fetch import database, folder, mailbox, sftp
from vertrauenskonto.fetch.database import Query
from vertrauenskonto.fetch.mailbox import Box
from vertrauenskonto.fetch.sftp import Server
from vertrauenskonto.notify.webhooks import Network, networks

Kind = Literal["folder", "sql", "sftp", "mailbox"]
KINDS: tuple[Kind, ...] = get_args(Kind)
Connection = Path | Query | Server | Box


def own_networks() -> tuple[Network, ...]:
    """Return the networks of this company that sources may be read from."""
    return networks(settings.SOURCE_NETWORKS)


def inbox() -> Path:
    """Return the installation's inbox folder."""
    root = Path(settings.INBOX) if settings.INBOX else settings.DATA / "inbox"
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    return root.resolve()


def connection_of(row: models.Source) -> Connection:
    """Return where and how a source is read.

    Raises:
        NotReached: its folder is none.
        Conflict: its password cannot be read any more.
    """
    place = row.place
    if row.kind == "folder":
        return folder.place(inbox(), place.get("folder", ""))
    secret = deciphered(row.secret)
    if row.kind == "sql":
        return Query(
            url=place["url"],
            password=secret,
            query=place["query"],
            column=place.get("column", ""),
            cursor=row.cursor,
        )
    if row.kind == "sftp":
        return Server(
            host=place["host"],
            port=int(place["port"]),
            user=place["user"],
            secret=secret,
            host_key=place.get("host_key", ""),
        )
    return Box(
        host=place["host"],
        port=int(place["port"]),
        user=place["user"],
        secret=secret,
        folder=place.get("folder") or "INBOX",
    )


def tried(there: Connection, row: models.Source) -> Text:
    """Connect, count what is new, and say so.

    Raises:
        NotReached: it cannot be reached, or does not hold what it should.
    """
    own = own_networks()
    if isinstance(there, Path):
        files = folder.new_files(there, row.place.get("pattern", ""), now=float("inf"))
        return _found(len(files), Text("Datei", "file"), Text("Dateien", "files"))
    if isinstance(there, Query):
        _, count = database.newest(there, own)
        return _found(count, Text("Zeile", "row"), Text("Zeilen", "rows"))
    if isinstance(there, Server):
        with sftp.session(there, own) as session:
            listed = session.files(row.place.get("folder", ""), row.place.get("pattern", ""))
        return _found(len(listed), Text("Datei", "file"), Text("Dateien", "files"))
    with mailbox.session(there, own) as box:
        count = box.count_after(row.cursor)
    return _found(count, Text("neue E-Mail", "new mail"), Text("neue E-Mails", "new mails"))


def _found(count: int, one: Text, many: Text) -> Text:
    what = one if count == 1 else many
    return Text(
        de=f"Die Verbindung steht. Dort: {count} {what.de}. Gelesen wurde noch nichts.",
        en=f"The connection works. There: {count} {what.en}. Nothing has been read yet.",
    )
