"""Reading a source: what is new is fetched, and books itself; mails become drafts that wait.

Every file is a run of its own (`import_runs`), with a key made of the source and what names the
file there: killed at any point, the next reading finds it and goes on. A file that is no good
stops no other.
"""

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction

from vertrauenskonto.core.errors import Text, TrustError
from vertrauenskonto.db import mappings, models
from vertrauenskonto.db.actions import import_runs
from vertrauenskonto.db.actions.facts import Door
from vertrauenskonto.db.actions.mail_drafts import take_in
from vertrauenskonto.db.import_folders import Arriving
from vertrauenskonto.db.source_places import connection_of, own_networks
from vertrauenskonto.engine.unpacking import UNPACKED_BYTES_MAX
from vertrauenskonto.fetch import database, folder, mailbox, mails, sftp
from vertrauenskonto.fetch.database import Query
from vertrauenskonto.fetch.folder import DONE, FAILED, Found
from vertrauenskonto.fetch.mailbox import Box
from vertrauenskonto.fetch.reaching import NotReached
from vertrauenskonto.fetch.sftp import Server
from vertrauenskonto.importers.mapping import mapping_from_text

_FILES_AT_ONCE = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reading:
    """One reading of a source, and the door through which it books."""

    row: models.Source
    door: Door

    @property
    def now(self) -> datetime:
        return self.door.at


def read(source_id: int, *, now: datetime, today: date) -> None:
    """Read a source that is due, or that somebody asked for; what is wrong stands on its page."""
    row = models.Source.objects.filter(pk=source_id).first()
    if row is None:
        return
    door = Door(actor="system", channel="import", at=now, today=today)
    error: dict[str, str] = {}
    failed = 0
    try:
        failed = _read(_Reading(row=row, door=door))
    except TrustError as refusal:
        error = dict(zip(("de", "en"), refusal.text, strict=True))
    if failed:
        text = _FAILED_ONE if failed == 1 else _failed_many(failed)
        error = dict(zip(("de", "en"), text, strict=True))
    done = models.Source.objects.filter(pk=source_id)
    done.update(last_at=now, error=error)
    if not error:
        done.update(good_at=now)


def _read(reading: _Reading) -> int:
    """Read what is new; return how many files failed."""
    there = connection_of(reading.row)
    if isinstance(there, Path):
        return _read_folder(reading, there)
    if isinstance(there, Query):
        return _read_database(reading, there)
    if isinstance(there, Server):
        return _read_sftp(reading, there)
    _read_mailbox(reading, there)
    return 0


def _read_folder(reading: _Reading, place: Path) -> int:
    failed = 0
    found = folder.new_files(
        place, reading.row.place.get("pattern", ""), now=reading.now.timestamp()
    )
    for file in found[:_FILES_AT_ONCE]:
        try:
            is_good = _taken(reading, file, folder.blocks(place, file.name))
        except FileNotFoundError:
            # Another worker was faster, or somebody took it away again.
            continue
        folder.put_away(place, file.name, DONE if is_good else FAILED)
        failed += not is_good
    return failed


def _read_sftp(reading: _Reading, server: Server) -> int:
    row, failed = reading.row, 0
    where = row.place.get("folder", "")
    with sftp.session(server, own_networks()) as session:
        listed = session.files(where, row.place.get("pattern", ""))
        keys = {_key(row, file): file for file in listed}
        runs = models.ImportRun.objects.filter(source=row).exclude(state="booking")
        known = set(runs.values_list("key", flat=True))
        new = [file for key, file in keys.items() if key not in known]
        for file in new[:_FILES_AT_ONCE]:
            failed += not _taken(reading, file, session.blocks(where, file.name))
    return failed


def _read_database(reading: _Reading, asked: Query) -> int:
    newest, count = database.newest(asked, own_networks())
    if not count:
        return 0
    blocks = database.read(asked, own_networks())
    named = Found(name="query.csv", size=count, changed=0)
    is_good = _taken(reading, named, blocks, moment=reading.now.isoformat())
    if is_good:
        models.Source.objects.filter(pk=reading.row.pk).update(cursor=newest[:200])
    return int(not is_good)


def _read_mailbox(reading: _Reading, box: Box) -> None:
    row = reading.row
    own = {box.user.casefold()}
    with mailbox.session(box, own_networks()) as session:
        for cursor, message in session.mails(row.cursor):
            mail = mails.told(message, time_zone=settings.TIME_ZONE, received_at=reading.now)
            with transaction.atomic():
                take_in(row, mail, own=own, now=reading.now)
                models.Source.objects.filter(pk=row.pk).update(cursor=cursor)


def _taken(reading: _Reading, file: Found, blocks: Iterable[bytes], *, moment: str = "") -> bool:
    """Fetch a file and book it; tell whether that went well."""
    key = _key(reading.row, file, moment)
    run = models.ImportRun.objects.filter(key=key).first()
    if run is None:
        with _arriving() as arriving:
            try:
                arriving.add(file.name, blocks)
                number = import_runs.kept(
                    arriving, key=key, now=reading.now, source_id=reading.row.pk
                )
            except TrustError as refusal:
                if isinstance(refusal, NotReached):
                    raise
                _note_failure(reading, key, file, refusal)
                return False
        run = models.ImportRun.objects.get(pk=number)
        if moment and _is_known(run):
            import_runs.forget(run.pk)
            return True
    if run.state == "uploaded":
        _prepare(reading, run)
    import_runs.book(run.pk, door=reading.door)
    state = models.ImportRun.objects.values_list("state", flat=True).get(pk=run.pk)
    return state in ("booked", "stopped", "discarded")


def _is_known(run: models.ImportRun) -> bool:
    """Tell whether a query gave exactly what it gave before."""
    earlier = models.ImportRun.objects.filter(source=run.source_id, file_hash=run.file_hash)
    return earlier.filter(state="booked").exists()


def _prepare(reading: _Reading, run: models.ImportRun) -> None:
    name = reading.row.mapping
    text = mappings.text_of(name)
    system = mapping_from_text(text, file=f"{name}.toml").source
    models.ImportRun.objects.filter(pk=run.pk, state="uploaded").update(
        mapping=name, mapping_text=text, system=system, state="booking", stage="read"
    )


def _note_failure(reading: _Reading, key: str, file: Found, refusal: TrustError) -> None:
    models.ImportRun.objects.get_or_create(
        key=key,
        defaults={
            "source": reading.row,
            "files": [file.name],
            "file_hash": "",
            "size": file.size,
            "is_kept": False,
            "state": "failed",
            "error": dict(zip(("de", "en"), refusal.text, strict=True)),
            "created_at": reading.now,
            "ended_at": reading.now,
        },
    )


@contextmanager
def _arriving() -> Iterator[Arriving]:
    arriving = Arriving(bytes_max=UNPACKED_BYTES_MAX)
    try:
        yield arriving
    finally:
        arriving.drop()


def _key(row: models.Source, file: Found, moment: str = "") -> str:
    named = f"{file.name}\0{file.size}\0{file.changed}\0{moment}"
    return f"s{row.pk}-{hashlib.sha256(named.encode()).hexdigest()[:28]}"


_FAILED_ONE = Text(
    de="Eine Datei wurde nicht eingelesen; ihr Import sagt, warum.",
    en="One file was not imported; its run says why.",
)


def _failed_many(number: int) -> Text:
    return Text(
        de=f"{number} Dateien wurden nicht eingelesen; ihre Importe sagen, warum.",
        en=f"{number} files were not imported; their runs say why.",
    )
